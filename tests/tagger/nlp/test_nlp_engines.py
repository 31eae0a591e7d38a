"""Engines are found by name; what is missing is named with the way to get it."""

import subprocess
import sys
from pathlib import Path

import pytest
from spacy.tokens import Doc
from spacy.vocab import Vocab

from tagger.nlp import DataDirectoryError, EngineError, UnknownEngineError, engines, load_engine
from tagger.nlp.ckip_data import DATA_FILES
from tagger.nlp.pos import CKIP_TO_UPOS, JIEBA_TO_UPOS


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_both_engines_are_known() -> None:
    assert engines() == ("ckip", "default")


def test_an_installed_package_adds_an_engine(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(
        "import spacy\ndef characters(terms, data_directory):\n    return spacy.blank('zh')\n",
        encoding="utf-8",
    )
    about = tmp_path / "other-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(
        "[tagger_engines]\ncharacters = other:characters\n", encoding="utf-8"
    )
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from tagger.nlp import engines, load_engine
print(*engines(), *load_engine("characters")("職災"))
"""
    assert _python(code).stdout == "characters ckip default 職 災\n"


def test_an_unknown_engine_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownEngineError, match="no engine 'jeiba'; choose one of: ckip, default"):
        load_engine("jeiba")


@pytest.mark.parametrize("package", ["ckiptagger", "tensorflow", "tf_keras"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(package: str) -> None:
    code = f"""
import sys
sys.modules[{package!r}] = None
from tagger.nlp import EngineError, load_engine
try:
    load_engine("ckip")
except EngineError as error:
    print(type(error).__name__, error)
"""
    answer = _python(code).stdout
    assert answer.startswith("MissingPackageError")
    assert package in answer
    assert "pip install '.[ckip]'" in answer


def test_tensorflow_is_imported_only_by_who_asks_for_ckip() -> None:
    code = "import sys, tagger.nlp; tagger.nlp.load_engine()('職業災害'); print('tensorflow' in sys.modules)"
    result = _python(code)
    assert (result.stdout, result.stderr) == ("False\n", "")


@pytest.mark.usefixtures("ckip_packages")
def test_ckip_is_imported_without_noise() -> None:
    result = _python(
        "from tagger.nlp.ckip_data import import_ckiptagger; print(import_ckiptagger().__name__)"
    )
    assert (result.stdout, result.stderr) == ("ckiptagger\n", "")


@pytest.mark.usefixtures("ckip_packages")
def test_ckip_without_a_data_directory_says_where_to_get_one() -> None:
    with pytest.raises(DataDirectoryError, match=r"data\.zip"):
        load_engine("ckip")


@pytest.mark.usefixtures("ckip_packages")
def test_an_empty_data_directory_lacks_everything(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"lacks embedding_character/token_list\.npy") as caught:
        load_engine("ckip", data_directory=tmp_path / "none")
    assert isinstance(caught.value, DataDirectoryError)
    assert caught.value.files == DATA_FILES


def test_every_part_of_speech_is_a_universal_one() -> None:
    used = sorted({*JIEBA_TO_UPOS.values(), *CKIP_TO_UPOS.values()})
    # spaCy refuses those it does not know.
    assert [token.pos_ for token in Doc(Vocab(), words=used, pos=used)] == used
