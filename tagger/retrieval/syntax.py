"""What people type into a search box, read.

    職業安全 統計          both
    "職業安全衛生"         these characters in this order; 「…」 and “…” do the same
    火災 -森林             without 森林
    火災 OR 消防           one of them; also ｜ and |

Anything else is text: no character can break out of the query.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

MOST_CHARACTERS = 200
MOST_TERMS = 20
_QUOTES = {'"': '"', "「": "」", "“": "”", "『": "』", "＂": "＂"}
_OR = {"OR", "ＯＲ", "|", "｜"}
_MINUS = {"-", "－", "−"}
_BLANK = re.compile(r"[\s　]+")


class QueryError(ValueError):
    """A query that cannot be read; the message says in 繁體中文 why and what to do.

    Attributes:
        position: of the character where it goes wrong, from 0.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class Term(NamedTuple):
    """Something to look for.

    Attributes:
        text: as it was typed, without quotes.
        quoted: its characters must stand in this order, and nothing else will do.
    """

    text: str
    quoted: bool


class ParsedQuery(NamedTuple):
    """A query.

    Attributes:
        wanted: all of these; of each the terms are alternatives.
        unwanted: none of these.
    """

    wanted: tuple[tuple[Term, ...], ...]
    unwanted: tuple[Term, ...]

    @property
    def text(self) -> str:
        """The terms that are wanted, as one text: what the query is about."""
        return " ".join(term.text for alternatives in self.wanted for term in alternatives)


class _Token(NamedTuple):
    position: int
    term: Term | None  # None is OR
    unwanted: bool = False


def parse_query(text: str) -> ParsedQuery:
    """Read a query.

    Raises:
        QueryError: it is too long, a quote is not closed, OR lacks a side, or nothing is left to look for.
    """
    if len(text) > MOST_CHARACTERS:
        raise QueryError(f"查詢超過 {MOST_CHARACTERS} 字的上限，請留下最重要的字詞", MOST_CHARACTERS)
    tokens = list(_tokens(text))
    if len(tokens) > MOST_TERMS:
        raise QueryError(
            f"查詢超過 {MOST_TERMS} 個字詞的上限，請留下最重要的字詞", tokens[MOST_TERMS].position
        )
    wanted = _groups(tokens)
    unwanted = tuple(token.term for token in tokens if token.unwanted and token.term)
    if not wanted:
        reason = (
            "只有要排除的字詞，請再加上要找的字詞" if unwanted else "沒有可以搜尋的字詞，請輸入文字或數字"
        )
        raise QueryError(reason, 0)
    return ParsedQuery(wanted, unwanted)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        blank = _BLANK.match(text, at)
        if blank:
            at = blank.end()
            continue
        start = at
        unwanted = text[at] in _MINUS
        at += unwanted
        closing = _QUOTES.get(text[at]) if at < len(text) else None
        if closing:
            end = text.find(closing, at + 1)
            if end < 0:
                raise QueryError(
                    f"第 {at + 1} 個字的引號「{text[at]}」沒有結尾，請補上「{closing}」或移除", at
                )
            term, at = Term(text[at + 1 : end].strip(), quoted=True), end + 1
        else:
            end = _end_of_word(text, at)
            term, at = Term(text[at:end], quoted=False), end
        if not unwanted and not term.quoted and term.text in _OR:
            yield _Token(start, None)
        elif any(map(str.isalnum, term.text)):
            yield _Token(start, term, unwanted)


def _end_of_word(text: str, at: int) -> int:
    """Where a bare word ends: before a blank, or a quote that opens."""
    while at < len(text) and not _BLANK.match(text, at) and text[at] not in _QUOTES:
        at += 1
    return at


def _groups(tokens: list[_Token]) -> tuple[tuple[Term, ...], ...]:
    """The wanted terms, those that OR joins together."""
    groups: list[list[Term]] = []
    joining: _Token | None = None
    for token in tokens:
        if token.term is None:
            if joining or not groups:
                raise _dangling(token, "前面")
            joining = token
        elif token.unwanted:
            if joining:
                raise _dangling(joining, "後面")
        elif joining:
            groups[-1].append(token.term)
            joining = None
        else:
            groups.append([token.term])
    if joining:
        raise _dangling(joining, "後面")
    return tuple(map(tuple, groups))


def _dangling(token: _Token, side: str) -> QueryError:
    return QueryError(
        f"第 {token.position + 1} 個字的 OR {side}缺少字詞，請補上；要搜尋 OR 本身請用引號", token.position
    )
