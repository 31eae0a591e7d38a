"""Tagging what is stored."""

from typing import NamedTuple

from api.services import Progress, Services
from api.services.datasets import to_suggestion_record
from api.services.indexing import index_datasets
from models.catalogue import count_datasets
from models.tagging import Candidate, candidates, store_suggestions
from tagger import DatasetMetadata, Suggestion

_CHUNK = 500


class RetagReport(NamedTuple):
    """What re-tagging did; `tagged + unchanged == datasets`.

    Attributes:
        datasets: how many were looked at.
        tagged: how many got a new suggestion.
        unchanged: how many this model had tagged already.
        mismatched: of the newly tagged, how many are flagged.
    """

    datasets: int = 0
    tagged: int = 0
    unchanged: int = 0
    mismatched: int = 0


def retag_all(services: Services, progress: Progress) -> RetagReport:
    """Tag every stored dataset with the loaded model, a chunk a transaction.

    Stopped in the middle it can be run again: what is done is not done twice.
    """
    version_id = services.model_version_id
    with services.database.reading() as session:
        total = count_datasets(session).datasets
    report = RetagReport()
    after = 0
    while True:
        with services.database.reading() as session:
            chunk = candidates(session, version_id, after, _CHUNK)
        if not chunk:
            return report
        report = _tag(services, version_id, chunk, report)
        after = chunk[-1].dataset_id
        progress(report.datasets, max(total, report.datasets))


def _tag(services: Services, version_id: int, chunk: list[Candidate], report: RetagReport) -> RetagReport:
    fresh = [candidate for candidate in chunk if not candidate.tagged]
    suggestions: list[Suggestion] = services.tagger.suggest_batch(
        [DatasetMetadata.model_validate(candidate.content) for candidate in fresh]
    )
    records = [
        to_suggestion_record(candidate.revision_id, suggestion)
        for candidate, suggestion in zip(fresh, suggestions, strict=True)
    ]
    with services.database.writing() as session:
        store_suggestions(session, version_id, records, [candidate.revision_id for candidate in chunk])
        index_datasets(services, session, [candidate.dataset_id for candidate in fresh])
    return RetagReport(
        report.datasets + len(chunk),
        report.tagged + len(fresh),
        report.unchanged + len(chunk) - len(fresh),
        report.mismatched + sum(record.mismatched for record in records),
    )
