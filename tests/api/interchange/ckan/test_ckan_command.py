"""`tagger ckan`, as people run it, against a portal over a real socket."""

from pathlib import Path

import pytest
from sqlalchemy import select

from api.services import Services
from models.dataset import Dataset
from models.deciding import DecisionRecord, LabelChoice, record_decisions
from tests.api.cli.conftest import Run
from tests.api.interchange.ckan import faults
from tests.api.interchange.ckan.conftest import TOKEN
from tests.api.interchange.ckan.portal import Portal

# The use cases run on every engine (test_ckan_exchange); a process for each command is slow enough once.
pytestmark = pytest.mark.parametrize("prepared_store", ["sqlite"], indirect=True)


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """A file with the token and a line break, as editors leave it."""
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    return path


def _approve(services: Services, *labels: str) -> None:
    with services.database.writing() as session:
        choices = tuple(map(LabelChoice, labels))
        for dataset in session.scalars(select(Dataset)).all():
            assert dataset.current_revision_id
            record_decisions(
                session, [DecisionRecord(dataset.id, dataset.current_revision_id, accepted=choices)]
            )


def test_pull_then_push_then_nothing_left_to_do(
    portal: Portal, run: Run, services: Services, token_file: Path
) -> None:
    key = portal.site.add("職災統計", ("職災",))["id"]
    pulled = run("ckan", "pull", portal.url)
    assert (pulled.returncode, pulled.stdout) == (0, "讀入 1 筆：新增 1、修改 0、未變 0、有誤 0\n")
    _approve(services, "職業災害", "稅")
    planned = run("ckan", "push", portal.url, "--dry-run")
    assert f"{key}　職災統計：＋職業災害" in planned.stdout
    assert "共 1 筆：將修改 1、未變 0、不在此平臺 0、失敗 0" in planned.stdout
    assert portal.site.names(key) == ["職災"]
    pushed = run("ckan", "push", portal.url, "--token-file", token_file)
    assert (pushed.returncode, "共 1 筆：修改 1、" in pushed.stdout) == (0, True)
    assert "標籤「稅」未寫回：CKAN 的標籤至少要 2 個字" in pushed.stderr
    assert portal.site.names(key) == ["職業災害", "職災"]
    again = run("ckan", "push", portal.url, environment={"CKAN_API_TOKEN": TOKEN})
    assert (again.returncode, again.stdout) == (0, "共 1 筆：修改 0、未變 1、不在此平臺 0、失敗 0\n")


def test_a_dataset_that_fails_is_named_and_makes_the_exit_code_1(
    portal: Portal, run: Run, services: Services
) -> None:
    key = portal.site.add("職災統計")["id"]
    portal.site.add("壞的", notes="字" * 20_001)
    pulled = run("ckan", "pull", portal.url)
    assert (pulled.returncode, "notes：超過 20000 字" in pulled.stderr) == (1, True)
    _approve(services, "職業災害")
    pushed = run("ckan", "push", portal.url, environment={"CKAN_API_TOKEN": "wrong-token"})
    assert (pushed.returncode, "失敗 1" in pushed.stdout) == (1, True)
    assert f"{key}：平臺拒絕 package_patch" in pushed.stderr
    assert "wrong-token" not in pushed.stdout + pushed.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("pull", "ftp://a.example"), "http:// 或 https://"),
        (("push", "https://a.example"), "CKAN_API_TOKEN"),
        (("push", "http://a.example", "--token-file", "token"), "https"),
        (("push", "https://a.example", "--token-file", "empty"), "是空的"),
        (("push", "https://a.example", "--token-file", "binary"), "不是純文字"),
        (("push", "https://a.example", "--token-file", "long"), "不像 CKAN 的 API 權杖"),
    ],
)
def test_what_cannot_work_is_told_without_a_traceback(
    run: Run,
    tmp_path: Path,
    token_file: Path,
    arguments: tuple[str, ...],
    told: str,
) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\x00")
    (tmp_path / "long").write_text("secret " * 100_000)
    result = run("ckan", *arguments)
    assert result.returncode == 1
    assert told in result.stderr
    assert not any(word in result.stderr for word in ("Traceback", "secret", TOKEN))


def test_a_token_is_no_argument(run: Run, portal: Portal) -> None:
    result = run("ckan", "push", portal.url, "--token", TOKEN)
    assert (result.returncode, portal.asked) == (2, [])


def test_a_portal_that_is_down_is_told(portal: Portal, run: Run) -> None:
    portal.faults["package_search"] = [faults.status(429, Retry_After="9999")]
    result = run("ckan", "pull", portal.url)
    assert (result.returncode, "太頻繁" in result.stderr) == (1, True)
    result = run("ckan", "pull", "http://127.0.0.1:1")
    assert (result.returncode, "無法連線" in result.stderr) == (1, True)


def test_help_names_both_ways(run: Run) -> None:
    text = run("ckan", "--help").stdout
    assert "pull" in text
    assert "push" in text
