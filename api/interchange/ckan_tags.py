"""CKAN's rule for tags, and which labels keep it.

Source: `tag_length_validator` and `tag_name_validator` in `ckan/logic/validators.py` and `MIN_TAG_LENGTH`,
`MAX_TAG_LENGTH` in `ckan/model/tag.py`, the same in CKAN 2.10.9, 2.11.4 and 2.12.0. docs/ckan.md quotes them.
"""

import re

MIN_LENGTH, MAX_LENGTH = 2, 100
"""In characters, not bytes."""

_ALLOWED = re.compile(r"[\w \-.]*")
_SHOWN = 5


def ckan_name(label: str) -> str | None:
    """A label as a CKAN tag, or None where `tag_refusal` says why it cannot be one.

    A label is its own tag, letter for letter, or no tag at all. Nothing is replaced: 公共安全（火災） written
    as 公共安全-火災 would be another word to whoever searches, and two labels could end as one tag.
    """
    return None if tag_refusal(label) else label


def tag_refusal(label: str) -> str | None:
    """Why a label cannot be a CKAN tag and what to do, in 繁體中文; None where it can.

    Stricter than CKAN in two points: CKAN lets blanks at the ends pass, but its own form trims them off at
    the next edit, and its pattern (`$`) lets one line break at the end pass.
    """
    if not label.strip():
        return "空白的標籤不能寫回"
    if len(label) < MIN_LENGTH:
        return f"CKAN 的標籤至少要 {MIN_LENGTH} 個字，請改用較長的同義詞"
    if len(label) > MAX_LENGTH:
        return f"CKAN 的標籤至多 {MAX_LENGTH} 個字，請改用較短的標籤"
    if not _ALLOWED.fullmatch(label):
        found = dict.fromkeys(character for character in label if not _ALLOWED.fullmatch(character))
        named = "".join(f"「{_visible(character)}」" for character in list(found)[:_SHOWN])
        return f"CKAN 的標籤只能有文字、數字、空格與「-」「_」「.」，不能有{named}"
    if label != label.strip():
        return "標籤的前後有空格，CKAN 的表單會將它去除，請先移除空格"
    return None


def _visible(character: str) -> str:
    return character if character.isprintable() else f"U+{ord(character):04X}"
