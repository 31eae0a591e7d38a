"""A dataset's metadata under the names of 資料集詮釋資料標準規範 (July 2015).

The wire uses the standard's own names (`fieldDescription`); Python attributes are their snake_case.
Text is kept as it was written: nothing here trims or folds it (see `tagger.normalise` for matching).
"""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from tagger.categories import category_names

TITLE_LENGTH = 500
"""The standard says 255; published catalogues exceed it."""
TEXT_LENGTH = 20_000
"""For description, fieldDescription and notes: four times the longest one seen in published catalogues."""

_NAMES = {
    "license_url": "licenseURL",
    "cost_url": "costURL",
    "resource_id": "resourceID",
    "access_url": "accessURL",
    "download_url": "downloadURL",
    "temporal_coverage_from": "temporalCoverageFrom",
    "temporal_coverage_to": "temporalCoverageTo",
}


def standard_name(attribute: str) -> str:
    """The standard's name of a Python attribute: `field_description` → `fieldDescription`."""
    head, *rest = attribute.split("_")
    return _NAMES.get(attribute) or head + "".join(word.capitalize() for word in rest)


def _storable(text: str) -> str:
    # PostgreSQL cannot hold it, and no reader can see it.
    if "\x00" in text:
        raise PydanticCustomError("control_character", "內含無法儲存的控制字元 U+0000，請移除後再試")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "不可空白，請填寫")
    return text


def _known_category(code: str) -> str:
    if code not in category_names():
        known = "、".join(f"{code} {name}" for code, name in category_names().items())
        raise PydanticCustomError(
            "unknown_category", "不是服務分類代碼，請改用其中之一：{known}", {"known": known}
        )
    return code


def _as_list(value: Any) -> Any:
    """The standard allows one keyword as a bare string."""
    return [value] if isinstance(value, str) else value


Line = Annotated[str, StringConstraints(max_length=1_000), AfterValidator(_storable)]
Text = Annotated[str, StringConstraints(max_length=TEXT_LENGTH), AfterValidator(_storable)]
Title = Annotated[
    str, StringConstraints(max_length=TITLE_LENGTH), AfterValidator(_storable), AfterValidator(_not_blank)
]
Identifier = Annotated[
    str, StringConstraints(max_length=255), AfterValidator(_storable), AfterValidator(_not_blank)
]
CategoryCode = Annotated[
    str,
    AfterValidator(_known_category),
    Field(json_schema_extra={"enum": list(category_names())}),
]
Keyword = Annotated[str, StringConstraints(max_length=255), AfterValidator(_storable)]


class Distribution(BaseModel):
    """One resource of a dataset: a file or an interface."""

    model_config = ConfigDict(
        alias_generator=standard_name, populate_by_name=True, frozen=True, coerce_numbers_to_str=True
    )

    resource_id: Line | None = Field(None, description="資源識別碼")
    resource_description: Text | None = Field(None, description="資源描述")
    format: Line | None = Field(None, description="檔案格式")
    character_set_code: Line | None = Field(None, description="編碼格式")
    resource_modified: Line | None = Field(None, description="資源更新時間")
    access_url: Text | None = Field(None, description="存取網址")
    download_url: Text | None = Field(None, description="資料下載網址")
    metadata_source_of_data: Text | None = Field(None, description="資料資源的詮釋資料來源")


class DatasetMetadata(BaseModel):
    """What a publisher says of one dataset. Only the title is required.

    Names that the standard does not know are ignored here; doors that want them refused subclass it.
    """

    model_config = ConfigDict(
        alias_generator=standard_name,
        populate_by_name=True,
        frozen=True,
        extra="ignore",
        coerce_numbers_to_str=True,
    )

    identifier: Identifier | None = Field(None, description="資料集識別碼")
    title: Title = Field(description="資料集名稱", examples=["職業災害統計"])
    description: Text | None = Field(None, description="資料集描述")
    field_description: Text | None = Field(None, description="主要欄位說明")
    publisher: Line | None = Field(None, description="提供機關", examples=["勞動部職業安全衛生署"])
    organization: Line | None = Field(None, description="資料集擁有機關")
    keyword: Annotated[list[Keyword], Field(max_length=100), BeforeValidator(_as_list)] | None = Field(
        None, description="關鍵字"
    )
    category_code: CategoryCode | None = Field(None, description="機關所填的服務分類代碼")
    type: Line | None = Field(None, description="資料提供屬性")
    data_quality: Line | None = Field(None, description="品質檢測")
    listing_method: Line | None = Field(None, description="資料集上架方式")
    accrual_periodicity: Line | None = Field(None, description="更新頻率")
    license: Line | None = Field(None, description="授權方式")
    license_url: Text | None = Field(None, description="授權說明網址")
    landing_page: Text | None = Field(None, description="相關網址")
    cost: Line | None = Field(None, description="計費方式")
    cost_url: Text | None = Field(None, description="計費說明網址")
    cost_law: Text | None = Field(None, description="計費法令依據")
    issued: Line | None = Field(None, description="上架日期")
    modified: Line | None = Field(None, description="詮釋資料更新時間")
    temporal_coverage_from: Line | None = Field(None, description="收錄期間（起）")
    temporal_coverage_to: Line | None = Field(None, description="收錄期間（迄）")
    spatial: Line | None = Field(None, description="空間範圍")
    language: Line | None = Field(None, description="語系")
    number_of_data: Line | None = Field(None, description="資料量")
    notes: Text | None = Field(None, description="備註")
    distribution: Annotated[list[Distribution], Field(max_length=500)] | None = Field(
        None, description="資料資源"
    )

    def to_record(self) -> dict[str, Any]:
        """The fields that are filled, under the standard's names, as JSON types."""
        return self.model_dump(by_alias=True, exclude_none=True)
