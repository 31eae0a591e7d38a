"""The vocabulary of semantic labels: shown, written out, and changed by a SKOS file."""

from collections.abc import Iterator
from typing import NamedTuple

from api.interchange.rdf import WRITERS, RdfFormat, Triple
from api.interchange.skos import concept_triples, vocabulary
from api.interchange.skos_file import SkosFile
from api.interchange.skos_file import read_concepts as concepts_of
from api.interchange.skos_source import read_graph
from api.interchange.vocabulary_change import Plan, plan
from api.services import Services
from models.concept import MERGED
from models.event import EventRecord, append_events
from models.naming import ConceptName, names_of, narrower_concepts
from models.vocabulary import ConceptRecord, read_concepts, store_concepts, vocabulary_state


class ConceptView(NamedTuple):
    """A concept with its neighbours.

    Attributes:
        record: the concept itself.
        narrower: identifiers of its narrower ones.
        names: what its neighbours are called.
        successor: what it was merged into in the end, where it was.
    """

    record: ConceptRecord
    narrower: tuple[str, ...]
    names: dict[str, ConceptName]
    successor: str | None = None

    def triples(self) -> list[Triple]:
        """The concept as SKOS."""
        return concept_triples(self.record, {self.record.identifier: self.narrower})


class VocabularyChanged(Exception):
    """Somebody else changed the vocabulary after the list of changes was made."""


def find_concept(services: Services, identifier: str) -> ConceptView | None:
    """One concept, whatever its status, or None."""
    with services.database.reading() as session:
        found = read_concepts(session, [identifier])
        if not found:
            return None
        [record] = found
        narrower = tuple(narrower_concepts(session, identifier))
        names = names_of(session, {*record.broader, *record.related, *narrower})
        following = names_of(session, [identifier]) if record.status == MERGED else {}
    successor = following[identifier].identifier if identifier in following else record.replaced_by
    return ConceptView(record, narrower, names, successor)


def vocabulary_etag(services: Services) -> str:
    """Names this state of the vocabulary."""
    with services.database.reading() as session:
        state = vocabulary_state(session)
    return f"{state.concepts}-{state.versions}"


def write_vocabulary(services: Services, form: RdfFormat) -> Iterator[bytes]:
    """The vocabulary and the service categories as SKOS."""
    with services.database.reading() as session:
        records = read_concepts(session)
    yield from WRITERS[form](vocabulary(records))


def read_vocabulary_file(data: bytes) -> SkosFile:
    """The concepts of a Turtle or JSON-LD file. Raises SkosError where it cannot be read."""
    return concepts_of(read_graph(data))


def plan_import(services: Services, file: SkosFile, *, remove_missing: bool = False) -> Plan:
    """What a file would change; nothing is changed."""
    with services.database.reading() as session:
        stored = read_concepts(session)
    return plan(stored, file, remove_missing=remove_missing)


def apply_import(services: Services, file: SkosFile, seen: Plan, *, remove_missing: bool = False) -> None:
    """Change the vocabulary as a file asks, in one transaction, and record that it happened.

    Args:
        seen: the list of changes that somebody looked at.

    Raises:
        VocabularyChanged: the file would now change something else.
        ValueError: the file has errors.
    """
    if seen.errors:
        raise ValueError("a file with errors is not applied")
    with services.database.writing() as session:
        now = plan(read_concepts(session), file, remove_missing=remove_missing)
        if now != seen:
            raise VocabularyChanged
        if not now.changes:
            return
        store_concepts(session, [change.record for change in now.changes])
        content: dict[str, list[str]] = {}
        for change in now.changes:
            content.setdefault(change.kind, []).append(change.record.identifier)
        append_events(session, [EventRecord("vocabulary.imported", "vocabulary", content)])


def concept_document(view: ConceptView, form: RdfFormat) -> bytes:
    """One concept as SKOS."""
    return b"".join(WRITERS[form]([view.triples()]))
