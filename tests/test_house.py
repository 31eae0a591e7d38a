"""The house rules that keep the code in small rooms."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    path for room in ("tagger", "models", "api", "tests", "bench") for path in (ROOT / room).rglob("*.py")
)
_SCREEN = 60


def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_fits_the_head(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= _SCREEN, f"{node.name} has {lines} lines"
            public = not node.name.startswith("_") and path.is_relative_to(ROOT) and path.parts[-2] != "tests"
            if public and not path.is_relative_to(ROOT / "tests") and isinstance(node, ast.FunctionDef):
                assert ast.get_docstring(node) or _is_override(node), f"{node.name} says nothing of itself"


def _is_override(node: ast.FunctionDef) -> bool:
    return node.name.startswith("test_") or node.name in {
        "upgrade",
        "downgrade",
        "list_commands",
        "get_command",
        "format_commands",
    }


def test_no_pickle_at_run_time() -> None:
    forbidden = {"pickle", "joblib", "dill", "cloudpickle", "marshal", "shelve"}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not {name.partition(".")[0] for name in names} & forbidden, path
