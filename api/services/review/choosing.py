"""What somebody chose, checked against the dataset that it is about."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from api.services.accounts import Person
from api.services.datasets import StoredDataset
from models.deciding import DecisionRecord, LabelChoice
from models.decision import DECIDE, FLAG, KEEP, REJECT, SKIP
from tagger.categories import category_names
from tagger.retrieval.lexemes import compact
from tagger.retrieval.thesaurus import Thesaurus
from tagger.vocabulary import comparable

LONGEST_REASON = 500
"""Characters."""


class Choice(NamedTuple):
    """What somebody decides.

    Attributes:
        kind: one of `models.decision.KINDS` but undo.
        category_code: the category chosen; only with `decide`.
        accepted, rejected: labels as people read them.
        reason: why; required where an item is skipped.
    """

    kind: str
    category_code: str | None = None
    accepted: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    reason: str | None = None


class WrongChoice(Exception):
    """A choice that cannot be taken.

    Args:
        field: what of the choice is wrong, by its name in REST.
        detail: why and what to do, in 繁體中文.
    """

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


def checked_text(text: str | None, field: str, longest: int) -> str | None:
    """A text without blanks around it, None where nothing is left.

    Raises:
        WrongChoice: it is too long or holds control characters.
    """
    stripped = (text or "").strip()
    if len(stripped) > longest:
        raise WrongChoice(field, f"超過 {longest:,} 字的上限，請精簡。")
    if any(unicodedata.category(one) == "Cc" and one not in "\n\r\t" for one in stripped):
        raise WrongChoice(field, "含有控制字元，請移除後再送出。")
    return stripped or None


def checked(
    thesaurus: Thesaurus, person: Person, revision_id: int, dataset: StoredDataset, choice: Choice
) -> DecisionRecord:
    """A choice as it is recorded. Raises WrongChoice where it does not fit the dataset."""
    reason = checked_text(choice.reason, "reason", LONGEST_REASON)
    if choice.kind == SKIP and reason is None:
        raise WrongChoice("reason", "略過時請寫下理由，讓接手的人知道。")
    if choice.kind in (SKIP, FLAG) and (choice.category_code or choice.accepted or choice.rejected):
        raise WrongChoice("kind", "略過與標記不決定分類與標籤，請只填理由。")
    accepted = label_choices(thesaurus, choice.accepted, "acceptedLabels")
    rejected = label_choices(thesaurus, choice.rejected, "rejectedLabels", known_only=False)
    both = {one.label for one in accepted} & {one.label for one in rejected}
    if both:
        raise WrongChoice("rejectedLabels", f"「{min(both)}」同時在核可與不採用的標籤裡，請擇一。")
    return DecisionRecord(
        dataset.id,
        revision_id,
        dataset.suggestion_id,
        person.id,
        _category(dataset, choice),
        accepted,
        rejected,
        reason,
        kind=choice.kind,
    )


def _category(dataset: StoredDataset, choice: Choice) -> str | None:
    code = choice.category_code
    if code is not None and code not in category_names():
        raise WrongChoice("categoryCode", "不是 18 個服務分類的代碼，請由 /v1/categories 查詢。")
    if choice.kind == KEEP:
        declared: str | None = dataset.metadata.get("categoryCode")
        if declared is None:
            raise WrongChoice("kind", "這筆資料集沒有所填分類可以維持，請選擇一個分類。")
        if code not in (None, declared):
            raise WrongChoice("categoryCode", "維持原分類時不另選分類，請改用 decide 或不填。")
        return declared
    if choice.kind == REJECT and code is not None:
        raise WrongChoice("categoryCode", "退回時不選分類，請改用 decide 或不填。")
    if choice.kind == DECIDE and code is None:
        raise WrongChoice("categoryCode", "請選擇一個分類；沒有合適的分類時請退回。")
    return code


def label_choices(
    thesaurus: Thesaurus, labels: Sequence[str], field: str, *, known_only: bool = True
) -> tuple[LabelChoice, ...]:
    """Labels with their concepts, each once.

    Raises:
        WrongChoice: a label holds control characters, or an accepted one is not in the vocabulary.
    """
    chosen: dict[str, LabelChoice] = {}
    for label in labels:
        if not label.isprintable():
            raise WrongChoice(field, "標籤含有控制字元，請移除後再送出。")
        concept = thesaurus.find(compact(label))
        if concept is None and known_only:
            raise WrongChoice(field, f"「{label}」不在詞彙表中，請改用詞彙表的標籤，或先在詞彙頁收錄。")
        name = thesaurus.label(concept) if concept else label
        chosen[comparable(name)] = LabelChoice(name, concept)
    return tuple(chosen.values())
