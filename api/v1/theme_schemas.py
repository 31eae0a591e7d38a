"""The JSON of themes."""

import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from api.validation import STORED_IDENTIFIER

MOST_DATASETS = 200
"""How many datasets a theme may have."""
_MOST_NAMED = 100
_DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def without_controls(text: str) -> str:
    """A text, refused where it holds control characters other than line ends and tabs.

    Direction marks (U+202E and the like) are among the refused: they make a page read otherwise than it is.
    """
    for position, character in enumerate(text, 1):
        kind = unicodedata.category(character)
        if (kind == "Cc" and character not in "\n\r\t") or character in _DIRECTIONS:
            raise PydanticCustomError(
                "control_character", "第 {position} 個字是控制字元，請移除", {"position": position}
            )
    return text


def _says_something(text: str) -> str:
    if not any(map(str.isalnum, text)):
        raise PydanticCustomError("nothing_said", "至少要有一個文字或數字")
    return text


Line = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(without_controls)
]
Topic = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(without_controls),
    AfterValidator(_says_something),
]
Identifier = Annotated[str, StringConstraints(pattern=STORED_IDENTIFIER)]
Identifiers = Annotated[tuple[Identifier, ...], Field(max_length=MOST_DATASETS)]
Publishers = Annotated[tuple[Line, ...], Field(max_length=_MOST_NAMED)]


class ThemeIn(BaseModel):
    """要整理的主題。"""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    topic: Topic = Field(description="主題，如：職業安全")
    title: Line | None = Field(None, description="主題包的名稱；未填時與主題相同")
    limit: Annotated[int, Field(ge=1, le=MOST_DATASETS)] = Field(60, description="至多列出幾筆資料集")
    exclude_publishers: Publishers = Field(
        (), alias="excludePublishers", description="不列入的提供機關、部會或地方政府"
    )
    accept: Identifiers = Field((), description="一定列入的資料集識別碼")
    drop: Identifiers = Field((), description="不列入的資料集識別碼")


class ThemeVersionIn(BaseModel):
    """主題的新版本要改什麼；未填的維持不變。"""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    title: Line | None = Field(None, description="新的名稱")
    limit: Annotated[int, Field(ge=1, le=MOST_DATASETS)] | None = Field(
        None, description="至多列出幾筆資料集"
    )
    exclude_publishers: Publishers | None = Field(
        None, alias="excludePublishers", description="不列入的提供機關、部會或地方政府"
    )
    accept: Identifiers = Field((), description="加入的資料集識別碼")
    drop: Identifiers = Field((), description="移除的資料集識別碼")
    remake: bool = Field(False, description="是否依目前的資料集重新挑選；否則沿用前一版的資料集")


class ThemeQuery(BaseModel):
    """Which version of a theme."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(None, ge=1, le=2**31 - 1, description="版本；未填時為最新版")


class ThemesQuery(BaseModel):
    """Which page of the themes."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(None, max_length=200, description="上一頁回傳的 next")
    limit: int = Field(50, ge=1, le=200, description="一頁幾筆")


Level = Literal["高", "中", "低"]


class ThemeOptions(TypedDict):
    """整理時的選項；accept 與 drop 為歷來累積的決定。"""

    limit: int
    excludePublishers: list[str]
    accept: list[str]
    drop: list[str]


class ThemeSummary(TypedDict):
    """筆數：列出的資料集、其所屬部會與地方政府、全目錄中相近的資料集、全目錄。"""

    datasets: int
    agencies: int
    near: int
    searched: int


class TextMatch(TypedDict):
    """相符字詞在欄位中的位置：以字元（code point）計，不含 end。"""

    field: str
    start: int
    end: int


class ThemeReason(TypedDict):
    """列入的理由；path 為從主題到這個面向所經的標籤。"""

    kind: Literal["words", "title", "label", "accepted"]
    text: str
    path: list[str]
    matches: list[TextMatch]


class ThemeDataset(TypedDict):
    """主題中的一筆資料集；more 為同機關同名、僅年度或地區不同而未另列的筆數。"""

    rank: int
    identifier: str
    title: str
    publisher: str | None
    agency: str
    nearness: float
    level: Level
    accepted: bool
    reason: ThemeReason
    aspects: list[str]
    more: int


class ThemeAspect(TypedDict):
    """面向：與主題相近的概念。basis 為相近的依據：主題字面、語意、同時標註、詞彙表關聯。"""

    concept: str
    label: str
    nearness: float
    level: Level
    path: list[str]
    basis: list[Literal["spelled", "meaning", "labels", "vocabulary"]]
    datasets: int
    selected: int
    agencies: list[str]


class ThemeAgency(TypedDict):
    """有相近資料集的部會或地方政府：列出、相近與全部的筆數。"""

    name: str
    kind: Literal["central", "local", "untold"]
    selected: int
    near: int
    stored: int


class QuietAgency(TypedDict):
    """目錄中有資料集、但沒有相近者的部會或地方政府。"""

    name: str
    kind: Literal["central", "local"]
    stored: int


class ThemeGap(TypedDict):
    """缺口：相近但幾乎沒有資料集的面向，附可提出的開放需求草稿。"""

    kind: Literal["none", "few", "oneAgency"]
    label: str
    concept: str | None
    nearness: float
    level: Level
    datasets: int
    likelyAgencies: list[str]
    request: str


class ThemeContent(TypedDict):
    """主題的內容；contentHash 就是它的雜湊。"""

    topic: str
    title: str
    options: ThemeOptions
    model: str
    summary: ThemeSummary
    datasets: list[ThemeDataset]
    aspects: list[ThemeAspect]
    agencies: list[ThemeAgency]
    agenciesWithNothingNear: list[QuietAgency]
    gaps: list[ThemeGap]


class ThemeOut(ThemeContent):
    """已儲存的主題的一個版本；版本一經儲存即不再變更。"""

    identifier: str
    version: int
    newestVersion: int
    createdAt: datetime
    contentHash: str
    page: str


class ThemeHeadingOut(TypedDict):
    """清單中的主題，以其最新版表示。"""

    identifier: str
    version: int
    topic: str
    title: str
    datasets: int
    agencies: int
    createdAt: datetime
    contentHash: str


class ThemePage(TypedDict):
    """一頁主題，新的在前；next 為下一頁的游標，最後一頁為 null。"""

    themes: list[ThemeHeadingOut]
    next: str | None
