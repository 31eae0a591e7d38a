"""How a version of a theme is cited."""

from datetime import timedelta, timezone

from api.services.themes.saving import SavedTheme

# Taiwan has kept one time all year since 1980, so this needs no time zone database.
_TAIPEI = timezone(timedelta(hours=8), "Asia/Taipei")


def made_on(theme: SavedTheme) -> str:
    """The day on which a version was made, by Taiwan's clocks: `2026-11-24`."""
    return theme.created_at.astimezone(_TAIPEI).strftime("%Y-%m-%d")


def citation(theme: SavedTheme, address: str) -> str:
    """A line to cite a version by: title, version, date, address and hash.

    Args:
        theme: the version.
        address: where it stands for good.
    """
    return (
        f"〈{theme.content['title']}〉，跨部會資料集主題，第 {theme.number} 版，{made_on(theme)}，"
        f"{address}（SHA-256：{theme.content_hash}）"
    )
