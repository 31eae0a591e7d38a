"""The JSON of relevance."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from typing_extensions import TypedDict

from api.v1.theme_schemas import Level, Topic, without_controls

MOST_NAMED = 50
LONGEST_ABSTRACT = 10_000
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=255),
    AfterValidator(without_controls),
]
# Not stripped: offsets count from the first character that was sent.
Abstract = Annotated[str, StringConstraints(max_length=LONGEST_ABSTRACT), AfterValidator(without_controls)]


class RelevanceIn(BaseModel):
    """作品的摘要與使用的資料集，以及要對照的主題。theme 與 topic 擇一。"""

    model_config = ConfigDict(extra="forbid")

    theme: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        None, description="已整理主題的識別碼"
    )
    topic: Topic | None = Field(None, description="主題的文字；沒有已整理的主題時使用")
    abstract: Abstract = Field("", description="作品摘要；回覆的位置以其字元（code point）計")
    datasets: Annotated[tuple[Name, ...], Field(min_length=1, max_length=MOST_NAMED)] = Field(
        description="使用的資料集：識別碼或名稱"
    )


class RelevanceTheme(TypedDict):
    """對照的主題；未儲存者識別碼、版本與雜湊為 null。"""

    identifier: str | None
    version: int | None
    contentHash: str | None
    topic: str
    title: str


class ScopeAspect(TypedDict):
    """主題的面向，與屬於它的資料集。"""

    concept: str
    label: str
    nearness: float
    level: Level
    datasets: list[str]


class ScopeDataset(TypedDict):
    """一筆資料集在主題內、主題旁（相關，但在主題之外）或主題外，與理由。"""

    name: str
    identifier: str
    title: str
    publisher: str | None
    agency: str
    where: Literal["inside", "beside", "outside"]
    reason: str
    aspects: list[str]


class Scope(TypedDict):
    """範圍：涵蓋主題的哪些面向與機關。"""

    aspects: list[ScopeAspect]
    aspectsNotCovered: list[ScopeAspect]
    agencies: list[str]
    agenciesOfTheme: list[str]
    datasets: list[ScopeDataset]


class Quantity(TypedDict):
    """數量。"""

    named: int
    found: int
    inside: int
    beside: int
    outside: int
    unmatched: int
    repeated: int


class SpokenWord(TypedDict):
    """摘要中的字詞，與它說的面向或資料集（識別碼）。"""

    start: int
    end: int
    kind: Literal["theme", "dataset"]
    of: str


class SpokenSentence(TypedDict):
    """說到主題或所列資料集的句子，位置以摘要原文的字元計，不含 end。"""

    start: int
    end: int
    text: str
    about: list[Literal["theme", "dataset"]]
    matches: list[SpokenWord]


class Degree(TypedDict):
    """程度：摘要有哪些句子說到主題或資料集，哪些資料集沒有說到。"""

    sentences: list[SpokenSentence]
    sentencesInAll: int
    sentencesOfTheme: int
    sentencesOfDatasets: int
    datasetsSpokenOf: list[str]
    datasetsNotSpokenOf: list[str]


class NearTitle(TypedDict):
    """可能是所指的資料集。"""

    identifier: str
    title: str
    publisher: str | None


class UnmatchedName(TypedDict):
    """沒有對應、或對應到多筆的名稱，附可能的資料集。"""

    name: str
    reason: Literal["unknown", "ambiguous"]
    near: list[NearTitle]


class RelevanceOut(TypedDict):
    """關聯性的證據：範圍、數量、程度；不計總分。limits 為這份結果不能說明的事。"""

    theme: RelevanceTheme
    scope: Scope
    quantity: Quantity
    degree: Degree
    unmatched: list[UnmatchedName]
    limits: list[str]
