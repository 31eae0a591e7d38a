"""The CKIP engine: Academia Sinica's words, parts of speech and entities, as one spaCy component."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans, minibatch

from tagger.nlp.ckip_data import Networks, load_networks
from tagger.nlp.documents import make_doc
from tagger.nlp.pos import ckip_upos
from tagger.normalise import normalise

_REPLACEMENT = "\ufffd"


class _Attached(dict[int, str]):
    """A translation table that replaces the characters whose decomposition could move past its neighbours.

    ckiptagger decomposes a sentence (NFKD) by character and again by word and needs both to be equal; a
    word with two combining marks in another than canonical order breaks it (UAX #15, canonical ordering).
    """

    def __missing__(self, codepoint: int) -> str:
        character = chr(codepoint)
        attached = unicodedata.combining(unicodedata.normalize("NFKD", character)[0])
        self[codepoint] = _REPLACEMENT if attached else character
        return self[codepoint]


_ATTACHED = _Attached()


class CkipTagger:
    """Runs WS, POS and NER on whole batches and makes each Doc anew with their tokens.

    Token boundaries are those of WS; `tag_` is CKIP's tag, `pos_` its UPOS; `ents` are those of NER,
    widened to whole tokens, the longest where they then overlap.

    Attributes:
        networks: CKIP's, loaded; several components may share them.
    """

    def __init__(self, networks: Networks) -> None:
        self.networks = networks
        self._dictionary = networks.dictionary({})

    def use_terms(self, terms: Iterable[str]) -> None:
        """Recommend these terms to WS from now on, in place of those before.

        WS keeps a recommended term whole where it begins and ends a word; it does not cut words for it.
        Each is recommended as written, as normalised, and with 台 for 臺.
        """
        self._dictionary = self.networks.dictionary(
            {spelling: 1.0 for term in sorted(set(terms)) for spelling in _spellings(term)}
        )

    def __call__(self, doc: Doc) -> Doc:
        """The Doc of one text; `pipe` is faster for many."""
        return self._annotate([doc])[0]

    def pipe(self, stream: Iterable[Doc], *, batch_size: int) -> Iterator[Doc]:
        """The Docs of many texts, `batch_size` of them at a time through each network."""
        for batch in minibatch(stream, batch_size):  # type: ignore[no-untyped-call]
            yield from self._annotate(batch)

    def _annotate(self, docs: Sequence[Doc]) -> list[Doc]:
        texts = [doc.text for doc in docs]
        legible = [text.translate(_ATTACHED) for text in texts]
        words = self.networks.segment(legible, recommend_dictionary=self._dictionary)
        tags = self.networks.tag(words)
        entities = self.networks.recognise(words, tags)
        return [_annotated(*row) for row in zip(docs, texts, words, tags, entities, strict=True)]


def _spellings(term: str) -> set[str]:
    folded = normalise(term).text
    return {term, folded, folded.replace("臺", "台")} - {""}


@cache
def _upos(tag: str) -> str:
    return ckip_upos(tag)


def _annotated(
    before: Doc, text: str, words: list[str], tags: list[str], entities: set[tuple[int, int, str, str]]
) -> Doc:
    tokens: list[tuple[int, str, str]] = []
    start = 0
    for word, tag in zip(words, tags, strict=True):
        tokens.append((start, tag, _upos(tag)))
        start += len(word)
    doc = make_doc(before.vocab, text, tokens)
    doc.user_data = before.user_data
    doc._context = before._context
    doc.ents = _entities(doc, entities)
    return doc


def _entities(doc: Doc, entities: Iterable[tuple[int, int, str, str]]) -> list[Span]:
    found = (
        doc.char_span(start, end, label=kind, alignment_mode="expand")
        for start, end, kind, _ in sorted(entities)
    )
    return filter_spans(span for span in found if span is not None)


@Language.factory("tagger_ckip", default_config={"data_directory": None}, retokenizes=True)
def create_ckip_tagger(nlp: Language, name: str, data_directory: str | None) -> Any:
    """The component as spaCy's config names it: factory `tagger_ckip`, with a `data_directory`."""
    return CkipTagger(load_networks(Path(data_directory) if data_directory else None))
