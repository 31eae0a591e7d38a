"""How the datasets that a competition entry names, and its abstract, lie to a theme: evidence, never a score."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from api.services import Services
from api.services.themes.making import ThemeAsked, make_theme
from api.services.themes.naming import Named, resolve
from models.themes import ThemeRecord, find_theme
from tagger.retrieval.lexemes import compact
from tagger.retrieval.relevance import Mention, mentions, sentences, spoken_words, within
from tagger.retrieval.themes_agencies import agency_of
from tagger.retrieval.themes_ranking import TITLE, standing
from tagger.vocabulary import CONCEPT_BASE

INSIDE, BESIDE, OUTSIDE = "inside", "beside", "outside"
"""Where a dataset lies: in the theme, related but outside it, or not related as far as can be told."""
_NEAR = 0.4
"""Nearness of an aspect, 0 to 1, from which its datasets are in the theme."""
_SPOKEN_NEAR = 0.3
"""Nearness from which an aspect's words in the abstract speak of the theme."""
LIMITS = (
    "只依名稱、描述、標籤與提供機關判斷，沒有檢視資料內容，也沒有檢視作品本身。",
    "摘要沒有提到某個資料集，不表示作品沒有使用；提到了，也不表示確實使用。",
    "「主題旁」是與主題相關但在主題之外的資料集，可能正是作品的創意所在，不應視為缺點。",
    "面向與相近程度由程式估計，可能遺漏說法不同的關聯；本結果不計總分，也不應用來排名次。",
)


class RelevanceAsked(NamedTuple):
    """What is looked at.

    Attributes:
        theme: identifier of a saved theme, or None.
        topic: what it is about, where no saved theme is meant.
        abstract: what the entry says of itself.
        datasets: the datasets that it names, by identifier or title.
    """

    theme: str | None
    topic: str | None
    abstract: str
    datasets: tuple[str, ...]


class UnknownTheme(ValueError):
    """There is no such theme."""


class _Theme(NamedTuple):
    """A theme as it is compared with."""

    record: ThemeRecord | None
    content: Mapping[str, Any]

    @property
    def concepts(self) -> list[str]:
        """Identifiers of its aspects' concepts."""
        return [aspect["concept"].removeprefix(CONCEPT_BASE) for aspect in self.content["aspects"]]


class _Placed(NamedTuple):
    """A named dataset, where it lies, and the positions of the aspects it has."""

    named: Named
    where: str
    reason: str
    aspects: list[int]


def relevance(services: Services, asked: RelevanceAsked) -> dict[str, Any]:
    """The evidence: what `api.v1.relevance_schemas.RelevanceOut` describes.

    Raises:
        UnknownTheme: the theme is not stored.
    """
    with services.database.reading() as session:
        theme = _theme(services, session, asked)
        resolved = resolve(services, session, asked.datasets)
    placed = _placed(services, theme, resolved.found)
    counts = Counter(one.where for one in placed)
    return {
        "theme": _described(theme),
        "scope": _scope(theme, placed),
        "quantity": {
            "named": len(asked.datasets),
            "found": len(placed),
            "inside": counts[INSIDE],
            "beside": counts[BESIDE],
            "outside": counts[OUTSIDE],
            "unmatched": len(resolved.unmatched),
            "repeated": resolved.repeated,
        },
        "degree": _degree(services, theme, asked.abstract, placed),
        "unmatched": resolved.unmatched,
        "limits": list(LIMITS),
    }


def _theme(services: Services, session: Session, asked: RelevanceAsked) -> _Theme:
    if asked.theme is None:
        return _Theme(None, make_theme(services, session, ThemeAsked(asked.topic or "")))
    record = find_theme(session, asked.theme)
    if record is None:
        raise UnknownTheme
    return _Theme(record, record.content)


def _described(theme: _Theme) -> dict[str, Any]:
    record = theme.record
    return {
        "identifier": record.identifier if record else None,
        "version": record.number if record else None,
        "contentHash": record.content_hash if record else None,
        "topic": theme.content["topic"],
        "title": theme.content["title"],
    }


def _placed(services: Services, theme: _Theme, found: Sequence[Named]) -> list[_Placed]:
    listed = {dataset["identifier"]: dataset for dataset in theme.content["datasets"]}
    stands = standing([one.document for one in found], theme.concepts, services.thesaurus)
    return [_place(theme, listed, one, have) for one, have in zip(found, stands, strict=True)]


def _place(
    theme: _Theme,
    listed: Mapping[str, Mapping[str, Any]],
    named: Named,
    have: Mapping[int, tuple[str, float]],
) -> _Placed:
    aspects = theme.content["aspects"]
    ranked = sorted(have, key=lambda number: (-aspects[number]["nearness"] * have[number][1], number))
    if named.identifier in listed:
        reason = f"主題已列入：{listed[named.identifier]['reason']['text']}"
        return _Placed(named, INSIDE, reason, ranked)
    if not ranked:
        return _Placed(named, OUTSIDE, "名稱與標籤都沒有主題的面向", ranked)
    best = aspects[ranked[0]]
    stands = "名稱提到" if have[ranked[0]][0] == TITLE else "標籤有"
    way = f"（{' → '.join(best['path'])}）" if len(best["path"]) > 1 else ""
    inside = best["nearness"] >= _NEAR and len(best["path"]) <= 2
    reason = f"{stands}「{best['label']}」{way}，相近程度{best['level']}"
    return _Placed(named, INSIDE if inside else BESIDE, reason, ranked)


def _scope(theme: _Theme, placed: Sequence[_Placed]) -> dict[str, Any]:
    aspects = theme.content["aspects"]
    having: dict[int, list[str]] = {}
    for one in placed:
        for number in one.aspects:
            having.setdefault(number, []).append(one.named.identifier)
    covered = [_aspect(aspect, having[number]) for number, aspect in enumerate(aspects) if number in having]
    missing = [
        _aspect(aspect, [])
        for number, aspect in enumerate(aspects)
        if number not in having and aspect["nearness"] >= _NEAR
    ]
    return {
        "aspects": covered,
        "aspectsNotCovered": missing,
        "agencies": list(dict.fromkeys(agency_of(one.named.publisher).name for one in placed)),
        "agenciesOfTheme": [one["name"] for one in theme.content["agencies"] if one["selected"]],
        "datasets": [
            {
                "name": one.named.name,
                "identifier": one.named.identifier,
                "title": one.named.title,
                "publisher": one.named.publisher,
                "agency": agency_of(one.named.publisher).name,
                "where": one.where,
                "reason": one.reason,
                "aspects": [aspects[number]["label"] for number in one.aspects],
            }
            for one in placed
        ],
    }


def _aspect(aspect: Mapping[str, Any], identifiers: Sequence[str]) -> dict[str, Any]:
    return {
        "concept": aspect["concept"],
        "label": aspect["label"],
        "nearness": aspect["nearness"],
        "level": aspect["level"],
        "datasets": list(identifiers),
    }


def _degree(services: Services, theme: _Theme, abstract: str, placed: Sequence[_Placed]) -> dict[str, Any]:
    of_theme = mentions(abstract, _theme_forms(services, theme))
    spoken = {
        one.named.identifier: spoken_words(abstract, one.named.title, services.meaning) for one in placed
    }
    of_datasets = [
        mention
        for identifier, forms in spoken.items()
        for mention in mentions(abstract, dict.fromkeys(forms, identifier))
    ]
    told = [_sentence(abstract, span, of_theme, of_datasets) for span in sentences(abstract)]
    return {
        "sentences": [one for one in told if one["matches"]],
        "sentencesInAll": len(told),
        "sentencesOfTheme": sum("theme" in one["about"] for one in told),
        "sentencesOfDatasets": sum("dataset" in one["about"] for one in told),
        "datasetsSpokenOf": [identifier for identifier, forms in spoken.items() if forms],
        "datasetsNotSpokenOf": [identifier for identifier, forms in spoken.items() if not forms],
    }


def _theme_forms(services: Services, theme: _Theme) -> dict[str, str]:
    """The words that speak of a theme: its topic, and the spellings of its nearer aspects."""
    thesaurus = services.thesaurus
    forms: dict[str, str] = {}
    for concept, aspect in zip(theme.concepts, theme.content["aspects"], strict=True):
        if aspect["nearness"] >= _SPOKEN_NEAR and concept in thesaurus:
            for form in thesaurus.forms(concept):
                if len(form) > 1:
                    forms.setdefault(form, aspect["label"])
    topic = theme.content["topic"]
    forms[compact(topic)] = topic
    return forms


def _sentence(
    abstract: str, span: tuple[int, int], of_theme: Sequence[Mention], of_datasets: Sequence[Mention]
) -> dict[str, Any]:
    theme = [_match(mention, "theme") for mention in within(span, of_theme)]
    datasets = [_match(mention, "dataset") for mention in within(span, of_datasets)]
    return {
        "start": span[0],
        "end": span[1],
        "text": abstract[span[0] : span[1]],
        "about": [*(["theme"] if theme else []), *(["dataset"] if datasets else [])],
        "matches": sorted([*theme, *datasets], key=lambda match: (match["start"], match["end"])),
    }


def _match(mention: Mention, kind: str) -> dict[str, Any]:
    return {"start": mention.start, "end": mention.end, "kind": kind, "of": mention.name}
