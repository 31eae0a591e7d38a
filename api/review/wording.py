"""How numbers, times and codes read on a page."""

from datetime import datetime, timedelta, timezone

from flask import Blueprint

from tagger.categories import categories, category_names

HIGH = 0.8
MIDDLE = 0.5
# Taiwan has kept one time all year since 1980, so this needs no time zone database.
TAIPEI = timezone(timedelta(hours=8), "Asia/Taipei")


def confidence_word(probability: float) -> str:
    """A probability as 高, 中 or 低."""
    if probability >= HIGH:
        return "高"
    return "中" if probability >= MIDDLE else "低"


def percent(probability: float) -> str:
    """A probability in percent. Never quite 0% or 100%: a model does not know for certain."""
    if probability > 0.99:
        return ">99%"
    return "<1%" if probability < 0.01 else f"{probability:.0%}"


def severity_word(severity: str) -> str:
    """How grave a finding is."""
    return {"error": "錯誤", "warning": "警告", "advice": "建議"}[severity]


def taipei_time(moment: datetime) -> str:
    """A moment as Taiwan's clocks show it: `2026-03-01 14:05`."""
    return moment.astimezone(TAIPEI).strftime("%Y-%m-%d %H:%M")


def category_name(code: str) -> str:
    """A category's name."""
    return category_names()[code]


def category_definition(code: str) -> str:
    """What belongs to a category."""
    return next(category.definition for category in categories() if category.code == code)


def add_filters(blueprint: Blueprint) -> None:
    """Give the templates these functions as filters of the same names."""
    for wording in (confidence_word, percent, severity_word, taipei_time, category_name, category_definition):
        blueprint.add_app_template_filter(wording, wording.__name__)
