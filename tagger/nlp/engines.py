"""The registry of engines. An engine is a spaCy pipeline: words, parts of speech and perhaps entities.

An installed package can add one under the entry point group `tagger_engines`: a function of the type
`Engine`.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

import catalogue
import spacy
from spacy.language import Language

from tagger.nlp.ckip import CkipTagger
from tagger.nlp.errors import UnknownEngineError
from tagger.nlp.terms import Token, tokens_of
from tagger.nlp.words import WordTokenizer

Engine = Callable[[tuple[str, ...], Path | None], Language]
"""Makes a pipeline from the terms to keep whole and the directory of the engine's data."""

_registry = catalogue.create("tagger", "engines", entry_points=True)


def engines() -> tuple[str, ...]:
    """The names of all engines that `load_engine` knows, whether or not what they need is installed."""
    return tuple(sorted(_registry.get_all()))


def load_engine(
    name: str = "default", *, terms: Iterable[str] = (), data_directory: Path | None = None
) -> Language:
    """Load an engine.

    For every text, `engine(text).text == text`; `tag_` is the engine's own part of speech and `pos_` the
    universal one. Texts with lone surrogates raise ValueError. Use `engine.pipe` for many texts. Threads may
    share an engine. spaCy keeps every word it meets (14 MB for all 52,547 titles of the catalogue): a process
    that reads free text for days may do so inside `with engine.memory_zone():`, in one thread only.

    Args:
        name: one of `engines()`.
        terms: words to keep whole: vocabulary labels, names of agencies.
        data_directory: the engine's data, for those that need some.

    Raises:
        UnknownEngineError: no engine has that name.
        MissingPackageError: the engine's packages are not installed.
        DataDirectoryError: the engine's data are not there or cannot be read.
    """
    known = _registry.get_all()
    if name not in known:
        raise UnknownEngineError(name, sorted(known))
    engine: Language = known[name](tuple(terms), data_directory)
    return engine


def tokens(engine: Language, texts: Iterable[str]) -> Iterator[list[Token]]:
    """The words of each text, as the engine's Docs have them.

    Where the engine is nothing but the tokenizer of this package no Docs are made, which take longer than finding
    the words does. White space is then no word.
    """
    tokenizer = engine.tokenizer
    if isinstance(tokenizer, WordTokenizer) and not engine.pipe_names:
        return map(tokenizer.tokens, texts)
    return map(tokens_of, engine.pipe(texts))


def default_engine(terms: tuple[str, ...], data_directory: Path | None = None) -> Language:
    """jieba's words, terms kept whole; needs no data directory. See `tagger.nlp.words`."""
    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": "tagger.words.v1"}}})
    cast(WordTokenizer, nlp.tokenizer).use_terms(terms)
    return nlp


def ckip_engine(terms: tuple[str, ...], data_directory: Path | None = None) -> Language:
    """CKIP's words, parts of speech and entities; terms are recommended to it. See `tagger.nlp.ckip`."""
    # CKIP sorts up to 2,048 texts by length before it fills its batches.
    nlp = spacy.blank("zh", config={"nlp": {"batch_size": 2048}})
    component = nlp.add_pipe(
        "tagger_ckip", config={"data_directory": str(data_directory) if data_directory else None}
    )
    cast(CkipTagger, component).use_terms(terms)
    return nlp


_registry.register("default", func=default_engine)
_registry.register("ckip", func=ckip_engine)
