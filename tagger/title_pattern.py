"""What titles of one series have in common."""

from collections.abc import Iterable

from tagger.features import PLACE_MASK, mask
from tagger.normalise import normalise

PLACE, NUMBER = "○○", "#"
"""What stands for a place and for a number."""


def title_pattern(title: str, places: Iterable[tuple[int, int]] = ()) -> str:
    """A title with places and numbers made one: `臺北市108年垃圾量` and `高雄市111年垃圾量` give `○○#年垃圾量`.

    Args:
        title: as it was written.
        places: where places stand in it, start and end in characters; counties are found without.
    """
    for start, end in sorted(places, reverse=True):
        title = title[:start] + PLACE_MASK + title[end:]
    masked = mask(normalise(title).text).replace("0", NUMBER)
    # 桃園市政府 and 桃園區 are one place or two; a series has both.
    while PLACE_MASK * 2 in masked:
        masked = masked.replace(PLACE_MASK * 2, PLACE_MASK)
    return masked.replace(PLACE_MASK, PLACE).strip()
