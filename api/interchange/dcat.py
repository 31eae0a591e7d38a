"""Datasets and the catalogue as DCAT 3, with the mandatory properties of DCAT-AP 3.

Source: https://www.w3.org/TR/vocab-dcat-3/. docs/interchange.md has the table. A dataset's IRI is its address
in the REST interface; what belongs to it alone is named behind a `#`, so that no node is blank.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from hashlib import sha256
from typing import NamedTuple

from rdflib import URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS

from api.interchange.rdf import PREFIXES, Triple, path_segment, plain, text, web_address
from api.interchange.values import file_format, frequency, language, licence, moment
from tagger.categories import categories, category_names
from tagger.metadata import DatasetMetadata, Distribution
from tagger.vocabulary import CATEGORY_BASE, CONCEPT_BASE, SCHEME

CATEGORY_SCHEME = URIRef(CATEGORY_BASE)
CONCEPT_SCHEME = URIRef(SCHEME)
_ENCODING = URIRef(PREFIXES["cnt"] + "characterEncoding")
# Several addresses in one cell are joined by semicolons, which may also be part of one.
_ADDRESSES = re.compile(r"[;\s]+(?=https?://)")


class Subject(NamedTuple):
    """A concept that a dataset is about: its identifier and its preferred label."""

    identifier: str
    label: str


class DatasetRecord(NamedTuple):
    """A dataset to be described.

    Attributes:
        metadata: what the publisher says, with an identifier.
        category_code: the approved category; where it is None the declared one counts.
        subjects: concepts of approved labels.
        labels: approved labels that the vocabulary lacks.
    """

    metadata: DatasetMetadata
    category_code: str | None = None
    subjects: tuple[Subject, ...] = ()
    labels: tuple[str, ...] = ()


class Catalogue(NamedTuple):
    """The catalogue that datasets belong to.

    Attributes:
        base: the address of the service, with a slash at its end.
        title, description, publisher: of the catalogue, in 繁體中文.
    """

    base: str
    title: str = "資料集目錄"
    description: str = "資料集的詮釋資料、服務分類與語意標籤。"
    publisher: str = "本服務的營運機關"

    @property
    def iri(self) -> URIRef:
        """The catalogue."""
        return URIRef(f"{self.base}v1/catalog")

    def dataset(self, identifier: str) -> URIRef:
        """A dataset of it."""
        return URIRef(f"{self.base}v1/datasets/{path_segment(identifier)}")

    def shared(self, kind: str, name: str) -> URIRef:
        """What datasets share and nobody else has named: an agency, a frequency, a file format."""
        return URIRef(f"{self.iri}#{kind}-{sha256(name.encode()).hexdigest()[:16]}")


def catalogue(base: str, **texts: str) -> Catalogue:
    """The catalogue of a service. Raises ValueError where `base` is no address of the web."""
    address = web_address(base)
    if address is None:
        raise ValueError(f"not an address of the web: {base!r}")
    return Catalogue(f"{address.rstrip('/')}/", **texts)


def catalogue_triples(about: Catalogue) -> list[Triple]:
    """What is said of the catalogue itself, and of the service categories."""
    iri = about.iri
    publisher, named = _agent(about, about.publisher)
    return [
        (iri, RDF.type, DCAT.Catalog),
        (iri, DCTERMS.title, text(about.title)),
        (iri, DCTERMS.description, text(about.description)),
        (iri, DCTERMS.publisher, publisher),
        (iri, FOAF.homepage, URIRef(about.base)),
        (iri, DCAT.themeTaxonomy, CATEGORY_SCHEME),
        (iri, DCAT.themeTaxonomy, CONCEPT_SCHEME),
        (URIRef(about.base), RDF.type, FOAF.Document),
        (CONCEPT_SCHEME, RDF.type, SKOS.ConceptScheme),
        (CONCEPT_SCHEME, DCTERMS.title, text("政府資料集語意標籤")),
        *named,
        *(triple for category in categories() for triple in theme_triples(category.code)),
    ]


@cache
def theme_triples(code: str) -> list[Triple]:
    """What is said of a service category where it is a theme."""
    iri = URIRef(CATEGORY_BASE + code)
    return [
        (CATEGORY_SCHEME, RDF.type, SKOS.ConceptScheme),
        (CATEGORY_SCHEME, DCTERMS.title, text("服務分類")),
        (iri, RDF.type, SKOS.Concept),
        (iri, SKOS.inScheme, CATEGORY_SCHEME),
        (iri, SKOS.notation, plain(code)),
        (iri, SKOS.prefLabel, text(category_names()[code])),
    ]


def dataset_triples(about: Catalogue, record: DatasetRecord) -> list[Triple]:
    """One dataset, whole: also what it shares with others."""
    own, shared = _described(about, record)
    return [*own, *shared]


def stream(about: Catalogue, records: Iterable[DatasetRecord]) -> Iterator[list[Triple]]:
    """The catalogue and its datasets, one chunk each; what datasets share is said once.

    What is remembered grows with the agencies and concepts, not with the datasets.
    """
    yield catalogue_triples(about)
    # Whatever dataset it comes with, the same is said of what is shared.
    said: set[URIRef] = set()
    for record in records:
        own, shared = _described(about, record)
        new = [triple for triple in shared if triple[0] not in said]
        said.update(subject for subject, _, _ in new)
        iri = about.dataset(record.metadata.identifier or "")
        yield [(about.iri, DCAT.dataset, iri), *own, *new]


def _described(about: Catalogue, record: DatasetRecord) -> tuple[list[Triple], list[Triple]]:
    """What is said of the dataset alone, and of what it shares."""
    metadata = record.metadata
    if metadata.identifier is None:
        raise ValueError("a dataset without an identifier has no address")
    iri = about.dataset(metadata.identifier)
    own: list[Triple] = [
        (iri, RDF.type, DCAT.Dataset),
        (iri, DCTERMS.identifier, plain(metadata.identifier)),
        (iri, DCTERMS.title, text(metadata.title)),
        # DCAT-AP wants one; the title at least says what it is.
        (iri, DCTERMS.description, text(metadata.description or metadata.title)),
    ]
    shared: list[Triple] = []
    for make in (_texts, _topics, _agents, _times, _coverage, _terms):
        said, others = make(about, iri, record)
        own += said
        shared += others
    for number, resource in enumerate(metadata.distribution or (), 1):
        said, others = _distribution(about, iri, number, resource, metadata)
        own += said
        shared += others
    return own, shared


_Said = tuple[list[Triple], list[Triple]]


def _texts(_about: Catalogue, iri: URIRef, record: DatasetRecord) -> _Said:
    metadata = record.metadata
    said: list[Triple] = [(iri, DCAT.keyword, text(word)) for word in metadata.keyword or () if word.strip()]
    said += [(iri, DCAT.keyword, text(label)) for label in record.labels]
    if metadata.field_description:
        said.append((iri, DCTERMS.tableOfContents, text(metadata.field_description)))
    if metadata.notes:
        said.append((iri, RDFS.comment, text(metadata.notes)))
    for page in _pages(metadata):
        said += [(iri, DCAT.landingPage, page), (page, RDF.type, FOAF.Document)]
    return said, []


def _topics(_about: Catalogue, iri: URIRef, record: DatasetRecord) -> _Said:
    said: list[Triple] = []
    shared: list[Triple] = []
    code = record.category_code or record.metadata.category_code
    if code:
        said.append((iri, DCAT.theme, URIRef(CATEGORY_BASE + code)))
        shared += theme_triples(code)
    for subject in record.subjects:
        concept = URIRef(CONCEPT_BASE + path_segment(subject.identifier))
        said.append((iri, DCTERMS.subject, concept))
        shared += [
            (concept, RDF.type, SKOS.Concept),
            (concept, SKOS.inScheme, CONCEPT_SCHEME),
            (concept, SKOS.prefLabel, text(subject.label)),
        ]
    return said, shared


def _agents(about: Catalogue, iri: URIRef, record: DatasetRecord) -> _Said:
    said: list[Triple] = []
    shared: list[Triple] = []
    pairs = (
        (DCTERMS.publisher, record.metadata.publisher),
        (DCTERMS.rightsHolder, record.metadata.organization),
    )
    for role, name in pairs:
        if name and name.strip():
            agent, named = _agent(about, name)
            said.append((iri, role, agent))
            shared += named
    return said, shared


@lru_cache(maxsize=4_096)
def _agent(about: Catalogue, name: str) -> tuple[URIRef, list[Triple]]:
    agent = about.shared("agency", name)
    return agent, [(agent, RDF.type, FOAF.Agent), (agent, FOAF.name, text(name))]


def _times(_about: Catalogue, iri: URIRef, record: DatasetRecord) -> _Said:
    metadata = record.metadata
    dated = ((DCTERMS.issued, moment(metadata.issued)), (DCTERMS.modified, moment(metadata.modified)))
    return [(iri, predicate, value) for predicate, value in dated if value is not None], []


def _coverage(_about: Catalogue, iri: URIRef, record: DatasetRecord) -> _Said:
    metadata = record.metadata
    said: list[Triple] = []
    if metadata.spatial and metadata.spatial.strip():
        place = URIRef(f"{iri}#spatial")
        said += [
            (iri, DCTERMS.spatial, place),
            (place, RDF.type, DCTERMS.Location),
            (place, SKOS.prefLabel, text(metadata.spatial)),
        ]
    first, last = moment(metadata.temporal_coverage_from), moment(metadata.temporal_coverage_to)
    if first is not None or last is not None:
        period = URIRef(f"{iri}#temporal")
        said += [(iri, DCTERMS.temporal, period), (period, RDF.type, DCTERMS.PeriodOfTime)]
        said += [(period, DCAT.startDate, first)] if first is not None else []
        said += [(period, DCAT.endDate, last)] if last is not None else []
    return said, []


def _terms(about: Catalogue, iri: URIRef, record: DatasetRecord) -> _Said:
    metadata = record.metadata
    said: list[Triple] = []
    shared: list[Triple] = []
    if metadata.accrual_periodicity and metadata.accrual_periodicity.strip():
        known = frequency(metadata.accrual_periodicity)
        often = known or about.shared("frequency", metadata.accrual_periodicity)
        said.append((iri, DCTERMS.accrualPeriodicity, often))
        shared.append((often, RDF.type, DCTERMS.Frequency))
        # A code has its own names; only ours would have none.
        shared += [] if known else [(often, RDFS.label, text(metadata.accrual_periodicity))]
    terms, named = _licence(about, metadata)
    said += [(iri, DCTERMS.license, terms)] if terms else []
    spoken = language(metadata.language)
    if spoken:
        said.append((iri, DCTERMS.language, spoken))
        shared.append((spoken, RDF.type, DCTERMS.LinguisticSystem))
    return said, [*shared, *named]


def _licence(about: Catalogue, metadata: DatasetMetadata) -> tuple[URIRef | None, list[Triple]]:
    terms = licence(metadata.license) or web_address(metadata.license_url)
    if terms is None and not (metadata.license and metadata.license.strip()):
        return None, []
    found = terms or about.shared("license", metadata.license or "")
    named: list[Triple] = [(found, RDF.type, DCTERMS.LicenseDocument)]
    return found, named if terms else [*named, (found, RDFS.label, text(metadata.license or ""))]


def _pages(metadata: DatasetMetadata) -> list[URIRef]:
    addresses = _ADDRESSES.split((metadata.landing_page or "").strip())
    return [page for page in map(web_address, addresses) if page is not None]


def _distribution(
    about: Catalogue, dataset: URIRef, number: int, resource: Distribution, metadata: DatasetMetadata
) -> _Said:
    iri = URIRef(f"{dataset}#distribution-{number}")
    download = web_address(resource.download_url)
    # DCAT: what is only reached by way of a landing page has that as its access address.
    access = web_address(resource.access_url) or download or next(iter(_pages(metadata)), dataset)
    said: list[Triple] = [
        (dataset, DCAT.distribution, iri),
        (iri, RDF.type, DCAT.Distribution),
        (iri, DCAT.accessURL, access),
    ]
    if download:
        said.append((iri, DCAT.downloadURL, download))
    if resource.resource_id:
        said.append((iri, DCTERMS.identifier, plain(resource.resource_id)))
    if resource.resource_description:
        said.append((iri, DCTERMS.description, text(resource.resource_description)))
    if resource.character_set_code:
        said.append((iri, _ENCODING, plain(resource.character_set_code)))
    if (changed := moment(resource.resource_modified)) is not None:
        said.append((iri, DCTERMS.modified, changed))
    terms, _named = _licence(about, metadata)
    said += [(iri, DCTERMS.license, terms)] if terms else []
    form, shared = _format(about, iri, resource)
    return [*said, *form], shared


def _format(about: Catalogue, iri: URIRef, resource: Distribution) -> _Said:
    if not (resource.format and resource.format.strip()):
        return [], []
    known = file_format(resource.format)
    if known is None:
        form = about.shared("format", resource.format)
        named: list[Triple] = [
            (form, RDF.type, DCTERMS.MediaTypeOrExtent),
            (form, RDFS.label, text(resource.format)),
        ]
        return [(iri, DCTERMS["format"], form)], named
    code, media = known
    said: list[Triple] = [(iri, DCTERMS["format"], code)]
    shared: list[Triple] = [(code, RDF.type, DCTERMS.MediaTypeOrExtent)]
    if media:
        said.append((iri, DCAT.mediaType, media))
        shared.append((media, RDF.type, DCTERMS.MediaType))
    return said, shared
