"""What the portal's own check found in a dataset."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _unsaid(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Flag = Annotated[bool | None, BeforeValidator(_unsaid)]


class QualityFlags(BaseModel):
    """平臺品質檢測的結果，名稱與其介面（/api/v2/rest/qc）相同；"1" 為通過、"0" 為未通過，省略為未檢。"""

    # That interface answers with more (csv, created, request, changed), whose meaning is not documented.
    model_config = ConfigDict(frozen=True, extra="ignore")

    linkable: Flag = Field(None, description="連結有效")
    downloadable: Flag = Field(None, description="可直接下載")
    structure: Flag = Field(None, description="結構化")
    encoding_match: Flag = Field(None, description="編碼相符")
    desc_match: Flag = Field(None, description="欄位相符")


NO_FLAGS = QualityFlags()
