"""The vocabulary as SKOS: the concepts of the semantic labels, and the service categories as their own scheme.

Source: https://www.w3.org/TR/skos-reference/. What was merged or taken out of use stays under its URI as
owl:deprecated, without a preferred label, so that no spelling means two concepts (S14).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rdflib import URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SKOS, XSD

from api.interchange.dcat import CATEGORY_SCHEME, CONCEPT_SCHEME
from api.interchange.rdf import Triple, path_segment, plain, text, typed
from models.concept import ACCEPTED, ALTERNATIVE, CANDIDATE, HIDDEN, MERGED, PREFERRED
from models.vocabulary import ConceptRecord
from tagger.categories import Category, categories
from tagger.vocabulary import CATEGORY_BASE, CONCEPT_BASE

LABEL_KINDS = {SKOS.prefLabel: PREFERRED, SKOS.altLabel: ALTERNATIVE, SKOS.hiddenLabel: HIDDEN}
"""SKOS's labels and the store's name of each."""
_LICENCE = URIRef("https://creativecommons.org/licenses/by/4.0/")
_PREDICATES = {kind: predicate for predicate, kind in LABEL_KINDS.items()}


def concept_iri(identifier: str) -> URIRef:
    """The URI of a concept."""
    return URIRef(CONCEPT_BASE + path_segment(identifier))


def narrower_of(records: Iterable[ConceptRecord]) -> dict[str, list[str]]:
    """The narrower concepts of each that has any, in the order of their identifiers."""
    found: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if record.status == ACCEPTED:
            for wider in record.broader:
                found[wider].append(record.identifier)
    return found


def vocabulary(records: Sequence[ConceptRecord]) -> Iterator[list[Triple]]:
    """The schemes, then each category and concept, one chunk each. Candidates are nobody's vocabulary yet."""
    yield scheme_triples()
    for category in categories():
        yield _category_triples(category)
    narrower = narrower_of(records)
    for record in records:
        if record.status != CANDIDATE:
            yield concept_triples(record, narrower)


def scheme_triples() -> list[Triple]:
    """What is said of the two schemes themselves."""
    return [
        (CONCEPT_SCHEME, RDF.type, SKOS.ConceptScheme),
        (CONCEPT_SCHEME, DCTERMS.title, text("政府資料集語意標籤")),
        (CONCEPT_SCHEME, DCTERMS.license, _LICENCE),
        (CATEGORY_SCHEME, RDF.type, SKOS.ConceptScheme),
        (CATEGORY_SCHEME, DCTERMS.title, text("服務分類")),
    ]


def concept_triples(record: ConceptRecord, narrower: Mapping[str, Sequence[str]]) -> list[Triple]:
    """One concept.

    Args:
        narrower: of `narrower_of`, for it is stored with the narrower concepts.
    """
    iri = concept_iri(record.identifier)
    said: list[Triple] = [(iri, RDF.type, SKOS.Concept), (iri, SKOS.inScheme, CONCEPT_SCHEME)]
    if record.status not in {ACCEPTED, CANDIDATE}:
        return [*said, *_deprecated(iri, record)]
    said += [(iri, _PREDICATES[label.kind], text(label.label)) for label in record.labels]
    if record.status == ACCEPTED and not record.broader:
        said.append((iri, SKOS.topConceptOf, CONCEPT_SCHEME))
    relations = (
        (SKOS.broader, record.broader),
        (SKOS.narrower, narrower.get(record.identifier, ())),
        (SKOS.related, record.related),
    )
    said += [(iri, relation, concept_iri(other)) for relation, others in relations for other in others]
    if record.category_code:
        said.append((iri, SKOS.broadMatch, URIRef(CATEGORY_BASE + record.category_code)))
    return said


def _deprecated(iri: URIRef, record: ConceptRecord) -> list[Triple]:
    said: list[Triple] = [(iri, OWL.deprecated, typed("true", XSD.boolean))]
    said += [(iri, RDFS.label, text(label.label)) for label in record.labels]
    if record.status == MERGED and record.replaced_by:
        said.append((iri, DCTERMS.isReplacedBy, concept_iri(record.replaced_by)))
    return said


def _category_triples(category: Category) -> list[Triple]:
    iri = URIRef(CATEGORY_BASE + category.code)
    return [
        (iri, RDF.type, SKOS.Concept),
        (iri, SKOS.inScheme, CATEGORY_SCHEME),
        (iri, SKOS.topConceptOf, CATEGORY_SCHEME),
        (iri, SKOS.notation, plain(category.code)),
        (iri, SKOS.prefLabel, text(category.name)),
        (iri, SKOS.definition, text(category.definition)),
        *((iri, SKOS.hiddenLabel, text(variant)) for variant in category.variants),
    ]
