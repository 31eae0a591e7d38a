"""keyword: simple words that others look for, of the form that CKAN takes."""

import re
from collections.abc import Iterator

from tagger.linting.fault import Fault, core, quote
from tagger.metadata import DatasetMetadata

TAG_SHORTEST, TAG_LONGEST = 2, 100
"""CKAN's limits of a tag, in characters."""
_LONGEST_WORD = 20
"""Characters; all longer keywords in the catalogues of 2018 were titles or sentences."""
_LONG_TITLE = 10
"""Letters; a shorter title can be a word."""
_TAG = re.compile(r"[\w .-]*\Z")
_REFUSED = re.compile(r"[^\w .-]")
_JOINS_WORDS = re.compile(r"\s*[、,，;；/／|]\s*")
_SENTENCE = re.compile(r"[。！？!?]|https?:|，.*，")


def check_keywords(metadata: DatasetMetadata) -> Iterator[Fault]:
    """keyword."""
    keywords = metadata.keyword or ()
    if not any(word.strip() for word in keywords):
        yield Fault(
            "keyword-missing",
            "keyword",
            "沒有關鍵字，別人只能用標題裡的字找到這筆資料。",
            "請填 3 至 5 個簡單明確的辭彙，例如資料的主題、對象與俗稱。",
        )
        return
    title = core(metadata.title)
    seen: dict[str, int] = {}
    for position, word in enumerate(keywords):
        letters = core(word)
        first = seen.setdefault(letters or word.strip(), position)
        if first != position:
            yield Fault(
                "keyword-repeated",
                f"keyword/{position}",
                f"關鍵字{quote(word)}與第 {first + 1} 個相同。",
                f"請刪除第 {position + 1} 個關鍵字。",
            )
        else:
            is_title = letters == title and len(letters) > _LONG_TITLE
            yield from _check_keyword(word.strip(), f"keyword/{position}", is_title)


def _check_keyword(word: str, field: str, is_title: bool) -> Iterator[Fault]:
    if len(word) > TAG_LONGEST:
        yield Fault(
            "keyword-too-long",
            field,
            f"關鍵字{quote(word)}有 {len(word)} 字，CKAN 的標籤上限是 {TAG_LONGEST} 字。",
            "請拆成幾個各 2 至 8 字的辭彙。",
        )
    elif len(word) < TAG_SHORTEST:
        yield Fault(
            "keyword-too-short",
            field,
            f"關鍵字{quote(word)}只有 {len(word)} 字，意義不明，CKAN 也不收。",
            "請改用 2 字以上的辭彙，或刪除。",
        )
    elif len(word) > _LONGEST_WORD or is_title or _SENTENCE.search(word):
        yield Fault(
            "keyword-sentence",
            field,
            f"關鍵字{quote(word)}是{'整個標題' if is_title else '一段文字'}，不是辭彙。",
            "請改用簡單明確的辭彙，每個 2 至 8 字，一個關鍵字只說一件事。",
        )
    elif not _TAG.match(word):
        yield from _check_characters(word, field)


def _check_characters(word: str, field: str) -> Iterator[Fault]:
    refused = "".join(f"「{character}」" for character in dict.fromkeys(_REFUSED.findall(word)))
    parts = [_REFUSED.sub("", part).strip() for part in _JOINS_WORDS.split(word)]
    words = [part for part in parts if len(part) >= TAG_SHORTEST]
    better = "、".join(f"「{part}」" for part in words) or "文字"
    fix = f"請改為{better}{'，各為一個關鍵字' if len(words) > 1 else ''}。"
    yield Fault("keyword-characters", field, f"關鍵字{quote(word)}含有 CKAN 標籤不收的{refused}。", fix)
