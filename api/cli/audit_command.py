"""`tagger audit`: whether the records of what was decided are as they were written."""

import re
import sys
from datetime import datetime

import click
import orjson

from api.cli.store import open_store
from api.review.wording import TAIPEI, taipei_time
from api.services.auditing import UnknownDataset, head, log, verify
from models.review.auditing import (
    CHANGED,
    CUT_OFF,
    DATASET,
    DECISION,
    EVENT,
    MISSING,
    REPEATED,
    REWRITTEN,
    TAGS,
    UNLINKED,
    UNRECORDED,
    Audit,
    Fault,
    Head,
    LoggedEvent,
)

_PARTS = {EVENT: "事件", DECISION: "決定", DATASET: "資料集"}
_WHAT = {
    MISSING: "不存在",
    CHANGED: "與寫入時不同",
    UNLINKED: "沒有接在前一則之後",
    CUT_OFF: "不存在，紀錄的末端被截去",
    REWRITTEN: "的雜湊與當時保存的不同",
    UNRECORDED: "沒有記錄它的事件",
    REPEATED: "有多則事件記錄它",
    TAGS: "的標記與全部決定所得的不同",
}
_HEAD = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


class _KeptHead(click.ParamType[tuple[int, str]]):
    """Number and hash as `tagger audit head` prints them."""

    name = "編號:雜湊"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, str]:
        """The two of them."""
        found = _HEAD.fullmatch(value.strip())
        if found is None:
            self.fail("應為 tagger audit head 印出的「編號:雜湊」，雜湊為 64 個十六進位字元。", param, ctx)
        return int(found[1]), found[2]


@click.group("audit")
def command() -> None:
    """稽核：查核事件、決定與標記是否一致，並輸出事件。"""


@command.command("verify")
@click.option("--head", "kept", type=_KeptHead(), help="先前以 tagger audit head 保存的最後一則事件")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 輸出")
def verify_(kept: tuple[int, str] | None, as_json: bool) -> None:
    """查核事件的雜湊鏈、每個決定與其事件、以及重演全部決定所得的標記。

    有不符時指出第一處，結束代碼為 1。末端被截去的紀錄本身看不出來，要以 --head 對照先前保存的最後一則事件。
    """
    with open_store() as services:
        found, last = verify(services, kept)
    if as_json:
        click.echo(orjson.dumps(_document(found, last)))
    else:
        _show(found, last)
    sys.exit(1 if found.faults else 0)


@command.command("head")
def head_() -> None:
    """印出最後一則事件的編號、雜湊與時間，請保存在別處。"""
    with open_store() as services:
        last = head(services)
    click.echo(_shown_head(last) if last else "還沒有任何事件。")


@command.command("log")
@click.option("--dataset", "identifier", help="只列這個識別碼的資料集")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="只列這一天（臺灣時間）起的，寫法如 2026-01-31"
)
@click.option("--jsonl", is_flag=True, help="一行一個 JSON 物件，含計算雜湊所需的全部欄位")
def log_(identifier: str | None, since: datetime | None, jsonl: bool) -> None:
    """依序輸出事件。"""
    with open_store() as services:
        try:
            for event in log(services, identifier, since.replace(tzinfo=TAIPEI) if since else None):
                click.echo(orjson.dumps(_event(event)) if jsonl else _line(event))
        except UnknownDataset:
            raise click.ClickException(f"沒有識別碼為「{identifier}」的資料集。") from None


def _show(found: Audit, last: Head | None) -> None:
    click.echo(f"已查核事件 {found.events:,} 則、決定 {found.decisions:,} 個、資料集 {found.datasets:,} 筆。")
    if found.faults:
        for fault in found.faults:
            click.echo(_sentence(fault), err=True)
        return
    click.echo("全部相符。")
    if last:
        click.echo(f"最後一則事件：{_shown_head(last)}")


def _sentence(fault: Fault) -> str:
    if fault.part == DATASET:
        name = f"資料集「{fault.identifier}」"
    else:
        name = f"{_PARTS[fault.part]} {fault.key}"
        name += f"（資料集「{fault.identifier}」）" if fault.identifier else ""
    differs = f"：{'、'.join(fault.differs)}" if fault.differs else ""
    return f"{name} {_WHAT[fault.what]}{differs}"


def _shown_head(last: Head) -> str:
    return f"{last.number}:{last.event_hash} {taipei_time(last.created_at)}"


def _document(found: Audit, last: Head | None) -> dict[str, object]:
    return {
        "ok": not found.faults,
        "events": found.events,
        "decisions": found.decisions,
        "datasets": found.datasets,
        "head": {"number": last.number, "hash": last.event_hash, "createdAt": last.created_at.isoformat()}
        if last
        else None,
        "faults": [
            {
                "part": fault.part,
                "key": fault.key,
                "what": fault.what,
                "differs": fault.differs,
                "dataset": fault.identifier,
            }
            for fault in found.faults
        ],
    }


def _event(event: LoggedEvent) -> dict[str, object]:
    return {
        "id": event.id,
        "kind": event.kind,
        "subject": event.subject,
        "accountId": event.account_id,
        "createdAt": event.created_at.isoformat(timespec="microseconds"),
        "content": event.content,
        "previousHash": event.previous_hash,
        "hash": event.event_hash,
        "account": event.account,
        "dataset": event.identifier,
    }


def _line(event: LoggedEvent) -> str:
    subject = f"資料集 {event.identifier}" if event.identifier else event.subject
    content = orjson.dumps(event.content, option=orjson.OPT_SORT_KEYS).decode()
    return f"{event.id}\t{taipei_time(event.created_at)}\t{event.kind}\t{subject}\t{event.account or '系統'}\t{content}"
