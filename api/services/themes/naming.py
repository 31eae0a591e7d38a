"""Datasets that people name by identifier or title; a name that is not exactly one is not guessed."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from api.services import Services
from models.catalogue import CurrentDataset, current_datasets
from models.search import AllOf, AnyOf, Candidate, Expression, Match, documents_of
from models.themes import ThemeCandidate, datasets_called, pools
from tagger.meaning import Meaning
from tagger.retrieval.lexemes import TITLE, compact, needed_grams
from tagger.retrieval.relevance import alike

_SAME, _ALIKE = 20, 200
"""How many datasets are considered for a name: with its very title, and with some of its words."""
_MOST_WORDS, _MOST_GRAMS = 3, 40
_SHOWN = 3


class Named(NamedTuple):
    """A dataset that was named.

    Attributes:
        name: as it was written.
        identifier, title, publisher: of the dataset.
        document: what the index knows of it.
    """

    name: str
    identifier: str
    title: str
    publisher: str | None
    document: Candidate


class Resolved(NamedTuple):
    """What became of names.

    Attributes:
        found: each dataset once, in the order they were named.
        unmatched: names that are no dataset, or several, with what may be meant.
        repeated: how many names said again what an earlier one had said.
    """

    found: list[Named]
    unmatched: list[dict[str, Any]]
    repeated: int


def resolve(services: Services, session: Session, names: Sequence[str]) -> Resolved:
    """Find the datasets that are named, in at most five statements."""
    called = datasets_called(session, names)
    titled = _titled(session, [name for name in names if name not in called])
    keys: dict[str, int] = dict(called)
    keys |= {name: same[0] for name, same in titled.items() if len(same) == 1}
    lacking = [name for name in dict.fromkeys(names) if name not in keys]
    meant = _alike(session, services.meaning, [name for name in lacking if not titled.get(name)])
    shown = {name: titled.get(name) or meant.get(name, []) for name in lacking}
    wanted = {*keys.values(), *(key for some in shown.values() for key in some)}
    datasets = {one.dataset_id: one for one in current_datasets(session, sorted(wanted))}
    documents = documents_of(session, sorted(set(keys.values())))
    found: dict[int, Named] = {}
    for name in names:
        key = keys.get(name)
        # A dataset that is not indexed yet is not known to any search.
        if key is not None and key not in found and key in documents and key in datasets:
            found[key] = _named(name, datasets[key], documents[key])
    unmatched = [_unmatched(name, bool(titled.get(name)), shown[name], datasets) for name in lacking]
    return Resolved(list(found.values()), unmatched, len(names) - len(found) - len(unmatched))


def _named(name: str, dataset: CurrentDataset, document: Candidate) -> Named:
    content = dataset.content
    publisher = content.get("publisher") or content.get("organization")
    return Named(name, dataset.identifier, content["title"], publisher, document)


def _unmatched(
    name: str, ambiguous: bool, keys: Sequence[int], datasets: Mapping[int, CurrentDataset]
) -> dict[str, Any]:
    return {
        "name": name,
        "reason": "ambiguous" if ambiguous else "unknown",
        "near": [
            {
                "identifier": datasets[key].identifier,
                "title": datasets[key].content["title"],
                "publisher": datasets[key].content.get("publisher"),
            }
            for key in keys
            if key in datasets
        ],
    }


def _titled(session: Session, names: Sequence[str]) -> dict[str, list[int]]:
    """The datasets whose title is a name, however its characters are written."""
    asked = [(name, needed_grams(name)[:_MOST_GRAMS]) for name in dict.fromkeys(names)]
    asked = [(name, grams) for name, grams in asked if grams]
    found = pools(session, [(_all_of(grams), _SAME) for _, grams in asked])
    return {
        name: [one.dataset_id for one in pool if _form(one) == compact(name)]
        for (name, _), pool in zip(asked, found, strict=True)
    }


def _alike(session: Session, meaning: Meaning, names: Sequence[str]) -> dict[str, list[int]]:
    """The datasets that may be meant by names that are no title."""
    asked: list[tuple[str, Match]] = []
    for name in names:
        words = {compact(name[start:end]) for start, end in meaning.words(name)}
        saying = sorted((word for word in words if word), key=lambda word: (-meaning.weight(word), word))
        grams = [needed_grams(word) for word in saying[:_MOST_WORDS]]
        if grams:
            asked.append((name, _all_of([gram for word in grams[:2] for gram in word])))
            asked.append((name, Match(AnyOf(tuple(_expression(word) for word in grams)))))
    found: dict[str, dict[int, str]] = {name: {} for name in names}
    for (name, _), pool in zip(asked, pools(session, [(match, _ALIKE) for _, match in asked]), strict=True):
        found[name] |= {one.dataset_id: _form(one) for one in pool}
    return {
        name: [list(forms)[at] for at in alike(name, list(forms.values()), _SHOWN)]
        for name, forms in found.items()
    }


def _form(one: ThemeCandidate) -> str:
    return one.title_words.replace(" ", "")


def _all_of(grams: Sequence[str]) -> Match:
    return Match(_expression(grams))


def _expression(grams: Sequence[str]) -> Expression:
    lexemes = tuple(dict.fromkeys(TITLE + gram for gram in grams))
    return lexemes[0] if len(lexemes) == 1 else AllOf(lexemes)
