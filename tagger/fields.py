"""The texts of a record that the model reads, each with what it weighs."""

from collections.abc import Iterator
from typing import NamedTuple

from tagger.metadata import DatasetMetadata
from tagger.normalise import NormalisedText, normalise

FIELD_WEIGHTS = {
    "title": 1.0,
    "keyword": 0.5,
    "description": 0.3,
    "fieldDescription": 0.15,
    "publisher": 0.5,
    "organization": 0.25,
}
"""How much one occurrence in a field counts against one in the title."""


class FieldText(NamedTuple):
    """One text of a record.

    Attributes:
        field: the standard's name of the field; keywords carry their position (`keyword/2`).
        original: as it was written.
        normalised: as it is compared.
        weight: how much it counts.
    """

    field: str
    original: str
    normalised: NormalisedText
    weight: float


def field_texts(metadata: DatasetMetadata) -> Iterator[FieldText]:
    """The filled texts of a record, title first."""
    plain = (
        ("title", metadata.title),
        ("description", metadata.description),
        ("fieldDescription", metadata.field_description),
        ("publisher", metadata.publisher),
        ("organization", metadata.organization),
    )
    for name, text in plain:
        if text:
            yield FieldText(name, text, normalise(text), FIELD_WEIGHTS[name])
    for position, text in enumerate(metadata.keyword or ()):
        yield FieldText(f"keyword/{position}", text, normalise(text), FIELD_WEIGHTS["keyword"])
