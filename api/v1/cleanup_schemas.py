"""The JSON of clearing a category."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from api.v1.review_schemas import Line
from tagger.categories import PUBLIC_INFORMATION
from tagger.metadata import CategoryCode


class CleanupOf(BaseModel):
    """Which category is cleared, and of which agency."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)

    category_code: CategoryCode = Field(PUBLIC_INFORMATION, description="要清理的所填服務分類代碼")
    publisher: Line | None = Field(None, description="提供機關，需完全相同")


class CleanupQuery(CleanupOf):
    """Which page of the groups is wanted."""

    cursor: str | None = Field(None, max_length=3_000, description="上一頁回傳的 next")
    limit: int = Field(50, ge=1, le=200, description="一頁幾群")


class GroupQuery(CleanupOf):
    """Which group is wanted."""

    suggested_code: CategoryCode = Field(description="建議的服務分類代碼")
    title_pattern: Line = Field(description="名稱樣式；○○ 為地名，# 為數字")


class CleanupMove(TypedDict):
    """待審的有幾筆建議移到一個分類。"""

    categoryCode: str
    datasets: int


class CleanupCategory(TypedDict):
    """一個分類的筆數：before 依所填，now 依核可、未核可者依所填，expected 再加上待審群的全部建議；null 為沒有分類。"""

    categoryCode: str | None
    before: int
    now: int
    expected: int


class CleanupCountsOut(TypedDict):
    """所填為這個分類的資料集：改到其他分類、維持、退回，以及待審中疑似不符（doubtful）與未標示者，合計為 declared。"""

    declared: int
    moved: int
    kept: int
    undetermined: int
    doubtful: int
    unflagged: int


class CleanupGroupOut(TypedDict):
    """名稱只差地名與數字、建議分類相同的一群；sure 為信心足以一次採用的筆數，confidence 為平均。"""

    titlePattern: str
    suggestedCode: str
    datasets: int
    sure: int
    publishers: int
    confidence: float
    titles: list[str]


class AlikeOut(TypedDict):
    """兩筆以上的群有幾群、共幾筆；其餘的群各一筆。"""

    groups: int
    datasets: int


class CleanupPage(TypedDict):
    """清理的一頁，筆數多的群在前；total 為全部群數，next 為下一頁的游標，最後一頁為 null。"""

    categoryCode: str
    counts: CleanupCountsOut
    moves: list[CleanupMove]
    categories: list[CleanupCategory]
    groups: list[CleanupGroupOut]
    total: int
    alike: AlikeOut
    next: str | None


class GroupSelection(TypedDict):
    """放進 POST /v1/decisions:batch 的 selection。"""

    queue: Literal["mismatch"]
    categoryCode: str
    suggestedCode: str
    titlePattern: str
    publisher: str | None
    confidenceFrom: float | None


class GroupChoice(TypedDict):
    """一種決定會決定幾筆，與送出時要附上的 selection 與 selectionTag。"""

    datasets: int
    selection: GroupSelection
    selectionTag: str


class GroupDatasetOut(TypedDict):
    """一群裡的一筆；words 為建議所依據的詞，sure 為可否一次採用，kept 為維持所填時是否在這一批裡。"""

    identifier: str
    title: str
    publisher: str | None
    confidence: float
    sure: bool
    kept: bool
    words: list[str]
    labels: list[str]


class CleanupGroupShown(TypedDict):
    """一群的全部資料集；more 為是否還有超過一批的資料集。accept 採用建議，keep 維持所填。"""

    datasets: list[GroupDatasetOut]
    more: bool
    accept: GroupChoice
    keep: GroupChoice
