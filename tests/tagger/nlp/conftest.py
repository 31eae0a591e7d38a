"""Engines for the tests. CKIP's data are generated; without its packages its tests are skipped."""

import importlib.util
import os
from pathlib import Path

import pytest
from ckip_data import SMALL, hidden_size, make_data_directory
from spacy.language import Language

from tagger.nlp import load_engine

TERMS = ("職業安全衛生署", "勞動部", "空氣品質監測", "登革熱", "臺北市政府", "勞工", "AI", "Wi-Fi熱點")


@pytest.fixture(scope="session")
def words() -> Language:
    """The default engine with a few terms."""
    return load_engine(terms=TERMS)


@pytest.fixture(scope="session")
def ckip_packages() -> None:
    """CKIP's packages are there; in CI they must be."""
    missing = [
        name for name in ("ckiptagger", "tensorflow", "tf_keras") if not importlib.util.find_spec(name)
    ]
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI must test CKIP, but {', '.join(missing)} is not installed")
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed: TensorFlow has no wheel for every platform")


@pytest.fixture(scope="session")
def ckip_data(ckip_packages: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small generated data directory."""
    return make_data_directory(tmp_path_factory.mktemp("ckip") / "data", SMALL)


@pytest.fixture(scope="session")
def ckip(ckip_data: Path) -> Language:
    """The CKIP engine on the small networks, without terms."""
    with hidden_size(SMALL):
        return load_engine("ckip", data_directory=ckip_data)
