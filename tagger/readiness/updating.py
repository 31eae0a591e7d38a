"""How often a dataset is to be updated, and until when."""

import calendar
import re
from datetime import date, timedelta
from typing import NamedTuple

from tagger.linting.values import iso_date
from tagger.metadata import DatasetMetadata

# Nothing here repeats without end, so that no text takes long: blanks are taken out before.
_EVERY = re.compile(
    r"每([0-9]{1,4})?個?(分鐘|分|小時|時|日|天|工作日|週|周|星期|旬|月|季|半年|學期|年)", re.ASCII
)
_IRREGULAR = re.compile(r"不定|不再|不更新|停止|一次|無固定|非定期|即時|依.*更新|有.*(?:再|才|即|時)更新")
_DAYS = {"日": 1, "天": 1, "週": 7, "周": 7, "星期": 7, "旬": 10}
_MONTHS = {"月": 1, "季": 3, "半年": 6, "學期": 6, "年": 12}


class Interval(NamedTuple):
    """How long after an update the next one is due; minutes and hours count as a day."""

    months: int
    days: int

    def after(self, day: date) -> date:
        """The last day on which a dataset that was updated on a day is on time."""
        count = day.year * 12 + day.month - 1 + self.months
        year, month = min(count // 12, date.max.year), count % 12 + 1
        last = calendar.monthrange(year, month)[1]
        moved = date(year, month, min(day.day, last))
        return moved + timedelta(days=min(self.days, (date.max - moved).days))


def interval_of(text: str) -> Interval | None:
    """The interval that an update frequency names (每1月, 每 2 週, 每年); None where it names none."""
    found = _EVERY.search("".join(text.split()))
    if found is None:
        return None
    count, unit = int(found[1] or 1), found[2]
    if not count:
        return None
    if unit in _MONTHS:
        return Interval(count * _MONTHS[unit], 0)
    # Publishers' dates have no time: what is due within the day is due by its end, or the next day's.
    return Interval(0, count * _DAYS.get(unit, 1) if unit in _DAYS else 1)


def is_irregular(text: str) -> bool:
    """Whether an update frequency says that there is no fixed one (不定期更新, 不更新, 即時)."""
    return _IRREGULAR.search(text) is not None


def last_update(metadata: DatasetMetadata) -> date | None:
    """The newest day on which a resource was updated, else the metadata; None where neither can be read."""
    resources = [
        day for one in metadata.distribution or () if (day := _day(one.resource_modified)) is not None
    ]
    return max(resources) if resources else _day(metadata.modified)


def _day(text: str | None) -> date | None:
    found = iso_date(text or "")
    return date.fromisoformat(found) if len(found) == len("2026-01-31") else None
