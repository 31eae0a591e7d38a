"""Completing a label while it is typed."""

from typing import NamedTuple

from api.services import Services
from models.vocabulary import complete
from tagger.retrieval.lexemes import compact
from tagger.vocabulary import CONCEPT_BASE


class LabelCompletion(NamedTuple):
    """A label that what was typed may become.

    Attributes:
        label: preferred label of the concept.
        written: the spelling that what was typed stands in.
        category_code: the service category that it leans to.
        uri: the concept's URI.
    """

    label: str
    written: str
    category_code: str | None
    uri: str


def complete_labels(services: Services, typed: str, limit: int) -> list[LabelCompletion]:
    """Labels of the stored vocabulary with what was typed in one of their spellings; in one statement."""
    form = compact(typed)
    if not form:
        return []
    with services.database.reading() as session:
        found = complete(session, form, limit)
    return [
        LabelCompletion(one.label, one.written, one.category_code, CONCEPT_BASE + one.identifier)
        for one in found
    ]
