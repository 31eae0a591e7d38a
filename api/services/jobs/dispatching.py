"""Telling a broker which chunks are to be done. It may lose or double any message: the rows are the truth."""

from collections.abc import Callable
from datetime import timedelta

from api.services import Services
from api.services.jobs.ending import settled
from api.services.jobs.retag import KIND
from models.base import now
from models.job_dispatch import chunks_to_send, open_jobs

WINDOW = 1_000
"""A broker that holds so many messages is sent no more; enough for a second's work of some hundred processes.

Each host looks for itself: those that look at the same moment may each send so many."""
_RESEND = timedelta(minutes=10)


def dispatch(services: Services, length: Callable[[], int], send: Callable[[int], None]) -> int:
    """Send the keys of chunks that wait, or were left behind; how many were sent.

    Called again and again by each host: rows are marked before messages leave, and the mark counts for nothing
    when the broker holds no message, so that what it lost is sent anew.

    Args:
        length: how many messages the broker holds now.
        send: puts the key of a chunk into the broker.
    """
    with services.database.reading() as session:
        jobs = open_jobs(session, KIND, services.model_version)
    for job_id in jobs:
        settled(services, job_id)
    if not jobs:
        return 0
    held = length()
    if held >= WINDOW:
        return 0
    with services.database.writing() as session:
        moment = now()
        keys = chunks_to_send(session, jobs, moment, moment + _RESEND, WINDOW - held, lost=held == 0)
    for key in keys:
        send(key)
    return len(keys)
