"""Seeing that a job ends when nothing of it is left to do."""

from api.services import Services
from models.base import now
from models.job_state import JobRow, find_job
from models.jobs import end_job, give_up_chunks

LEFT_BEHIND = "處理這一批的程序每次都中斷，可能是記憶體不足"
"""Why a chunk is given up that nobody ever said anything of."""


def settled(services: Services, job_id: int) -> JobRow:
    """A job as it stands, ended where no chunk of it is left; what was left behind too often is given up first.

    Raises:
        LookupError: there is no such job.
    """
    with services.database.writing() as session:
        moment = now()
        give_up_chunks(session, job_id, moment, LEFT_BEHIND)
        end_job(session, job_id, moment)
        job = find_job(session, job_id)
    if job is None:
        raise LookupError(job_id)
    return job
