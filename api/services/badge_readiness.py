"""What datasets lack on their way to a badge: of one, of an agency, of the catalogue."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from api.services import Services
from models.base import now
from models.exporting import exported_dataset, exported_datasets
from models.review.statistics import TAIPEI
from tagger import DatasetMetadata
from tagger.readiness import EFFORTS, INDICATORS, Effort, QualityFlags, Readiness, assess
from tagger.readiness.assess import effort_of, rule_order

MOST_DATASETS = 5_000
"""How many datasets of an agency are looked at while somebody waits; the command has no limit."""
EXAMPLES = 3
"""Datasets that a summary names for a rule."""
_CHUNK = 500
_NO_FLAGS: Mapping[str, QualityFlags] = {}


class Assessed(NamedTuple):
    """A stored dataset and its readiness."""

    identifier: str
    title: str
    publisher: str | None
    readiness: Readiness


class Example(NamedTuple):
    """A dataset that a rule found something in."""

    identifier: str
    title: str


class RuleCount(NamedTuple):
    """How many datasets a rule found something in; `gaps` counts each thing."""

    rule: str
    effort: Effort
    datasets: int
    gaps: int
    examples: tuple[Example, ...]


class Summary:
    """What many datasets lack; of constant size, however many there are.

    Attributes:
        datasets: how many were looked at; `more` says that there are more.
        complete: those without any gap.
        states: indicator and state → how many datasets.
        badges: what the portal says of them → how many datasets.
        efforts: effort → how many gaps.
        easiest: the dearest effort that a dataset needs → how many datasets.
        publishers: agency → effort → how many gaps; `sizes` how many datasets.
    """

    def __init__(self) -> None:
        self.datasets = self.complete = 0
        self.more = False
        self.states: Counter[tuple[str, str]] = Counter()
        self.badges: Counter[str | None] = Counter()
        self.efforts: Counter[Effort] = Counter()
        self.easiest: Counter[Effort] = Counter()
        self.sizes: Counter[str | None] = Counter()
        self.publishers: dict[str | None, Counter[str]] = {}
        self._rules: dict[str, tuple[Counter[str], list[Example]]] = {}

    def add(self, one: Assessed) -> None:
        """Count a dataset."""
        found = one.readiness
        self.datasets += 1
        self.badges[found["badge"]] += 1
        self.sizes[one.publisher] += 1
        self.states.update((item["indicator"], item["state"]) for item in found["indicators"])
        efforts = Counter(gap["effort"] for gap in found["gaps"])
        self.efforts.update(efforts)
        self.publishers.setdefault(one.publisher, Counter()).update(efforts)
        # Gaps come cheapest first, so the last one is the dearest.
        if found["gaps"]:
            self.easiest[found["gaps"][-1]["effort"]] += 1
        else:
            self.complete += 1
        for rule, gaps in Counter(gap["rule"] for gap in found["gaps"]).items():
            self._count(rule, gaps, one)

    def _count(self, rule: str, gaps: int, one: Assessed) -> None:
        counts, examples = self._rules.setdefault(rule, (Counter(), []))
        counts["datasets"] += 1
        counts["gaps"] += gaps
        if len(examples) < EXAMPLES:
            examples.append(Example(one.identifier, one.title))

    @property
    def rules(self) -> list[RuleCount]:
        """The rules that found something: cheapest first, of one effort those of most datasets first."""
        found = [
            RuleCount(rule, effort_of(rule), counts["datasets"], counts["gaps"], tuple(examples))
            for rule, (counts, examples) in self._rules.items()
        ]
        return sorted(found, key=lambda one: (rule_order(one.rule)[0], -one.datasets, rule_order(one.rule)))

    def indicator_counts(self) -> list[tuple[str, int, int, int]]:
        """Each indicator's name with how many datasets are 符合, 不符 and 未知."""
        return [
            (name, self.states[key, "met"], self.states[key, "unmet"], self.states[key, "unknown"])
            for key, name in INDICATORS.items()
        ]

    def effort_counts(self) -> list[tuple[str, int, int]]:
        """Each effort's name with its gaps, and how many datasets have no gap left when it and cheaper ones are done."""
        done = self.complete
        found = []
        for effort, name in EFFORTS.items():
            done += self.easiest[effort]
            found.append((name, self.efforts[effort], done))
        return found


class AgencySummary(NamedTuple):
    """What an agency's datasets lack on a day; `more` says that it has more than were looked at."""

    publisher: str
    on: date
    summary: Summary
    more: bool


def today() -> date:
    """The day in Taiwan."""
    return now().astimezone(TAIPEI).date()


def dataset_readiness(services: Services, identifier: str, on: date) -> Assessed | None:
    """One stored dataset's readiness on a day, or None where it is not there."""
    with services.database.reading() as session:
        found = exported_dataset(session, identifier)
    return _assessed(DatasetMetadata.model_validate(found.content), on, _NO_FLAGS) if found else None


def each_readiness(
    services: Services,
    on: date,
    publisher: str | None = None,
    flags: Mapping[str, QualityFlags] = _NO_FLAGS,
) -> Iterator[Assessed]:
    """The readiness of the stored datasets in the order in which they were stored, a chunk in memory at a time.

    Args:
        on: the day that counts as today.
        publisher: exactly this agency; all of them without it.
        flags: what the portal's check found, by identifier.
    """
    after = 0
    while True:
        with services.database.scanning() as session:
            found = exported_datasets(session, after, _CHUNK, publisher)
        for one in found:
            yield _assessed(DatasetMetadata.model_validate(one.content), on, flags)
        if len(found) < _CHUNK:
            return
        after = found[-1].dataset_id


def up_to(found: Iterable[Assessed], summary: Summary, most: int) -> Iterator[Assessed]:
    """The first datasets; the summary is told where there are more."""
    for number, one in enumerate(found):
        if number == most:
            summary.more = True
            return
        yield one


def agency_readiness(
    services: Services, publisher: str, on: date, most: int = MOST_DATASETS
) -> AgencySummary | None:
    """What an agency's datasets lack; None where it has none.

    Args:
        most: how many of its datasets are looked at.
    """
    summary = Summary()
    for one in up_to(each_readiness(services, on, publisher), summary, most):
        summary.add(one)
    return AgencySummary(publisher, on, summary, summary.more) if summary.datasets else None


def _assessed(metadata: DatasetMetadata, on: date, flags: Mapping[str, QualityFlags]) -> Assessed:
    identifier = metadata.identifier or ""
    readiness = assess(metadata, on, flags.get(identifier))
    return Assessed(identifier, metadata.title, metadata.publisher, readiness)
