"""What a theme lacks, and the draft of what a team may ask for (開放需求)."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from api.services.themes.gathering import Gathered
from tagger.retrieval.themes_agencies import CENTRAL, agency_of
from tagger.retrieval.themes_ranking import Near
from tagger.vocabulary import CONCEPT_BASE

FEW, OF_ONE = 5, 15
"""So many datasets of an aspect, or fewer, are little; so many of one agency alone are little variety."""
_LEAST_NEAR = 0.3
_MOST = 12
_MOST_ALIKE = 40


def gaps(gathered: Gathered, level: Callable[[float], str]) -> list[dict[str, Any]]:
    """The near aspects of which little or nothing was found, the nearest first; and the topic itself."""
    found: list[dict[str, Any]] = []
    spelled = any(aspect.nearness == 1.0 for aspect in gathered.aspects)
    if not spelled and gathered.direct <= FEW:
        found.append(_gap(gathered, gathered.topic.text, None, 1.0, gathered.direct, level))
    for number, (aspect, count) in enumerate(zip(gathered.aspects, gathered.aspect_counts, strict=True)):
        lonely = count <= OF_ONE and len(gathered.aspect_agencies[number]) == 1
        if aspect.nearness >= _LEAST_NEAR and (count <= FEW or lonely):
            label = gathered.thesaurus.label(aspect.concept)
            found.append(_gap(gathered, label, aspect.concept, aspect.nearness, count, level))
    return found[:_MOST]


def _gap(
    gathered: Gathered,
    label: str,
    concept: str | None,
    nearness: float,
    count: int,
    level: Callable[[float], str],
) -> dict[str, Any]:
    agencies = _likely(gathered, concept)
    return {
        "kind": "none" if not count else "few" if count <= FEW else "oneAgency",
        "label": label,
        "concept": CONCEPT_BASE + concept if concept else None,
        "nearness": nearness,
        "level": level(nearness),
        "datasets": count,
        "likelyAgencies": agencies,
        "request": _request(gathered, label, concept, count, agencies),
    }


def _likely(gathered: Gathered, concept: str | None) -> list[str]:
    """Ministries that have what is most like it: of the aspect where there is some, else of the nearest."""
    numbers = {number for number, one in enumerate(gathered.aspects) if concept in one.path}
    having = [one for one in gathered.near if any(way.aspect in numbers for way in one.ways)]
    return _central(gathered, having) or _central(gathered, gathered.near)


def _central(gathered: Gathered, near: Sequence[Near]) -> list[str]:
    """The ministries that have most of the nearest datasets, at most two."""
    names: Counter[str] = Counter()
    for one in near[:_MOST_ALIKE]:
        agency = agency_of(gathered.candidates[one.dataset_id].publisher)
        if agency.kind == CENTRAL:
            names[agency.name] += 1
    return [name for name, _ in names.most_common(2)]


def _request(gathered: Gathered, label: str, concept: str | None, count: int, agencies: Sequence[str]) -> str:
    others = [
        other
        for other in (gathered.thesaurus.concept(concept).spellings if concept else ())
        if other != label
    ]
    also = f"（含{'、'.join(f'「{other}」' for other in others[:4])}）" if others else ""
    told = "沒有找到資料集" if not count else f"只找到 {count} 筆資料集"
    if count > FEW:
        told += "，且都由同一個機關提供"
    asked = f"建議由{'、'.join(agencies)}評估" if agencies else "建議由主管機關評估"
    return (
        f"主旨：建議開放「{label}」相關資料。\n"
        f"說明：\n"
        f"一、以「{gathered.topic.text}」為主題，在資料集目錄的 {gathered.datasets:,} 筆中搜尋「{label}」{also}，{told}。\n"
        f"二、{asked}開放與「{label}」有關的資料，以去除個人資料的明細優先，其次為統計；"
        "並附時間、地點、類別與數量等欄位，以 CSV 或 JSON 定期更新。\n"
        "三、用途：（請填寫作品名稱、要解決的問題，以及最少需要的欄位與年度）"
    )
