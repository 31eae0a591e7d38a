"""The texts of a record that the model reads, each with what it weighs."""

from collections.abc import Iterator
from typing import NamedTuple

from tagger.features import mask
from tagger.metadata import DatasetMetadata
from tagger.normalise import NormalisedText, normalise

FIELD_WEIGHTS = {
    "title": 1.0,
    "description": 0.3,
    "keyword": 0.3,
    "fieldDescription": 0.15,
    "publisher": 0.45,
}
"""What a field's text counts against the title's, each text scaled to norm 1 first.

Those of description and fieldDescription are set by judgement: the annotated datasets have few of them."""
READ_CHARACTERS = 200
"""How much of a long text the category model reads: what comes later is mostly method and contact."""


class FieldText(NamedTuple):
    """One text of a record.

    Attributes:
        field: the standard's name of the field; a keyword carries its position (`keyword/2`).
        original: as it was written.
        normalised: as it is compared.
    """

    field: str
    original: str
    normalised: NormalisedText

    @property
    def name(self) -> str:
        """The field without a keyword's position."""
        return self.field.partition("/")[0]

    @property
    def masked(self) -> str:
        """What the category model reads of it."""
        text = self.normalised.text
        return mask(text if self.name in {"title", "publisher"} else text[:READ_CHARACTERS])


def field_texts(metadata: DatasetMetadata) -> Iterator[FieldText]:
    """The filled texts of a record, title first. An organization stands in for a missing publisher."""
    plain = (
        ("title", metadata.title),
        ("description", metadata.description),
        ("fieldDescription", metadata.field_description),
    )
    for name, text in plain:
        if text:
            yield FieldText(name, text, normalise(text))
    for position, text in enumerate(metadata.keyword or ()):
        if text:
            yield FieldText(f"keyword/{position}", text, normalise(text))
    if metadata.publisher:
        yield FieldText("publisher", metadata.publisher, normalise(metadata.publisher))
    elif metadata.organization:
        yield FieldText("organization", metadata.organization, normalise(metadata.organization))
