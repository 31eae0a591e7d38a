"""The quote that keeps a text in a CSV from being run as a formula, and the way back.

A spreadsheet program runs a cell that begins with = + - or @, also after blanks, and some after a tab, a carriage
return or NUL (OWASP ASVS 5.0, 1.2.10); in full width some turn them into the same. Such a text gets one ' in front.
So does a text that would look as if it had been given one, so that reading takes away exactly what writing added.
"""

import re

# Quotes, blanks of all kinds, then a sign that is dangerous; a negative number is none.
_BLANKS = r"[^\S\t\r]|[\ufeff\u200b-\u200d\u2060]"
_NUMBER = r"-\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?\Z"
_DANGEROUS = re.compile(rf"'*(?!{_NUMBER})(?:{_BLANKS})*[=+\-@\t\r\x00＝＋－＠]")


def quoted(text: str) -> str:
    """A text as it may stand in a CSV."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def unquoted(text: str) -> str:
    """A text of a CSV as it was before `quoted`; others are as they are."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text) else text
