"""Bringing the store up to date: its schema, and in a new one the vocabulary that is shipped."""

from api.services import Services
from models.concept import ALTERNATIVE, PREFERRED
from models.vocabulary import ConceptRecord, LabelRecord, store_concepts, vocabulary_state
from tagger.retrieval.lexemes import compact
from tagger.vocabulary import Concept, Vocabulary


def migrate(services: Services) -> None:
    """Make or update the schema. A store without vocabulary gets the shipped one. Repeating it does nothing.

    Raises:
        SchemaInUse: somebody reads what is to be changed; nothing was changed.
    """
    services.database.migrate()
    with services.database.writing() as session:
        if not vocabulary_state(session).concepts:
            store_concepts(session, [to_concept_record(concept) for concept in Vocabulary.read().concepts])


def to_concept_record(concept: Concept) -> ConceptRecord:
    """A concept of the tagger as the store takes it.

    Spellings that are the same when they are compared are one label.
    """
    labels: dict[str, LabelRecord] = {}
    for spelling in concept.spellings:
        kind = PREFERRED if spelling == concept.label else ALTERNATIVE
        labels.setdefault(compact(spelling), LabelRecord(kind, spelling, compact(spelling)))
    return ConceptRecord(
        concept.identifier, tuple(labels.values()), concept.broader, concept.related, concept.category_code
    )
