"""The short fields: publisher, accrualPeriodicity, landingPage and the dates."""

import re
from collections.abc import Iterator
from datetime import date

from tagger.linting.fault import Fault, quote
from tagger.metadata import DatasetMetadata
from tagger.normalise import normalise
from tagger.periods import find_periods

_ISO_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?\Z"
    r"|(\d{4})(\d\d)(\d\d)\Z",
    re.ASCII,
)
_WEB = re.compile(r"https?://[^\s/]+", re.IGNORECASE)
_ADDRESS_SHOWN = 80


def check_values(metadata: DatasetMetadata) -> Iterator[Fault]:
    """publisher, accrualPeriodicity, landingPage and the dates."""
    if not (metadata.publisher or "").strip():
        yield Fault(
            "publisher-missing",
            "publisher",
            "沒有提供機關。",
            "請填提供機關的全銜，例如「勞動部職業安全衛生署」。",
        )
    if not (metadata.accrual_periodicity or "").strip():
        yield Fault(
            "accrual-periodicity-missing",
            "accrualPeriodicity",
            "沒有更新頻率，無法判斷資料是否過期。",
            "請填更新頻率，例如「每1月」；不再更新的資料請填「不更新」。",
        )
    yield from _check_page((metadata.landing_page or "").strip())
    yield from _check_dates(metadata)
    yield from _check_resources(metadata)


def _check_page(page: str) -> Iterator[Fault]:
    if not page or _WEB.match(page):
        return
    fix = "請改填 http:// 或 https:// 開頭的完整網址；沒有網頁就留空。"
    if page.lower().startswith("www."):
        fix = f"請改為「https://{page[:_ADDRESS_SHOWN]}」。"
    yield Fault("landing-page-not-http", "landingPage", f"相關網址{quote(page)}不是網址，無法點選。", fix)


def _check_dates(metadata: DatasetMetadata) -> Iterator[Fault]:
    first, last = metadata.temporal_coverage_from or "", metadata.temporal_coverage_to or ""
    yield from _check_date("issued", "上架日期", metadata.issued)
    yield from _check_date("modified", "詮釋資料更新時間", metadata.modified)
    yield from _check_date("temporalCoverageFrom", "收錄期間（起）", first)
    yield from _check_date("temporalCoverageTo", "收錄期間（迄）", last)
    start, end = iso_date(first), iso_date(last)
    # 2018-03 is not later than 2018: only as much is compared as both say.
    if start and end and start[: len(end)] > end[: len(start)]:
        yield Fault(
            "coverage-reversed",
            "temporalCoverageFrom",
            f"收錄期間的起日 {start} 晚於迄日 {end}。",
            "請確認兩個日期，必要時對調。",
        )


def _check_resources(metadata: DatasetMetadata) -> Iterator[Fault]:
    """The first resource whose date cannot be read; the others are most often written alike."""
    for position, resource in enumerate(metadata.distribution or ()):
        fault = next(
            _check_date(
                f"distribution/{position}/resourceModified", "資源更新時間", resource.resource_modified
            ),
            None,
        )
        if fault:
            yield fault
            return


def _check_date(field: str, name: str, text: str | None) -> Iterator[Fault]:
    if not text or not text.strip() or iso_date(text):
        return
    periods = find_periods(normalise(text).text)
    day = periods[0].first if len(periods) == 1 and periods[0].first == periods[0].last else None
    yield Fault(
        "date-not-iso",
        field,
        f"{name}{quote(text)}不是 ISO 8601 日期。",
        f"請改為 {day.isoformat()}。" if day else "請寫成西元的 YYYY-MM-DD，例如 2018-03-01。",
    )


def iso_date(text: str) -> str:
    """The day, month or year of an ISO 8601 text, in the extended form; empty where it is none."""
    match = _ISO_DATE.match(text.strip())
    if match is None:
        return ""
    year, month, day = match[1] or match[4], match[2] or match[5], match[3] or match[6]
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return ""
    return "-".join(part for part in (year, month, day) if part)
