"""The client of the Action API, over real sockets."""

import json
import logging
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from api.interchange.ckan import CkanClient
from api.interchange.ckan_address import portal_address
from api.interchange.ckan_answer import (
    CkanDenied,
    CkanError,
    CkanInvalid,
    CkanNotFound,
    CkanUnavailable,
    NotCkan,
)
from tests.api.interchange.ckan import faults
from tests.api.interchange.ckan.conftest import QUICK, TOKEN
from tests.api.interchange.ckan.portal import Portal

Connect = Callable[..., CkanClient]
TAGS = [{"name": "職業災害"}]


@pytest.fixture
def key(portal: Portal) -> str:
    """The id of a dataset with a tag of its own and one of a vocabulary."""
    found: str = portal.site.add("職災統計", ("職災",))["id"]
    return found


@pytest.mark.parametrize("tail", ["", "/", "/api/3/action", "/api/3/action/", "/api/3", "/api/"])
def test_the_address_may_be_written_in_any_way(portal: Portal, connect: Connect, tail: str) -> None:
    client = connect(portal.url + tail)
    assert client.portal == portal.url
    assert client.tag_list() == []


def test_a_portal_may_live_below_a_path(connect: Connect) -> None:
    with Portal("/opendata/ckan").running() as portal:
        portal.site.add("職災統計", ("職災",))
        assert connect(portal.url + "/").tag_list() == ["職災"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "file:///etc/passwd",
        "a.example",
        "",
        "http://",
        "https://a.example:99999/",
        "https://user:secret@a.example/",
        "https://a.example/?x=1",
        "https://[::1/",
        "javascript:alert(1)",
    ],
)
def test_only_http_and_https_addresses_are_taken(url: str) -> None:
    with pytest.raises(CkanError) as caught:
        CkanClient(url)
    assert "secret" not in str(caught.value)


def test_one_portal_has_one_name() -> None:
    names = {portal_address(url).base for url in ("HTTPS://A.example:443/x/", "https://a.EXAMPLE/x")}
    assert names == {"https://a.example/x"}


def test_a_dataset_is_found_by_id_and_by_name(portal: Portal, client: CkanClient, key: str) -> None:
    assert client.package_show(key)["title"] == "職災統計"
    assert client.package_show(f"dataset-{key[:8]}")["id"] == key
    with pytest.raises(CkanNotFound, match="找不到"):
        client.package_show("無")


def test_free_tags_are_listed_without_those_of_vocabularies(
    portal: Portal, client: CkanClient, key: str
) -> None:
    package = portal.site.packages[key]
    portal.site.set_tags(package, [{"name": "職災"}, {"name": "每月", "vocabulary_id": "v"}])
    assert client.tag_list() == ["職災"]


def test_patching_replaces_the_tags_and_keeps_the_rest(portal: Portal, client: CkanClient, key: str) -> None:
    before = dict(portal.site.packages[key])
    client.package_patch(key, TAGS)
    after = portal.site.packages[key]
    assert portal.site.names(key) == ["職業災害"]
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"tags", "metadata_modified"}


def test_the_token_goes_along_and_without_one_nothing_does(portal: Portal, connect: Connect) -> None:
    connect(token=TOKEN).tag_list()
    connect().tag_list()
    assert portal.asked[0].headers["Authorization"] == TOKEN
    assert "Authorization" not in portal.asked[1].headers


@pytest.mark.parametrize("token", [None, "expired"])
def test_without_a_right_the_portal_refuses(
    portal: Portal, connect: Connect, key: str, token: str | None
) -> None:
    with pytest.raises(CkanDenied, match=r"requires an authenticated user.*權杖") as caught:
        connect(token=token).package_patch(key, TAGS)
    assert "expired" not in str(caught.value)
    assert portal.site.names(key) == ["職災"]


def test_another_agencys_dataset_is_refused(portal: Portal, client: CkanClient, key: str) -> None:
    portal.site.packages[key]["owner_org"] = "moi"
    with pytest.raises(CkanDenied, match="not authorized to edit"):
        client.package_patch(key, TAGS)


def test_what_the_portal_finds_invalid_is_told_field_by_field(
    portal: Portal, client: CkanClient, key: str
) -> None:
    with pytest.raises(CkanInvalid) as caught:
        client.package_patch(key, [{"name": "稅"}, {"name": "職安/消防"}, {"name": "好的"}])
    assert set(caught.value.fields) == {"tags"}
    assert 'Tag "稅" length is less than minimum 2' in str(caught.value)
    assert 'Tag "職安/消防" can only contain' in str(caught.value)
    assert portal.site.names(key) == ["職災"]


def test_errors_of_resources_are_told_too(portal: Portal, client: CkanClient) -> None:
    error = {"__type": "Validation Error", "resources": [{}, {"url": ["Missing value"]}], "name": ["In use"]}
    content = json.dumps({"success": False, "error": error}).encode()
    portal.faults["package_show"] = [faults.body(content, number=409)]
    with pytest.raises(CkanInvalid, match=r"resources：url Missing value；name：In use"):
        client.package_show("x")


@pytest.mark.parametrize(
    ("content", "number", "kind"),
    [
        (b"<!DOCTYPE html><title>Open data</title>", 200, NotCkan),
        (b"<html>404</html>", 404, NotCkan),
        (b"<html>403</html>", 403, CkanDenied),
        (b"[]", 200, NotCkan),
        (b"{}", 200, NotCkan),
        (b"", 200, NotCkan),
        (b'{"success": "yes", "result": {}}', 200, NotCkan),
        (b'{"success": true}', 200, NotCkan),
        (b'{"success": true, "result": []}', 200, NotCkan),
        (b'"Bad request - Action name not known: package_show"', 400, NotCkan),
        (b'{"success": true, "result": {"id"', 200, CkanUnavailable),
        (b"[" * 100_000, 200, CkanUnavailable),
        (b'{"success": false}', 500, CkanUnavailable),
        (b'{"success": false, "error": null}', 409, CkanError),
        (b'{"success": false, "error": {"__type": "Search Error", "message": "x"}}', 409, CkanError),
        (b'{"success": false, "error": "' + b"x" * 5_000 + b'"}', 418, CkanError),
    ],
)
def test_an_answer_that_is_none_is_told_apart(
    portal: Portal, client: CkanClient, content: bytes, number: int, kind: type[CkanError]
) -> None:
    portal.faults["package_show"] = [faults.body(content, number=number)] * 3
    with pytest.raises(CkanError) as caught:
        client.package_show("x")
    assert type(caught.value) is kind
    assert len(str(caught.value)) < 400
    assert any(word in str(caught.value) for word in ("請", "無法處理"))


def test_a_web_page_that_is_no_ckan_is_told(portal: Portal, connect: Connect) -> None:
    with pytest.raises(NotCkan, match=r"網頁.*首頁的網址"):
        connect(portal.url + "/dataset/x").tag_list()


def test_bytes_that_are_no_text_cost_the_dataset_only(portal: Portal, client: CkanClient) -> None:
    content = b'\xef\xbb\xbf{"success": true, "result": {"title": "\xa4\xa4", "notes": "\\ud800", "n": 1.10}}'
    portal.faults["package_show"] = [faults.body(content)]
    found = client.package_show("x")
    assert found["n"] == "1.10"
    assert len(found["title"]) == 2


@pytest.mark.parametrize("fault", [faults.truncated, faults.status(502), faults.status(503)])
def test_reading_is_tried_again(
    portal: Portal, client: CkanClient, key: str, waits: list[float], fault: faults.Fault
) -> None:
    portal.faults["package_show"] = [fault, fault]
    assert client.package_show(key)["id"] == key
    assert waits == [0.5, 1.0]


def test_a_silent_portal_is_asked_again_for_reading_and_not_for_writing(
    portal: Portal, connect: Connect, key: str, waits: list[float]
) -> None:
    client = connect(token=TOKEN, limits=QUICK._replace(read=0.3))
    portal.faults["package_show"] = [faults.silent(1)]
    assert client.package_show(key)["id"] == key
    portal.faults["package_patch"] = [faults.silent(1)]
    with pytest.raises(CkanUnavailable, match="逾時") as caught:
        client.package_patch(key, TAGS)
    assert caught.value.unknown
    assert (portal.count("package_patch"), waits) == (1, [0.5])


def test_reading_gives_up_at_last(portal: Portal, client: CkanClient, key: str, waits: list[float]) -> None:
    portal.faults["package_show"] = [faults.status(503)] * 9
    with pytest.raises(CkanUnavailable, match="503"):
        client.package_show(key)
    assert portal.count("package_show") == QUICK.attempts


@pytest.mark.parametrize("number", [429, 503])
def test_a_portal_that_asks_to_wait_is_waited_for(
    portal: Portal, client: CkanClient, key: str, waits: list[float], number: int
) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    for action in ("package_show", "package_patch"):
        portal.faults[action] = [
            faults.status(number, Retry_After="7"),
            faults.status(number, Retry_After=later),
        ]
    client.package_show(key)
    client.package_patch(key, TAGS)
    assert portal.site.names(key) == ["職業災害"]
    assert waits[0] == waits[2] == 7
    assert all(15 < wait <= 20 for wait in waits[1::2])


def test_a_portal_that_asks_to_wait_too_long_is_not_waited_for(
    portal: Portal, client: CkanClient, key: str, waits: list[float]
) -> None:
    portal.faults["package_show"] = [faults.status(429, Retry_After="3600")]
    with pytest.raises(CkanUnavailable, match="太頻繁"):
        client.package_show(key)
    assert waits == []


@pytest.mark.parametrize("fault", [faults.truncated, faults.status(502), faults.status(429), faults.lost])
def test_writing_is_not_repeated_where_it_may_have_been_done(
    portal: Portal, client: CkanClient, key: str, waits: list[float], fault: faults.Fault
) -> None:
    portal.faults["package_patch"] = [fault]
    with pytest.raises(CkanUnavailable) as caught:
        client.package_patch(key, TAGS)
    assert caught.value.unknown
    assert (portal.count("package_patch"), waits) == (1, [])


def test_nobody_at_the_address_is_told(connect: Connect) -> None:
    with pytest.raises(CkanUnavailable, match=r"無法連線到 http://127\.0\.0\.1:1"):
        connect("http://127.0.0.1:1").tag_list()


def test_a_server_that_drips_is_left(portal: Portal, connect: Connect) -> None:
    client = connect(limits=QUICK._replace(whole=0.5))
    portal.faults["tag_list"] = [faults.dripping] * 3
    began = time.monotonic()
    with pytest.raises(CkanUnavailable, match="太慢"):
        client.tag_list()
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("fault", [faults.huge(64 * 1024 * 1024), faults.packed(64 * 1024 * 1024)])
def test_a_body_without_end_is_left(portal: Portal, client: CkanClient, fault: faults.Fault) -> None:
    portal.faults["tag_list"] = [fault]
    with pytest.raises(CkanError, match=r"超過 1.0 MB 的上限"):
        client.tag_list()
    assert portal.count("tag_list") == 1


def test_a_redirect_elsewhere_is_not_followed(portal: Portal, client: CkanClient) -> None:
    with Portal().running() as other:
        for target in (
            other.url,
            "//evil.example/x",
            "ftp://127.0.0.1/",
            portal.url.replace("127.0.0.1", "localhost"),
        ):
            portal.faults["tag_list"] = [faults.redirect(target + "?token=x")]
            with pytest.raises(NotCkan, match="不跟隨"):
                client.tag_list()
        assert other.asked == []


def test_a_redirect_within_the_portal_is_followed_for_reading_only(
    portal: Portal, client: CkanClient, key: str
) -> None:
    portal.faults["package_show"] = [faults.redirect(f"/api/action/package_show?id={key}", 307)]
    assert client.package_show(key)["id"] == key
    portal.faults["package_patch"] = [faults.redirect("/api/action/package_patch", 307)]
    with pytest.raises(NotCkan, match="未寫入"):
        client.package_patch(key, TAGS)
    assert portal.site.names(key) == ["職災"]


def test_redirects_without_end_are_left(portal: Portal, client: CkanClient) -> None:
    portal.faults["tag_list"] = [faults.redirect("/api/3/action/tag_list")] * 9
    with pytest.raises(NotCkan, match="一再轉址"):
        client.tag_list()


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "秘密的字", "x" * 5_000])
def test_what_is_no_token_is_refused_unseen(token: str) -> None:
    with pytest.raises(CkanError) as caught:
        CkanClient("https://a.example", token)
    assert not token or token not in str(caught.value)


def test_a_token_does_not_go_over_an_open_line() -> None:
    with pytest.raises(CkanError, match="https"):
        CkanClient("http://a.example", TOKEN)
    CkanClient("http://a.example").close()
    CkanClient("https://a.example", TOKEN).close()
    CkanClient("http://a.example", TOKEN, plain=True).close()


def test_the_token_is_in_no_message_trace_or_log(
    portal: Portal, client: CkanClient, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = [repr(client), repr(vars(client))]
    for fault in (faults.truncated, faults.lost, faults.status(403), faults.redirect("http://evil.example/")):
        portal.faults["package_patch"] = [fault]
        try:
            client.package_patch(key, TAGS)
        except CkanError:
            seen.append(traceback.format_exc())
    assert len(seen) == 6
    assert TOKEN not in "".join(seen) + caplog.text


def test_a_netrc_file_is_not_used(
    portal: Portal, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    connect().tag_list()
    assert "Authorization" not in portal.asked[0].headers
