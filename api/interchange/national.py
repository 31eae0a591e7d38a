"""The national standard's JSON in its three dialects, out. `api.readers` reads all three.

- `standard`: the names of 資料集詮釋資料標準規範 (July 2015), and two of the portal's columns that it lacks.
- `portal`: the Chinese columns of the national portal's export.
- `national`: the names of the platform's interface, `/api/v2/rest/dataset/{id}`.

docs/interchange.md has the table, and what a dialect has no place for. JSON Schemas are in `schemas/`. No
dialect carries a contact person: the record has none.
"""

import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any, Literal

from api.readers.national import FIELDS, FREQUENCY, MEANINGS, RESOURCE_FIELDS
from api.readers.portal import to_portal_row
from tagger.metadata import DatasetMetadata

Dialect = Literal["standard", "portal", "national"]


def to_standard(metadata: DatasetMetadata) -> dict[str, Any]:
    """The record under the standard's names; nothing is lost."""
    return metadata.to_record()


def to_portal(metadata: DatasetMetadata) -> dict[str, Any]:
    """The portal's row, without the two columns of the contact person."""
    return dict(to_portal_row(metadata))


def to_national(metadata: DatasetMetadata) -> dict[str, Any]:
    """The record as the platform's interface names it.

    The agency's object identifier is not known here, so `publisherOID` begins with the bar: `|勞動部`. A frequency
    other than 每N單位, and the fields that have no counterpart, are left out.
    """
    record = metadata.to_record()
    result: dict[str, Any] = {}
    for name, standard in FIELDS.items():
        value = _written(name, record.get(standard))
        if value not in (None, "", []):
            result[name] = value
    resources = [
        {name: resource[standard] for name, standard in RESOURCE_FIELDS.items() if resource.get(standard)}
        for resource in record.get("distribution", ())
    ]
    _say_of_the_dataset(record, resources)
    if any(resources):
        result["distribution"] = resources
    return result


DIALECTS: dict[str, Callable[[DatasetMetadata], dict[str, Any]]] = {
    "standard": to_standard,
    "portal": to_portal,
    "national": to_national,
}
"""Each dialect's name and how a record is written in it."""


def schema(dialect: Dialect) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one dataset in a dialect."""
    text = files("api.interchange").joinpath(f"schemas/{dialect}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def with_decisions(
    metadata: DatasetMetadata, category_code: str | None, labels: Sequence[str]
) -> DatasetMetadata:
    """The record as reviewers decided: the approved category, and the approved labels behind the keywords.

    Labels that would exceed the hundred keywords a record may have are left out.
    """
    keywords = list(metadata.keyword or ())
    known = set(keywords)
    keywords += [label for label in labels if label not in known][: max(0, 100 - len(keywords))]
    return metadata.model_copy(
        update={"category_code": category_code or metadata.category_code, "keyword": keywords or None}
    )


def _written(name: str, value: Any) -> Any:
    if not value:
        return None
    if name == "publisherOID":
        return f"|{value}"
    if name == "updateFrequency":
        regular = FREQUENCY.fullmatch(value)
        return {"regularupdate": "1", "Frequency": regular[1], "unittime": regular[2]} if regular else None
    codes = {meaning: code for code, meaning in MEANINGS.get(name, {}).items()}
    # The platform answers 免費 in words, whatever its documentation shows.
    return codes.get(value, value) if name == "license" else value


def _say_of_the_dataset(record: dict[str, Any], resources: list[dict[str, Any]]) -> None:
    """Put the fields and the amount of data, which the platform tells of each resource, into the resources.

    Which resource has which fields is not known: the first one says them all.
    """
    fields, amount = record.get("fieldDescription"), record.get("numberOfData")
    if (fields or amount) and not resources:
        resources.append({})
    if fields:
        resources[0]["resourceField"] = [_field(part) for part in fields.split(";")]
    if amount:
        amounts = amount.split(";")
        each = len(amounts) == len(resources) and all(amounts)
        for resource, part in zip(resources, amounts if each else [amount], strict=False):
            resource["resourceAmount"] = part


def _field(text: str) -> dict[str, str]:
    name, colon, description = text.partition(":")
    if colon and name and description:
        return {"name": name, "description": description}
    return {"name": text, "description": ""}
