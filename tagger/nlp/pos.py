"""From the engines' parts of speech to the universal ones (UPOS), so that readers of a Doc know one set only.

UPOS: https://universaldependencies.org/u/pos/ and, where a choice was open, what UD_Chinese-GSD does.
"""

import unicodedata

JIEBA_TO_UPOS = {
    # Nouns: common, morpheme, abbreviation, fixed phrase, place word, time, measure (UD: NOUN), nominal
    # adjective and verbal noun (活動, 檢查: what a title mostly means by them).
    **dict.fromkeys(("n", "ng", "g", "j", "l", "i", "s", "t", "tg", "q", "an", "vn"), "NOUN"),
    # Names: person (also transcribed), place, organisation, other.
    **dict.fromkeys(("nr", "nrt", "nrfg", "ns", "nt", "nz"), "PROPN"),
    **dict.fromkeys(("v", "vd", "vg", "vi", "vq", "df"), "VERB"),
    # Adjectives: plain, morpheme, attributive (公立), descriptive (冷冰冰).
    **dict.fromkeys(("a", "ag", "b", "z", "zg"), "ADJ"),
    **dict.fromkeys(("d", "dg", "ad"), "ADV"),
    **dict.fromkeys(("m", "mg", "mq"), "NUM"),
    **dict.fromkeys(("r", "rg", "rr", "rz"), "PRON"),
    # Prepositions and localisers (上, 內, 以後).
    **dict.fromkeys(("p", "f"), "ADP"),
    "c": "CCONJ",
    # Particles (的, 了, 著, 過, 得, 地), modal particles, prefixes and suffixes.
    **dict.fromkeys(("u", "ud", "ug", "uj", "ul", "uv", "uz", "y", "h", "k"), "PART"),
    **dict.fromkeys(("e", "o"), "INTJ"),
    # A word in Latin letters.
    "eng": "X",
}
"""jieba's tags (those of the 人民日報 corpus, PKU, jieba's dict.txt). `x`, all else, goes by character."""

CKIP_TO_UPOS = {
    # 普通名詞, 地方詞, 位置詞, 時間詞, 量詞 (UD: NOUN), 名物化動詞; 專有名詞.
    **dict.fromkeys(("Na", "Nc", "Ncd", "Nd", "Nf", "Nv"), "NOUN"),
    "Nb": "PROPN",
    # 動詞; the stative ones (VH, VHC) are what English calls adjectives, and so does UD_Chinese-GSD.
    **dict.fromkeys(("VA", "VAC", "VB", "VC", "VCL", "VD", "VE", "VF"), "VERB"),
    **dict.fromkeys(("VG", "VHC", "VI", "VJ", "VK", "VL", "V_2"), "VERB"),
    **dict.fromkeys(("A", "VH"), "ADJ"),
    # 副詞, 程度副詞, 句副詞, 數量副詞; 時態標記 and 是.
    **dict.fromkeys(("D", "Da", "Dfa", "Dfb", "Dk"), "ADV"),
    **dict.fromkeys(("Di", "SHI"), "AUX"),
    # 數詞定詞, 後置數量定詞; 數量定詞, 特指定詞, 指代定詞; 代名詞.
    **dict.fromkeys(("Neu", "Neqb"), "NUM"),
    **dict.fromkeys(("Neqa", "Nes", "Nep"), "DET"),
    "Nh": "PRON",
    # 介詞, 後置詞.
    **dict.fromkeys(("P", "Ng"), "ADP"),
    # 對等連接詞; 關聯連接詞, 連接詞「的話」.
    "Caa": "CCONJ",
    **dict.fromkeys(("Cba", "Cbb"), "SCONJ"),
    # 連接詞「等等」, 語助詞, 的之得地.
    **dict.fromkeys(("Cab", "T", "DE"), "PART"),
    "I": "INTJ",
    # 外文.
    "FW": "X",
    "WHITESPACE": "SPACE",
}
"""CKIP's 詞類標記 (中央研究院詞庫小組技術報告 95-02/98-04); every `…CATEGORY` is PUNCT, any other label X."""


def jieba_upos(tag: str, word: str) -> str:
    """The UPOS of a word that jieba tagged."""
    return JIEBA_TO_UPOS.get(tag) or _by_character(word)


def ckip_upos(tag: str) -> str:
    """The UPOS of a CKIP tag."""
    return "PUNCT" if tag.endswith("CATEGORY") else CKIP_TO_UPOS.get(tag, "X")


def _by_character(word: str) -> str:
    if word.isspace():
        return "SPACE"
    kind = unicodedata.category(word[0])[0]
    return {"P": "PUNCT", "S": "SYM", "N": "NUM"}.get(kind, "X")
