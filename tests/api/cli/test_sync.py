"""`tagger sync` against a server of the tests: what is fetched, what is refused, and that nothing is half done."""

import gzip
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.api.cli.conftest import Run
from tests.api.updating.files import Row, catalogue, row, write
from tests.api.webhooks.receiver import Handler, Receiver
from tests.databases import postgresql_database, postgresql_server

Sync = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def database_address() -> Iterator[str]:
    """The commands' store: empty at first."""
    with postgresql_database(postgresql_server()) as address:
        yield address


class Portal:
    """A portal whose files have ETags."""

    def __init__(self, receiver: Receiver, folder: Path) -> None:
        self.receiver = receiver
        self.url = f"http://{receiver.host}/export.csv"
        self._folder = folder
        self._files: dict[str, bytes] = {}
        receiver.answer = self._answer

    def offer(self, rows: list[Row], path: str = "/export.csv") -> None:
        """Offer records at a path."""
        self.offer_bytes(write(self._folder / "offered.csv", rows).read_bytes(), path)

    def offer_bytes(self, content: bytes, path: str = "/export.csv") -> None:
        """Offer anything at a path."""
        self._files[path] = content

    def remove(self, path: str) -> None:
        """Offer nothing at a path any more."""
        del self._files[path]

    def _answer(self, handler: Handler) -> None:
        content = self._files.get(handler.path)
        if content is None:
            handler.say(404)
            return
        etag = f'"{hash(content)}"'
        if handler.headers.get("If-None-Match") == etag:
            handler.say(304)
            return
        handler.send_response(200)
        handler.send_header("ETag", etag)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    """A portal that is running."""
    with Receiver().running() as receiver:
        yield Portal(receiver, tmp_path)


@pytest.fixture
def sync(run: Run, portal: Portal) -> Sync:
    """Run `tagger sync`, with the portal's host listed, in a migrated store."""
    assert run("migrate").returncode == 0

    def sync(*arguments: str, url: str | None = None) -> subprocess.CompletedProcess[str]:
        environment = {"TAGGER_SYNC_HOSTS": portal.receiver.host}
        return run("sync", url or portal.url, *arguments, environment=environment)

    return sync


def test_what_has_not_changed_is_not_fetched_again(
    sync: Sync, portal: Portal, run: Run, tmp_path: Path
) -> None:
    portal.offer(catalogue(30))
    assert "新增 30" in sync().stdout
    again = sync()
    assert (again.returncode, "未變更" in again.stdout) == (0, True)
    assert json.loads(sync("--json").stdout) == {"source": portal.url, "unchanged": True}
    assert "未變 30" in sync("--fresh").stdout
    # Asked otherwise the answer may be another one.
    assert "未變 30" in sync("--replace").stdout
    portal.offer(catalogue(31))
    found = json.loads(sync("--json").stdout)
    assert (found["source"], found["kind"], found["created"], found["unchanged"]) == (
        portal.url,
        "snapshot",
        1,
        30,
    )


def test_what_was_refused_is_fetched_again(sync: Sync, portal: Portal) -> None:
    portal.offer(catalogue(30))
    sync()
    portal.offer(catalogue(10))
    for _ in range(2):
        refused = sync()
        assert (refused.returncode, "--force" in refused.stderr) == (1, True)
    assert "目錄不再列出 20 筆" in sync("--force").stdout
    assert "未變更" in sync().stdout


def _day(back: int = 0) -> str:
    return (datetime.now(timezone(timedelta(hours=8))).date() - timedelta(days=back)).isoformat()


def test_the_days_of_the_daily_changes_are_taken_in_their_order(
    sync: Sync, portal: Portal, tmp_path: Path
) -> None:
    url = f"http://{portal.receiver.host}/changed?report_date={{date}}"
    portal.offer([row("1", "昨天", "新增"), row("2", state="新增")], f"/changed?report_date={_day(1)}")
    portal.offer([row("1", "今天", "修改"), row("2", state="刪除")], f"/changed?report_date={_day()}")
    assert "新增 2" in sync("--date", _day(1), url=url).stdout
    result = sync("--days", "2", url=url)
    assert (result.stdout.count("未變更"), "修改 1、未變 0、撤回 1" in result.stdout) == (1, True)
    assert sync("--days", "2", url=url).stdout.count("未變更") == 2
    # Yesterday grew: taken again it would put back what changed today, so today follows.
    portal.offer([row("1", "昨天", "新增"), row("3", state="新增")], f"/changed?report_date={_day(1)}")
    result = sync("--days", "2", "--json", "--report", "changes-{date}.xlsx", url=url)
    assert _counts(result) == [(1, 1), (0, 1)]
    assert {path.name for path in tmp_path.glob("*.xlsx")} == {
        f"changes-{_day(1)}.xlsx",
        f"changes-{_day()}.xlsx",
    }
    assert sync("--date", _day()).returncode == 2
    assert "{date}" in sync("--days", "2", "--report", "changes.xlsx", url=url).stderr


def _counts(result: subprocess.CompletedProcess[str]) -> list[tuple[int, int]]:
    found = [json.loads(line) for line in result.stdout.splitlines()]
    return [(one["created"], one["changed"]) for one in found]


def test_a_day_that_was_undone_is_taken_again_though_it_has_not_changed(sync: Sync, portal: Portal) -> None:
    url = f"http://{portal.receiver.host}/changed?report_date={{date}}"
    yesterday, today = (f"/changed?report_date={_day(back)}" for back in (1, 0))
    changed = [row("1", "今天", "修改")]
    portal.offer([row("1", "昨天", "新增")], yesterday)
    portal.offer(changed, today)
    assert _counts(sync("--days", "2", "--json", url=url)) == [(1, 0), (0, 1)]
    # Yesterday grew, and then today could not be fetched.
    portal.offer([row("1", "昨天", "新增"), row("2", state="新增")], yesterday)
    portal.remove(today)
    assert sync("--days", "2", url=url).returncode == 1
    portal.offer(changed, today)
    assert "修改 1" in sync("--days", "2", url=url).stdout
    # The whole catalogue was made before that.
    portal.offer([row("1", "昨天"), row("2")])
    assert _counts(sync("--json")) == [(0, 1)]
    assert _counts(sync("--days", "2", "--json", url=url)) == [(0, 0), (0, 1)]


def test_what_is_stored_during_the_download_is_not_missing(
    sync: Sync, portal: Portal, run: Run, tmp_path: Path
) -> None:
    portal.offer(catalogue(30))
    sync()
    portal.offer(catalogue(29))
    download = portal.receiver.answer

    def meanwhile(handler: Handler) -> None:
        run("import", write(tmp_path / "new.csv", [row("new")]), "--partial")
        download(handler)

    portal.receiver.answer = meanwhile
    found = json.loads(sync("--withdraw-missing", "--json").stdout)
    assert found["unnamed"] == {"count": 1, "withdrawn": True, "identifiers": ["29"]}
    assert "未變 1" in run("import", "new.csv", "--partial").stdout


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!DOCTYPE html><title>login</title>", "這是網頁"),
        (b"%PDF-1.7\n\xff\xfe\x00", "資料集識別碼"),
        (b"", "空的"),
        (b'[{"identifier": "1", "title": "\xe7\x94\xb2"}', "下載不完整"),
        (gzip.compress(b"[" + b'{"identifier": "1", "title": "a"},' * 20_000)[:-200], "壓縮檔不完整"),
        (gzip.compress(b"[" + b" " * 20_000_000 + b"]"), "解壓縮後超過"),
        (gzip.compress(b'[{"identifier": "1", "title": "' + b"x" * 9_000_000 + b'"}]'), "附近有誤"),
    ],
)
def test_content_that_is_no_catalogue_leaves_no_trace(
    sync: Sync, portal: Portal, run: Run, content: bytes, reason: str
) -> None:
    portal.offer_bytes(content)
    result = sync("--max-bytes", "10000000")
    assert result.returncode == 1
    assert reason in result.stderr
    assert "沒有匯入任何資料" in result.stderr
    assert "Traceback" not in result.stderr
    assert "共 0 筆" in run("retag", "--all").stdout


def test_failures_are_sentences(sync: Sync, portal: Portal, run: Run) -> None:
    missing = sync()
    assert (missing.returncode, "對方回覆 404" in missing.stderr) == (1, True)
    unlisted = run("sync", portal.url)
    assert (unlisted.returncode, "TAGGER_SYNC_HOSTS" in unlisted.stderr) == (1, True)
    for url in ("file:///etc/passwd", "https://169.254.169.254/", "https://10.1.1.1/x", "nonsense"):
        refused = sync(url=url)
        assert (refused.returncode, "沒有匯入任何資料" in refused.stderr) == (1, True)
        assert "Traceback" not in refused.stderr


def test_a_record_that_cannot_be_used_costs_no_other(sync: Sync, portal: Portal) -> None:
    portal.offer([row("1"), row("2", " ")])
    result = sync()
    assert (result.returncode, "新增 1" in result.stdout, "識別碼 2" in result.stderr) == (1, True, True)


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(sync: Sync, portal: Portal, database_address: str, tmp_path: Path) -> Iterator[Start]:
    """Start `tagger sync` and go on; its temporary files are in the folder `temporary`."""
    (tmp_path / "temporary").mkdir()
    with ExitStack() as processes:

        def start(*arguments: str, blocks: int | None = None) -> subprocess.Popen[str]:
            limit = "" if blocks is None else f"ulimit -f {blocks}; "
            process = subprocess.Popen(
                [
                    *("sh", "-c", f'{limit}exec "$@"', "sh"),
                    *(str(Path(sys.executable).parent / "tagger"), "sync", portal.url, *arguments),
                ],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=tmp_path,
                env={
                    "DATABASE_URL": database_address,
                    "PATH": "/usr/bin:/bin",
                    "TAGGER_SYNC_HOSTS": portal.receiver.host,
                    "PYTHONUNBUFFERED": "1",
                    "TMPDIR": str(tmp_path / "temporary"),
                },
            )
            processes.enter_context(process)
            processes.callback(process.kill)
            return process

        yield start


def test_one_that_is_terminated_leaves_no_file(start: Start, portal: Portal, tmp_path: Path) -> None:
    ended = threading.Event()

    def hang(_handler: Handler) -> None:
        ended.wait(20)

    portal.receiver.answer = hang
    process = start()
    _until(lambda: len(portal.receiver.got) == 1)
    assert list((tmp_path / "temporary").iterdir())
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    ended.set()
    assert (process.returncode, "Traceback" in errors) == (1, False)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_full_disk_is_told_and_outlived(start: Start, portal: Portal, tmp_path: Path) -> None:
    portal.offer_bytes(b"x" * 5_000)
    process = start("--every", "1", blocks=1)
    _until(lambda: len(portal.receiver.got) >= 2)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, "無法寫入暫存檔" in errors, "Traceback" in errors) == (0, True, False)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_watching_goes_on_after_a_failure_and_ends_when_asked(start: Start, portal: Portal) -> None:
    process = start("--every", "1")
    assert process.stdout is not None
    _until(lambda: len(portal.receiver.got) >= 1)
    portal.offer(catalogue(5))
    assert "新增 5" in process.stdout.readline()
    assert "未變更" in process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "對方回覆 404" in errors
    assert "Traceback" not in errors


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
