"""`tagger webhook` as people run it."""

from api.services import Services
from api.services.webhooks import webhooks
from tests.api.cli.conftest import Run
from tests.api.webhooks.conftest import Decide
from tests.api.webhooks.receiver import Receiver


def test_a_webhook_is_added_told_and_removed(
    run: Run, services: Services, receiver: Receiver, decided: Decide
) -> None:
    inner = {"TAGGER_WEBHOOK_HOSTS": receiver.host}
    added = run("webhook", "add", receiver.url, "--kind", "decision.recorded", environment=inner)
    [hook] = webhooks(services)
    assert (added.returncode, added.stdout.strip(), hook.kinds) == (0, hook.secret, ["decision.recorded"])
    listed = run("webhook", "list").stdout
    assert f"{hook.id}\t{receiver.url}\tdecision.recorded\t正常" in listed
    assert hook.secret not in listed
    receiver.answer = lambda handler: handler.say(500 if len(receiver.got) == 1 else 204)
    decided()
    decided("A-2")
    delivered = run("webhook", "deliver", environment=inner)
    assert (delivered.returncode, delivered.stdout.strip()) == (1, "送達 1、失敗 1")
    assert run("webhook", "remove", str(hook.id)).returncode == 0
    assert webhooks(services) == []


def test_what_cannot_be_done_is_said(run: Run, services: Services) -> None:
    refused = run("webhook", "add", "https://10.0.0.1/")
    assert refused.returncode == 1
    assert "TAGGER_WEBHOOK_HOSTS" in refused.stderr
    unknown = run("webhook", "remove", "5")
    assert unknown.returncode == 1
    assert "tagger webhook list" in unknown.stderr
    assert run("webhook", "add", "https://8.8.8.8/", "--kind", "all").returncode == 2
    assert webhooks(services) == []
