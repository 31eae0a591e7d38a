"""Accounts and tokens by command."""

import json

from tests.api.cli.conftest import Run


def test_an_account_is_made_shown_and_shut_out(run: Run) -> None:
    run("migrate")
    made = run(
        "user", "add", "wang", "--display", "王小姐", "--password-stdin", stdin="correct horse battery\n"
    )
    assert (made.returncode, "wang" in made.stdout) == (0, True)
    [listed] = [json.loads(line) for line in run("user", "list", "--json").stdout.splitlines()]
    assert listed == {
        "name": "wang",
        "displayName": "王小姐",
        "role": "reviewer",
        "publisher": None,
        "disabled": False,
    }
    assert run("user", "role", "wang", "auditor").returncode == 0
    assert "auditor" in run("user", "list").stdout
    assert run("user", "disable", "wang").returncode == 0
    assert "停用" in run("user", "list").stdout
    assert run("user", "enable", "wang").returncode == 0
    again = run("user", "add", "wang", "--password-stdin", stdin="correct horse battery\n")
    assert (again.returncode, "已存在" in again.stderr) == (1, True)
    short = run("user", "password", "wang", "--password-stdin", stdin="short\n")
    assert (short.returncode, "12" in short.stderr) == (1, True)
    unknown = run("user", "disable", "lin")
    assert (unknown.returncode, "tagger user list" in unknown.stderr) == (1, True)


def test_a_token_is_shown_once_listed_without_itself_and_revoked(run: Run) -> None:
    run("migrate")
    run("user", "add", "robot", "--no-password")
    token = run("token", "create", "robot", "--name", "上傳流程", "--expires", "30").stdout.strip()
    prefix = token.split("_")[1]
    listed = run("token", "list").stdout
    assert prefix in listed
    assert token not in listed
    assert "read、write、review" in listed
    narrow = run("token", "create", "robot", "--name", "只上傳", "--scope", "write")
    assert narrow.returncode == 0
    too_much = run("token", "create", "robot", "--name", "太多", "--scope", "manage")
    assert (too_much.returncode, "review" in too_much.stderr) == (1, True)
    assert run("token", "revoke", prefix).returncode == 0
    assert "已撤銷" in run("token", "list").stdout
    assert run("token", "revoke", "nothing").returncode == 1


def test_the_demonstration_prints_how_to_sign_in_once(run: Run) -> None:
    run("migrate")
    first, second = run("demo"), run("demo")
    assert "/sign-in" in first.stdout
    assert "密碼只顯示這一次" in first.stdout
    assert "tagger user password" in second.stdout


def test_production_gets_no_demonstration_account_by_accident(run: Run) -> None:
    production = {"TAGGER_ENVIRONMENT": "production"}
    refused = run("demo", environment=production)
    assert (refused.returncode, "正式環境" in refused.stderr) == (1, True)
    assert run("user", "list", environment=production).stdout == ""
    assert "密碼只顯示這一次" in run("demo", "--yes", environment=production).stdout
