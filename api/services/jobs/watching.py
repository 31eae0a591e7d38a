"""How far jobs are, for all who watch them: many look, the store is asked once."""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from api.services.jobs.retag import FAILED as NOT_TAGGED
from models.base import now
from models.job import CANCELLED, COUNTED, DONE, ENDED, FAILED, RUNNING
from models.job_listing import Extent, ListedJob, extents_of

EVERY = 1.0
"""Seconds that what was added up of a job is kept."""
_COST = 20
"""Adding up takes at most one part in so many of the time: where it takes long, it is done seldom."""
_MOST_KEPT = 1_000


class JobState(NamedTuple):
    """A job and how far it is, in datasets.

    Attributes:
        done: settled and not failed.
        failed: could not be tagged, alone or with their chunk.
        left_out: were not begun when the job was cancelled.
        rate: datasets a second of this run; None before it is known.
        seconds_left: of a job that is worked on; None where nobody can say.
    """

    job: ListedJob
    extent: Extent
    done: int
    failed: int
    left_out: int
    rate: float | None
    seconds_left: float | None

    @property
    def ended(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.job.state in ENDED

    @property
    def tag(self) -> tuple[object, ...]:
        """What tells two states apart, but for what only the clock changes."""
        return *self.job, tuple(sorted(self.extent.chunks.items())), *self.extent.counts.values()


class _Kept(NamedTuple):
    extent: Extent
    until: float


class JobWatch:
    """What jobs came to, added up for all threads of a process at most once a second. Safe to share.

    A job's own row is read anew each time, so that a state is never old; only the sums over its chunks are kept. Of
    one that has ended they stand in its row.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], _Kept] = OrderedDict()

    def look(self, session: Session, jobs: Sequence[ListedJob]) -> list[JobState]:
        """The states of jobs; in one statement at most."""
        # One adds up, others that come meanwhile take what it found.
        with self._lock:
            began = time.monotonic()
            found = {job.id: _reported(job) or self._still_kept(job, began) for job in jobs}
            missing = [job for job in jobs if found[job.id] is None]
            if missing:
                made = extents_of(session, [job.id for job in missing], COUNTED)
                keep = max(EVERY, _COST * (time.monotonic() - began))
                for job in missing:
                    # What has ended changes no more, unless it is opened again; then its row tells.
                    until = float("inf") if job.state in ENDED else began + keep
                    self._kept[_name(job)] = _Kept(made[job.id], until)
                    found[job.id] = made[job.id]
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        moment = now()
        return [_state(job, extent, moment) for job in jobs if (extent := found[job.id]) is not None]

    def _still_kept(self, job: ListedJob, at: float) -> Extent | None:
        kept = self._kept.get(_name(job))
        return kept.extent if kept is not None and at < kept.until else None


def _reported(job: ListedJob) -> Extent | None:
    return Extent(**job.report) if job.state in ENDED and job.report else None


def _name(job: ListedJob) -> tuple[object, ...]:
    return job.id, job.state, job.before, job.started_at, job.finished_at


def _state(job: ListedJob, extent: Extent, at: datetime) -> JobState:
    failed = extent.counts[NOT_TAGGED] + extent.datasets.get(FAILED, 0)
    done = max(0, extent.datasets.get(DONE, 0) - extent.counts[NOT_TAGGED])
    left_out = extent.datasets.get(CANCELLED, 0)
    rate = _rate(job, done + failed, at)
    open_datasets = job.total - done - failed - left_out
    left = open_datasets / rate if rate and job.state == RUNNING else None
    return JobState(job, extent, done, failed, left_out, rate, left)


def _rate(job: ListedJob, settled: int, at: datetime) -> float | None:
    if job.started_at is None or (job.state not in ENDED and job.state != RUNNING):
        return None
    seconds = ((job.finished_at or at) - job.started_at).total_seconds()
    done = settled - job.before
    return done / seconds if seconds > 0 and done > 0 else None
