"""What datasets lack on their way to a badge."""

from datetime import date
from typing import Annotated

import orjson
from flask import Blueprint, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from typing_extensions import TypedDict

from api.current import services
from api.identity import signed_in
from api.openapi import Answer, Operation, operation
from api.problems import ProblemException
from api.reading import json_body, parsed, query
from api.services.badge_readiness import (
    AgencySummary,
    agency_readiness,
    dataset_readiness,
    today,
)
from api.services.datasets import absence
from api.v1.schemas import DatasetIn
from tagger.metadata import Line
from tagger.readiness import EFFORTS, Effort, QualityFlags, Readiness, assess
from tagger.readiness.assess import what_is

TAG = "白金準備度"
_DAY = "視為今天的日期，寫法如 2026-01-31；省略時為臺灣的今天"

blueprint = Blueprint("badge_readiness", __name__)


class DayQuery(BaseModel):
    """The day that counts as today."""

    model_config = ConfigDict(extra="forbid")

    on: date | None = Field(None, description=_DAY)


class AgencyQuery(DayQuery):
    """Which agency's datasets."""

    publisher: Line = Field(description="提供機關，需完全相同")


class ReadinessIn(BaseModel):
    """上架前的詮釋資料，與已知的檔案欄位及平臺檢測結果；都不儲存。"""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    dataset: DatasetIn
    columns: list[Annotated[str, StringConstraints(max_length=1_000)]] | None = Field(
        None, max_length=1_000, description="檔案的欄位名稱，用來檢查主要欄位說明是否齊全"
    )
    quality_flags: QualityFlags | None = Field(None, alias="qualityFlags", description="平臺品質檢測的結果")
    on: date | None = Field(None, description=_DAY)


class DatasetReadinessOut(Readiness):
    """一個已儲存的資料集的白金準備度。"""

    identifier: str
    title: str
    publisher: str | None


class IndicatorCountOut(TypedDict):
    """一項品質指標符合、不符、未知的資料集筆數。"""

    name: str
    met: int
    unmet: int
    unknown: int


class EffortCountOut(TypedDict):
    """一種難易程度的缺漏數；complete 為補完它與更容易的之後，沒有缺漏的資料集筆數。"""

    effort: Effort
    name: str
    gaps: int
    complete: int


class ExampleOut(TypedDict):
    """一個有這項缺漏的資料集。"""

    identifier: str
    title: str


class RuleCountOut(TypedDict):
    """一條規則所找到的缺漏與資料集筆數，及至多 3 個例子。"""

    rule: str
    number: str
    effort: Effort
    what: str
    datasets: int
    gaps: int
    examples: list[ExampleOut]


class BadgeCountOut(TypedDict):
    """平臺所載的品質檢測結果與資料集筆數；null 為未載明。"""

    badge: str | None
    datasets: int


class AgencyReadinessOut(TypedDict):
    """一個機關的白金準備度；more 為 true 時只檢查了前 5,000 筆。rules 由最容易補的排起。"""

    publisher: str
    assessedOn: str
    datasets: int
    more: bool
    complete: int
    indicators: list[IndicatorCountOut]
    efforts: list[EffortCountOut]
    rules: list[RuleCountOut]
    badges: list[BadgeCountOut]


@blueprint.get("/v1/datasets/<identifier>/readiness")
@operation(
    Operation(
        name="getDatasetReadiness",
        summary="一個資料集的白金準備度：七項品質指標的狀態，與由易到難的缺漏",
        tag=TAG,
        query=DayQuery,
        answers={200: Answer("準備度", DatasetReadinessOut)},
        problems=("invalid-parameter", "dataset-not-found", "dataset-withdrawn", "unavailable"),
    )
)
def show(identifier: str) -> Response:
    """A stored dataset's readiness."""
    found = dataset_readiness(services(), identifier, query(DayQuery).on or today())
    if found is None:
        raise ProblemException(absence(services(), identifier))
    body = {"identifier": found.identifier, "title": found.title, "publisher": found.publisher}
    return _json(body | found.readiness)


@blueprint.post("/v1/readiness")
@operation(
    Operation(
        name="assessReadiness",
        summary="上架前檢查詮釋資料的白金準備度，不儲存",
        tag=TAG,
        body=ReadinessIn,
        answers={200: Answer("準備度", Readiness)},
        problems=("malformed-json", "unsupported-media-type", "invalid-input", "body-too-large"),
    )
)
def assess_inline() -> Response:
    """The readiness of metadata that is sent along."""
    asked = parsed(ReadinessIn, json_body())
    return _json(assess(asked.dataset, asked.on or today(), asked.quality_flags, asked.columns))


@blueprint.get("/v1/agencies/readiness")
@operation(
    Operation(
        name="getAgencyReadiness",
        summary="一個機關的資料集缺什麼，最容易補的排在前面",
        tag=TAG,
        query=AgencyQuery,
        answers={200: Answer("摘要", AgencyReadinessOut)},
        problems=("invalid-parameter", "unauthorized", "forbidden", "agency-not-found", "unavailable"),
    )
)
def show_agency() -> Response:
    """What an agency's datasets lack."""
    signed_in()
    asked = query(AgencyQuery)
    found = agency_readiness(services(), asked.publisher, asked.on or today())
    if found is None:
        raise ProblemException("agency-not-found")
    return _json(_summary(found))


def _summary(found: AgencySummary) -> AgencyReadinessOut:
    counted = found.summary
    efforts = zip(EFFORTS, counted.effort_counts(), strict=True)
    return AgencyReadinessOut(
        publisher=found.publisher,
        assessedOn=found.on.isoformat(),
        datasets=counted.datasets,
        more=found.more,
        complete=counted.complete,
        indicators=[
            IndicatorCountOut(name=name, met=met, unmet=unmet, unknown=unknown)
            for name, met, unmet, unknown in counted.indicator_counts()
        ],
        efforts=[
            EffortCountOut(effort=effort, name=name, gaps=gaps, complete=complete)
            for effort, (name, gaps, complete) in efforts
        ],
        rules=[
            RuleCountOut(
                rule=one.rule,
                number=what_is(one.rule)[0],
                effort=one.effort,
                what=what_is(one.rule)[1],
                datasets=one.datasets,
                gaps=one.gaps,
                examples=[ExampleOut(identifier=key, title=title) for key, title in one.examples],
            )
            for one in counted.rules
        ],
        badges=[BadgeCountOut(badge=badge, datasets=count) for badge, count in counted.badges.most_common()],
    )


def _json(body: object) -> Response:
    return Response(orjson.dumps(body), content_type="application/json")
