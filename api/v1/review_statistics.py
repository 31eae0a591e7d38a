"""The numbers of reviewing by program; the page of the same numbers is /review/dashboard."""

from flask import Blueprint, Response
from typing_extensions import TypedDict

from api.current import services
from api.identity import signed_in
from api.openapi import Answer, Operation, operation
from api.services.review.measures import Agreement, Share
from api.services.review.statistics import (
    Campaign,
    Day,
    Precision,
    ReviewerPace,
    Statistics,
    statistics,
)
from api.v1.decisions import TAG, json_response
from models.review.statistics import PublisherCount

blueprint = Blueprint("review_statistics", __name__)


class DayOut(TypedDict):
    """臺灣一天之內的決定：核可建議的分類、改選其他分類、維持原分類、退回。含第二意見，不含已復原的。"""

    day: str
    accepted: int
    otherwise: int
    kept: int
    rejected: int


class ShareOut(TypedDict):
    """隨機抽查中選了建議分類的比例，與 Wilson 法的 95% 信賴區間；沒有抽查時為 null。"""

    decisions: int
    right: int
    share: float | None
    low: float | None
    high: float | None


class CategoryShareOut(ShareOut):
    """建議為一個分類的抽查。"""

    categoryCode: str


class WeekShareOut(ShareOut):
    """一週（ISO 8601，星期一起）的抽查。"""

    monday: str


class ModelShareOut(ShareOut):
    """一個模型版本的建議的抽查。"""

    modelVersion: str


class PrecisionOut(TypedDict):
    """高信心建議的精確率，只由隨機抽查的第一意見計算；分類只列抽查 10 筆以上者。"""

    overall: ShareOut
    categories: list[CategoryShareOut]
    weeks: list[WeekShareOut]
    modelVersions: list[ModelShareOut]


class DifferenceOut(TypedDict):
    """兩個意見各選其一的一對分類；null 為退回。"""

    categoryCodes: tuple[str | None, str | None]
    datasets: int


class CategoryAgreementOut(TypedDict):
    """選了一個分類的意見有多少為另一個意見所同：share 為 2 × agreed ÷ opinions。"""

    categoryCode: str | None
    opinions: int
    agreed: int
    share: float


class AgreementOut(TypedDict):
    """第一意見與盲審的第二意見的一致程度。

    observed 為一致的比例，chance 為各分類在兩方的比例相乘之和，kappa 為 Cohen's kappa。
    """

    datasets: int
    agreed: int
    observed: float | None
    chance: float | None
    kappa: float | None
    differences: list[DifferenceOut]
    categories: list[CategoryAgreementOut]


class PaceOut(TypedDict):
    """最近 7 天計時的決定與其秒數的中位數。"""

    decisions: int
    medianSeconds: float | None


class ReviewerPaceOut(PaceOut):
    """一位審核者的；不屬於帳號者為 null。"""

    name: str | None


class PacesOut(TypedDict):
    """全部的與各審核者的。"""

    overall: PaceOut
    reviewers: list[ReviewerPaceOut]


class FlaggedOut(TypedDict):
    """已標註的資料集、其中疑似分類不符者，及後者之中待審、已更正、維持原分類者。"""

    datasets: int
    flagged: int
    open: int
    corrected: int
    kept: int


class PublisherFlaggedOut(FlaggedOut):
    """一個提供機關的；未填為 null。"""

    publisher: str | None


class PublishersOut(TypedDict):
    """全部機關的合計，與疑似不符最多的 30 個機關。"""

    overall: FlaggedOut
    publishers: list[PublisherFlaggedOut]


class MovedOut(TypedDict):
    """改到一個分類的筆數。"""

    categoryCode: str
    datasets: int


class PublicInformationOut(TypedDict):
    """所填為公共資訊（I00）的資料集：改到哪裡、維持、退回，以及待審中疑似不符與未標示者。"""

    declared: int
    moved: list[MovedOut]
    kept: int
    undetermined: int
    flagged: int
    unflagged: int


class ChangeOut(TypedDict):
    """一個分類的筆數：before 依所填，now 依核可、未核可者依所填；null 為沒有分類。"""

    categoryCode: str | None
    before: int
    now: int


class StatisticsOut(TypedDict):
    """審核的統計；每個程序至多保留一分鐘，calculatedAt 為計算的時間。"""

    calculatedAt: str
    datasets: int
    open: int
    days: list[DayOut]
    precision: PrecisionOut
    agreement: AgreementOut
    pace: PacesOut
    mismatch: PublishersOut
    publicInformation: PublicInformationOut
    categories: list[ChangeOut]


@blueprint.get("/v1/reviews/statistics")
@operation(
    Operation(
        name="getReviewStatistics",
        summary="審核的統計：每日決定、抽查的精確率、意見的一致程度、每筆時間、各機關與公共資訊的更正",
        tag=TAG,
        answers={200: Answer("統計", StatisticsOut)},
        problems=("unauthorized", "forbidden", "unavailable"),
    )
)
def show() -> Response:
    """The numbers."""
    signed_in()
    return json_response(_statistics(statistics(services())))


def _statistics(found: Statistics) -> StatisticsOut:
    return StatisticsOut(
        calculatedAt=found.at.isoformat(),
        datasets=found.datasets,
        open=found.open,
        days=[_day(day) for day in found.days],
        precision=_precision(found.precision),
        agreement=_agreement(found.agreement),
        pace=PacesOut(
            overall=_pace(found.overall_pace),
            reviewers=[ReviewerPaceOut(name=one.name, **_pace(one)) for one in found.pace],
        ),
        mismatch=PublishersOut(
            overall=_flagged(found.all_publishers),
            publishers=[
                PublisherFlaggedOut(publisher=one.publisher, **_flagged(one)) for one in found.publishers
            ],
        ),
        publicInformation=_campaign(found.campaign),
        categories=[
            ChangeOut(categoryCode=one.category_code, before=one.before, now=one.now) for one in found.changes
        ],
    )


def _day(found: Day) -> DayOut:
    return DayOut(
        day=found.day,
        accepted=found.accepted,
        otherwise=found.otherwise,
        kept=found.kept,
        rejected=found.rejected,
    )


def _precision(found: Precision) -> PrecisionOut:
    return PrecisionOut(
        overall=_share(found.overall),
        categories=[CategoryShareOut(categoryCode=code, **_share(one)) for code, one in found.categories],
        weeks=[WeekShareOut(monday=day, **_share(one)) for day, one in found.weeks],
        modelVersions=[ModelShareOut(modelVersion=name, **_share(one)) for name, one in found.model_versions],
    )


def _share(found: Share) -> ShareOut:
    return ShareOut(
        decisions=found.decisions, right=found.right, share=found.share, low=found.low, high=found.high
    )


def _agreement(found: Agreement) -> AgreementOut:
    return AgreementOut(
        datasets=found.datasets,
        agreed=found.agreed,
        observed=found.observed,
        chance=found.chance,
        kappa=found.kappa,
        differences=[
            DifferenceOut(categoryCodes=(one.one, one.other), datasets=one.datasets)
            for one in found.differences
        ],
        categories=[
            CategoryAgreementOut(
                categoryCode=one.category_code, opinions=one.opinions, agreed=one.agreed, share=one.share
            )
            for one in found.categories
        ],
    )


def _pace(found: ReviewerPace) -> PaceOut:
    return PaceOut(decisions=found.decisions, medianSeconds=found.median_seconds)


def _flagged(found: PublisherCount) -> FlaggedOut:
    return FlaggedOut(
        datasets=found.datasets,
        flagged=found.flagged,
        open=found.open,
        corrected=found.corrected,
        kept=found.kept,
    )


def _campaign(found: Campaign) -> PublicInformationOut:
    return PublicInformationOut(
        declared=found.declared,
        moved=[MovedOut(categoryCode=code, datasets=count) for code, count in found.moved],
        kept=found.kept,
        undetermined=found.undetermined,
        flagged=found.flagged,
        unflagged=found.unflagged,
    )
