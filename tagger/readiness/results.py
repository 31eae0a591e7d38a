"""The shape of an assessment, which is also what goes over the wire."""

from typing import Literal

# pydantic describes these in the API; before Python 3.12 it needs this TypedDict.
from typing_extensions import TypedDict

State = Literal["met", "unmet", "unknown"]
Effort = Literal["fill", "text", "file", "development"]
Basis = Literal["flag", "columns", "metadata", "none"]
"""What a state rests on: the portal's check; the file's columns; the record; nothing."""

STATES: dict[State, str] = {"met": "符合", "unmet": "不符", "unknown": "未知"}
EFFORTS: dict[Effort, str] = {
    "fill": "一次填寫",
    "text": "改文字",
    "file": "改檔案",
    "development": "需開發",
}
"""From the cheapest to the dearest: a value chosen once in a form; words that somebody writes; a file that is made
anew; a program or an interface that is changed."""

LINK, DOWNLOAD, STRUCTURE = "linkValidity", "directDownload", "structured"
ENCODING, FIELDS, TIMELINESS, REPLIES = "encodingMatch", "fieldMatch", "timeliness", "replyEfficiency"
INDICATORS: dict[str, str] = {
    LINK: "連結有效性",
    DOWNLOAD: "可直接下載",
    STRUCTURE: "結構化",
    ENCODING: "編碼相符",
    FIELDS: "欄位相符",
    TIMELINESS: "更新時效性",
    REPLIES: "回復效率",
}
"""The indicators in the order of the guideline, with their names."""


class IndicatorState(TypedDict):
    """一項品質指標的狀態：met 符合、unmet 不符、unknown 未知；basis 為判斷的依據：平臺檢測、檔案欄位、詮釋資料，或沒有。"""

    indicator: str
    name: str
    state: State
    basis: Basis
    reason: str


class Gap(TypedDict):
    """一項缺漏。

    effort 由易到難為 fill 一次填寫、text 改文字、file 改檔案、development 需開發；indicators 為有關的品質指標。
    """

    rule: str
    number: str
    field: str
    effort: Effort
    indicators: list[str]
    message: str
    fix: str


class Readiness(TypedDict):
    """一個資料集的白金準備度，以 assessedOn 那一天為準。

    badge 為平臺所載的品質檢測結果，本服務不推定標章；gaps 由最容易補的排起。
    """

    assessedOn: str
    badge: str | None
    indicators: list[IndicatorState]
    gaps: list[Gap]
