"""Datasets and the catalogue as DCAT, in Turtle and JSON-LD."""

import tracemalloc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyshacl import validate
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, SKOS, XSD

from api.interchange.dcat import (
    Catalogue,
    DatasetRecord,
    Subject,
    catalogue,
    catalogue_triples,
    dataset_triples,
    stream,
)
from api.interchange.rdf import WRITERS, Triple, web_address
from api.interchange.values import file_format, frequency, licence, moment
from tagger.metadata import DatasetMetadata
from tests.api.interchange.records import FULL, datasets, storable

BASE = "https://tags.example.gov.tw/"
SHAPES = Path(__file__).with_name("dcat-shapes.ttl")
CATEGORY = "https://w3id.org/tw-dataset-labels/service-category/"
CONCEPT = "https://w3id.org/tw-dataset-labels/concept/"
PARSERS = {"turtle": "turtle", "jsonld": "json-ld"}

full = DatasetRecord(
    DatasetMetadata.model_validate(FULL), "600", (Subject("c0127", "職業災害"),), ("尚未收錄的詞",)
)
records = st.builds(
    DatasetRecord,
    datasets,
    st.sampled_from([None, "500"]),
    st.just(()) | st.builds(lambda label: (Subject("c0001", label),), storable),
    st.lists(storable, max_size=2).map(tuple),
)


def graph_of(chunks: list[list[Triple]], name: str) -> Graph:
    """What a reader of the written document understands."""
    written = b"".join(WRITERS[name](chunks))
    with warnings.catch_warnings():
        # rdflib's reader of JSON-LD uses what rdflib will remove.
        warnings.simplefilter("ignore", DeprecationWarning)
        return Graph().parse(data=written, format=PARSERS[name])


def described(record: DatasetRecord) -> Graph:
    """The graph of one dataset."""
    return graph_of([dataset_triples(catalogue(BASE), record)], "turtle")


def conforms(graph: Graph) -> tuple[bool, str]:
    """Whether a graph fits the shapes, and what does not."""
    with warnings.catch_warnings():
        # pyshacl uses what rdflib will remove.
        warnings.simplefilter("ignore", DeprecationWarning)
        fits, _, report = validate(graph, shacl_graph=str(SHAPES))
    return bool(fits), str(report)


def test_a_dataset_says_what_its_metadata_says() -> None:
    graph = described(full)
    dataset = URIRef(f"{BASE}v1/datasets/900001")

    def one(predicate: URIRef, of: URIRef = dataset) -> object:
        [value] = graph.objects(of, predicate)
        return value

    assert one(RDF.type) == DCAT.Dataset
    assert one(DCTERMS.title) == Literal("職業災害統計", lang="zh-Hant")
    assert one(DCTERMS.description) == Literal(FULL["description"], lang="zh-Hant")
    assert one(DCTERMS.identifier) == Literal("900001")
    # What reviewers approved stands above what was declared.
    assert one(DCAT.theme) == URIRef(f"{CATEGORY}600")
    assert one(DCTERMS.subject) == URIRef(f"{CONCEPT}c0127")
    assert one(SKOS.prefLabel, URIRef(f"{CONCEPT}c0127")) == Literal("職業災害", lang="zh-Hant")
    assert {str(word) for word in graph.objects(dataset, DCAT.keyword)} == {
        "職災",
        "勞工安全",
        "尚未收錄的詞",
    }
    [publisher] = graph.objects(dataset, DCTERMS.publisher)
    assert one(FOAF.name, URIRef(publisher)) == Literal("勞動部職業安全衛生署", lang="zh-Hant")
    [period] = graph.objects(dataset, DCTERMS.temporal)
    assert one(DCAT.startDate, URIRef(period)) == Literal("2014-01-01", datatype=XSD.date)
    assert one(DCAT.endDate, URIRef(period)) == Literal("2024-12-31", datatype=XSD.date)
    assert one(DCTERMS.issued) == Literal("2024-01-01T00:00:00", datatype=XSD.dateTime)
    assert str(one(DCTERMS.accrualPeriodicity)).endswith("/frequency/MONTHLY")
    assert one(DCTERMS.license) == URIRef("https://data.gov.tw/license")
    assert one(DCAT.landingPage) == URIRef("https://example.gov.tw/頁面?q=1")
    downloads = {str(address) for address in graph.objects(None, DCAT.downloadURL)}
    assert downloads == {"https://example.gov.tw/a.csv", "https://example.gov.tw/b?x=1"}
    assert len(set(graph.objects(dataset, DCAT.distribution))) == 2
    assert conforms(graph) == (True, conforms(graph)[1])


def test_an_undecided_dataset_keeps_the_declared_category_and_has_no_subject() -> None:
    graph = described(DatasetRecord(DatasetMetadata(identifier="1", title="甲", category_code="I00")))
    [theme] = graph.objects(None, DCAT.theme)
    assert str(theme) == f"{CATEGORY}I00"
    assert not list(graph.objects(None, DCTERMS.subject))
    assert conforms(graph)[0]


def test_a_resource_without_address_is_reached_by_the_landing_page() -> None:
    fields = {
        "identifier": "1",
        "title": "甲",
        "distribution": [{"format": "API", "downloadURL": "洽承辦人"}],
    }
    page = "https://example.gov.tw/page"
    with_page = described(DatasetRecord(DatasetMetadata.model_validate({**fields, "landingPage": page})))
    without = described(DatasetRecord(DatasetMetadata.model_validate(fields)))
    assert list(with_page.objects(None, DCAT.accessURL)) == [URIRef(page)]
    assert list(without.objects(None, DCAT.accessURL)) == [URIRef(f"{BASE}v1/datasets/1")]
    assert not list(without.objects(None, DCAT.downloadURL))
    assert conforms(without)[0]


def test_the_catalogue_lists_datasets_and_taxonomies_and_fits_the_shapes() -> None:
    other = DatasetRecord(DatasetMetadata(identifier="A-1", title="公車路線", publisher="交通部"))
    about = catalogue(BASE, title="測試目錄", publisher="勞動部")
    graph = graph_of(list(stream(about, [full, other])), "turtle")
    listed = {str(dataset) for dataset in graph.objects(URIRef(f"{BASE}v1/catalog"), DCAT.dataset)}
    assert listed == {f"{BASE}v1/datasets/900001", f"{BASE}v1/datasets/A-1"}
    taxonomies = {str(scheme) for scheme in graph.objects(None, DCAT.themeTaxonomy)}
    assert taxonomies == {CATEGORY, "https://w3id.org/tw-dataset-labels/"}
    assert len(set(graph.subjects(SKOS.inScheme, URIRef(CATEGORY)))) == 18
    fits, report = conforms(graph)
    assert fits, report


def test_the_shapes_find_what_is_missing() -> None:
    graph = described(full)
    graph.remove((None, DCAT.accessURL, None))
    assert not conforms(graph)[0]


@settings(max_examples=150, deadline=None)
@given(st.lists(records, max_size=3))
def test_both_forms_say_the_same_of_any_dataset(many: list[DatasetRecord]) -> None:
    chunks = list(stream(catalogue(BASE), many))
    meant = {triple for chunk in chunks for triple in chunk}
    assert set(graph_of(chunks, "turtle")) == meant
    assert set(graph_of(chunks, "jsonld")) == meant


@settings(max_examples=40, deadline=None)
@given(records)
def test_any_dataset_fits_the_shapes(record: DatasetRecord) -> None:
    fits, report = conforms(described(record))
    assert fits, report


HOSTILE = [
    "https://example.gov.tw/a b.csv",
    'https://example.gov.tw/"> . <urn:x> <urn:y> <urn:z',
    "https://example.gov.tw/<script>alert(1)</script>",
    "https://example.gov.tw/a\\u003e{b}|^`c",
    "https://example.gov.tw/\u202egpj.exe\ufeff",
    "https://example.gov.tw/a\nb",
    "https://example.gov.tw/[a]?b=[c]",
]


@pytest.mark.parametrize("address", HOSTILE)
@pytest.mark.parametrize("name", WRITERS)
def test_no_address_breaks_the_document_or_adds_to_it(address: str, name: str) -> None:
    fields = {"identifier": "1", "title": "甲", "landingPage": address, "licenseURL": address}
    resources = [{"downloadURL": address, "accessURL": address}]
    record = DatasetRecord(DatasetMetadata.model_validate({**fields, "distribution": resources}))
    graph = graph_of([dataset_triples(catalogue(BASE), record)], name)
    assert not [node for node in graph.all_nodes() if str(node).startswith("urn:")]
    [download] = graph.objects(None, DCAT.downloadURL)
    assert str(download).startswith("https://example.gov.tw/")
    assert not set(str(download)) & set(' <>"{}|\\^`\n\u202e')


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "無",
        "javascript:alert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "//example.gov.tw/a",
        "https://",
        "https:///a",
        "http://[::1",
        "https://exa mple.gov.tw/",
        'https://example"/',
        "https://example.gov.tw/" + "a" * 5_000,
        "y=2",
    ],
)
def test_what_is_no_address_of_the_web_is_left_out(address: str | None) -> None:
    assert web_address(address) is None


@pytest.mark.parametrize("name", WRITERS)
def test_texts_cannot_end_the_document(name: str) -> None:
    title = '"@zh-Hant . <urn:x> <urn:y> "z" . \\" \u2028 \x85 \x1f \ufffe ]}'
    metadata = DatasetMetadata(
        identifier="a\"b<c>'d", title=title, publisher=title, license=title, spatial=title
    )
    graph = graph_of([dataset_triples(catalogue(BASE), DatasetRecord(metadata))], name)
    assert [str(text) for text in graph.objects(None, DCTERMS.title)] == [title]
    [dataset] = graph.subjects(RDF.type, DCAT.Dataset)
    assert str(dataset) == f"{BASE}v1/datasets/a%22b%3Cc%3E%27d"


@pytest.mark.parametrize("base", ["", "tags.example.gov.tw", "javascript:x", "https://"])
def test_a_base_that_is_no_address_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match="address"):
        catalogue(base)
    assert catalogue("https://example.gov.tw/a").base == "https://example.gov.tw/a/"


def _generated(number: int) -> Iterator[DatasetRecord]:
    for count in range(number):
        fields = {
            **FULL,
            "identifier": str(count),
            "title": f"資料集{count}",
            "publisher": f"機關{count % 50}",
        }
        yield full._replace(metadata=DatasetMetadata.model_validate(fields))


@pytest.mark.parametrize("name", WRITERS)
def test_memory_does_not_grow_with_the_catalogue(name: str) -> None:
    tracemalloc.start()
    written = sum(map(len, WRITERS[name](stream(catalogue(BASE), _generated(500)))))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert written > 1_000_000
    assert most < 300_000


def test_what_is_shared_is_said_once() -> None:
    chunks = list(stream(catalogue(BASE), _generated(200)))
    named = [triple for chunk in chunks for triple in chunk if triple[1] == FOAF.name]
    # 50 agencies, the one that owns all datasets, and the catalogue's own.
    assert len(named) == len(set(named)) == 52


@pytest.mark.parametrize(
    ("written", "value", "datatype"),
    [
        ("2026-05-11 16:51:14", "2026-05-11T16:51:14", "dateTime"),
        ("2026/5/1 9:05", "2026-05-01T09:05:00", "dateTime"),
        ("2026-05-11", "2026-05-11", "date"),
        ("20260511", "2026-05-11", "date"),
        ("2026-5", "2026-05", "gYearMonth"),
        (" 2026 ", "2026", "gYear"),
    ],
)
def test_dates_are_as_exact_as_written(written: str, value: str, datatype: str) -> None:
    assert moment(written) == Literal(value, datatype=XSD[datatype], normalize=False)


@pytest.mark.parametrize(
    "written", [None, "", "113/01/01", "2026-13-01", "2026-02-30", "0000", "２０２６", "即時"]
)
def test_what_is_no_date_is_left_out(written: str | None) -> None:
    assert moment(written) is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("每1分", "1MIN"),
        ("每7日", "WEEKLY"),
        ("每2月", "BIMONTHLY"),
        ("每季", "QUARTERLY"),
        ("每半年更新", "ANNUAL_2"),
        ("每１年", "ANNUAL"),
        ("不定期更新", "IRREG"),
        ("每9日", None),
        ("即時", None),
        ("", None),
    ],
)
def test_frequencies(written: str, code: str | None) -> None:
    found = frequency(written)
    assert (found.rsplit("/", 1)[1] if found else None) == code


def test_a_frequency_or_a_format_without_a_code_keeps_its_words() -> None:
    fields = {"identifier": "1", "title": "甲", "accrualPeriodicity": "每9日"}
    resources = [{"format": "壓縮檔", "downloadURL": "https://example.gov.tw/a"}]
    graph = described(DatasetRecord(DatasetMetadata.model_validate({**fields, "distribution": resources})))
    words = {
        str(value) for value in graph.objects(None, URIRef("http://www.w3.org/2000/01/rdf-schema#label"))
    }
    assert words == {"每9日", "壓縮檔"}
    assert conforms(graph)[0]


def test_formats_and_licences() -> None:
    code, media = file_format(" csv ") or (None, None)
    assert (str(code).rsplit("/", 1)[1], str(media).rsplit("types/", 1)[1]) == ("CSV", "text/csv")
    assert file_format("其他") is None
    assert licence("政府資料開放授權條款-第1版") == licence("1") == URIRef("https://data.gov.tw/license")
    assert licence("另行約定") is None


def test_nothing_is_blank() -> None:
    about: Catalogue = catalogue(BASE)
    for subject, _, value in [*catalogue_triples(about), *dataset_triples(about, full)]:
        assert isinstance(subject, URIRef)
        assert isinstance(value, URIRef | Literal)
