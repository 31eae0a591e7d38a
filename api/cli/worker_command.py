"""`tagger worker`: does the jobs that others ask for."""

import signal
import time
from types import FrameType

import click

from api.cli.store import open_store
from api.cli.workers_option import workers_option
from api.config import Settings
from api.services import Services
from api.services.jobs.local import WorkersFailed, work_on_all

_EVERY_SECONDS = 1.0


@click.command("worker")
@workers_option("同時用幾個行程")
@click.option(
    "--engine",
    type=click.Choice(["local", "celery"]),
    help="local 直接向資料庫領工作；celery 由訊息佇列派送，預設在設有 TAGGER_BROKER_URL 時使用",
)
@click.option("--once", is_flag=True, help="做完現有的工作就結束（只用於 local）")
def command(workers: int, engine: str | None, once: bool) -> None:
    """持續處理重新標註的工作，直到收到 SIGTERM 或 SIGINT；進行中的一批會先做完。

    可以在任意多臺主機同時執行，每一批只會由一個行程寫入。
    """
    broker_url = Settings().broker_url
    chosen = engine or ("celery" if broker_url and not once else "local")
    if chosen == "celery" and broker_url is None:
        raise click.UsageError("請以 TAGGER_BROKER_URL 指定 Redis 或 RabbitMQ 的位址。")
    if chosen == "celery" and once:
        raise click.UsageError("--once 只用於 --engine local。")
    with open_store() as services:
        if chosen == "local":
            _serve(services, workers, once)
            return
        try:
            from api.worker import run_worker  # noqa: PLC0415 - an extra, and slow to import
        except ImportError as error:
            raise click.ClickException(
                "尚未安裝 Celery，請執行 pip install 'taiwan-dataset-tagger[celery]'。"
            ) from error
        run_worker(services, workers)


def _serve(services: Services, workers: int, once: bool) -> None:
    asked_to_end = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked_to_end
        asked_to_end = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    while not asked_to_end:
        try:
            left = work_on_all(services, workers, lambda: asked_to_end)
        except WorkersFailed as error:
            if once:
                raise click.ClickException("沒有行程能夠處理，請查看上面的紀錄。") from error
            # Each process has said why, and the jobs wait; later it may go better.
            left = 1
        if once and not left:
            return
        time.sleep(_EVERY_SECONDS)
