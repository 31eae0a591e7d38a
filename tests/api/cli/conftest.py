"""The command as people run it: in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
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
                "DATABASE_URL": f"sqlite:///{tmp_path}/test.sqlite3",
                "PATH": "/usr/bin:/bin",
                **(environment or {}),
            },
        )
        return subprocess.CompletedProcess(
            result.args, result.returncode, result.stdout.decode(), result.stderr.decode()
        )

    return run
