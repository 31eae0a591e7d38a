"""The vocabulary of semantic labels (語意標籤): a SKOS concept scheme.

`resources/vocabulary.ttl` is its source. It is read with rdflib when a model is trained or the vocabulary is
exported; suggesting uses the compact form that the model carries.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tagger.categories import category_names
from tagger.normalise import normalise

SHIPPED_VOCABULARY = Path(__file__).parent / "resources" / "vocabulary.ttl"
SCHEME = "https://w3id.org/tw-dataset-labels/"
CONCEPT_BASE = SCHEME + "concept/"
CATEGORY_BASE = SCHEME + "service-category/"
LANGUAGE = "zh-Hant"


class VocabularyError(Exception):
    """The vocabulary breaks a rule; the message names the concepts."""


class Concept(NamedTuple):
    """One concept.

    Attributes:
        identifier: the last part of its URI, never changed: `c0127`.
        label: its preferred label.
        alternatives: synonyms, abbreviations and spellings that mean the same.
        broader: identifiers of wider concepts.
        related: identifiers of neighbouring concepts, symmetric.
        category_code: the service category that datasets about it mostly belong to.
    """

    identifier: str
    label: str
    alternatives: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    category_code: str | None = None

    @property
    def uri(self) -> str:
        """The concept's URI."""
        return CONCEPT_BASE + self.identifier

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way to write it, the preferred one first."""
        return (self.label, *self.alternatives)


class Vocabulary:
    """The concepts, and what each spelling means.

    Args:
        concepts: in order of identifier.

    Raises:
        VocabularyError: see `check`.
    """

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self.concepts = tuple(concepts)
        self.by_identifier = {concept.identifier: concept for concept in self.concepts}
        check(self.concepts)
        self._by_spelling = {
            comparable(spelling): concept for concept in self.concepts for spelling in concept.spellings
        }

    def __len__(self) -> int:
        return len(self.concepts)

    def find(self, text: str) -> Concept | None:
        """The concept that a label means, however its characters are written, or None."""
        return self._by_spelling.get(comparable(text))

    @classmethod
    def read(cls, path: Path = SHIPPED_VOCABULARY) -> "Vocabulary":
        """Read a Turtle file.

        Raises:
            VocabularyError: it is not Turtle, or breaks a rule of `check`.
        """
        # Half a second to import and only needed here.
        from rdflib import Graph, Literal  # noqa: PLC0415
        from rdflib.namespace import OWL, RDF, SKOS  # noqa: PLC0415

        graph = Graph()
        try:
            graph.parse(path, format="turtle")
        except Exception as error:  # rdflib raises its parser's own kinds
            raise VocabularyError(f"{path} is not Turtle: {error}") from error
        # An exported vocabulary also has the service categories, and concepts that are no longer in use.
        categories = {
            node for node in graph.subjects(RDF.type, SKOS.Concept) if str(node).startswith(CATEGORY_BASE)
        }
        unused = categories | set(graph.subjects(OWL.deprecated, Literal(True)))
        nodes = sorted(set(graph.subjects(RDF.type, SKOS.Concept)) - unused, key=str)
        return cls(_concept(graph, node, SKOS) for node in nodes)


def _concept(graph: Any, node: Any, skos: Any) -> Concept:
    def ends(predicate: Any, base: str) -> tuple[str, ...]:
        return tuple(sorted(str(value).removeprefix(base) for value in graph.objects(node, predicate)))

    labels = [str(label) for label in graph.objects(node, skos.prefLabel)]
    if len(labels) != 1:
        raise VocabularyError(f"{node} has {len(labels)} preferred labels; give it one")
    categories = ends(skos.broadMatch, CATEGORY_BASE)
    return Concept(
        str(node).removeprefix(CONCEPT_BASE),
        labels[0],
        tuple(sorted(str(label) for label in graph.objects(node, skos.altLabel))),
        ends(skos.broader, CONCEPT_BASE),
        ends(skos.related, CONCEPT_BASE),
        categories[0] if categories else None,
    )


def comparable(label: str) -> str:
    """A label as labels are compared: normalised, without blanks."""
    return normalise(label).text.replace(" ", "")


def check(concepts: Iterable[Concept]) -> None:
    """Hold the rules of the SKOS reference (S9 to S14, S27) and our own.

    Raises:
        VocabularyError: a spelling means two concepts, a relation leads nowhere or round in a circle, a
            related pair is one-sided or also broader, or a category is none of the 18.
    """
    known = {concept.identifier: concept for concept in concepts}
    _check_spellings(known.values())
    for concept in known.values():
        for other in (*concept.broader, *concept.related):
            if other not in known or other == concept.identifier:
                raise VocabularyError(f"{concept.identifier} points to {other}, which is not another concept")
        for other in concept.related:
            if concept.identifier not in known[other].related:
                raise VocabularyError(f"{concept.identifier} is related to {other}, but not the other way")
        if concept.category_code is not None and concept.category_code not in category_names():
            raise VocabularyError(f"{concept.identifier} leans to unknown category {concept.category_code}")
        if ancestors(concept, known) & {concept.identifier, *concept.related}:
            raise VocabularyError(
                f"{concept.identifier} is broader than itself or than what it is related to"
            )


def _check_spellings(concepts: Iterable[Concept]) -> None:
    owners: dict[str, str] = {}
    for concept in concepts:
        for spelling in concept.spellings:
            form = comparable(spelling)
            if not form:
                raise VocabularyError(f"{concept.identifier} has an empty label")
            owner = owners.setdefault(form, concept.identifier)
            if owner != concept.identifier:
                raise VocabularyError(f"「{spelling}」 means both {owner} and {concept.identifier}")


def ancestors(concept: Concept, known: dict[str, Concept]) -> set[str]:
    """Identifiers of all wider concepts of a concept."""
    found: set[str] = set()
    waiting = list(concept.broader)
    while waiting:
        wider = waiting.pop()
        if wider not in found:
            found.add(wider)
            waiting += known[wider].broader if wider in known else ()
    return found
