"""What a SKOS file says of each concept, with what is wrong with it and what of it is not taken.

The rules are those of the SKOS reference (S9, S12 to S14) that a concept can break alone; those between concepts
are in `vocabulary_rules`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdfLiteral
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SKOS, NamespaceManager
from rdflib.term import Node

from api.interchange.skos import LABEL_KINDS
from models.concept import PREFERRED
from models.vocabulary import LabelRecord
from tagger.categories import category_names
from tagger.retrieval.lexemes import compact
from tagger.vocabulary import CATEGORY_BASE, CONCEPT_BASE

LABEL_CHARACTERS = 100
"""No label may be longer."""
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LANGUAGES = {"", "zh-hant", "zh-hant-tw", "zh-tw", "zh"}
_RELATIONS = (SKOS.broader, SKOS.narrower, SKOS.related)
# What follows from the rest, or only names what is deprecated.
_UNDERSTOOD = {
    RDF.type,
    SKOS.inScheme,
    SKOS.topConceptOf,
    RDFS.label,
    OWL.deprecated,
    DCTERMS.isReplacedBy,
} | {
    SKOS.broadMatch,
    *_RELATIONS,
    *LABEL_KINDS,
}


class FileConcept(NamedTuple):
    """One concept as the file has it.

    Attributes:
        identifier: the last part of its URI.
        labels: empty where it is deprecated: its spellings are its successor's.
        broader, narrower, related: identifiers, as stated.
        category_code: the service category it leans to.
        deprecated: whether it is no longer in use.
        replaced_by: what it was merged into.
    """

    identifier: str
    labels: tuple[LabelRecord, ...] = ()
    broader: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    category_code: str | None = None
    deprecated: bool = False
    replaced_by: str | None = None


class SkosFile(NamedTuple):
    """A file's concepts by identifier, its errors, and notes on what was not taken; both in 繁體中文."""

    concepts: dict[str, FileConcept]
    errors: list[str]
    notes: list[str]


def read_concepts(graph: Graph) -> SkosFile:
    """The concepts of a graph. One with an error is left out; the others are read all the same."""
    return _Reading(graph).read()


class _Reading:
    """One pass over a graph, with what it finds on its way."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._names = NamespaceManager(graph, bind_namespaces="core")
        self._names.bind("skos", SKOS)
        self._names.bind("dcterms", DCTERMS)
        self._errors: list[str] = []
        self._unknown: Counter[str] = Counter()
        self._foreign_labels = 0

    def read(self) -> SkosFile:
        """All of it."""
        concepts: dict[str, FileConcept] = {}
        for node in sorted(set(self._graph.subjects(RDF.type, SKOS.Concept)), key=str):
            found = len(self._errors)
            concept = self._concept(node)
            if concept and len(self._errors) == found:
                concepts[concept.identifier] = concept
        self._check_untyped()
        if not concepts and not self._errors:
            self._errors.append("檔案裡沒有任何 skos:Concept，請確認是詞彙檔。")
        notes = [
            f"{name}：{count:,} 處未匯入，本系統不保存這個屬性。"
            for name, count in sorted(self._unknown.items())
        ]
        if self._foreign_labels:
            notes.append(f"非中文的標籤 {self._foreign_labels:,} 個未匯入。")
        return SkosFile(concepts, self._errors, notes)

    def _concept(self, node: Node) -> FileConcept | None:
        if isinstance(node, BNode):
            label = self._graph.value(node, SKOS.prefLabel, any=True)
            self._errors.append(
                f"有一個概念沒有 URI（「{_shown(label)}」），請給它以 {CONCEPT_BASE} 開頭的 URI。"
            )
            return None
        if str(node).startswith(CATEGORY_BASE):
            self._check_category(str(node))
            return None
        identifier = _identifier(node)
        if identifier is None:
            self._errors.append(f"{_shown(node)} 不是本詞彙的 URI，應為 {CONCEPT_BASE} 加上英數字的識別碼。")
            return None
        if (node, RDF.type, SKOS.ConceptScheme) in self._graph:
            self._errors.append(f"{identifier} 同時是概念與概念體系，請只留其一（SKOS S9）。")
        for predicate in set(self._graph.predicates(node)) - _UNDERSTOOD:
            self._unknown[self._names.normalizeUri(str(predicate))] += sum(
                1 for _ in self._graph.objects(node, predicate)
            )
        return self._content(node, identifier)

    def _content(self, node: Node, identifier: str) -> FileConcept:
        successors = self._others(node, identifier, DCTERMS.isReplacedBy)
        if len(successors) > 1:
            self._errors.append(
                f"{identifier} 併入了 {len(successors)} 個概念，dcterms:isReplacedBy 只能有一個。"
            )
        if successors or self._is_deprecated(node):
            return FileConcept(identifier, deprecated=True, replaced_by=next(iter(successors), None))
        broader, narrower, related = (self._others(node, identifier, relation) for relation in _RELATIONS)
        labels = tuple(self._labels(node, identifier))
        return FileConcept(identifier, labels, broader, narrower, related, self._category(node, identifier))

    def _is_deprecated(self, node: Node) -> bool:
        return any(
            isinstance(value, RdfLiteral) and value.toPython() is True
            for value in self._graph.objects(node, OWL.deprecated)
        )

    def _labels(self, node: Node, identifier: str) -> Iterator[LabelRecord]:
        """The labels, the preferred one first; spellings that are compared alike are one label."""
        found: dict[str, LabelRecord] = {}
        written: dict[str, str] = {}
        for predicate, kind in LABEL_KINDS.items():
            errors = len(self._errors)
            texts = sorted(self._texts(node, identifier, predicate))
            if kind == PREFERRED and len(texts) != 1 and len(self._errors) == errors:
                self._errors.append(
                    f"{identifier} 有 {len(texts)} 個 skos:prefLabel，應恰有一個（SKOS S14）。"
                )
            for label in texts:
                if written.setdefault(label, kind) != kind:
                    self._errors.append(f"{identifier} 的「{label}」同時是兩種標籤，請只留一種（SKOS S13）。")
                found.setdefault(compact(label), LabelRecord(kind, label, compact(label)))
        yield from found.values()

    def _texts(self, node: Node, identifier: str, predicate: URIRef) -> set[str]:
        found: set[str] = set()
        for value in self._graph.objects(node, predicate):
            if not isinstance(value, RdfLiteral) or value.datatype is not None:
                self._errors.append(f"{identifier} 的標籤「{_shown(value)}」應為文字（SKOS S12）。")
            elif (value.language or "").lower() not in _LANGUAGES:
                self._foreign_labels += 1
            elif (fault := _label_fault(str(value))) is not None:
                self._errors.append(f"{identifier} 的標籤「{_shown(value)}」{fault}。")
            else:
                found.add(str(value))
        return found

    def _others(self, node: Node, identifier: str, relation: URIRef) -> tuple[str, ...]:
        found: set[str] = set()
        for value in self._graph.objects(node, relation):
            other = _identifier(value)
            if other is None:
                name = self._names.normalizeUri(str(relation))
                self._errors.append(f"{identifier} 的 {name} 指向 {_shown(value)}，它不是本詞彙的概念。")
            else:
                found.add(other)
        return tuple(sorted(found))

    def _category(self, node: Node, identifier: str) -> str | None:
        found = sorted(map(str, self._graph.objects(node, SKOS.broadMatch)))
        codes = [iri.removeprefix(CATEGORY_BASE) for iri in found if iri.startswith(CATEGORY_BASE)]
        self._unknown["skos:broadMatch（服務分類以外）"] += len(found) - len(codes)
        self._unknown = +self._unknown
        if len(codes) > 1:
            self._errors.append(f"{identifier} 對應 {len(codes)} 個服務分類，skos:broadMatch 只能有一個。")
        for code in codes:
            if code not in category_names():
                self._errors.append(
                    f"{identifier} 的 skos:broadMatch 指向 {_shown(code)}，它不是服務分類代碼。"
                )
        return codes[0] if codes else None

    def _check_category(self, iri: str) -> None:
        if iri.removeprefix(CATEGORY_BASE) not in category_names():
            self._errors.append(f"{_shown(iri)} 不是 18 個服務分類之一；服務分類由平臺訂定，不能在此增減。")

    def _check_untyped(self) -> None:
        """Name concepts of the vocabulary that the file speaks of without saying that they are concepts."""
        for node in sorted(set(self._graph.subjects(SKOS.prefLabel)), key=str):
            untyped = (node, RDF.type, SKOS.Concept) not in self._graph
            if untyped and str(node).startswith(CONCEPT_BASE):
                self._errors.append(f"{_shown(node)} 沒有標明是 skos:Concept，請補上。")


def _identifier(node: Node) -> str | None:
    if not isinstance(node, URIRef) or not node.startswith(CONCEPT_BASE):
        return None
    identifier = str(node).removeprefix(CONCEPT_BASE)
    return identifier if _IDENTIFIER.fullmatch(identifier) else None


def _label_fault(label: str) -> str | None:
    if len(label) > LABEL_CHARACTERS:
        return f"超過 {LABEL_CHARACTERS} 字的上限"
    if not label.isprintable() or label != label.strip():
        return "含有控制字元、換行或前後空白，請移除"
    return None if compact(label) else "沒有任何文字"


def _shown(value: object) -> str:
    """Something of the file as it may stand in a message: one short line."""
    text = "".join(character if character.isprintable() else "?" for character in str(value))
    return text if len(text) <= 80 else text[:80] + "…"
