"""The JSON of correction notes."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from typing_extensions import TypedDict

from api.reports.correction.words import FIRST_DAY
from tagger.metadata import Line

Level = Literal["建議確認", "建議修正"]


class QuoteOut(TypedDict):
    """支持建議分類的一段文字：欄位、起訖（以字元計，不含迄）與原文。"""

    field: str
    start: int
    end: int
    text: str


class ComparableOut(TypedDict):
    """同屬建議分類的相近資料集；reviewed 為 true 者經審核者核可，否則由其提供機關填列而尚未審核。"""

    identifier: str
    title: str
    publisher: str | None
    categoryCode: str
    reviewed: bool


class CorrectionNoteOut(TypedDict):
    """一張修正建議單；reviewed 為 true 者經審核者核可，confidence 為模型估計需要修正的機率。"""

    number: str
    issuedOn: date
    identifier: str | None
    title: str
    publisher: str | None
    declared: str
    suggested: str
    level: Level
    reviewed: bool
    confidence: float | None
    subject: str
    reason: str
    quotes: list[QuoteOut]
    comparables: list[ComparableOut]
    replies: list[str]
    modelVersion: str | None


class AgencyNotesOut(TypedDict):
    """一個機關的修正建議單，依儲存順序；total 大於 notes 的筆數時，其餘未列出。"""

    publisher: str
    total: int
    notes: list[CorrectionNoteOut]


class CheckOut(TypedDict):
    """上架前的檢查：結論，以及修正建議單；現行分類無疑義者 note 為 null。"""

    verdict: str
    note: CorrectionNoteOut | None


class NoteQuery(BaseModel):
    """The form of a note and how it is sent out."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    format: Literal["json", "docx", "pdf"] | None = Field(
        None, description="回覆的格式；省略時依 Accept 標頭"
    )
    issued_on: date | None = Field(
        None,
        alias="issuedOn",
        ge=FIRST_DAY,
        description="發文日期，例如 2026-03-01，不早於 1912-01-01；省略時為今天",
    )
    document_number: Annotated[str, StringConstraints(max_length=100)] | None = Field(
        None, alias="documentNumber", description="發文字號；省略時留白"
    )


class AgencyQuery(NoteQuery):
    """Whose notes."""

    publisher: Line = Field(description="提供機關，需完全相同")
