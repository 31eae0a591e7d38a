"""Where webhooks may be sent: to the public internet by https, and to inner hosts that are listed."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.outgoing.address import AddressError, resolve
from api.services import Services
from api.services.webhooks import deliver_due, deliveries, make_webhook
from tests.api.webhooks.conftest import Decide
from tests.api.webhooks.receiver import Receiver

REFUSED = [
    "http://127.0.0.1/",
    "http://8.8.8.8/",
    "ftp://8.8.8.8/",
    "//8.8.8.8/",
    "https:///path",
    "https://user:password@8.8.8.8/",
    "https://8.8.8.8:99999/",
    "https://no-such-host.invalid/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://localhost/",
    "https://①②⑦.⓪.⓪.①/",
    "https://0.0.0.0/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:0:7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
]

Resolve = Callable[..., list[str]]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Make a name lead to addresses, one list for each time it is looked up; gives the names looked up."""
    real = socket.getaddrinfo
    asked: list[str] = []

    def name(host: str, *answers: list[str]) -> list[str]:
        left = list(answers)

        def look_up(wanted: Any, port: Any, *rest: Any, **options: Any) -> Any:
            if wanted != host:
                return real(wanted, port, *rest, **options)
            asked.append(host)
            found = left.pop(0) if len(left) > 1 else left[0]
            return [entry for address in found for entry in real(address, port, *rest, **options)]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        return asked

    return name


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_leads_inside_is_refused(url: str) -> None:
    with pytest.raises(AddressError):
        resolve(url)


@pytest.mark.parametrize("url", ["https://8.8.8.8/", "https://[2606:4700::1111]:8443/hook?a=b"])
def test_a_public_address_passes(url: str) -> None:
    assert resolve(url).scheme == "https"


def test_a_listed_host_may_be_inside_and_without_https() -> None:
    listed = ("localhost", "127.0.0.1:8080")
    assert resolve("http://localhost:9/", listed).port == 9
    assert resolve("http://127.0.0.1:8080/", listed).address == "127.0.0.1"
    with pytest.raises(AddressError):
        resolve("http://127.0.0.1:8081/", listed)


def test_a_name_that_leads_inside_is_refused_also_by_its_second_address(resolver: Resolve) -> None:
    resolver("hooks.test", ["8.8.8.8", "10.0.0.5"])
    with pytest.raises(AddressError, match=r"hooks\.test"):
        resolve("https://hooks.test/")


def test_a_name_that_leads_inside_only_later_is_not_followed_there(
    services: Services, decided: Decide, receiver: Receiver, resolver: Resolve
) -> None:
    name = f"hooks.test:{receiver.port}"
    services.settings.webhook_hosts = (name,)
    asked = resolver("hooks.test", ["127.0.0.1"], ["127.0.0.2"])
    make_webhook(services, f"http://{name}/hook")
    decided()
    assert deliver_due(services) == (1, 0)
    assert asked == ["hooks.test"], "the name is looked up once"
    assert receiver.got[0].headers["host"] == name


def test_an_address_that_leads_inside_by_the_time_of_sending_gets_nothing(
    services: Services, decided: Decide, receiver: Receiver, resolver: Resolve
) -> None:
    services.settings.webhook_hosts = ()
    resolver("hooks.test", ["127.0.0.1"])
    hook = make_webhook(services, f"https://hooks.test:{receiver.port}/").webhook
    decided()
    assert deliver_due(services) == (0, 1)
    assert not receiver.got
    assert "內部網路" in (deliveries(services, hook.id, None, 1)[0][0].last_error or "")


@pytest.mark.parametrize(("certified", "went"), [("hooks.test", (1, 0)), ("other.test", (0, 1))])
def test_the_certificate_must_be_that_of_the_name(
    services: Services,
    decided: Decide,
    resolver: Resolve,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    certified: str,
    went: tuple[int, int],
) -> None:
    certificate = _certificate(tmp_path, certified)
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    resolver("hooks.test", ["127.0.0.1"])
    with Receiver().running(certificate) as receiver:
        name = f"hooks.test:{receiver.port}"
        services.settings.webhook_hosts = (name,)
        make_webhook(services, f"https://{name}/hook")
        decided()
        assert deliver_due(services) == went
        assert len(receiver.got) == went[0]


def _certificate(folder: Path, name: str) -> str:
    """A file with a key and a certificate that vouches for itself."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    named = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    written = ["-keyout", key, "-out", certificate]
    subprocess.run(["openssl", *made, *named, *written], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return str(both)
