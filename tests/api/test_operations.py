"""What docs/operations.md, compose.yaml, the Dockerfile and the Procfile name is there and is called so."""

import ast
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from prometheus_client import REGISTRY
from sqlalchemy import text

import api.metrics
from api.cli import cli
from api.config import Settings
from api.services import Services

_ROOT = Path(__file__).parents[2]
_OPERATIONS = (_ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
_COMPOSE = yaml.safe_load((_ROOT / "compose.yaml").read_text(encoding="utf-8"))
_DOCKERFILE = (_ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
_SETTINGS = {str(field.alias) for field in Settings.model_fields.values()}
# Read by libpq, by our own configuration of gunicorn; or the reader's own, in the drills.
_OTHER_VARIABLES = {"PGPASSWORD", "PORT", "RESTORED_URL"}
_DATABASES = {"tagger_sizing", "tagger_restored"}
_OURS = ("release", "web", "worker", "webhooks")


def _snippets() -> list[str]:
    """Everything that the document sets as code, a line each."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", _OPERATIONS, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```", "", _OPERATIONS, flags=re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", prose)


def _section(title: str) -> str:
    found = re.search(rf"^#+ {title}\n(.*?)(?=^#|\Z)", _OPERATIONS, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def _unknown_in(line: str) -> Iterator[str]:
    """What of a command line of ours there is not."""
    for called in re.findall(r"(?<![\w/-])tagger ([a-z][^|;()#…]*)", line):
        words = called.split()
        command: click.Command = cli
        while isinstance(command, click.Group) and words and re.fullmatch(r"[a-z]+", words[0]):
            found = command.get_command(click.Context(command), words.pop(0))
            if found is None:
                yield f"tagger {called}"
                return
            command = found
        known = {option for parameter in command.params for option in parameter.opts}
        yield from (
            f"tagger {called}: {word}" for word in words if word.startswith("--") and word not in known
        )


def test_every_command_that_is_named_exists_with_its_options() -> None:
    lines = _snippets()
    assert sum("tagger " in line for line in lines) > 20
    assert [unknown for line in lines for unknown in _unknown_in(line)] == []
    assert list(_unknown_in("tagger audit verfiy")) == ["tagger audit verfiy"]
    assert list(_unknown_in("tagger retag --al")) == ["tagger retag --al: --al"]


def test_every_variable_that_is_named_is_read() -> None:
    named = {name for line in _snippets() for name in re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", line)}
    assert {"DATABASE_URL", "SECRET_KEY", "TAGGER_BROKER_URL"} <= named
    assert named - _SETTINGS - _OTHER_VARIABLES == set()


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"\b(?:bench|docs|tests)/\w+\.py\b", _OPERATIONS))
    linked = {f"docs/{name}" for name in re.findall(r"\]\(([\w-]+\.md)\)", _OPERATIONS)}
    assert [name for name in named | linked if not (_ROOT / name).is_file()] == []


def test_the_metrics_that_are_named_are_the_ones_that_there_are() -> None:
    families = [one for one in REGISTRY.collect() if one.name.startswith("tagger_")]
    counters = {f"{one.name}_total" for one in families if one.type == "counter"}
    there = counters | {one.name for one in families if one.type == "histogram"}
    assert api.metrics.CONTENT_TYPE
    named = {name for line in _snippets() for name in re.findall(r"\btagger_[a-z_]+", line)}
    assert {name.removesuffix("_bucket") for name in named} - _DATABASES == there


def _logged() -> dict[str, str]:
    """Event → level of every line that the code logs."""
    found = {}
    for path in (*(_ROOT / "api").rglob("*.py"), *(_ROOT / "models").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="log"), attr=level),
                    args=[ast.Constant(value=str(event)), *_],
                ):
                    found[event] = "error" if level == "exception" else level
    return found


def test_every_event_that_is_logged_is_in_the_table_with_its_level() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", _section("Logs"), re.MULTILINE)
    assert dict(rows) == _logged()


def test_messages_in_the_troubleshooting_table_are_those_that_are_printed() -> None:
    sources = [*(_ROOT / "api").rglob("*.py"), *(_ROOT / "tagger").rglob("*.py")]
    printed = "\n".join(
        node.value
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    symptoms = re.findall(r"^\| (.*?) \|", _section("Troubleshooting"), re.MULTILINE)
    messages = [
        message for symptom in symptoms for message in re.findall(r"`([^`]*[\u4e00-\u9fff][^`]*)`", symptom)
    ]
    assert len(messages) > 5
    parts = [
        part.strip(" ：") for message in messages for part in re.split(r"…| N |connection failed", message)
    ]
    assert [part for part in parts if part not in printed] == []


def test_the_questions_to_the_database_are_answered(services: Services) -> None:
    if services.database.engine.dialect.name == "sqlite":
        pytest.skip("they are written for PostgreSQL")
    block = re.search(r"```sql\n(.*?)```", _section("Questions to the database"), re.DOTALL)
    assert block
    questions = [part for part in block[1].split(";") if part.strip()]
    tuning = re.findall(r'"(ALTER TABLE [^"]+)"', _OPERATIONS)
    assert (len(questions), len(tuning)) == (4, 4)
    with services.database.engine.begin() as connection:
        for statement in questions:
            assert connection.execute(text(statement)).all() == []
        for statement in tuning:
            connection.execute(text(statement))


def _procfile() -> dict[str, list[str]]:
    lines = (_ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    return {name: shlex.split(command) for name, _, command in (line.partition(":") for line in lines)}


def test_the_processes_are_the_same_in_procfile_image_and_compose() -> None:
    written = re.search(r"^CMD (.*)$", _DOCKERFILE, re.MULTILINE)
    assert written
    image = ast.literal_eval(written[1])
    composed = {name: _COMPOSE["services"][name].get("command", image) for name in _OURS}
    assert composed == _procfile()
    for words in composed.values():
        assert words[0] == "gunicorn" or list(_unknown_in(" ".join(words))) == []


def test_compose_sets_what_the_code_reads_and_leaves_no_secret_to_a_default() -> None:
    for name in _OURS:
        environment = _COMPOSE["services"][name]["environment"]
        assert set(environment) - _SETTINGS - _OTHER_VARIABLES == set()
        assert environment["SECRET_KEY"].startswith("${SECRET_KEY:?")
        assert environment["TAGGER_PUBLIC_URL"].startswith("${TAGGER_PUBLIC_URL:?")
        assert "TAGGER_ENVIRONMENT" not in environment
        assert environment["PGPASSWORD"].startswith("${POSTGRES_PASSWORD:?")
        given = {key: value for key, value in environment.items() if value and "${" not in value}
        assert Settings(**given).broker_url == "redis://redis:6379/0"
    assert _COMPOSE["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith(
        "${POSTGRES_PASSWORD:?"
    )


@pytest.mark.parametrize("name", list(_COMPOSE["services"]))
def test_a_container_can_do_as_little_as_it_needs(name: str) -> None:
    service: dict[str, Any] = _COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.search(r":[\w.-]+$", service["image"])
    assert not service["image"].endswith(":latest")
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert name in _OURS or service["user"] in {"postgres", "redis"}
    needed = service.get("depends_on", {})
    assert set(needed) <= set(_COMPOSE["services"])
    assert name not in _OURS[1:] or needed["release"] == {"condition": "service_completed_successfully"}
    # What others wait for must be able to say that it is ready.
    assert all("healthcheck" in _COMPOSE["services"][one] for one in set(needed) - {"release"})
    assert set(service["networks"]) <= set(_COMPOSE["networks"])


def test_the_image_has_what_the_lock_has_and_what_it_needs() -> None:
    ignored = (_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [words.split() for words in re.findall(r"^COPY (?!--from)(.*)$", _DOCKERFILE, re.MULTILINE)]
    for *sources, _target in copied:
        assert all((_ROOT / source).exists() and f"!{source}" in ignored for source in sources), sources
    locked = set(re.findall(r"^([\w-]+)==", (_ROOT / "requirements.lock").read_text(encoding="utf-8"), re.M))
    assert {"psycopg", "psycopg-binary", "celery", "redis", "gunicorn", "setuptools"} <= locked
    users = re.findall(r"^(FROM|USER) (\S+)", _DOCKERFILE, re.MULTILINE)
    assert users[-1] == ("USER", "10001:10001")
    assert [one[0] for one in pairwise(users) if one[0][0] == "USER"] == []
