"""The JSON of reviewing: decisions, batches, the queue, and one item."""

from typing import Annotated, Literal, NotRequired

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SkipValidation,
    StringConstraints,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from api.problems import Problem
from api.services.review.bulk import ACCEPT, KEEP_DECLARED, MOST
from api.v1.theme_schemas import without_controls
from api.validation import STORED_IDENTIFIER
from tagger import DatasetMetadata, Suggestion
from tagger.metadata import CategoryCode

MOST_DECISIONS = 100
"""How many decisions one request may carry."""
_LABELS = 50

Label = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(without_controls)]
Line = Annotated[str, StringConstraints(max_length=1_000), AfterValidator(without_controls)]
_CONFIG = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)


def _number(value: object) -> object:
    # true counts as 1 elsewhere; here it is a slip.
    if isinstance(value, bool):
        raise PydanticCustomError("float_type", "應為數字")
    return value


Confidence = Annotated[float, BeforeValidator(_number), Field(ge=0, le=1)]
QueueName = Literal["mismatch", "uncertain", "conflict", "mine"]


class DecisionIn(BaseModel):
    """一個決定。decide 核可分類與標籤；keep 維持原分類；reject 退回；skip 略過（須有理由）；flag 標記。"""

    model_config = _CONFIG

    kind: Literal["decide", "keep", "reject", "skip", "flag"] = Field("decide", description="決定的種類")
    category_code: CategoryCode | None = Field(None, description="核可的服務分類代碼；kind 為 decide 時必填")
    accepted_labels: list[Label] = Field([], max_length=_LABELS, description="核可的語意標籤")
    rejected_labels: list[Label] = Field(
        [], max_length=_LABELS, description="不採用的語意標籤；不會再對這筆資料集建議"
    )
    reason: str | None = Field(None, max_length=500, description="理由；維持原分類的理由會成為先例")


class ListedDecisionIn(DecisionIn):
    """清單裡的一個決定。"""

    identifier: Annotated[str, StringConstraints(pattern=STORED_IDENTIFIER)] = Field(
        description="資料集識別碼"
    )
    if_match: str = Field(min_length=1, max_length=200, description="讀取資料集時得到的 ETag")


class FiltersIn(BaseModel):
    """Which datasets of a queue are wanted."""

    model_config = _CONFIG

    publisher: Line | None = Field(None, description="提供機關，需完全相同")
    title_pattern: Line | None = Field(None, description="名稱樣式；○○ 為地名，# 為數字")
    category_code: CategoryCode | None = Field(None, description="所填的服務分類代碼")
    suggested_code: CategoryCode | None = Field(None, description="建議的服務分類代碼")
    level: Literal["confirm", "correct"] | None = Field(None, description="程度：建議確認、建議修正")
    model_version: Line | None = Field(None, description="模型版本")
    confidence_from: Confidence | None = Field(None, description="建議分類的信心至少多少")


class SelectionIn(FiltersIn):
    """以條件選出的一群資料集；至少指定機關、名稱樣式、所填分類或建議分類其中一項。"""

    queue: Literal["mismatch", "uncertain", "confident"] = Field("mismatch", description="佇列")
    excluded: list[Annotated[str, StringConstraints(pattern=STORED_IDENTIFIER)]] = Field(
        [],
        max_length=MOST,
        description="符合條件但不在這一批裡決定的資料集識別碼；selectionTag 指全部符合條件者，不因此改變",
    )


class DecisionBatchIn(BaseModel):
    """一批決定：逐筆列出（decisions），或以條件選出（selection，先 preview 再送出）。"""

    model_config = _CONFIG

    # Each is validated by itself later, so that one bad item does not cost the others.
    decisions: Annotated[
        list[SkipValidation[ListedDecisionIn]] | None, Field(min_length=1, max_length=MOST_DECISIONS)
    ] = None
    selection: SelectionIn | None = None
    action: Literal["accept", "keep"] = Field("accept", description="核可建議，或維持所填")
    reason: str | None = Field(None, max_length=500, description="理由")
    preview: bool = Field(True, description="只預覽，不做任何改變")
    selection_tag: str | None = Field(None, max_length=64, description="預覽得到的 selectionTag；送出時必填")


class NoteIn(BaseModel):
    """一則備註；以 @帳號 通知同事。"""

    model_config = _CONFIG

    text: str = Field(min_length=1, max_length=2_000, description="內容")


class AssignmentIn(BaseModel):
    """指派給誰，到何時。"""

    model_config = _CONFIG

    account: str = Field(min_length=1, max_length=255, description="審核者的帳號")
    due_on: str | None = Field(None, max_length=10, description="期限，例如 2026-12-31")


class QueueQuery(FiltersIn):
    """Which items of the queue, and which page of them."""

    queue: QueueName = Field("mismatch", description="佇列：疑似分類不符、低信心、衝突、我的")
    cursor: str | None = Field(None, max_length=300, description="上一頁回傳的 next")
    limit: int = Field(50, ge=1, le=200, description="一頁幾筆")


class NextIn(FiltersIn):
    """要從哪個佇列取下一筆，以及從哪裡接著取。"""

    queue: QueueName = Field("mismatch", description="佇列")
    after: str | None = Field(None, max_length=300, description="上一筆回傳的 position")


class DecisionOut(TypedDict):
    """一個決定。"""

    id: int
    identifier: str
    kind: Literal["decide", "keep", "reject", "skip", "flag", "undo"]
    categoryCode: str | None
    acceptedLabels: list[str]
    rejectedLabels: list[str]
    reason: str | None
    batch: str | None
    undoesDecisionId: int | None
    secondOpinionOn: int | None
    undone: bool
    decidedBy: str | None
    decidedAt: str


class DecisionList(TypedDict):
    """一個資料集的決定，新的在前。"""

    decisions: list[DecisionOut]


class FailedDecision(TypedDict):
    """一個沒有採用的決定。"""

    identifier: str | None
    problem: Problem


class ListedDecisionsOut(TypedDict):
    """各筆的結果，順序與送出時相同；batch 可用來整批復原。"""

    batch: str
    results: list[DecisionOut | FailedDecision]
    failed: int


class BatchOut(TypedDict):
    """一批決定。"""

    batch: str
    datasets: int


class BatchShown(TypedDict):
    """一批決定及其內容。"""

    batch: str
    decisions: list[DecisionOut]


class Move(TypedDict):
    """有幾筆由所填的分類改為核可的分類。"""

    declared: str | None
    decided: str
    datasets: int


class Sample(TypedDict):
    """抽樣的一筆。"""

    identifier: str
    title: str
    publisher: str | None
    declared: str | None
    suggested: str
    confidence: float
    labels: list[str]


class PreviewOut(TypedDict):
    """一批決定的預覽；more 為是否還有超過一批的資料集。"""

    datasets: int
    more: bool
    moves: list[Move]
    samples: list[Sample]
    selectionTag: str


class QueueItem(TypedDict):
    """佇列裡的一筆；gain 為一個決定預期能修正多少，holder 為正在審的人。"""

    identifier: str
    title: str
    publisher: str | None
    declared: str | None
    suggested: str
    confidence: float
    level: Literal["confirm", "correct"] | None
    gain: float
    holder: str | None
    dueOn: str | None


class QueueCounts(TypedDict):
    """各佇列的筆數；mine 為您的。"""

    mismatch: int
    uncertain: int
    conflict: int
    mine: int
    decided: int


class QueuePage(TypedDict):
    """佇列的一頁；next 為下一頁的游標，最後一頁為 null。"""

    items: list[QueueItem]
    counts: QueueCounts
    next: str | None


class ShownLabelOut(TypedDict):
    """一個可切換的標籤；score 為 null 者是審核者加上的。"""

    label: str
    score: float | None
    accepted: bool


class PrecedentOut(TypedDict):
    """一個維持原分類的先例。"""

    identifier: str
    title: str
    categoryCode: str | None
    reason: str | None
    decidedAt: str
    likeness: float


class SimilarOut(TypedDict):
    """一個相似的已核可資料集。"""

    identifier: str
    title: str
    publisher: str | None
    categoryCode: str | None


class NoteOut(TypedDict):
    """一則備註。"""

    text: str
    by: str
    at: str


class LeaseOut(TypedDict):
    """誰正在審，到何時；mine 為是否是您。"""

    by: str
    mine: bool
    expiresAt: str


class AssignmentOut(TypedDict):
    """指派給誰，到何時。"""

    to: str
    dueOn: str | None


class ItemOut(TypedDict):
    """審核一筆所需的一切；etag 放進決定的 If-Match。"""

    identifier: str
    etag: str
    metadata: DatasetMetadata
    suggestion: Suggestion | None
    labels: list[ShownLabelOut]
    precedents: list[PrecedentOut]
    similar: list[SimilarOut]
    history: list[DecisionOut]
    notes: list[NoteOut]
    lease: LeaseOut | None
    assignment: AssignmentOut | None
    position: NotRequired[str | None]


ACTIONS: dict[str, str] = {"accept": ACCEPT, "keep": KEEP_DECLARED}
