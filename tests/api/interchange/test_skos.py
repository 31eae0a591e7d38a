"""The vocabulary as SKOS: out, and in again without a request to anybody."""

import contextlib
import json
import socket
import warnings
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SKOS

from api.interchange.rdf import WRITERS
from api.interchange.skos import vocabulary
from api.interchange.skos_file import SkosFile, read_concepts
from api.interchange.skos_source import FILE_BYTES, SkosError, read_graph
from api.interchange.vocabulary_change import plan
from api.services.migrating import to_concept_record
from models.concept import ALTERNATIVE, BLOCKED, CANDIDATE, HIDDEN, MERGED, PREFERRED
from models.vocabulary import ConceptRecord, LabelRecord
from tagger.retrieval.lexemes import compact
from tagger.vocabulary import Vocabulary

C = "https://w3id.org/tw-dataset-labels/concept/"
S = "https://w3id.org/tw-dataset-labels/service-category/"
HEAD = f"""@prefix c: <{C}> .
@prefix s: <{S}> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
"""


def label(text: str, kind: str = PREFERRED) -> LabelRecord:
    """A label as it is stored."""
    return LabelRecord(kind, text, compact(text))


STORED = [
    ConceptRecord("c1", (label("保險"),)),
    ConceptRecord(
        "c2",
        (label("勞工保險"), label("勞保", ALTERNATIVE), label("勞工保険", HIDDEN)),
        ("c1",),
        ("c3",),
        "500",
    ),
    ConceptRecord("c3", (label("就業保險"),), ("c1",), ("c2",), "500"),
    ConceptRecord("c4", (), status=MERGED, replaced_by="c2"),
    ConceptRecord("c5", (label("舊詞"),), status=MERGED, replaced_by="c4"),
    ConceptRecord("c6", (label("候選"),), status=CANDIDATE),
    ConceptRecord("c7", (label("停用"),), status=BLOCKED),
]
"""A small vocabulary with a concept of every status."""


def written(records: list[ConceptRecord], name: str = "turtle") -> bytes:
    """The vocabulary as a file."""
    return b"".join(WRITERS[name](vocabulary(records)))


def read(turtle: str) -> SkosFile:
    """The concepts of a Turtle file with the usual prefixes."""
    return read_concepts(read_graph((HEAD + turtle).encode()))


def parsed(data: bytes, name: str) -> Graph:
    """The graph of a written file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return Graph().parse(data=data, format={"turtle": "turtle", "jsonld": "json-ld"}[name])


@pytest.mark.parametrize("name", WRITERS)
def test_the_file_says_what_is_stored(name: str) -> None:
    graph = parsed(written(STORED, name), name)
    concept = URIRef(f"{C}c2")

    def ends(predicate: URIRef, of: URIRef = concept) -> set[str]:
        return {str(value).removeprefix(C).removeprefix(S) for value in graph.objects(of, predicate)}

    assert list(graph.objects(concept, SKOS.prefLabel)) == [Literal("勞工保險", lang="zh-Hant")]
    assert ends(SKOS.altLabel) == {"勞保"}
    assert ends(SKOS.hiddenLabel) == {"勞工保険"}
    assert (ends(SKOS.broader), ends(SKOS.related), ends(SKOS.broadMatch)) == ({"c1"}, {"c3"}, {"500"})
    assert ends(SKOS.narrower, URIRef(f"{C}c1")) == {"c2", "c3"}
    assert set(graph.subjects(SKOS.topConceptOf, URIRef("https://w3id.org/tw-dataset-labels/"))) == {
        URIRef(f"{C}c1")
    }


def test_what_is_not_in_use_is_deprecated_and_clashes_with_no_label() -> None:
    graph = parsed(written(STORED), "turtle")
    for identifier, successor in (("c4", "c2"), ("c5", "c4"), ("c7", None)):
        node = URIRef(f"{C}{identifier}")
        assert graph.value(node, OWL.deprecated) == Literal(True)
        assert graph.value(node, DCTERMS.isReplacedBy) == (URIRef(f"{C}{successor}") if successor else None)
        assert not list(graph.objects(node, SKOS.prefLabel))
    assert graph.value(URIRef(f"{C}c5"), RDFS.label) == Literal("舊詞", lang="zh-Hant")
    # Candidates are the editors' own.
    assert (URIRef(f"{C}c6"), None, None) not in graph


def test_the_categories_are_a_scheme_of_their_own() -> None:
    graph = parsed(written(STORED), "turtle")
    members = set(graph.subjects(SKOS.inScheme, URIRef(S)))
    assert len(members) == 18
    assert (URIRef(S), RDF.type, SKOS.ConceptScheme) in graph
    assert graph.value(URIRef(f"{S}I00"), SKOS.prefLabel) == Literal("公共資訊", lang="zh-Hant")
    assert graph.value(URIRef(f"{S}I00"), SKOS.notation) == Literal("I00")


def test_both_forms_say_the_same_and_read_back_as_no_change() -> None:
    turtle, jsonld = written(STORED, "turtle"), written(STORED, "jsonld")
    assert set(parsed(turtle, "turtle")) == set(parsed(jsonld, "jsonld"))
    for data in (turtle, jsonld):
        for remove_missing in (False, True):
            found = plan(STORED, read_concepts(read_graph(data)), remove_missing=remove_missing)
            assert (found.changes, found.errors, found.notes) == ((), (), ())


@pytest.fixture(scope="module")
def shipped() -> list[ConceptRecord]:
    """The shipped vocabulary as it is stored."""
    return [to_concept_record(concept) for concept in Vocabulary.read().concepts]


@pytest.mark.parametrize("name", WRITERS)
def test_the_shipped_vocabulary_goes_out_and_comes_in_unchanged(
    shipped: list[ConceptRecord], name: str, tmp_path: Path
) -> None:
    data = written(shipped, name)
    found = plan(shipped, read_concepts(read_graph(data)))
    assert (found.changes, found.errors, found.notes) == ((), (), ())
    if name == "turtle":
        (tmp_path / "v.ttl").write_bytes(data)
        again = Vocabulary.read(tmp_path / "v.ttl")
        assert [to_concept_record(concept) for concept in again.concepts] == shipped


def test_the_file_that_people_edit_reads_as_no_change(shipped: list[ConceptRecord]) -> None:
    data = (Path(__file__).parents[3] / "tagger" / "resources" / "vocabulary.ttl").read_bytes()
    found = plan(shipped, read_concepts(read_graph(data)))
    assert (found.changes, found.errors) == ((), ())


@pytest.mark.parametrize(
    "data",
    [
        {"@context": "https://example.org/context.jsonld", "@id": "urn:a"},
        {"@context": [{}, "http://127.0.0.1:9/context"], "@id": "urn:a"},
        {"@context": {"@import": "http://127.0.0.1:9/context"}, "@id": "urn:a"},
        {"@context": {"b": {"@id": "urn:b", "@context": "file:///etc/passwd"}}, "b": {}},
        {"@graph": [{"a": [{"@context": ["http://127.0.0.1:9/"]}]}]},
        [{"@context": "relative.jsonld"}],
    ],
)
def test_a_context_elsewhere_is_refused_and_no_socket_is_opened(
    monkeypatch: pytest.MonkeyPatch, data: Any
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(SkosError, match="@context"):
        read_graph(json.dumps(data).encode())


def test_reading_opens_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr(socket, "socket", lambda *_, **__: opened.append(1))
    imports = (
        "<http://127.0.0.1:9/a> owl:imports <http://127.0.0.1:9/b> ; skos:inScheme <http://127.0.0.1:9/c> ."
    )
    read(imports)
    read_graph(written(STORED, "jsonld"))
    assert not opened


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "空的"),
        (b"\xef\xbb\xbf  \n", "空的"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "RDF/XML"),
        (b"<rdf:RDF/>", "RDF/XML"),
        (b"@prefix c: <urn:c> .\nc:a c:b", "Turtle"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"a": ', "JSON-LD 第 1 行"),
        (b'{"@context": {"@vocab": 5}, "a": 1}', "JSON-LD"),
        (b'{"@graph": ' + b"[" * 60 + b"]" * 60 + b"}", "50 層"),
        (b"[" * 100_000, "JSON-LD"),
        (b"@prefix a: <urn:a> . a:b a:c " + b"[ a:d " * 5_000 + b"] " * 5_000 + b".", "Turtle"),
        (b"#" * (FILE_BYTES + 1), "8 MB"),
    ],
)
def test_what_cannot_be_read_is_told(data: bytes, says: str) -> None:
    with pytest.raises(SkosError, match=says) as caught:
        read_graph(data)
    assert "passwd" not in str(caught.value)


@pytest.mark.parametrize(
    ("turtle", "says"),
    [
        ("c:x a skos:Concept .", "有 0 個 skos:prefLabel"),
        ('c:x a skos:Concept ; skos:prefLabel "甲" , "乙" .', "S14"),
        ('c:x a skos:Concept ; skos:prefLabel "甲" ; skos:altLabel "甲" .', "S13"),
        ('c:x a skos:Concept , skos:ConceptScheme ; skos:prefLabel "甲" .', "S9"),
        ('c:x a skos:Concept ; skos:prefLabel "甲" ; skos:altLabel <urn:a> .', "S12"),
        ("c:x a skos:Concept ; skos:prefLabel 5 .", "S12"),
        ('c:x a skos:Concept ; skos:prefLabel "甲\\n" .', "換行"),
        (f'c:x a skos:Concept ; skos:prefLabel "{"長" * 101}" .', "100 字"),
        ('c:x a skos:Concept ; skos:prefLabel "（、）" .', "沒有任何文字"),
        ('[] a skos:Concept ; skos:prefLabel "甲" .', "沒有 URI"),
        ('<urn:x> a skos:Concept ; skos:prefLabel "甲" .', "不是本詞彙的 URI"),
        ('<../x> a skos:Concept ; skos:prefLabel "甲" .', "不是本詞彙的 URI"),
        (f'<{C}a/b> a skos:Concept ; skos:prefLabel "甲" .', "不是本詞彙的 URI"),
        ('c:x skos:prefLabel "甲" .', "沒有標明是 skos:Concept"),
        ('c:x a skos:Concept ; skos:prefLabel "甲" ; skos:broader <urn:b> .', "skos:broader 指向 urn:b"),
        ('c:x a skos:Concept ; skos:prefLabel "甲" ; skos:broadMatch s:500 , s:600 .', "2 個服務分類"),
        ('c:x a skos:Concept ; skos:prefLabel "甲" ; skos:broadMatch s:Z99 .', "不是服務分類代碼"),
        ('s:Z99 a skos:Concept ; skos:prefLabel "甲" .', "服務分類由平臺訂定"),
        ("c:x a skos:Concept ; dcterms:isReplacedBy c:y , c:z .", "併入了 2 個"),
        ("<urn:a> <urn:b> <urn:c> .", "沒有任何 skos:Concept"),
    ],
)
def test_what_breaks_a_rule_of_skos_is_told(turtle: str, says: str) -> None:
    errors = read(turtle).errors
    assert len(errors) == 1, errors
    assert says in errors[0]


def test_one_bad_concept_does_not_hide_the_others_and_their_faults() -> None:
    file = read('c:x a skos:Concept . c:y a skos:Concept ; skos:prefLabel "乙" . c:z a skos:Concept .')
    assert (list(file.concepts), len(file.errors)) == (["y"], 2)


def test_what_is_not_taken_is_noted() -> None:
    file = read(
        'c:x a skos:Concept ; skos:prefLabel "甲"@zh-TW , "A"@en ; skos:definition "定義"@zh-Hant ;'
        " skos:exactMatch <http://www.wikidata.org/entity/Q1> ; <urn:p> 1 , 2 ; skos:broadMatch <urn:other> ."
    )
    assert not file.errors
    notes = "\n".join(file.notes)
    for said in (
        "skos:definition：1 處",
        "skos:exactMatch：1 處",
        "2 處未匯入",
        "非中文的標籤 1 個",
        "服務分類以外",
    ):
        assert said in notes


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_file_is_read_or_refused(data: bytes) -> None:
    for content in (data, HEAD.encode() + data, b'{"@graph": [' + data + b"]}"):
        with contextlib.suppress(SkosError):
            read_concepts(read_graph(content))
