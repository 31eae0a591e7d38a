"""Bytes that make no character: marked where they stand, so that a bad cell costs its row, not the file."""

import codecs

from api.validation import InputError

UNREADABLE = "\ufdd0"
"""Stands for such bytes. A Unicode noncharacter: no text contains it, and unlike a lone surrogate an XML
parser lets it pass."""
ERROR_HANDLER = "api.readers.unreadable"
"""The name under which `codecs` knows how to put it there."""
HINT = "請以 UTF-8 重新輸出，或指定編碼（例如 --encoding cp950）"


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNREADABLE, error.end


codecs.register_error(ERROR_HANDLER, _mark)


def is_unreadable(value: object) -> bool:
    """Whether a value, or any text within it, holds such bytes."""
    # No recursion: a record may be nested deeper than the stack.
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str) and UNREADABLE in item:
            return True
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return False


def unreadable_error(pointer: str) -> InputError:
    """What to tell about such a value."""
    return InputError(pointer, f"含有無法解讀的位元組，{HINT}", "encoding")
