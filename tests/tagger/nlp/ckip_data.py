"""Makes a data directory for ckiptagger with random networks: its real files are 2 GB and not to be fetched.

Everything that CKIP does with its data is then run for real: embeddings, lists and checkpoints are read, the
networks computed. Only what they answer means nothing. The hidden size of the real networks, 500, is fixed in
ckiptagger's loader; a smaller one is read back inside `hidden_size`.
"""

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tagger.nlp.ckip_data import CHECKPOINTS, import_ckiptagger
from tagger.nlp.pos import CKIP_TO_UPOS

REAL_HIDDEN = 500
SMALL = 64
_DIMENSIONS = 16
_SCALE = 0.3
_CHARACTERS = "臺北市政府勞動部職業安全衛生署災害統計登革熱病例人數公車路線空氣品質監測0123456789()（）、"
_WORDS = ("臺北市", "政府", "勞動部", "職業", "安全", "統計", "公車", "路線", "空氣", "品質", "監測")
_PUNCTUATION = (
    "COLON",
    "COMMA",
    "DASH",
    "ETC",
    "EXCLAMATION",
    "PARENTHESIS",
    "PAUSE",
    "PERIOD",
    "QUESTION",
    "SEMICOLON",
)
_TAGS = (*sorted(CKIP_TO_UPOS), *(f"{name}CATEGORY" for name in _PUNCTUATION))
_ENTITIES = ("CARDINAL", "DATE", "EVENT", "FAC", "GPE", "LAW", "LOC", "ORG", "PERSON", "PRODUCT")
# What ckiptagger's own constructors set before they build each network.
_NETWORKS = {
    "WS": ("model_ws", {"layers": 2, "attention_heads": 0, "is_cross_bilstm": True}),
    "POS": ("model_pos", {"layers": 2, "attention_heads": 0}),
    "NER": ("model_ner", {"layers": 2, "attention_heads": 0}),
}


def make_data_directory(path: Path, hidden: int = SMALL, seed: int = 0) -> Path:
    """Make the directory: 6 MB for a hidden size of 64, 283 MB for 500; the same for the same seed."""
    import_ckiptagger()
    generator = np.random.default_rng(seed)
    _embedding(path / "embedding_character", tuple(dict.fromkeys(_CHARACTERS)), generator)
    _embedding(path / "embedding_word", _WORDS, generator)
    for checkpoint in CHECKPOINTS.values():
        (path / checkpoint).parent.mkdir(parents=True)
    _list(path / "model_pos" / "label_list.txt", _TAGS)
    _list(path / "model_ner" / "pos_list.txt", _TAGS)
    _list(path / "model_ner" / "label_list.txt", _ENTITIES)
    for part, checkpoint in CHECKPOINTS.items():
        _network(part, path / checkpoint, hidden, generator)
    return path


@contextmanager
def hidden_size(hidden: int) -> Iterator[None]:
    """Within it ckiptagger loads networks of this hidden size, not of 500."""
    import_ckiptagger()
    with pytest.MonkeyPatch.context() as patch:
        for module in ("model_ws", "model_pos", "model_ner"):
            model = importlib.import_module(f"ckiptagger.{module}")
            fixed = property(lambda _: hidden, lambda _, value: None)
            patch.setattr(model, "Config", type("Config", (model.Config,), {"hidden_d": fixed}))
        yield


def _embedding(folder: Path, tokens: tuple[str, ...], generator: np.random.Generator) -> None:
    folder.mkdir(parents=True)
    np.save(folder / "token_list.npy", np.array(tokens))
    np.save(folder / "vector_list.npy", generator.normal(size=(len(tokens), _DIMENSIONS)).astype(np.float32))


def _list(path: Path, labels: tuple[str, ...]) -> None:
    path.write_text("".join(f"{label} 1\n" for label in labels), encoding="utf-8")


def _network(part: str, checkpoint: Path, hidden: int, generator: np.random.Generator) -> None:
    name, settings = _NETWORKS[part]
    module = importlib.import_module(f"ckiptagger.{name}")
    tensorflow = importlib.import_module("tensorflow")
    config = module.Config()
    for attribute, value in {**settings, **_sizes(part), "name": checkpoint.name, "hidden_d": hidden}.items():
        setattr(config, attribute, value)
    v1 = tensorflow.compat.v1
    with tensorflow.Graph().as_default():
        with warnings.catch_warnings():
            # TensorFlow calls the cells that ckiptagger uses deprecated.
            warnings.simplefilter("ignore")
            module.Model(config)
        with v1.Session() as session:
            for variable in v1.global_variables():
                # Keras would draw its initial values from a generator that takes no seed.
                value = generator.normal(scale=_SCALE, size=variable.shape)
                session.run(variable.initializer, {variable.initializer.inputs[1]: value})
            v1.train.Saver().save(session, str(checkpoint), write_meta_graph=False)


def _sizes(part: str) -> dict[str, Any]:
    if part == "WS":
        return {"w_embedding_d": _DIMENSIONS}
    embeddings = {"c_embedding_d": _DIMENSIONS, "w_embedding_d": _DIMENSIONS}
    if part == "POS":
        return {**embeddings, "output_d": len(_TAGS)}
    return {**embeddings, "w_feature_d": len(_TAGS), "output_d": 4 * len(_ENTITIES) + 1}
