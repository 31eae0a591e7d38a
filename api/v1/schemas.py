"""The JSON that the REST interface takes and gives, beside the tagger's own."""

from datetime import datetime
from typing import Annotated, Literal, NotRequired

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SkipValidation, StringConstraints
from typing_extensions import TypedDict

from api.problems import Problem
from api.validation import STORED_IDENTIFIER
from tagger import DatasetMetadata, Suggestion
from tagger.metadata import CategoryCode

MOST_DATASETS = 100
"""How many datasets one request may carry."""


class DatasetIn(DatasetMetadata):
    """資料集的詮釋資料。欄位名稱依「資料集詮釋資料標準規範」；多出的欄位會被退回，以免拼錯的名稱無聲無息。"""

    model_config = ConfigDict(extra="forbid")


class StoredDatasetIn(DatasetIn):
    """要儲存的資料集；識別碼會出現在網址中，因此不可含斜線、空白與控制字元。"""

    identifier: Annotated[str, StringConstraints(pattern=STORED_IDENTIFIER)] | None = Field(
        None, description="資料集識別碼；可省略，以網址中的為準"
    )


class BatchIn(BaseModel):
    """多筆資料集。每筆各自檢查，一筆有誤不影響其他筆。"""

    model_config = ConfigDict(extra="forbid")

    # Each is validated by itself later, so that one bad item does not cost the others.
    datasets: Annotated[list[SkipValidation[DatasetIn]], Field(min_length=1, max_length=MOST_DATASETS)]


class FailedItem(TypedDict):
    """一筆無法處理的資料集。"""

    identifier: str | None
    problem: Problem


class BatchOut(TypedDict):
    """各筆的建議，順序與送出時相同。"""

    suggestions: list[Suggestion | FailedItem]
    failed: int


class TagsOut(TypedDict):
    """審核的結果：核可的分類（尚未核可者為 null）、核可的標籤、不再建議的標籤。"""

    categoryCode: str | None
    labels: list[str]
    rejectedLabels: list[str]


class DatasetOut(TypedDict):
    """一個已儲存的資料集及其目前的建議；尚未標註者 suggestion 為 null。"""

    identifier: str
    metadata: DatasetMetadata
    suggestion: Suggestion | None
    tags: TagsOut
    revision: int
    createdAt: datetime
    updatedAt: datetime


class DatasetPage(TypedDict):
    """一頁資料集；next 為下一頁的游標，最後一頁為 null。"""

    datasets: list[DatasetOut]
    next: str | None


class CategoryOut(TypedDict):
    """一個服務分類。"""

    categoryCode: str
    name: str
    definition: str


class CategoryList(TypedDict):
    """18 個服務分類。"""

    categories: list[CategoryOut]


class Health(TypedDict):
    """服務狀態；checks 為各項檢查的結果。"""

    status: Literal["ok", "unavailable"]
    checks: NotRequired[dict[str, str]]


def _flag(value: object) -> object:
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower(), value)


class DatasetQuery(BaseModel):
    """Which datasets, and which page of them."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    cursor: str | None = Field(None, max_length=200, description="上一頁回傳的 next")
    limit: int = Field(50, ge=1, le=200, description="一頁幾筆")
    category_code: CategoryCode | None = Field(
        None, alias="categoryCode", description="所填（未填者為建議）的服務分類代碼"
    )
    mismatched: Annotated[bool, BeforeValidator(_flag)] | None = Field(None, description="是否疑似分類不符")
    publisher: str | None = Field(None, max_length=1_000, description="提供機關，需完全相同")
