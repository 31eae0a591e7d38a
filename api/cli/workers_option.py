"""How many processes a command works with."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def workers_option(says: str) -> Callable[[F], F]:
    """The option `--workers`: 1 to 256, as many as there are cores where it is not given.

    Args:
        says: the help.
    """
    return click.option(
        "--workers",
        type=click.IntRange(1, 256),
        default=lambda: os.cpu_count() or 1,
        show_default="核心數",
        help=says,
    )
