"""`tagger webhook`: who is told what was decided, and the process that tells them."""

import signal
import sys
from queue import Empty, SimpleQueue

import click
import structlog
from sqlalchemy.exc import DBAPIError

from api.cli.store import open_store
from api.outgoing.address import AddressError, resolve
from api.services import Services
from api.services.webhooks import KINDS, Delivered, deliver_due, end_webhook, make_webhook, webhooks
from models.webhooks import WebhookRow

_EVERY_SECONDS = 2
# As many as are sent at the same time, so that none waits in a claim until it runs out.
_AT_ONCE = 8
_LARGEST_KEY = 2**63 - 1

log = structlog.get_logger(__name__)


@click.group("webhook")
def command() -> None:
    """管理 webhook，並傳送審核決定的通知。"""


@command.command("add")
@click.argument("url")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="要通知的事件；省略時為全部")
def add(url: str, kinds: tuple[str, ...]) -> None:
    """新增 webhook，審核的決定會通知 URL。

    簽章用的 secret 只顯示這一次，請交給接收的一方保存。
    """
    with open_store() as services:
        try:
            resolve(url, services.settings.webhook_hosts)
        except AddressError as error:
            raise click.ClickException(str(error)) from error
        made = make_webhook(services, url.strip(), list(dict.fromkeys(kinds)) or KINDS)
    click.echo(f"已新增 webhook {made.webhook.id}。secret 只顯示這一次：", err=True)
    click.echo(made.secret)


@command.command("list")
def list_() -> None:
    """列出所有的 webhook。"""
    with open_store() as services:
        for hook in webhooks(services):
            click.echo(f"{hook.id}\t{hook.url}\t{','.join(hook.kinds)}\t{_state(hook)}")


@command.command("remove")
@click.argument("webhook_id", metavar="ID", type=click.IntRange(1, _LARGEST_KEY))
def remove(webhook_id: int) -> None:
    """移除 webhook ID；尚未送達的訊息不再傳送。"""
    with open_store() as services:
        if not end_webhook(services, webhook_id):
            raise click.ClickException(f"沒有 webhook {webhook_id}，請以 tagger webhook list 查看。")
    click.echo(f"已移除 webhook {webhook_id}。")


@command.command("deliver")
@click.option("--watch", is_flag=True, help="持續傳送，直到收到 SIGTERM 或 SIGINT")
def deliver(watch: bool) -> None:
    """傳送到期的訊息，完成後列出送達與失敗的次數；有失敗時結束代碼為 1。

    可以同時執行幾個。失敗的訊息到了下次的時間才會再送。
    """
    with open_store() as services:
        if watch:
            _watch(services)
            return
        sent = failed = 0
        while any(went := deliver_due(services, limit=_AT_ONCE)):
            sent, failed = sent + went.sent, failed + went.failed
    click.echo(f"送達 {sent:,}、失敗 {failed:,}")
    if failed:
        sys.exit(1)


def _watch(services: Services) -> None:
    """Deliver until a signal comes; what is under way then is finished first."""
    # A queue of this kind may be written to by a signal's handler while it is being read.
    signals: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: signals.put(received))
    went = Delivered()
    while not _stopped(signals, 0 if any(went) else _EVERY_SECONDS):
        went = _delivered(services)


def _stopped(signals: SimpleQueue[int], seconds: float) -> bool:
    try:
        signals.get(timeout=seconds)
    except Empty:
        return False
    return True


def _delivered(services: Services) -> Delivered:
    try:
        went = deliver_due(services, limit=_AT_ONCE)
    except DBAPIError as error:
        # Whoever watches outlives a store that is away for a while.
        log.error("database_unavailable", error=type(error).__name__)
        return Delivered()
    if any(went):
        log.info("webhooks_delivered", sent=went.sent, failed=went.failed)
    return went


def _state(hook: WebhookRow) -> str:
    if hook.disabled_at:
        return f"{hook.disabled_at:%Y-%m-%d %H:%M} 起停止通知"
    if hook.failing_since:
        return f"{hook.failing_since:%Y-%m-%d %H:%M} 起失敗"
    return "正常"
