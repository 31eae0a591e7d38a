"""CKIP's three networks, loaded from a data directory by ckiptagger (GPL-3.0-only, an optional extra).

Li, Fu and Ma (2020), Why Attention? Analyze BiLSTM Deficiency and Its Remedies in the Case of NER; AAAI.
"""

import importlib
import importlib.util
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from tagger.nlp.errors import DataDirectoryError, MissingPackageError

_PACKAGES = ("ckiptagger", "tensorflow", "tf_keras")
_WS = "model_ws/model_asbc_Att-0_BiLSTM-cross-2-500_batch128-run1"
_POS = "model_pos/model_asbc_Att-0_BiLSTM-2-500_batch256-run1"
_NER = "model_ner/model_ontochinese_Att-0_BiLSTM-2-500_batch128-run1"
CHECKPOINTS = {"WS": _WS, "POS": _POS, "NER": _NER}
"""The name under which each network's variables are kept."""
DATA_FILES = (
    *(f"embedding_{unit}/{part}_list.npy" for unit in ("character", "word") for part in ("token", "vector")),
    *(f"{name}.{end}" for name in CHECKPOINTS.values() for end in ("index", "data-00000-of-00001")),
    "model_pos/label_list.txt",
    "model_ner/pos_list.txt",
    "model_ner/label_list.txt",
)
"""What ckiptagger 0.3 reads, relative to the data directory."""
_QUIET = {
    # ckiptagger's networks are of Keras 2.
    "TF_USE_LEGACY_KERAS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Announced on stderr whatever the log level; without it results are the same on every processor.
    "TF_ENABLE_ONEDNN_OPTS": "0",
}


# ckiptagger's destructors close the session of a model, also where loading it failed and there is none.
_NEVER_LOADED = SimpleNamespace(sess=SimpleNamespace(close=lambda: None))


class Networks(NamedTuple):
    """The loaded networks. Each takes and gives whole batches.

    Attributes:
        segment: texts, `recommend_dictionary=` → the words of each; joined they are the text.
        tag: the words of each → the tags of each.
        recognise: words, tags → for each a set of (start, end, type, text), in characters.
        dictionary: makes a recommend dictionary of weights by word.
    """

    segment: Callable[..., list[list[str]]]
    tag: Callable[..., list[list[str]]]
    recognise: Callable[..., list[set[tuple[int, int, str, str]]]]
    dictionary: Callable[[dict[str, float]], Any]


def load_networks(directory: Path | None) -> Networks:
    """Load WS, POS and NER; TensorFlow is imported here and not before.

    Raises:
        MissingPackageError: ckiptagger, TensorFlow or tf_keras is not installed.
        DataDirectoryError: no directory is given, files are missing, or one cannot be read.
    """
    _check_packages()
    checked = _check_files(directory)
    ckiptagger = import_ckiptagger()
    loaded = {part: _load(getattr(ckiptagger, part), part, checked) for part in CHECKPOINTS}
    networks = Networks(loaded["WS"], loaded["POS"], loaded["NER"], ckiptagger.construct_dictionary)
    _try(networks, checked)
    return networks


def _check_packages() -> None:
    missing = [package for package in _PACKAGES if importlib.util.find_spec(package) is None]
    if missing:
        raise MissingPackageError("ckip", missing)


def _check_files(directory: Path | None) -> Path:
    if directory is None:
        raise DataDirectoryError(
            "the engine 'ckip' needs a data directory: unpack CKIP's data.zip "
            "(https://github.com/ckiplab/ckiptagger) and configure where it is"
        )
    missing = [name for name in DATA_FILES if not (directory / name).is_file()]
    if missing:
        problem = f"CKIP's data directory {directory} lacks {', '.join(missing)}"
        raise DataDirectoryError(problem, directory, missing)
    return directory


def import_ckiptagger() -> Any:
    """The module ckiptagger, imported without TensorFlow's notes on stderr and without warnings."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        # Theirs: an invalid escape sequence, deprecated calls of TensorFlow.
        warnings.simplefilter("ignore")
        return importlib.import_module("ckiptagger")


def _load(part: Any, name: str, directory: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network = part.__new__(part)
            network.model = _NEVER_LOADED
            network.__init__(str(directory))
            return network
    # TensorFlow, NumPy and ckiptagger each raise errors of their own for a file they cannot read.
    except Exception as error:
        place = directory / CHECKPOINTS[name].partition("/")[0]
        problem = f"CKIP's {name} cannot be loaded from {place} and the embeddings: {_reason(error)}"
        raise DataDirectoryError(problem, directory, [CHECKPOINTS[name]]) from error


def _try(networks: Networks, directory: Path) -> None:
    """Run the networks once: TensorFlow restores variables of a wrong shape silently and fails in use."""
    try:
        words = networks.segment(["測試"])
        networks.recognise(words, networks.tag(words))
    except Exception as error:
        problem = f"the networks in {directory} do not fit each other or this ckiptagger: {_reason(error)}"
        raise DataDirectoryError(problem, directory) from error


def _reason(error: Exception) -> str:
    """The first line of the message that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in lines if not line.endswith(":")), type(error).__name__)
