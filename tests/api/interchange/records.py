"""Datasets for the tests of interchange: one that says all it can, and any that may be stored."""

from typing import Any

from hypothesis import strategies as st

from tagger.categories import category_names
from tagger.metadata import DatasetMetadata, Distribution

FULL: dict[str, Any] = {
    "identifier": "900001",
    "title": "職業災害統計",
    "description": '第一行\r\n第二行，含「引號」"與<標籤>\\',
    "fieldDescription": "年月:統計期;行業;件數(件)",
    "publisher": "勞動部職業安全衛生署",
    "organization": "勞動部",
    "keyword": ["職災", "勞工安全"],
    "categoryCode": "500",
    "type": "檔案資料",
    "dataQuality": "金",
    "listingMethod": "系統介接程式",
    "accrualPeriodicity": "每1月",
    "license": "政府資料開放授權條款-第1版",
    "licenseURL": "https://data.gov.tw/license",
    "landingPage": "https://example.gov.tw/頁面?q=1",
    "cost": "免費",
    "issued": "2024-01-01 00:00:00",
    "modified": "2026-01-01 12:00:00",
    "temporalCoverageFrom": "2014-01-01",
    "temporalCoverageTo": "2024-12-31",
    "spatial": "臺灣",
    "language": "zh",
    "numberOfData": "875;12",
    "notes": "備註",
    "distribution": [
        {
            "resourceID": "900001-001",
            "resourceDescription": "職業災害統計（月）",
            "format": "CSV",
            "characterSetCode": "UTF-8",
            "resourceModified": "2026-01-01",
            "downloadURL": "https://example.gov.tw/a.csv",
        },
        {"format": "JSON", "downloadURL": "https://example.gov.tw/b?x=1"},
    ],
}
"""A dataset with nearly every field."""

storable = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufdd0"), min_size=1, max_size=40
)
"""Texts that may be stored; the noncharacter is the readers' own mark."""
without_semicolon = storable.filter(lambda text: ";" not in text)
identifiers = st.from_regex(r"[^\s/\\?#%\x00-\x1f\x7f\ud800-\udfff\ufdd0]{1,20}", fullmatch=True)

_frequencies = st.one_of(
    st.just("不定期更新"),
    st.builds("每{}{}".format, st.integers(1, 99), st.sampled_from("分時日週月季年")),
    storable,
)


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


_SPECIAL = {
    "identifier": identifiers,
    "title": storable.filter(str.strip),
    "category_code": _maybe(st.sampled_from(list(category_names()))),
    "accrual_periodicity": _maybe(_frequencies),
    "keyword": _maybe(st.lists(storable, min_size=1, max_size=4)),
    "number_of_data": _maybe(st.sampled_from(["0", "875;12", "1;2;3", ";", "7,472"]) | storable),
    "distribution": _maybe(
        st.lists(
            st.builds(Distribution, **{name: _maybe(without_semicolon) for name in Distribution.model_fields})
            # A resource that says nothing is none.
            .filter(lambda resource: bool(resource.model_dump(exclude_none=True))),
            min_size=1,
            max_size=3,
        )
    ),
}
datasets: st.SearchStrategy[DatasetMetadata] = st.builds(
    DatasetMetadata,
    **{name: _SPECIAL.get(name, _maybe(storable)) for name in DatasetMetadata.model_fields},
)
"""Any dataset that may be stored."""
