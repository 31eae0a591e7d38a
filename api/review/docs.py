"""The REST interface explained: its documentation, and what each kind of problem means."""

from flask import Blueprint, render_template

from api.problems import KINDS, ProblemException

blueprint = Blueprint("docs", __name__)


@blueprint.get("/docs")
def show() -> str:
    """Swagger UI over the OpenAPI document."""
    return render_template("docs.html")


@blueprint.get("/problems/<kind>")
def problem(kind: str) -> str:
    """What a problem's `type` means; problem documents link here."""
    if kind not in KINDS:
        raise ProblemException(
            "not-found", "沒有這種問題類型。請確認網址是否完整，或從 API 文件查看各操作可能回覆的問題。"
        )
    return render_template("problem.html", kind=kind, kinds=KINDS)
