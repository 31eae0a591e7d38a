"""What the command says of itself."""

import re

from api.cli import _COMMANDS
from tests.api.cli.conftest import Run


def test_help_names_every_command(run: Run) -> None:
    result = run("--help")
    for name in _COMMANDS:
        assert re.search(rf"^  {name} ", result.stdout, re.MULTILINE)
        assert run(name, "--help").returncode == 0
