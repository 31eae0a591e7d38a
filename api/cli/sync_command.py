"""`tagger sync`: a catalogue at an address into the store, when it has changed."""

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import click
import orjson
from sqlalchemy.exc import DBAPIError

from api.cli.store import open_store
from api.cli.updating import update, update_options
from api.outgoing.fetching import FetchError, Known, Limits
from api.services import Services
from api.services.updating.catalogue import Asked, Origin
from api.services.updating.syncing import DAY, days_up_to, fetch_catalogue, known_state, of_day, today
from models.base import now

_GIBIBYTE = 1024**3
_SUFFIXES = frozenset({".csv", ".json", ".jsonl", ".ndjson", ".xml", ".gz"})


class _Sync(NamedTuple):
    """What to fetch, and how to take it."""

    url: str
    day: datetime | None
    days: int
    fresh: bool
    limits: Limits
    asked: Asked
    workbook: Path | None
    as_json: bool


@click.command("sync")
@click.argument("url")
@click.option(
    "--every", type=click.IntRange(1, 30 * 86_400), help="每隔幾秒再同步一次，直到收到 SIGTERM 或 SIGINT"
)
@click.option(
    "--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="網址中 {date} 的日期，省略時為臺北的今天"
)
@click.option("--days", type=click.IntRange(1, 366), default=1, help="網址中有 {date} 時，取到該日為止的幾天")
@click.option("--fresh", is_flag=True, help="不論是否變更都重新下載")
@click.option("--timeout", type=click.FloatRange(1, 3_600), default=30, help="連線或等待回應的秒數上限")
@click.option("--deadline", type=click.FloatRange(1, 86_400), default=1_800, help="整個下載的秒數上限")
@click.option(
    "--max-bytes",
    type=click.IntRange(1),
    default=2 * _GIBIBYTE,
    show_default=True,
    help="檔案的位元組上限，下載時與解壓縮後各算一次",
)
@update_options
def command(url: str, every: int | None, workbook: Path | None, as_json: bool, **options: Any) -> None:
    """由網址 URL 取得目錄或每日變動檔並匯入；與上次同步相同時不下載。

    只接受 https 與公開的網址；內部網路的主機須先列入 TAGGER_SYNC_HOSTS。網址中的 {date} 會換成日期，
    --report 的檔名中也是。
    下載不完整、超過上限或比上次少兩成以上時，什麼都不匯入，結束代碼為 1；再執行一次即可接續。
    """
    day, days, fresh = (options.pop(name) for name in ("day", "days", "fresh"))
    if DAY not in url and (day or days > 1):
        raise click.UsageError("網址中沒有 {date}，不能指定 --date 或 --days。")
    if workbook is not None and days > 1 and DAY not in str(workbook):
        raise click.UsageError(
            "取好幾天時，--report 的檔名要有 {date}，例如 changes-{date}.xlsx，否則後一天會蓋掉前一天的。"
        )
    limits = Limits(*(options.pop(name) for name in ("timeout", "deadline", "max_bytes")))
    asked = Asked(most_bytes=limits.size, **options)
    wanted = _Sync(url, day, days, fresh, limits, asked, workbook, as_json)
    # One that is terminated cleans up like one that is interrupted; watching has handlers of its own.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with open_store() as services:
        fine = _sync(services, wanted) if every is None else _watch(services, wanted, every)
    if not fine:
        sys.exit(1)


def _watch(services: Services, wanted: _Sync, every: int) -> bool:
    """Sync again and again until a signal comes; what is under way then is finished first."""
    signals: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: signals.put(received))
    while True:
        try:
            _sync(services, wanted)
        except click.ClickException as error:
            # Whoever watches outlives a portal, or a store, that is away for a while.
            error.show()
        except DBAPIError as error:
            click.echo(f"資料庫無法使用：{type(error).__name__}", err=True)
        try:
            signals.get(timeout=every)
        except Empty:
            continue
        return True


def _sync(services: Services, wanted: _Sync) -> bool:
    """Bring in what has changed at the addresses; whether every record could be used."""
    last = wanted.day.date() if wanted.day else today()
    fine = True
    for day in days_up_to(last, wanted.days):
        fine &= _sync_day(services, day, wanted)
    return fine


def _sync_day(services: Services, day: date, wanted: _Sync) -> bool:
    """Bring in what has changed at the address of a day; whether every record could be used."""
    began_at = now()
    address = of_day(wanted.url, day)
    known = Known() if wanted.fresh else known_state(services, wanted.url, day, wanted.asked)
    with tempfile.NamedTemporaryFile(prefix="tagger-sync-", suffix=_suffix(address)) as file:
        try:
            fetched = fetch_catalogue(services, address, file, known, wanted.limits)
        except FetchError as error:
            with suppress(OSError):
                # What a full disk did not take would be written once more at the end.
                file.close()
            raise click.ClickException(f"{address}：{error}沒有匯入任何資料。") from error
        if fetched is None:
            _say_unchanged(address, as_json=wanted.as_json)
            return True
        origin = Origin(address, began_at, fetched.state.etag, fetched.state.last_modified)
        workbook = wanted.workbook and Path(of_day(str(wanted.workbook), day))
        return update(services, Path(file.name), wanted.asked, origin, workbook, as_json=wanted.as_json)


def _say_unchanged(address: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps({"source": address, "unchanged": True}).decode())
    else:
        click.echo(f"{address} 未變更。")


def _suffix(address: str) -> str:
    """The end of a file's name where it tells the format."""
    suffixes: Iterator[str] = iter(Path(urlsplit(address).path).suffixes[-2:])
    return "".join(suffix for suffix in suffixes if suffix.lower() in _SUFFIXES)
