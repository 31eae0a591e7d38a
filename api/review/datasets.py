"""Stored datasets: the whole catalogue in a table, and each dataset on a page of its own."""

from flask import Blueprint, render_template, request

from api import cursor
from api.current import services
from api.problems import ProblemException
from api.review.marking import marked_fields
from api.services.badge_readiness import today
from api.services.datasets import NOT_FOUND, absence, get_dataset, list_datasets, totals
from api.services.search.related import related
from api.validation import InputError
from models.catalogue import Filters
from tagger import DatasetMetadata
from tagger.categories import categories, category_names
from tagger.readiness import EFFORTS, STATES, assess

PAGE = 50
"""Datasets on a page."""
RELATED = 8
"""Related datasets on a dataset's page."""

blueprint = Blueprint("datasets", __name__)


@blueprint.get("/datasets")
def list_() -> str:
    """A page of the stored datasets, filtered as the address says."""
    filters = _filters()
    given = request.args.get("cursor")
    found, last = list_datasets(services(), filters, cursor.decode(given, int) if given else 0, PAGE)
    return render_template(
        "datasets.html",
        datasets=found,
        totals=totals(services()),
        categories=categories(),
        chosen=_addressed(filters),
        next_cursor=None if last is None else cursor.encode(last),
        first_page=not given,
    )


def _filters() -> Filters:
    """The filters of the query string; an empty value asks for any, as an untouched form field does."""
    category = request.args.get("categoryCode") or None
    if category is not None and category not in category_names():
        wrong = InputError("/categoryCode", "不是服務分類代碼，請從資料集清單重新選擇。", "unknown_category")
        raise ProblemException("invalid-parameter", wrong.sentence, [wrong])
    return Filters(category, True if request.args.get("mismatched") == "true" else None)


def _addressed(filters: Filters) -> dict[str, str]:
    """The filters as they stand in the address."""
    chosen = {"categoryCode": filters.category_code or "", "mismatched": "true" if filters.mismatched else ""}
    return {name: value for name, value in chosen.items() if value}


@blueprint.get("/datasets/<identifier>")
def show(identifier: str) -> str:
    """One dataset with what was suggested for it and why."""
    dataset = get_dataset(services(), identifier)
    if dataset is None:
        kind = absence(services(), identifier)
        if kind != NOT_FOUND:
            raise ProblemException(kind)
        raise ProblemException(
            kind,
            f"沒有識別碼為「{identifier}」的資料集。請確認識別碼是否正確，或從資料集清單找起。",
        )
    return render_template(
        "dataset.html",
        dataset=dataset,
        suggestion=dataset.suggestion,
        fields=marked_fields(dataset.metadata, dataset.suggestion),
        related=related(services(), identifier, RELATED) or [],
        readiness=assess(DatasetMetadata.model_validate(dataset.metadata), today()),
        states=STATES,
        efforts=EFFORTS,
    )
