"""From one record of whatever format to a `CatalogueRow`, or to what is wrong with it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from api.readers.national import from_national, is_national_record, national_pointer
from api.readers.portal import (
    REMOVED,
    STATE,
    STATES,
    column_pointer,
    from_portal,
    is_portal_record,
    map_category,
)
from api.readers.results import CatalogueRow, Entry, RowProblem, Withdrawal
from api.readers.unreadable import is_unreadable, unreadable_error
from api.validation import IDENTIFIER_RULE, STORED_IDENTIFIER, InputError, input_errors
from tagger.metadata import DatasetMetadata

_STANDARD_NAMES = frozenset(field.alias or name for name, field in DatasetMetadata.model_fields.items())
# Beside the standard's names two that published catalogues use: one file format, a category by its name.
_PLAIN_NAMES = ("format", "category")
_NAMES = _STANDARD_NAMES | set(_PLAIN_NAMES)
_IDENTIFIER_SHOWN = 255
_NO_IDENTIFIER = InputError("/identifier", "缺少必要欄位，請補上", "missing")
_BAD_IDENTIFIER = InputError("/identifier", IDENTIFIER_RULE, "string_pattern_mismatch")
_Read = Callable[[Mapping[str, Any]], tuple[dict[str, Any], list[InputError]]]


def to_entry(number: int, record: object, line: int | None = None) -> Entry:
    """Validate one record, under the portal's column names, the platform interface's names or the standard's.

    Args:
        number: the record's number, see `CatalogueRow`.
        record: the decoded record, also within an answer of the platform's interface
            (`{"success": true, "result": {…}}`). Numbers must have been read as text, so that none changes its
            spelling.
        line: the physical line where it begins.
    """
    record = unwrapped(record)
    if not isinstance(record, Mapping):
        return RowProblem(number, None, [InputError("", "應為一個物件", "model_type")], line)
    read, pointed = _dialect(record)
    fields, errors = read(record)
    is_change = STATE in record
    wrong = _wrong_state(record[STATE]) if is_change else None
    if wrong is not None:
        errors.append(wrong)
    elif is_change and record[STATE].strip() == REMOVED:
        # The rest of such a row is often empty, and of no use to anybody.
        errors = _identifier_errors(fields.get("identifier"))
        if not errors:
            return Withdrawal(number, fields["identifier"], line)
    metadata = _validate(fields, errors)
    if metadata is not None:
        return CatalogueRow(number, metadata, line, is_change)
    errors = [error._replace(pointer=pointed(error.pointer)) for error in errors]
    return RowProblem(number, _shown(fields.get("identifier")), errors, line, is_change)


def _wrong_state(value: object) -> InputError | None:
    """What is wrong with 資料集變動狀態, if anything."""
    if isinstance(value, str) and value.strip() in STATES:
        return None
    if is_unreadable(value):
        return unreadable_error(f"/{STATE}")
    return InputError(f"/{STATE}", f"應為{'、'.join(STATES)}之一，請修正後再試", "unknown_state")


def _identifier_errors(identifier: object) -> list[InputError]:
    """What is wrong with the identifier of a record of which nothing else counts."""
    if identifier is None:
        return [_NO_IDENTIFIER]
    if not isinstance(identifier, str) or not re.search(STORED_IDENTIFIER, identifier):
        return [_BAD_IDENTIFIER]
    return []


def has_other_names(record: object) -> bool:
    """Whether an object names its fields otherwise than the standard does."""
    record = unwrapped(record)
    return isinstance(record, Mapping) and (is_portal_record(record) or is_national_record(record))


def in_other_names(record: object) -> DatasetMetadata | list[InputError] | None:
    """A dataset under the portal's or the platform interface's names, or what is wrong with it.

    None where it has the standard's names, or is no object. An identifier may be missing.
    """
    record = unwrapped(record)
    if not isinstance(record, Mapping) or not has_other_names(record):
        return None
    read, pointed = _dialect(record)
    fields, errors = read(record)
    metadata = _validate(fields, errors, stored=False)
    return metadata or [error._replace(pointer=pointed(error.pointer)) for error in errors]


def unwrapped(record: object) -> object:
    """The dataset within an answer of the platform's interface; anything else as it is."""
    if isinstance(record, Mapping) and "success" in record and "result" in record:
        return record["result"]
    return record


def is_dataset(record: object) -> bool:
    """Whether an object has at least a dataset's title, under whatever name."""
    return isinstance(record, Mapping) and (is_portal_record(record) or "title" in record)


def _dialect(record: Mapping[str, Any]) -> tuple[_Read, Callable[[str], str]]:
    """How a record is read, and how a pointer into what was read is written in the record's own names."""
    if is_portal_record(record):
        return from_portal, column_pointer
    if is_national_record(record):
        return _from_national, national_pointer
    return _from_standard, str


def _from_national(record: Mapping[str, Any]) -> tuple[dict[str, Any], list[InputError]]:
    """Such a record; where it uses one of the standard's names beside its own, that counts too."""
    fields, errors = from_national(record)
    others, found = _from_standard({name: record[name] for name in record if name != "distribution"})
    told = {error.pointer for error in errors}
    return {**others, **fields}, [*errors, *(error for error in found if error.pointer not in told)]


def _from_standard(record: Mapping[str, Any]) -> tuple[dict[str, Any], list[InputError]]:
    """The fields that the standard knows and the record fills, with what is wrong with the others."""
    fields: dict[str, Any] = {}
    errors: list[InputError] = []
    for name, value in record.items():
        if name not in _NAMES or value is None or value == "":
            continue
        if is_unreadable(value):
            errors.append(unreadable_error(f"/{name}"))
        elif name in _PLAIN_NAMES and not isinstance(value, str):
            errors.append(InputError(f"/{name}", "應為文字", "string_type"))
        else:
            fields[name] = value
    file_format, category = (fields.pop(name, None) for name in _PLAIN_NAMES)
    if file_format:
        fields.setdefault("distribution", [{"format": file_format}])
    if "categoryCode" not in fields:
        errors += map_category(fields, category, "/category")
    return fields, errors


def _validate(
    fields: dict[str, Any], errors: list[InputError], *, stored: bool = True
) -> DatasetMetadata | None:
    """The metadata, or None with the reasons added to `errors`: one for each place, the first one found.

    Args:
        stored: whether it needs an identifier that may stand in an address.
    """
    metadata = None
    found: list[InputError] = []
    try:
        metadata = DatasetMetadata.model_validate(fields)
    except ValidationError as error:
        found = input_errors(error)
    if not stored:
        pass
    elif "identifier" not in fields:
        found.insert(0, _NO_IDENTIFIER)
    elif metadata and not re.search(STORED_IDENTIFIER, metadata.identifier or ""):
        found.append(_BAD_IDENTIFIER)
    known = {error.pointer for error in errors}
    errors += [error for error in found if error.pointer not in known]
    return None if errors else metadata


def _shown(identifier: object) -> str | None:
    """An identifier where it is fit to stand in a message or a log: one line that can be written out."""
    if not isinstance(identifier, str) or len(identifier) > _IDENTIFIER_SHOWN or not identifier.strip():
        return None
    return identifier if identifier.isprintable() else None
