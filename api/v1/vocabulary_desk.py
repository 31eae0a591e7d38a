"""The vocabulary desk by program: terms that wait, changes, and taking them back."""

from typing import Annotated, Literal

from flask import Blueprint, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from api import cursor
from api.current import services
from api.identity import signed_in
from api.openapi import Answer, Operation, operation
from api.problems import ProblemException
from api.reading import json_body, parsed, query
from api.services.accounts import Person
from api.services.desk import (
    LEAST,
    Change,
    ChangedSince,
    Term,
    TermTaken,
    accept,
    block,
    changes,
    list_terms,
    merge,
    undo_change,
)
from api.services.review.choosing import WrongChoice
from api.v1.decisions import INPUT, SIGNED_IN, json_response, problem_of
from api.v1.theme_schemas import without_controls
from api.validation import InputError
from models.review.terms import TermPlace
from tagger.metadata import CategoryCode

blueprint = Blueprint("vocabulary_desk", __name__)
_TAG = "詞彙"
_CONFIG = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)
_Word = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(without_controls)]


class TermsQuery(BaseModel):
    """Which terms, and which page of them."""

    model_config = _CONFIG

    q: _Word | None = Field(None, description="詞的一部分")
    least_count: int = Field(LEAST, ge=1, le=1_000_000, description="至少用在幾筆資料集")
    cursor: str | None = Field(None, max_length=600, description="上一頁回傳的 next")
    limit: int = Field(20, ge=1, le=100, description="一頁幾個")


class ChangeIn(BaseModel):
    """對一個待收錄的詞：accept 收錄為概念、merge 併為既有概念的寫法、block 不再詢問。"""

    model_config = _CONFIG

    action: Literal["accept", "merge", "block"]
    term: _Word = Field(description="待收錄的詞")
    label: _Word | None = Field(None, description="收錄時的標籤；省略時即為該詞")
    category_code: CategoryCode | None = Field(None, description="收錄時，概念多屬於哪個服務分類")
    broader: list[_Word] = Field([], max_length=10, description="收錄時，上位概念的識別碼")
    concept: _Word | None = Field(None, description="併入哪個概念：識別碼或標籤")


class ChangesQuery(BaseModel):
    """Which page of changes."""

    model_config = _CONFIG

    cursor: str | None = Field(None, max_length=200, description="上一頁回傳的 next")
    limit: int = Field(20, ge=1, le=100, description="一頁幾個")


class TermExampleOut(TypedDict):
    """用到這個詞的一筆資料集。"""

    identifier: str
    title: str
    publisher: str | None


class NearOut(TypedDict):
    """一個相近的概念。"""

    concept: str
    label: str
    score: float


class TermOut(TypedDict):
    """一個待收錄的詞。"""

    term: str
    datasets: int
    agencies: int
    examples: list[TermExampleOut]
    near: list[NearOut]


class TermsPage(TypedDict):
    """一頁待收錄的詞，用到的機關多的在前。"""

    terms: list[TermOut]
    next: str | None


class ChangeOut(TypedDict):
    """一項詞彙變更。"""

    id: int
    action: Literal["accept", "merge", "block", "undo"]
    term: str
    concept: str
    label: str
    changedBy: str | None
    changedAt: str
    undone: bool


class ChangesPage(TypedDict):
    """一頁詞彙變更，新的在前。"""

    changes: list[ChangeOut]
    next: str | None


@blueprint.get("/v1/vocabulary/candidates")
@operation(
    Operation(
        name="listCandidateTerms",
        summary="待收錄的新詞，附用到的資料集與相近的概念",
        tag=_TAG,
        query=TermsQuery,
        answers={200: Answer("一頁新詞", TermsPage)},
        problems=(*SIGNED_IN, "invalid-parameter", "invalid-cursor"),
    )
)
def candidates() -> Response:
    """A page of candidates."""
    signed_in()
    asked = query(TermsQuery)
    after = TermPlace(*cursor.decode(asked.cursor, tuple[int, int, str])) if asked.cursor else None
    found, last = list_terms(services(), asked.least_count, asked.q, after, asked.limit)
    return json_response(
        TermsPage(terms=[_term(one) for one in found], next=cursor.encode(list(last)) if last else None)
    )


@blueprint.post("/v1/vocabulary/changes")
@operation(
    Operation(
        name="changeVocabulary",
        summary="收錄、併入或封鎖一個新詞；五秒內生效",
        tag=_TAG,
        body=ChangeIn,
        answers={201: Answer("變更", ChangeOut)},
        problems=(*INPUT, *SIGNED_IN, "term-taken"),
    )
)
def change() -> Response:
    """Change the vocabulary."""
    person = signed_in()
    asked = parsed(ChangeIn, json_body())
    return json_response(change_out(changed(person, asked)), 201)


def changed(person: Person, asked: ChangeIn) -> Change:
    """A change of validated input.

    Raises:
        ProblemException: it cannot be made.
    """
    try:
        if asked.action == "accept":
            return accept(
                services(),
                person,
                asked.term,
                label=asked.label,
                category_code=asked.category_code,
                broader=asked.broader,
            )
        if asked.action == "block":
            return block(services(), person, asked.term)
        if asked.concept is None:
            missing = InputError("/concept", "併入時必填，請指定概念的識別碼或標籤", "missing")
            raise ProblemException("invalid-input", errors=[missing])
        return merge(services(), person, asked.term, asked.concept)
    except TermTaken:
        raise ProblemException("term-taken") from None
    except WrongChoice as error:
        raise problem_of(person, error) from error


@blueprint.get("/v1/vocabulary/changes")
@operation(
    Operation(
        name="listVocabularyChanges",
        summary="詞彙的變更，新的在前",
        tag=_TAG,
        query=ChangesQuery,
        answers={200: Answer("一頁變更", ChangesPage)},
        problems=(*SIGNED_IN, "invalid-parameter", "invalid-cursor"),
    )
)
def list_changes() -> Response:
    """A page of changes."""
    signed_in()
    asked = query(ChangesQuery)
    before = cursor.decode(asked.cursor, int) if asked.cursor else None
    found, last = changes(services(), before, asked.limit)
    page = ChangesPage(
        changes=[change_out(one) for one in found], next=None if last is None else cursor.encode(last)
    )
    return json_response(page)


@blueprint.post("/v1/vocabulary/changes/<int(max=9223372036854775807):key>/undo")
@operation(
    Operation(
        name="undoVocabularyChange",
        summary="復原一項詞彙變更；收錄過的概念保留 URI，退為候選",
        tag=_TAG,
        answers={201: Answer("復原的紀錄", ChangeOut)},
        problems=(*SIGNED_IN, "change-not-found", "changed-since"),
    )
)
def undo(key: int) -> Response:
    """Take a change back."""
    return json_response(change_out(undone(signed_in(), key)), 201)


def undone(person: Person, key: int) -> Change:
    """A change that is taken back. Raises ProblemException where it cannot be."""
    try:
        found = undo_change(services(), person, key)
    except ChangedSince:
        raise ProblemException("changed-since") from None
    if found is None:
        raise ProblemException("change-not-found")
    return found


def change_out(change: Change) -> ChangeOut:
    """A change as JSON."""
    return ChangeOut(
        id=change.event_id,
        action=change.action,  # type: ignore[typeddict-item]  # the use cases hold it to these
        term=change.term,
        concept=change.concept,
        label=change.label,
        changedBy=change.by,
        changedAt=change.at.isoformat(),
        undone=change.undone,
    )


def _term(term: Term) -> TermOut:
    return TermOut(
        term=term.row.term,
        datasets=term.row.datasets,
        agencies=term.row.agencies,
        examples=[
            TermExampleOut(identifier=one.identifier, title=one.title, publisher=one.publisher)
            for one in term.examples
        ],
        near=[NearOut(concept=one.identifier, label=one.label, score=one.score) for one in term.near],
    )
