"""The model on disk: arrays without pickle, JSON, and a manifest of their SHA-256.

A model is a directory. `manifest.json` names every file with its digest; a file that is missing, changed or
not named makes the model unusable, so that a half-copied or tampered model never answers.
"""

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

MANIFEST = "manifest.json"
FORMAT = 1
"""Raised when code of this version can no longer read what an earlier version wrote."""

SHIPPED_MODEL = Path(__file__).parent / "resources" / "model"


class ModelError(Exception):
    """A model directory cannot be used. The message says which file and what to do."""


class ModelFiles:
    """A verified model directory.

    Attributes:
        directory: where it is.
        version: 12 hex digits of the digest over all files: the same weights have the same version.
    """

    def __init__(self, directory: Path) -> None:
        """Read the manifest and verify each file.

        Raises:
            ModelError: a file is missing, changed, or of another format.
        """
        self.directory = directory
        manifest = self._read_manifest()
        if manifest.get("format") != FORMAT:
            raise ModelError(
                f"{directory}: format {manifest.get('format')!r} is not {FORMAT}; "
                "train the model again with this version"
            )
        self._digests: dict[str, str] = manifest["files"]
        for name, digest in self._digests.items():
            self._verify(name, digest)
        self.version = model_version(self._digests)

    def _read_manifest(self) -> dict[str, Any]:
        path = self.directory / MANIFEST
        try:
            manifest = json.loads(path.read_bytes())
        except FileNotFoundError:
            raise ModelError(f"{path} is missing: not a model directory (see `tagger train`)") from None
        except ValueError as error:
            raise ModelError(f"{path} is not JSON ({error}); restore it from the release") from error
        if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
            raise ModelError(f"{path} names no files; restore it from the release")
        return manifest

    def _verify(self, name: str, digest: str) -> None:
        path = self.directory / name
        try:
            found = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise ModelError(
                f"{path} cannot be read ({error.strerror}); restore it from the release"
            ) from error
        if found != digest:
            raise ModelError(f"{path} does not have the digest of the manifest; restore it from the release")

    def array(self, name: str) -> npt.NDArray[Any]:
        """A stored array, memory-mapped and read-only."""
        loaded: npt.NDArray[Any] = np.load(self._named(name + ".npy"), mmap_mode="r", allow_pickle=False)
        return loaded

    def document(self, name: str) -> Any:
        """A stored JSON document."""
        return json.loads(self._named(name + ".json").read_bytes())

    def _named(self, name: str) -> Path:
        if name not in self._digests:
            raise ModelError(f"{self.directory / MANIFEST} does not name {name}; train the model again")
        return self.directory / name


def model_version(digests: dict[str, str]) -> str:
    """The version of a model with these file digests."""
    whole = "".join(f"{name} {digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


def version_of(directory: Path | None = None) -> str:
    """The version of a model directory, by default the shipped one, whose files are verified and not loaded.

    Raises:
        ModelError: the directory is not a model, or a file in it is missing or changed.
    """
    return ModelFiles(directory or SHIPPED_MODEL).version


def save_model(directory: Path, arrays: dict[str, npt.NDArray[Any]], documents: dict[str, Any]) -> str:
    """Write a model directory as one step and return its version.

    It is complete or not there: the files go to a directory beside it that then takes its place.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        for name, array in arrays.items():
            np.save(staging / f"{name}.npy", array, allow_pickle=False)
        for name, document in documents.items():
            _write_json(staging / f"{name}.json", document)
        digests = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(staging.iterdir())
        }
        _write_json(staging / MANIFEST, {"format": FORMAT, "files": digests})
        staging.chmod(0o755)
        _replace_directory(staging, directory)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return model_version(digests)


def _write_json(path: Path, document: Any) -> None:
    path.write_text(
        json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


def _replace_directory(new: Path, target: Path) -> None:
    # A directory cannot be renamed over a filled one, so the old one steps aside first.
    old = target.with_name(f".{target.name}-old-{os.getpid()}")
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
