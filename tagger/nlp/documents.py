"""A spaCy Doc from a text and the places where its tokens start: Doc.text is the text, whatever is in it."""

from collections.abc import Sequence

from spacy.tokens import Doc
from spacy.vocab import Vocab

Mark = tuple[int, str, str]
"""Where a token starts in the text, its tag, and its UPOS. It ends where the next one starts."""


def make_doc(vocab: Vocab, text: str, marks: Sequence[Mark]) -> Doc:
    """The Doc of a text.

    As spaCy has it, one blank after a token belongs to that token; any other white space is a token of its
    own.

    Args:
        vocab: the pipeline's vocabulary.
        text: any text that UTF-8 can hold (so no lone surrogates: ValueError).
        marks: its tokens; the first starts at 0, the others further on, ascending.
    """
    words: list[str] = []
    spaces: list[bool] = []
    kept: list[Mark] = []
    starts = [start for start, _, _ in marks]
    for mark, end in zip(marks, [*starts[1:], len(text)], strict=bool(marks)):
        word = text[mark[0] : end]
        if word[0] == " " and words and not spaces[-1] and word.isspace():
            spaces[-1] = True
            word = word[1:]
            if not word:
                continue
        words.append(word)
        spaces.append(False)
        kept.append(mark)
    doc = Doc(vocab, words, spaces)
    # A third of the time that the constructor takes for its own `tags` and `pos`.
    for token, (_, tag, upos) in zip(doc, kept, strict=True):
        token.tag_ = tag
        token.pos_ = upos
    return doc
