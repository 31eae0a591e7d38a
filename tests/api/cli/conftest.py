"""The command as people run it: in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def database_address(tmp_path: Path) -> str:
    """The store of the command: a new SQLite file, unless a module overrides this."""
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
                **(environment or {}),
            },
        )
        return subprocess.CompletedProcess(
            result.args, result.returncode, result.stdout.decode(), result.stderr.decode()
        )

    return run
