"""The command as people run it: in a process of its own."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from api.config import Settings
from api.services import Services
from api.services.migrating import migrate

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with schema and vocabulary, to be copied: making them takes seconds."""
    path = tmp_path_factory.mktemp("migrated") / "store.sqlite3"
    services = Services(Settings(database_url=f"sqlite:///{path}"))
    migrate(services)
    services.database.engine.dispose()
    return path


@pytest.fixture
def database_address(tmp_path: Path, migrated_file: Path) -> str:
    """The store of the command: an SQLite file with nothing but the vocabulary, unless a module overrides this."""
    shutil.copy(migrated_file, tmp_path / "test.sqlite3")
    return f"sqlite:///{tmp_path}/test.sqlite3"


@pytest.fixture
def run(tmp_path: Path, database_address: str) -> Run:
    """Run `tagger` with a database of its own; returns the finished process."""

    def run(
        *arguments: str | Path, stdin: str | bytes = "", environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        result = subprocess.run(
            [Path(sys.executable).parent / "tagger", *arguments],
            input=data,
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env={
                "DATABASE_URL": database_address,
                "PATH": "/usr/bin:/bin",
                "TAGGER_ENVIRONMENT": "development",
                **(environment or {}),
            },
        )
        return subprocess.CompletedProcess(
            result.args, result.returncode, result.stdout.decode(), result.stderr.decode()
        )

    return run
