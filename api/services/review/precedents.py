"""Which reasoned decision to keep a category speaks for the dataset at hand."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from models.review.precedents import PrecedentRow, precedents_of
from models.search import documents_of
from tagger.features import Floats

_LEAST = 0.6
"""Cosine of the titles' meanings; below it two datasets are of different subjects."""
_MOST = 3


class Precedent(NamedTuple):
    """A precedent and how near its dataset is, 0 to 1."""

    row: PrecedentRow
    likeness: float


def precedents(session: Session, dataset_id: int, declared_code: str | None) -> list[Precedent]:
    """The nearest precedents of a declaration, best first, of one reason only the nearest; in two statements."""
    if declared_code is None:
        return []
    rows = precedents_of(session, declared_code, dataset_id)
    own = documents_of(session, [dataset_id]).get(dataset_id) if rows else None
    if own is None:
        return []
    likeness = _likeness(own.vector, rows)
    found: dict[str | None, Precedent] = {}
    for place in np.argsort(-likeness, kind="stable"):
        if likeness[place] < _LEAST or len(found) == _MOST:
            break
        found.setdefault(rows[place].reason, Precedent(rows[place], round(float(likeness[place]), 4)))
    return list(found.values())


def _likeness(own: bytes, rows: Sequence[PrecedentRow]) -> Floats:
    """The cosine of one meaning and each row's; of another model's vectors 0."""
    vector = np.frombuffer(own, np.int8).astype(np.float32)
    fitting = [row.vector if len(row.vector) == len(own) else bytes(len(own)) for row in rows]
    stored = np.frombuffer(b"".join(fitting), np.int8).reshape(len(rows), len(own)).astype(np.float32)
    products: Floats = (stored @ vector / 127**2).astype(np.float64)
    return products
