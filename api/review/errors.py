"""What a browser shows when something went wrong."""

from flask import render_template


def render_error(status: int, title: str, detail: str) -> str:
    """An error as a page.

    Args:
        status: the HTTP status.
        title: what happened, in a few words of 繁體中文.
        detail: what to do now, in 繁體中文.
    """
    return render_template("error.html", status=status, title=title, detail=detail)
