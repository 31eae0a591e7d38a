"""Annotated datasets: metadata with the categories and labels that a careful reviewer gave."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from tagger.categories import category_names
from tagger.metadata import DatasetMetadata


class AnnotationError(Exception):
    """A line of an annotated file cannot be used; the message names file and line."""


class Annotated(NamedTuple):
    """One annotated dataset.

    Attributes:
        metadata: what the tagger is given; never with a declared category.
        primary: the category that the annotator chose.
        also: further categories that a reviewer would accept.
        labels: the semantic labels that the annotator gave.
    """

    metadata: DatasetMetadata
    primary: str
    also: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def accepted(self) -> frozenset[str]:
        """Every category that a reviewer would not correct."""
        return frozenset((self.primary, *self.also))


def read_annotated(path: Path) -> Iterator[Annotated]:
    """The datasets of an annotated file: JSONL with the standard's names, `primary`, `also` and `labels`.

    Raises:
        AnnotationError: a line is not such an object. A model must not be built on half a file.
    """
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield _parse(line)
                except (ValueError, KeyError, TypeError) as error:
                    raise AnnotationError(f"{path}:{number}: {_reason(error)}") from error


def _parse(line: str) -> Annotated:
    row = json.loads(line)
    codes = (row["primary"], *row.get("also", ()))
    unknown = [code for code in codes if code not in category_names()]
    if unknown:
        raise ValueError(f"unknown category {', '.join(map(str, unknown))}")
    metadata = DatasetMetadata.model_validate(row).model_copy(update={"category_code": None})
    return Annotated(metadata, codes[0], codes[1:], tuple(row.get("labels", ())))


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"lacks {error}" if isinstance(error, KeyError) else str(error)
