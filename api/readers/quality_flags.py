"""The portal's quality results: what `/api/v2/rest/qc/{publisherOID}` answers, saved to a file."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from api.readers.results import CatalogueError
from api.validation import input_errors
from tagger.readiness import QualityFlags

MOST_BYTES = 256 * 1024 * 1024
"""How long such a file may be; a million results take less."""
_IDENTIFIERS = ("datasetId", "datasetid", "identifier")


def read_quality_flags(path: Path) -> dict[str, QualityFlags]:
    """The flags of each dataset by its identifier; of one that comes twice, the last ones.

    Args:
        path: JSON in UTF-8, an array of results, an answer with `result`, or one result a line.

    Raises:
        CatalogueError: the file cannot be read, or a result in it cannot be used.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CatalogueError(f"檔案超過 {MOST_BYTES // 1024**2} MB 的上限，請依機關分成幾個檔案。")
        content = path.read_bytes()
    except OSError as error:
        raise CatalogueError(f"無法讀取檔案：{error.strerror}。") from error
    return dict(_flags(number, result) for number, result in enumerate(_results(content), 1))


def _results(content: bytes) -> Iterator[Any]:
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        yield from _lines(content)
        return
    if isinstance(found, Mapping) and isinstance(found.get("result"), list):
        found = found["result"]
    yield from found if isinstance(found, list) else [found]


def _lines(content: bytes) -> Iterator[Any]:
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise CatalogueError(
                f"第 {number} 行不是 JSON；請直接儲存平臺 /api/v2/rest/qc 介面的回覆。"
            ) from error


def _flags(number: int, result: Any) -> tuple[str, QualityFlags]:
    if not isinstance(result, Mapping):
        raise CatalogueError(f"第 {number} 筆不是一個物件，應有 datasetId 與各項檢測結果。")
    identifier = next((result[name] for name in _IDENTIFIERS if result.get(name) not in (None, "")), None)
    if not isinstance(identifier, str | int):
        raise CatalogueError(f"第 {number} 筆沒有 datasetId。")
    try:
        return str(identifier), QualityFlags.model_validate(result)
    except ValidationError as error:
        raise CatalogueError(f"第 {number} 筆的 {input_errors(error)[0].sentence}。") from error
