"""What was wrong with someone's input, in words that say how to mend it.

One table turns pydantic's error types into 繁體中文; REST, the command line and the pages all use it.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic import ValidationError

STORED_IDENTIFIER = r"^[^\s/\\?#%\x00-\x1f\x7f]{1,100}$"
"""Identifiers of stored datasets stand in addresses, so what would need escaping there is refused."""
IDENTIFIER_RULE = "識別碼不可含空白、斜線或控制字元，且不超過 100 字"

_DATE = "應為存在的日期，寫法如 2026-01-31"
_MESSAGES = {
    "missing": "缺少必要欄位，請補上",
    "extra_forbidden": "不是可用的欄位名稱，請檢查拼字或移除",
    "string_type": "應為文字",
    "string_too_long": "超過 {max_length} 字的上限，請精簡",
    "string_too_short": "至少要有 {min_length} 個字",
    # The only pattern that input is held to.
    "string_pattern_mismatch": IDENTIFIER_RULE,
    "string_unicode": "含有無法辨識的字元，請以 UTF-8 重新輸出",
    "list_type": "應為陣列",
    "too_long": "至多 {max_length} 項，請分批處理",
    "too_short": "至少要有 {min_length} 項",
    "model_type": "應為一個物件",
    "model_attributes_type": "應為一個物件",
    "dict_type": "應為一個物件",
    "int_parsing": "應為整數",
    "int_type": "應為整數",
    "float_parsing": "應為數字",
    "bool_parsing": "應為 true 或 false",
    "greater_than_equal": "不得小於 {ge}",
    "less_than_equal": "不得大於 {le}",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "literal_error": "應為下列之一：{expected}",
    "json_invalid": "不是有效的 JSON：{error}",
}


class InputError(NamedTuple):
    """One thing that is wrong.

    Attributes:
        pointer: where, as a JSON Pointer (RFC 6901), `""` for the whole.
        detail: what is wrong and how to mend it, in 繁體中文.
        code: a stable name of the kind of error.
    """

    pointer: str
    detail: str
    code: str

    @property
    def sentence(self) -> str:
        """The error in one line: where it is, then what is wrong."""
        field = self.pointer.lstrip("/").replace("/", ".")
        return f"{field}：{self.detail}" if field else self.detail


def input_errors(error: ValidationError) -> list[InputError]:
    """The errors that pydantic found, translated."""
    return [
        InputError(
            json_pointer(item["loc"]), _message(item["type"], item["msg"], item.get("ctx")), item["type"]
        )
        for item in error.errors(include_url=False, include_input=False)
    ]


def messages_by_field(errors: Iterable[InputError]) -> dict[str, str]:
    """The first thing that is wrong with each field of a form, in words; of a list, with the item's number."""
    messages: dict[str, str] = {}
    for error in errors:
        _, name, *rest = error.pointer.split("/")
        place = f"第 {int(rest[0]) + 1} 個：" if rest else ""
        messages.setdefault(name, place + error.detail)
    return messages


def json_pointer(path: Iterable[str | int]) -> str:
    """A path of names and indexes as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _message(kind: str, fallback: str, context: dict[str, Any] | None) -> str:
    template = _MESSAGES.get(kind)
    return template.format_map(context or {}) if template else fallback
