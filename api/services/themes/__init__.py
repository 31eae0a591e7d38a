"""Themes across ministries: datasets of all agencies that answer one topic, with the reason for each."""

from api.services.themes.making import ThemeAsked, UnknownDatasets, make_theme
from api.services.themes.saving import (
    KeyReused,
    SavedTheme,
    ThemeChange,
    change_theme,
    create_theme,
    get_theme,
    list_themes,
    theme_versions,
)

__all__ = [
    "KeyReused",
    "SavedTheme",
    "ThemeAsked",
    "ThemeChange",
    "UnknownDatasets",
    "change_theme",
    "create_theme",
    "get_theme",
    "list_themes",
    "make_theme",
    "theme_versions",
]
