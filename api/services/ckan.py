"""Pulling a CKAN portal's datasets into the store, and pushing approved labels back to it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from sqlalchemy import String, cast, exists, literal, or_, select
from sqlalchemy.orm import Session

from api.interchange.ckan import CkanClient
from api.interchange.ckan_answer import CkanError, CkanUnavailable, NotCkan
from api.interchange.ckan_package import to_entries
from api.interchange.ckan_push import Outcome, Wanted, push_one
from api.interchange.ckan_tags import tag_refusal
from api.readers.results import CatalogueError, CatalogueRow, Entry, RowProblem
from api.services import Services
from api.services.importing import ImportReport, import_catalogue
from models.dataset import Dataset, DatasetRevision
from models.deciding import NOTHING_STANDS, standing_of
from models.event import Event, EventRecord, append_events
from models.tag import LABEL, Tag
from tagger.vocabulary import comparable

PUSHED = "ckan.pushed"
"""Kind of the event that remembers what was written to a portal: what later pushes may remove again."""
_PAGE = 100
_CHUNK = 500
_PATIENCE = 3


class PushReport(NamedTuple):
    """What a push did.

    Attributes:
        outcomes: how many datasets ended in each status of `Outcome`.
        refused: labels that cannot be CKAN tags → why, each once.
        similar: labels new to the portal → the tag it already has that differs only in its spelling.
        spellings_checked: whether the portal gave its list of tags, so that `similar` could be told.
        stopped: why it ended early, in 繁體中文; None where it came to its end.
    """

    outcomes: Counter[str]
    refused: dict[str, str]
    similar: dict[str, str]
    spellings_checked: bool
    stopped: str | None


def pull(
    services: Services,
    client: CkanClient,
    fq: str | None,
    limit: int | None,
    on_problem: Callable[[RowProblem], None],
    progress: Callable[[int], None],
) -> ImportReport:
    """Bring a portal's datasets into the store, as any other catalogue (`import_catalogue`).

    Labels that were pushed to the portal do not come back as its keywords: the tagger would take its own
    answers for the publisher's words.

    Args:
        fq: which datasets, a filter query of Solr; None for all.
        limit: how many at most.

    Raises:
        CatalogueError: the portal cannot be read further. What came before is stored.
    """
    with services.database.reading() as session:
        pushed = _remembered(session, client.portal)
    entries = _entries(client, fq, limit)
    return import_catalogue(services, _without_our_own(entries, pushed), on_problem, progress)


def push(
    services: Services,
    client: CkanClient,
    on_outcome: Callable[[Outcome], None],
    *,
    publisher: str | None = None,
    dry_run: bool = False,
) -> PushReport:
    """Write the approved labels of stored datasets to the portal that they came from.

    Looked at are the datasets for which approved labels stand, or where something was pushed before. Each is
    on its own: one that fails costs no other. Where the portal itself fails several times in a row, it ends.

    Args:
        client: with a token, unless it is a dry run.
        on_outcome: called with each dataset's outcome.
        publisher: only datasets of exactly this one.
        dry_run: write nothing, neither to the portal nor to the store.
    """
    run = _Push(services, client, dry_run)
    for wanted in _wanted(services, client.portal, publisher):
        on_outcome(run.one(wanted))
        if run.stopped:
            break
    return PushReport(run.outcomes, run.refused, run.similar, run.spellings is not None, run.stopped)


class _Push:
    """One run of `push`: what it has counted and found so far."""

    def __init__(self, services: Services, client: CkanClient, dry_run: bool) -> None:
        self._services = services
        self._client = client
        self._dry_run = dry_run
        self._failures = 0
        self.outcomes: Counter[str] = Counter()
        self.refused: dict[str, str] = {}
        self.similar: dict[str, str] = {}
        self.stopped: str | None = None
        self._known: frozenset[str] = frozenset()
        self.spellings = self._read_spellings()

    def one(self, wanted: "_Target") -> Outcome:
        """Push one dataset, remember what was written, and count."""
        for label in wanted.labels:
            if reason := tag_refusal(label):
                self.refused[label] = reason
        outcome = self._push(Wanted(wanted.identifier, wanted.labels, wanted.pushed))
        if outcome.status == "changed":
            self._remember(wanted, outcome)
        for label in outcome.added:
            known = (self.spellings or {}).get(comparable(label))
            if known and label not in self._known:
                self.similar[label] = known
        self.outcomes[outcome.status] += 1
        return outcome

    def _push(self, wanted: Wanted) -> Outcome:
        try:
            outcome = push_one(self._client, wanted, dry_run=self._dry_run)
        except (CkanUnavailable, NotCkan) as error:
            self._failures += 1
            if self._failures >= _PATIENCE:
                self.stopped = f"平臺連續 {_PATIENCE} 次無法正常回應，已停止，其餘資料集未處理"
            return Outcome(wanted.identifier, "failed", error=str(error))
        except CkanError as error:
            self._failures = 0
            return Outcome(wanted.identifier, "failed", error=str(error))
        self._failures = 0
        return outcome

    def _remember(self, wanted: "_Target", outcome: Outcome) -> None:
        content = {
            "portal": self._client.portal,
            "identifier": wanted.identifier,
            "added": list(outcome.added),
            "removed": list(outcome.removed),
        }
        with self._services.database.writing() as session:
            append_events(session, [EventRecord(PUSHED, _subject(wanted.dataset_id), content)])

    def _read_spellings(self) -> dict[str, str] | None:
        """The portal's tags by how they compare; None where it does not tell."""
        try:
            tags = self._client.tag_list()
        except CkanError:
            return None
        self._known = frozenset(tags)
        return {comparable(tag): tag for tag in tags}


class _Target(NamedTuple):
    dataset_id: int
    identifier: str
    labels: tuple[str, ...]
    pushed: frozenset[str]


def _entries(client: CkanClient, fq: str | None, limit: int | None) -> Iterator[Entry]:
    rows = _PAGE if limit is None else min(limit, _PAGE)
    try:
        yield from to_entries(islice(client.package_search(fq, rows), limit))
    except CkanError as error:
        raise CatalogueError(str(error)) from error


def _without_our_own(entries: Iterable[Entry], pushed: dict[str, set[str]]) -> Iterator[Entry]:
    for entry in entries:
        if isinstance(entry, CatalogueRow) and entry.metadata.keyword:
            ours = pushed.get(entry.metadata.identifier or "", set())
            kept = [keyword for keyword in entry.metadata.keyword if keyword not in ours] or None
            yield entry._replace(metadata=entry.metadata.model_copy(update={"keyword": kept}))
        else:
            yield entry


def _wanted(services: Services, portal: str, publisher: str | None) -> Iterator[_Target]:
    """The datasets to look at, in the store's order; a chunk in three statements."""
    after = 0
    while True:
        with services.database.reading() as session:
            identifiers = _chunk(session, publisher, after)
            standing = standing_of(session, identifiers)
            pushed = _remembered(session, portal, identifiers)
        if not identifiers:
            return
        for dataset_id, identifier in identifiers.items():
            labels = tuple(choice.label for choice in standing.get(dataset_id, NOTHING_STANDS).approved)
            yield _Target(dataset_id, identifier, labels, frozenset(pushed.get(identifier, ())))
        after = max(identifiers)


def _chunk(session: Session, publisher: str | None, after: int) -> dict[int, str]:
    """Keys and identifiers of datasets with approved labels or pushed ones, from the one after `after` on."""
    approved = exists().where(Tag.dataset_id == Dataset.id, Tag.kind == LABEL, Tag.approved)
    subject = literal(_subject("")) + cast(Dataset.id, String)
    pushed = exists().where(Event.subject == subject, Event.kind == PUSHED)
    wanted = select(Dataset.id, Dataset.identifier).where(Dataset.id > after, or_(approved, pushed))
    if publisher is not None:
        wanted = wanted.join(DatasetRevision, DatasetRevision.id == Dataset.current_revision_id).where(
            DatasetRevision.publisher == publisher
        )
    rows = session.execute(wanted.order_by(Dataset.id).limit(_CHUNK))
    return {row.id: row.identifier for row in rows}


def _remembered(
    session: Session, portal: str, dataset_ids: Iterable[int] | None = None
) -> dict[str, set[str]]:
    """Identifier → the labels that were written to the portal and not removed again; in one statement."""
    wanted = select(Event.content).where(Event.kind == PUSHED).order_by(Event.id)
    if dataset_ids is not None:
        wanted = wanted.where(Event.subject.in_([_subject(key) for key in dataset_ids]))
    found: dict[str, set[str]] = {}
    for content in session.scalars(wanted):
        if content["portal"] == portal:
            labels = found.setdefault(content["identifier"], set())
            labels.update(content["added"])
            labels.difference_update(content["removed"])
    return found


def _subject(dataset_id: int | str) -> str:
    return f"dataset/{dataset_id}"
