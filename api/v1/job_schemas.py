"""The JSON of jobs."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from api.services.jobs.control import Asked
from api.v1.theme_schemas import without_controls
from api.validation import STORED_IDENTIFIER
from models.job_items import Wanted
from tagger.metadata import CategoryCode

MOST_LISTED = 10_000
"""Identifiers that one job may list."""
_CONFIG = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)
_Identifier = Annotated[str, StringConstraints(pattern=STORED_IDENTIFIER)]
_Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000),
    AfterValidator(without_controls),
]
State = Literal["waiting", "running", "done", "failed", "cancelled"]


class JobIn(BaseModel):
    """要做的工作。條件可以併用；要全部重新檢視時須填 all，以免漏填條件而動到全部。"""

    model_config = _CONFIG

    kind: Literal["retag"] = Field(description="retag：以目前的模型標註已儲存的資料集")
    all: bool = Field(False, description="所有已儲存的資料集；不可與其他條件併用")
    changed: bool = Field(False, description="只標註內容或模型版本改變而尚未標註的資料集")
    publisher: _Text | None = Field(None, description="只標註這個機關的資料集，需完全相同")
    category_code: CategoryCode | None = Field(None, description="只標註所填為這個服務分類的資料集")
    query: _Text | None = Field(None, description="只標註搜尋得到的資料集，寫法同搜尋")
    identifiers: list[_Identifier] | None = Field(
        None, min_length=1, max_length=MOST_LISTED, description="只標註這些識別碼的資料集"
    )
    again: bool = Field(False, description="這個模型標註過的也重新標註")

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        narrowed = (self.publisher, self.category_code, self.query, self.identifiers)
        some = self.changed or any(one is not None for one in narrowed)
        if self.all and some:
            raise PydanticCustomError("one_of", "all 不可與其他條件併用，請擇一")
        if not self.all and not some:
            raise PydanticCustomError(
                "scope_missing",
                "請填 publisher、categoryCode、query、identifiers、changed 其中的條件；要標註全部時填 all",
            )
        return self

    @property
    def asked(self) -> Asked:
        """The same for the use cases."""
        wanted = Wanted(self.publisher, self.category_code, self.changed)
        listed = None if self.identifiers is None else tuple(dict.fromkeys(self.identifiers))
        return Asked(wanted, self.query, listed, self.again)


class JobsQuery(BaseModel):
    """Which jobs, and which page of them."""

    model_config = _CONFIG

    state: Literal["open", "waiting", "running", "done", "failed", "cancelled"] | None = Field(
        None, description="工作的狀態；open 為尚未結束者"
    )
    cursor: str | None = Field(None, max_length=200, description="上一頁回傳的 next")
    limit: int = Field(20, ge=1, le=100, description="一頁幾項")


class FailuresQuery(BaseModel):
    """Which page of what failed."""

    model_config = _CONFIG

    cursor: str | None = Field(None, max_length=200, description="上一頁回傳的 next 或 failuresNext")
    limit: int = Field(100, ge=1, le=1_000, description="一頁幾筆")


class JobParameters(TypedDict):
    """要求的內容；listed 為列出的識別碼數。"""

    publisher: str | None
    categoryCode: str | None
    query: str | None
    changed: bool
    again: bool
    listed: int | None
    modelVersion: str


class JobCounts(TypedDict):
    """得到的結果，以資料集計：標註、已標註過、其中分類改變、新增疑似不符，以及無法標註。"""

    tagged: int
    unchanged: int
    changedCategory: int
    newMismatches: int
    failed: int


class JobChunks(TypedDict):
    """各狀態的批數。"""

    waiting: int
    running: int
    done: int
    failed: int
    cancelled: int


class JobSummary(TypedDict):
    """一項工作。total、done、failed、leftOut 以資料集計；rate 為每秒幾筆，secondsLeft 為估計的剩餘秒數。"""

    id: int
    kind: Literal["retag"]
    state: State
    parameters: JobParameters
    requestedBy: str | None
    createdAt: datetime
    startedAt: datetime | None
    finishedAt: datetime | None
    total: int
    done: int
    failed: int
    leftOut: int
    counts: JobCounts
    chunks: JobChunks
    rate: float | None
    secondsLeft: int | None
    error: str | None


class FailureOut(TypedDict):
    """一筆無法標註的資料集與原因。"""

    identifier: str
    title: str | None
    reason: str


class FailedChunk(TypedDict):
    """放棄的一批：number 由 1 起算。"""

    number: int
    error: str


class JobOut(JobSummary):
    """一項工作，附無法標註的資料集與放棄的批，各至多 100 筆；其餘由 failuresNext 起續讀。"""

    failures: list[FailureOut]
    failuresNext: str | None
    failedChunks: list[FailedChunk]


class JobPage(TypedDict):
    """一頁工作，新的在前；next 為下一頁的游標，最後一頁為 null。"""

    jobs: list[JobSummary]
    next: str | None


class FailurePage(TypedDict):
    """一頁無法標註的資料集；next 為下一頁的游標，最後一頁為 null。"""

    failures: list[FailureOut]
    next: str | None
