"""A second model, made through the documented format: what the shipped one calls A00 it calls E00, and back."""

import json
from pathlib import Path

import numpy as np

from tagger.weights import MANIFEST, SHIPPED_MODEL, save_model

SWAPPED = {"A00": "E00", "E00": "A00"}
RENAMED = ("大眾運輸", "公共交通")
"""A label that the second model lacks, and the one that it has in its place, as another concept."""


def save_other_model(directory: Path) -> str:
    """Write the model; its version."""
    arrays = {path.stem: np.load(path) for path in SHIPPED_MODEL.glob("*.npy")}
    documents = {
        path.stem: json.loads(path.read_bytes())
        for path in SHIPPED_MODEL.glob("*.json")
        if path.name != MANIFEST
    }
    codes = documents["categories"]["codes"]
    documents["categories"]["codes"] = [SWAPPED.get(code, code) for code in codes]
    for concept in documents["labels"]:
        if concept["label"] == RENAMED[0]:
            concept.update(identifier="c9999", label=RENAMED[1])
    return save_model(directory, arrays, documents)
