"""What the report says of each row, in one short sentence."""

from collections.abc import Sequence

from api.services.portal_statistics.joining import AMBIGUOUS, Join
from api.services.portal_statistics.known import Known, Tagged
from tagger.categories import category_names

NO_TITLE = "沒有資料集名稱，無法推定分類。"
NOT_TAGGED = "這個名稱無法推定分類，請人工判斷。"


def why_joined(join: Join, known: Known) -> str:
    """Why a joined row has its category, with how it was joined where that is not plain."""
    return f"{_how_joined(join, known)}{_why_category(known)}"


def why_alone(join: Join, tagged: Tagged) -> str:
    """Why a row that is not joined has its suggestion."""
    several = f"目錄有 {len(join.candidates)} 筆可能相同，見「待確認」"
    place = several if join.how == AMBIGUOUS else "不在目錄中"
    return f"{place}，不知所填分類；依名稱推定，{_mentioned(tagged.words)}較符合「{_name(tagged.category_code)}」。"


def suggested_of(known: Known) -> str | None:
    """The category that is suggested to a stored dataset; None where it is the one that it has."""
    if known.decided is not None or known.tagged is None or known.tagged.category_code == known.declared:
        return None
    return known.tagged.category_code


def _how_joined(join: Join, known: Known) -> str:
    if join.how == "near":
        return f"依相近名稱「{known.title}」對應（相似度 {join.candidates[0].likeness:.0f}）；"
    if join.how == "renamed":
        return f"機關已改為{known.publisher}；"
    if join.how == "related":
        return f"目錄列在{known.publisher}之下；"
    return ""


def _why_category(known: Known) -> str:
    tagged = known.tagged
    if known.decided is not None:
        return _why_decided(known.decided, known.declared)
    if tagged is None:
        return "尚未標註，無法建議。"
    mentioned, name = _mentioned(tagged.words), _name(tagged.category_code)
    if known.declared is None:
        return f"目錄沒有所填分類；{mentioned}較符合「{name}」。"
    if tagged.category_code == known.declared:
        return f"{mentioned}符合「{name}」。"
    if tagged.reason is not None:
        return f"{tagged.level}：{tagged.reason}"
    return f"所填「{_name(known.declared)}」可以保留；{mentioned}也近於「{name}」。"


def _why_decided(decided: str, declared: str | None) -> str:
    if declared in (None, decided):
        return f"審核核可為「{_name(decided)}」。"
    return f"審核核可為「{_name(decided)}」，機關原填「{_name(declared)}」。"


def _mentioned(words: Sequence[str]) -> str:
    quoted = "、".join(f"「{word}」" for word in words)
    return f"內容提到{quoted}，" if quoted else "內容"


def _name(code: str | None) -> str:
    return category_names()[code] if code else ""
