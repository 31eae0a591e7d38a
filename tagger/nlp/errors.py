"""What can go wrong when an engine is loaded. Each message says what is missing and how to get it."""

from collections.abc import Iterable
from pathlib import Path

from tagger.weights import ModelError


class EngineError(ModelError):
    """An engine cannot be loaded or does not exist."""


class UnknownEngineError(EngineError):
    """No engine has that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no engine {name!r}; choose one of: {', '.join(known)}")
        self.name = name


class MissingPackageError(EngineError):
    """The engine needs packages that are not installed.

    Attributes:
        packages: their names on the package index.
    """

    def __init__(self, engine: str, packages: Iterable[str]) -> None:
        self.packages = tuple(packages)
        super().__init__(
            f"the engine {engine!r} needs {', '.join(self.packages)}; install with: pip install '.[{engine}]' "
            # tf_keras asks for the full TensorFlow, which would overwrite tensorflow-cpu.
            "&& pip install --no-deps tf_keras"
        )


class DataDirectoryError(EngineError):
    """The engine's data directory is not given, lacks files, or holds something else.

    Attributes:
        directory: the directory, or None where none was given.
        files: the missing or unreadable files, relative to it.
    """

    def __init__(self, problem: str, directory: Path | None = None, files: Iterable[str] = ()) -> None:
        super().__init__(problem)
        self.directory = directory
        self.files = tuple(files)
