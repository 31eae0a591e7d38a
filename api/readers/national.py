"""The names that the national platform's interface uses today, and the standard's names.

Source: https://data.nat.gov.tw/about/doc?chapter=31&doc=5 and answers of `/api/v2/rest/dataset/{id}`.
What identifies a contact person (`publisherContactName`, `publisherContactPhone`, `publisherContactEmail`) has
no entry here and so ends at this door. `categoryDataset`, `dataProvider` (an account, no agency) and
`resourceNotes` have no counterpart in the standard and are left out too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.readers.portal import map_category
from api.readers.unreadable import is_unreadable, unreadable_error
from api.validation import InputError
from tagger.metadata import TEXT_LENGTH

FIELDS = {
    "categoryService": "categoryCode",
    "datasetid": "identifier",
    "title": "title",
    "description": "description",
    "type": "type",
    "license": "license",
    "cost": "cost",
    "publisherOID": "publisher",
    "updateFrequency": "accrualPeriodicity",
    "dataQuality": "dataQuality",
    "coverageStartedDate": "temporalCoverageFrom",
    "coverageEndedDate": "temporalCoverageTo",
    "publishedDate": "issued",
    "modifiedDate": "modified",
    "spatialCoverage": "spatial",
    "language": "language",
    "relatedUrl": "landingPage",
    "keyword": "keyword",
    "notes": "notes",
}
"""A dataset's names in the platform's order, each with the standard's name."""
RESOURCE_FIELDS = {
    "resourceID": "resourceID",
    "resourceDescription": "resourceDescription",
    "resourceFormat": "format",
    "resourceCharacterEncoding": "characterSetCode",
    "resourceModified": "resourceModified",
    "resourceDownloadUrl": "downloadURL",
}
"""The same of a resource; `resourceField` and `resourceAmount` speak of what the standard says of the dataset."""
MEANINGS = {
    "license": {"1": "政府資料開放授權條款-第1版"},
    "cost": {"free": "免費"},
}
"""Codes that the platform documents, to the words of the portal's export."""
FREQUENCY = re.compile(r"每([0-9]{1,4})([^\d\s]{1,10})")
"""更新頻率 as the portal writes it: 每1月."""

_ALIASES = {"datasetId": "datasetid"}
_MARKS = (
    frozenset(FIELDS)
    - frozenset(FIELDS.values())
    - {"publisherOID"}  # earlier interfaces have it beside the standard's names
) | frozenset(_ALIASES)
_OID = re.compile(r"[\d.]+")


def is_national_record(record: Mapping[str, object]) -> bool:
    """Whether an object names its fields as the platform's interface does today."""
    return not _MARKS.isdisjoint(record)


def from_national(record: Mapping[str, object]) -> tuple[dict[str, Any], list[InputError]]:
    """The record under the standard's names, with what is wrong with it; what is empty is left out.

    Under the standard's own names is taken what the platform's names do not fill.
    """
    fields: dict[str, Any] = {}
    errors: list[InputError] = []
    for written, value in record.items():
        name = _ALIASES.get(written, written)
        if name not in FIELDS or value is None or value == "":
            continue
        if is_unreadable(value):
            errors.append(unreadable_error(f"/{name}"))
            continue
        text, error = _converted(name, value)
        errors += error
        if text is not None:
            fields[FIELDS[name]] = text
    errors += _take_category(fields)
    errors += _take_resources(fields, record.get("distribution"))
    return fields, errors


def national_pointer(pointer: str) -> str:
    """A pointer into the standard's record as one to the platform's names."""
    steps = pointer.split("/")
    names = {standard: name for name, standard in {**FIELDS, **RESOURCE_FIELDS}.items()}
    return "/".join(names.get(step, step) for step in steps)


def _converted(name: str, value: Any) -> tuple[Any, list[InputError]]:
    if name == "publisherOID":
        return _publisher(value)
    if name == "updateFrequency":
        return _frequency(value)
    meanings = MEANINGS.get(name, {})
    return meanings.get(value, value) if isinstance(value, str) else value, []


def _publisher(value: Any) -> tuple[Any, list[InputError]]:
    """The agency's name of `oid|name`; an object identifier alone names nobody that a reader would know."""
    if not isinstance(value, str):
        return None, [InputError("/publisherOID", "應為「物件識別碼|機關名稱」的文字", "string_type")]
    oid, bar, name = value.partition("|")
    if bar:
        return name or None, []
    return (None if _OID.fullmatch(oid) else oid), []


def _frequency(value: Any) -> tuple[Any, list[InputError]]:
    """每1月 of `{"regularupdate": "1", "Frequency": "1", "unittime": "月"}`.

    Which codes stand for data without a regular update is not documented, so then nothing is said.
    """
    if isinstance(value, str):
        return value, []
    if not isinstance(value, Mapping):
        return None, [InputError("/updateFrequency", "應為一個物件", "model_type")]
    count = value.get("Frequency") or value.get("frequency")
    text = f"每{count}{value.get('unittime')}"
    regular = str(value.get("regularupdate")) == "1"
    return (text if regular and FREQUENCY.fullmatch(text) else None), []


def _take_category(fields: dict[str, Any]) -> list[InputError]:
    name = fields.pop("categoryCode", None)
    if name is not None and not isinstance(name, str):
        return [InputError("/categoryService", "應為文字", "string_type")]
    return map_category(fields, name, "/categoryService")


def _take_resources(fields: dict[str, Any], value: object) -> list[InputError]:
    """The resources, and what they say of the dataset's fields and of the amount of data."""
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        return [InputError("/distribution", "應為陣列", "list_type")]
    if is_unreadable(value):
        return [unreadable_error("/distribution")]
    wrong = [at for at, item in enumerate(value) if not isinstance(item, Mapping)]
    if wrong:
        return [InputError(f"/distribution/{wrong[0]}", "應為一個物件", "model_type")]
    resources = [
        {RESOURCE_FIELDS[name]: text for name, text in item.items() if name in RESOURCE_FIELDS and text != ""}
        for item in value
    ]
    # One that says only what belongs to the dataset is no resource.
    if resources := [resource for resource in resources if resource]:
        fields["distribution"] = resources
    if described := _field_description(item.get("resourceField") for item in value):
        fields["fieldDescription"] = described
    amounts = [str(item.get("resourceAmount") or "") for item in value]
    if any(amounts):
        fields["numberOfData"] = ";".join(filter(None, amounts))
    return []


def _field_description(each: Iterable[object]) -> str:
    """The fields of all resources in one text; one that several resources have, once.

    Cut behind a whole field where the text would exceed what a dataset may say.
    """
    kept: list[str] = []
    seen: set[str] = set()
    length = -1
    for resource in each:
        fields = list(_fields(resource))
        for field in fields:
            if kept and field in seen:
                continue
            length += 1 + len(field)
            if length > TEXT_LENGTH:
                return ";".join(kept)
            kept.append(field)
        seen.update(fields)
    return ";".join(kept)


def _fields(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from [value] if value else []
    elif isinstance(value, list):
        for field in value:
            if isinstance(field, Mapping):
                name, description = (str(field.get(key) or "") for key in ("name", "description"))
                yield f"{name}:{description}" if description else name
            elif isinstance(field, str):
                yield field
