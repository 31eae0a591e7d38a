"""`tagger export` and `tagger vocabulary` as people run them."""

import json
import warnings
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from rdflib import Graph
from rdflib.namespace import DCAT, RDF

from api.interchange.national import Dialect, schema
from tests.api.cli.conftest import Run

BASE = ("--base-url", "https://tags.example.gov.tw/")
HEAD = """@prefix c: <https://w3id.org/tw-dataset-labels/concept/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
"""


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> None:
    """A store with 30 datasets of two agencies."""
    rows = [
        {"identifier": f"A-{n}", "title": f"職業災害統計{n}", "publisher": "交通部" if n % 3 else "勞動部"}
        for n in range(30)
    ]
    (tmp_path / "c.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert run("migrate").returncode == 0
    assert run("import", "c.jsonl").returncode == 0


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(("form", "parser"), [("dcat-turtle", "turtle"), ("dcat-jsonld", "json-ld")])
def test_the_catalogue_as_dcat(run: Run, tmp_path: Path, form: str, parser: str) -> None:
    result = run("export", "out", "--format", form, *BASE)
    assert (result.returncode, result.stderr) == (0, "已輸出 30 筆資料集。\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        graph = Graph().parse(data=(tmp_path / "out").read_bytes(), format=parser)
    assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == 30
    assert len(set(graph.objects(None, DCAT.dataset))) == 30


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("dialect", ["standard", "portal", "national"])
@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_what_is_written_in_a_dialect_comes_in_as_no_change(
    run: Run, tmp_path: Path, dialect: Dialect, suffix: str
) -> None:
    path = tmp_path / f"out{suffix}"
    assert run("export", path, "--format", dialect).returncode == 0
    text = path.read_text("utf-8")
    written = json.loads(text) if suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    validator = Draft202012Validator(schema(dialect))
    assert len(written) == 30
    assert all(validator.is_valid(one) for one in written)
    again = run("import", path)
    assert "新增 0、修改 0、未變 30、撤回 0、有誤 0" in again.stdout


@pytest.mark.usefixtures("filled")
def test_one_publisher_and_standard_output(run: Run) -> None:
    result = run("export", "-", "--format", "standard", "--publisher", "勞動部")
    assert {row["publisher"] for row in json.loads(result.stdout)} == {"勞動部"}
    assert "已輸出 10 筆" in result.stderr
    none = run("export", "-", "--format", "national", "--publisher", "無此機關")
    assert (none.stdout, "空的目錄" in none.stderr) == ("[]\n", True)


@pytest.mark.usefixtures("filled")
def test_what_is_missing_is_told_and_nothing_is_half_written(run: Run, tmp_path: Path) -> None:
    result = run("export", "out.ttl", "--format", "dcat-turtle")
    assert (result.returncode, "--base-url" in result.stderr) == (1, True)
    result = run("export", "out.ttl", "--format", "dcat-turtle", "--base-url", "localhost")
    assert (result.returncode, "不是網址" in result.stderr) == (1, True)
    result = run("export", "none/out.ttl", "--format", "standard")
    assert (result.returncode, "無法寫入" in result.stderr) == (1, True)
    assert not list(tmp_path.glob("*out.ttl*"))


def test_the_vocabulary_goes_out_is_edited_and_comes_in(run: Run, tmp_path: Path) -> None:
    run("migrate")
    for name in ("v.ttl", "v.jsonld"):
        assert run("vocabulary", "export", name).returncode == 0
        same = run("vocabulary", "import", name, "--remove-missing")
        assert (same.returncode, same.stdout, same.stderr) == (0, "沒有任何改變。\n", "")
    edit = HEAD + (
        'c:n1 a skos:Concept ; skos:prefLabel "海嘯避難"@zh-Hant ; skos:broader c:c0001 .\n'
        "c:c0007 a skos:Concept ; owl:deprecated true ; dcterms:isReplacedBy c:c0005 .\n"
    )
    (tmp_path / "edit.ttl").write_text(edit, "utf-8")
    tried = run("vocabulary", "import", "edit.ttl", "--dry-run")
    assert tried.returncode == 0
    assert "新增 n1「海嘯避難」" in tried.stdout
    assert "併入 c0007「決算」：併入 c0005「預算」" in tried.stdout
    assert "未套用" in tried.stdout
    assert "海嘯避難" not in run("vocabulary", "export", "-").stdout
    done = run("vocabulary", "import", "edit.ttl")
    assert (done.returncode, "已套用。" in done.stdout) == (0, True)
    exported = run("vocabulary", "export", "-").stdout
    assert "海嘯避難" in exported
    assert "dcterms:isReplacedBy <https://w3id.org/tw-dataset-labels/concept/c0005>" in exported
    assert run("vocabulary", "import", "edit.ttl").stdout == "沒有任何改變。\n"


def test_a_file_with_an_error_changes_nothing(run: Run, tmp_path: Path) -> None:
    run("migrate")
    before = run("vocabulary", "export", "-").stdout
    bad = HEAD + (
        'c:n1 a skos:Concept ; skos:prefLabel "海嘯避難"@zh-Hant .\n'
        'c:c0001 a skos:Concept ; skos:prefLabel "公車"@zh-Hant .\n'
    )
    (tmp_path / "bad.ttl").write_text(bad, "utf-8")
    (tmp_path / "broken.ttl").write_text("<a> <b>", "utf-8")
    (tmp_path / "remote.jsonld").write_text('{"@context": "http://127.0.0.1:9/c"}', "utf-8")
    for name, says in (
        ("bad.ttl", "c0001 原為「統計」"),
        ("broken.ttl", "Turtle"),
        ("remote.jsonld", "@context"),
    ):
        result = run("vocabulary", "import", name)
        assert result.returncode == 1
        assert says in result.stderr
        assert "Traceback" not in result.stderr
    assert run("vocabulary", "export", "-").stdout == before
