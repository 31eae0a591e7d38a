"""The JSON of search: what it takes and gives."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from tagger.metadata import CategoryCode
from tagger.places import whole_place

# No agency, label or place is written with these; what holds them is code.
_FOREIGN = re.compile(r'[<>"\\;={}`|\x00-\x1f\x7f]')


def _empty_as_none(value: Any) -> Any:
    """A form sends a field that nobody filled as an empty text."""
    return None if isinstance(value, str) and not value.strip() else value


def _name(text: str) -> str:
    found = _FOREIGN.search(text)
    if found:
        shown = found.group() if found.group().isprintable() else f"U+{ord(found.group()):04X}"
        raise PydanticCustomError(
            "foreign_character", "含有名稱不會有的字元「{shown}」，請移除", {"shown": shown}
        )
    return text


def _place(text: str) -> str:
    """A county or township by its name of today."""
    place = whole_place(text)
    if place:
        return place
    raise PydanticCustomError(
        "unknown_place", "不是縣市或鄉鎮市區的名稱，請寫完整，例如「臺中市」或「臺中市大里區」"
    )


Name = Annotated[str, StringConstraints(max_length=255), AfterValidator(_name)]
Optional = BeforeValidator(_empty_as_none)


class SearchWords(BaseModel):
    """What is searched for."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    q: Annotated[str | None, Optional] = Field(
        None,
        description='查詢字詞：空白表示同時符合，OR 表示擇一，「」或 "" 表示完整字句，- 表示排除；省略時列出全部',
    )
    label: Annotated[Name | None, Optional] = Field(None, description="語意標籤，含其下位詞")
    category_code: Annotated[CategoryCode | None, Optional] = Field(
        None, alias="categoryCode", description="服務分類代碼：核可者，否則所填者，所填不符或未填時為建議者"
    )
    publisher: Annotated[Name | None, Optional] = Field(None, description="提供機關，需完全相同")
    spatial: Annotated[
        Annotated[str, StringConstraints(max_length=64), AfterValidator(_place)] | None, Optional
    ] = Field(None, description="縣市或鄉鎮市區")
    covers_from: Annotated[date | None, Optional] = Field(
        None, alias="from", description="收錄期間在這一天或之後（ISO 8601）"
    )
    covers_to: Annotated[date | None, Optional] = Field(
        None, alias="to", description="收錄期間在這一天或之前（ISO 8601）"
    )
    status: Annotated[Literal["untagged", "suggested", "mismatched", "approved"] | None, Optional] = Field(
        None, description="未標註、已有建議、疑似分類不符、已核可"
    )


class SearchQuery(SearchWords):
    """What is searched for, and which page of it."""

    cursor: Annotated[str | None, Optional] = Field(None, max_length=400, description="上一頁回傳的 next")
    limit: int = Field(20, ge=1, le=100, description="一頁幾筆")


class LabelQuery(BaseModel):
    """What was typed of a label."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(description="標籤的一部分")
    limit: int = Field(10, ge=1, le=50, description="至多幾個")


class RelatedQuery(BaseModel):
    """How many related datasets."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(10, ge=1, le=50, description="至多幾筆")


class Highlight(TypedDict):
    """查詢字詞在欄位中的位置；以字元（code point）計，end 不含。"""

    field: str
    start: int
    end: int


class DatasetSummary(TypedDict):
    """一筆資料集的摘要；categoryCode 為目前適用的服務分類。"""

    identifier: str
    title: str
    description: str | None
    publisher: str | None
    categoryCode: str | None
    status: Literal["untagged", "suggested", "mismatched", "approved"]
    labels: list[str]
    spatial: list[str]


class SearchHit(DatasetSummary):
    """一筆搜尋結果；score 為 0 至 1，exact 為 false 者只是相近。"""

    score: float
    exact: bool
    highlights: list[Highlight]


class FacetValue(TypedDict):
    """可用來縮小範圍的一個值與筆數。"""

    value: str
    count: int


class SearchFacets(TypedDict):
    """各項篩選的值，筆數多者在前。"""

    categoryCode: list[FacetValue]
    status: list[FacetValue]
    publisher: list[FacetValue]
    label: list[FacetValue]
    spatial: list[FacetValue]


class SearchPage(TypedDict):
    """一頁搜尋結果。

    total 為含有所有查詢字詞的筆數，totalIsExact 為 false 時 total 與 facets 為估計；near 為另外相近的筆數；
    didYouMean 為更正後的查詢；next 為下一頁的游標，最後一頁為 null。
    """

    results: list[SearchHit]
    total: int
    totalIsExact: bool
    near: int
    facets: SearchFacets
    didYouMean: str | None
    next: str | None


class LabelCompletion(TypedDict):
    """一個語意標籤；written 為與輸入相符的寫法，可能是同義詞。"""

    label: str
    written: str
    categoryCode: str | None
    concept: str


class LabelCompletions(TypedDict):
    """與輸入相符的標籤，開頭相符者在前。"""

    labels: list[LabelCompletion]


class RelatedDataset(DatasetSummary):
    """一筆相關資料集；reasons 為共有的語意標籤。"""

    score: float
    reasons: list[str]


class RelatedDatasets(TypedDict):
    """相關資料集，最相近者在前；同一系列只列一筆。"""

    datasets: list[RelatedDataset]
