"""fieldDescription. Data without fields (all resources are documents or pictures) need none."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tagger.linting.fault import QUOTED, Fault, core, is_placeholder, quote
from tagger.metadata import DatasetMetadata

FIELDS_STANDARD = 255
"""The standard's limit, in characters."""
_SHOWN = 3
_PHRASE = 8
"""Letters; a shorter field name can well be the description of the data, too."""

_DOCUMENTS = frozenset(
    ("pdf", "doc", "docx", "odt", "rtf", "txt", "ppt", "pptx", "odp", "epub", "html", "htm", "webpage")
) | frozenset(("jpg", "jpeg", "png", "gif", "tif", "tiff", "mp3", "mp4", "wav"))
_SEPARATORS = re.compile(r"[;；、,，|\r\n]|\\r\\n|\\n")
# What stands in brackets explains the name before it; a field in square brackets of its own is explained.
_BRACKETS = re.compile(r"[（(][^（()）]*[)）]|\[[^\[\]]*\]")
_MARK = "\x01"
_EXPLAINED = re.compile(rf"[{_MARK}:：=＝\t]| {{2}}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_ .-]*\Z", re.ASCII)
_LATIN_WORD = re.compile(r"[a-z]{3}|_", re.ASCII)
_UNDERSTOOD = re.compile(r"(?:url|e-?mail|youbike|wi-?fi|(?:\w*_)?[xyz])\Z", re.IGNORECASE)
_UNITS = {
    "面積": "平方公尺",
    **dict.fromkeys(("金額", "經費", "稅額", "預算數", "決算數"), "新臺幣元"),
    **dict.fromkeys(("長度", "寬度", "高度", "深度", "距離"), "公尺"),
    **dict.fromkeys(("重量", "產量"), "公噸"),
    **dict.fromkeys(("容量", "體積"), "立方公尺"),
    **dict.fromkeys(("流量", "濃度"), "單位"),
}
"""What a quantity's name ends with, to a unit that it could have."""
_QUANTITY = re.compile(rf"(?<!時間)({'|'.join(_UNITS)})\Z")
_LONGEST_QUANTITY = 14
"""Characters; what is longer is the title of a table, not the name of a field."""
_AROUND = " \"'「」。"


class _Field(NamedTuple):
    name: str
    explained: bool


def check_fields(metadata: DatasetMetadata) -> Iterator[Fault]:
    """fieldDescription."""
    text = metadata.field_description
    if text and len(text) > FIELDS_STANDARD:
        yield Fault(
            "field-description-too-long",
            "fieldDescription",
            f"主要欄位說明有 {len(text)} 字，標準規範的上限是 {FIELDS_STANDARD} 字。",
            "請只留主要欄位；其餘欄位的說明放在各資料資源的描述或說明文件。",
        )
    if _are_documents(metadata):
        return
    says = core(text or "")
    if text is None or is_placeholder(says):
        yield Fault(
            "field-description-missing",
            "fieldDescription",
            f"主要欄位說明只寫{quote(text)}。" if text and text.strip() else "沒有主要欄位說明。",
            "請依檔案的欄位順序列出欄位名稱與說明，例如「欄位名稱(說明，單位)；…」。",
        )
    elif _repeats_another(says, metadata):
        yield Fault(
            "field-description-not-fields",
            "fieldDescription",
            f"主要欄位說明寫的是{quote(text)}，不是欄位。",
            "請改列檔案裡的欄位名稱，例如「年度；類別；數量(件)」。",
        )
    else:
        fields = _fields(text)
        yield from _check_latin(fields)
        yield from _check_units(fields, metadata)


def _are_documents(metadata: DatasetMetadata) -> bool:
    resources = metadata.distribution or ()
    formats = [resource.format.strip().lower() for resource in resources if resource.format]
    return bool(formats) and _DOCUMENTS.issuperset(formats)


def _repeats_another(says: str, metadata: DatasetMetadata) -> bool:
    if says in {core(metadata.title), core(metadata.publisher or "")}:
        return True
    return len(says) >= _PHRASE and says == core(metadata.description or "")


def _fields(text: str) -> list[_Field]:
    """The names that a list of fields holds, each with whether something explains it."""
    fields = []
    for piece in _SEPARATORS.split(_BRACKETS.sub(_MARK, text)):
        stripped = piece.strip(_AROUND)
        name = _EXPLAINED.split(stripped, maxsplit=1)[0].strip(_AROUND)
        if name:
            fields.append(_Field(name, _EXPLAINED.search(stripped) is not None))
    return fields


def field_names(text: str) -> list[str]:
    """The names that a list of fields holds, without what explains them."""
    return [field.name for field in _fields(text)]


def _shown(names: list[str]) -> str:
    some = "".join(f"「{name[:QUOTED]}」" for name in names[:_SHOWN])
    return f"{some}等 {len(names)} 個" if len(names) > _SHOWN else some


def _check_latin(fields: list[_Field]) -> Iterator[Fault]:
    bare = [field.name for field in fields if not field.explained and _is_latin(field.name)]
    # In a list of explained names, what stands alone is mostly a part of an explanation.
    if len(bare) <= sum(field.explained for field in fields):
        return
    names = list(dict.fromkeys(bare))
    yield Fault(
        "field-names-latin",
        "fieldDescription",
        f"欄位{_shown(names)}只有外文名稱，沒有中文說明。",
        f"欄位名稱維持與檔案相同，後面加上中文說明，例如「{names[0][:QUOTED]}(中文說明)」。",
    )


def _is_latin(name: str) -> bool:
    """Whether a name is a foreign word or an identifier; PM10, pH, No and TWD97_X need no translation."""
    return (
        _LATIN.match(name) is not None
        and _LATIN_WORD.search(name) is not None
        and _UNDERSTOOD.match(name) is None
    )


def _check_units(fields: list[_Field], metadata: DatasetMetadata) -> Iterator[Fault]:
    if len(fields) < 2 or any(field.explained for field in fields):
        return
    around = (metadata.title, metadata.description, metadata.field_description, metadata.notes)
    if any("單位" in text for text in around if text):
        return
    units = {
        field.name: _UNITS[found[1]]
        for field in fields
        if len(field.name) <= _LONGEST_QUANTITY and (found := _QUANTITY.search(field.name))
    }
    if units:
        name, unit = next(iter(units.items()))
        yield Fault(
            "field-names-unexplained",
            "fieldDescription",
            f"主要欄位說明只列名稱，{_shown(list(units))}沒有寫單位。",
            f"請在名稱後加上單位，例如「{name}({unit})」。",
        )
