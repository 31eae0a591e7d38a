"""The stored vocabulary as search uses it, kept in memory and renewed when somebody changed it."""

import threading
import time
from collections.abc import Iterable

from api.interchange.vocabulary_rules import to_concept
from models.concept import ACCEPTED, MERGED
from models.database import Database
from models.vocabulary import ConceptRecord, VocabularyState, read_concepts, vocabulary_state
from tagger.retrieval.thesaurus import Thesaurus

_CHECKED_EVERY = 5.0
"""Seconds in which a change in the vocabulary may go unseen."""


class StoredThesaurus:
    """A thesaurus of the vocabulary in the store. Safe to share between threads.

    Args:
        database: where the vocabulary is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._state: VocabularyState | None = None
        self._made = Thesaurus(())
        self._checked = 0.0

    def current(self) -> Thesaurus:
        """The thesaurus, made anew where the vocabulary has changed."""
        if self._state is not None and time.monotonic() - self._checked < _CHECKED_EVERY:
            return self._made
        # One thread looks; the others wait for it only when there is nothing yet.
        if not self._lock.acquire(blocking=self._state is None):
            return self._made
        try:
            self._renew()
        finally:
            self._lock.release()
        return self._made

    def _renew(self) -> None:
        with self._database.reading() as session:
            state = vocabulary_state(session)
            if state != self._state:
                self._made = make_thesaurus(read_concepts(session))
                self._state = state
        self._checked = time.monotonic()


def make_thesaurus(records: Iterable[ConceptRecord]) -> Thesaurus:
    """The thesaurus of stored concepts: those in use, and what they replaced."""
    stored = list(records)
    return Thesaurus(
        [to_concept(record) for record in stored if record.status == ACCEPTED],
        {
            record.identifier: record.replaced_by
            for record in stored
            if record.status == MERGED and record.replaced_by
        },
    )
