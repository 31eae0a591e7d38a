"""A theme in words: its datasets with the reason for each, its aspects, agencies and gaps."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.services.themes.choosing import Chosen
from api.services.themes.gaps import gaps
from api.services.themes.gathering import Gathered
from models.catalogue import CurrentDataset
from tagger.retrieval.lexemes import compact, halves
from tagger.retrieval.marks import intent_forms, marks
from tagger.retrieval.themes import Aspect
from tagger.retrieval.themes_agencies import UNTOLD, Agency, agency_of
from tagger.retrieval.themes_ranking import TITLE, WORDS, Near
from tagger.vocabulary import CONCEPT_BASE

HIGH, MIDDLE = 0.6, 0.4
_MOST_OF_SERIES = 20


def level(nearness: float) -> str:
    """Nearness in a word: 高, 中 or 低."""
    if nearness >= HIGH:
        return "高"
    return "中" if nearness >= MIDDLE else "低"


def describe(
    gathered: Gathered, chosen: Sequence[Chosen], datasets: Mapping[int, CurrentDataset]
) -> dict[str, Any]:
    """All that a theme says of its datasets, in plain JSON types."""
    # One that was withdrawn a moment ago is not among the datasets.
    there = [one for one in chosen if one.dataset_id in datasets]
    listed = [_dataset(gathered, one, datasets[one.dataset_id], rank) for rank, one in enumerate(there, 1)]
    agencies = _agencies(gathered, listed)
    return {
        "summary": {
            "datasets": len(listed),
            "agencies": sum(1 for agency in agencies if agency["selected"]),
            "near": sum(gathered.near_publishers.values()),
            "searched": gathered.datasets,
        },
        "datasets": listed,
        "aspects": [
            _aspect(gathered, number, listed) for number, found in enumerate(gathered.aspect_counts) if found
        ],
        "agencies": agencies,
        "agenciesWithNothingNear": _nothing_near(gathered),
        "gaps": gaps(gathered, level),
    }


def _dataset(gathered: Gathered, one: Chosen, dataset: CurrentDataset, rank: int) -> dict[str, Any]:
    content = dataset.content
    publisher = content.get("publisher") or content.get("organization")
    nearness = one.near.nearness if one.near else 0.0
    return {
        "rank": rank,
        "identifier": dataset.identifier,
        "title": content["title"],
        "publisher": publisher,
        "agency": agency_of(publisher).name,
        "nearness": nearness,
        "level": level(nearness),
        "accepted": one.accepted,
        "reason": _reason(gathered, one, content["title"]),
        "aspects": [_uri(gathered.aspects[number].concept) for number in _aspects_of(gathered, one.near)],
        "more": len(one.series),
    }


def _aspects_of(gathered: Gathered, near: Near | None) -> Iterable[int]:
    """Positions of a dataset's aspects, the strongest first; the topic's own words are its own aspect."""
    if near is None:
        return ()
    own = next((at for at, aspect in enumerate(gathered.aspects) if aspect.nearness == 1.0), None)
    numbers = [own if way.aspect is None else way.aspect for way in near.ways]
    return dict.fromkeys(number for number in numbers if number is not None)


def _reason(gathered: Gathered, one: Chosen, title: str) -> dict[str, Any]:
    if one.near is None:
        return {"kind": "accepted", "text": "由整理者納入", "path": [], "matches": []}
    way = one.near.ways[0]
    forms = intent_forms(gathered.topic.intent)
    path: list[str] = []
    if way.aspect is not None:
        aspect = gathered.aspects[way.aspect]
        forms = sorted(gathered.thesaurus.forms(aspect.concept), key=len, reverse=True)
        path = path_labels(gathered, aspect)
    spans = marks(title, [form for form in forms if len(form) > 1 or way.kind == WORDS])
    if way.kind == TITLE and not spans:
        spans = marks(title, [half for form in forms for half in halves(form)])
    words = list(dict.fromkeys(title[start:end] for start, end in spans))
    return {
        "kind": way.kind,
        "text": _reason_text(gathered, one, words, path),
        "path": path,
        "matches": [{"field": "title", "start": start, "end": end} for start, end in spans],
    }


def _reason_text(gathered: Gathered, one: Chosen, words: Sequence[str], path: Sequence[str]) -> str:
    assert one.near is not None  # noqa: S101 - who has no reason is not asked for it
    way = one.near.ways[0]
    said = "、".join(f"「{word}」" for word in words)
    if way.aspect is None:
        if words:
            return f"名稱有主題的字詞{said}"
        labels = [gathered.thesaurus.label(concept) for concept in _topic_labels(gathered, one.dataset_id)]
        return f"標籤為「{labels[0]}」" if labels else "描述或提供機關有主題的字詞"
    label = gathered.thesaurus.label(gathered.aspects[way.aspect].concept)
    stands = f"名稱提到{said}" if way.kind == TITLE and words else f"標籤為「{label}」"
    if len(path) < 2:
        return stands
    return f"{stands}，由主題相關：{' → '.join(path)}"


def _topic_labels(gathered: Gathered, dataset_id: int) -> list[str]:
    """The labels of a dataset that the topic's words mean, or something narrower."""
    meant = {
        concept
        for need in gathered.topic.intent.needs
        for reading in need.readings
        for concept in reading.concepts
    }
    labels = gathered.candidates[dataset_id].concepts.split()
    return [concept for concept in labels if concept in meant and concept in gathered.thesaurus]


def path_labels(gathered: Gathered, aspect: Aspect) -> list[str]:
    """The way from the topic to an aspect in labels; the topic is the first."""
    labels = [gathered.thesaurus.label(concept) for concept in aspect.path]
    topic = gathered.topic.text
    return labels if compact(labels[0]) == compact(topic) else [topic, *labels]


def _aspect(gathered: Gathered, number: int, listed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    aspect = gathered.aspects[number]
    uri = _uri(aspect.concept)
    having = [dataset for dataset in listed if uri in dataset["aspects"]]
    return {
        "concept": uri,
        "label": gathered.thesaurus.label(aspect.concept),
        "nearness": aspect.nearness,
        "level": level(aspect.nearness),
        "path": path_labels(gathered, aspect),
        "basis": list(aspect.basis),
        "datasets": gathered.aspect_counts[number],
        "selected": len(having),
        "agencies": list(dict.fromkeys(dataset["agency"] for dataset in having)),
    }


def _agencies(gathered: Gathered, listed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The agencies that have something near; those with the most datasets in the theme first."""
    selected = Counter(dataset["agency"] for dataset in listed)
    near, stored = by_agency(gathered.near_publishers), by_agency(gathered.publishers)
    kinds = {agency.name: agency.kind for agency in stored}
    totals = {agency.name: count for agency, count in stored.items()}
    counted = Counter({agency.name: count for agency, count in near.items()})
    names = sorted({*selected, *counted}, key=lambda name: (-selected[name], -counted[name], name))
    return [
        {
            "name": name,
            "kind": kinds.get(name, "untold"),
            "selected": selected[name],
            "near": counted[name],
            "stored": totals.get(name, 0),
        }
        for name in names
    ]


def _nothing_near(gathered: Gathered) -> list[dict[str, Any]]:
    near = by_agency(gathered.near_publishers)
    stored = by_agency(gathered.publishers)
    return [
        {"name": agency.name, "kind": agency.kind, "stored": count}
        for agency, count in sorted(stored.items(), key=lambda item: (item[0].kind, -item[1], item[0].name))
        if agency.kind != UNTOLD and not near[agency]
    ]


def by_agency(publishers: Mapping[str | None, int]) -> Counter[Agency]:
    """Counts by publisher, added up by ministry and local government."""
    found: Counter[Agency] = Counter()
    for publisher, count in publishers.items():
        found[agency_of(publisher)] += count
    return found


def _uri(concept: str) -> str:
    return CONCEPT_BASE + concept
