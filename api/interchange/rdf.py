"""RDF as Turtle and JSON-LD, written a chunk at a time in constant memory.

rdflib's own serializers hold the whole graph and sort it, and take three times as long. Nodes here always have a
name (no blank nodes), so chunks need not know of one another: a later chunk may say more of a node of an earlier
one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal
from urllib.parse import quote, urlsplit

import orjson
from rdflib import Literal as RdfLiteral
from rdflib import URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, OWL, RDF, RDFS, SKOS, XSD

Triple = tuple[URIRef, URIRef, URIRef | RdfLiteral]
RdfFormat = Literal["turtle", "jsonld"]
MEDIA_TYPES: dict[RdfFormat, str] = {"turtle": "text/turtle", "jsonld": "application/ld+json"}
"""Each format's media type."""
LANGUAGE = "zh-Hant"
PREFIXES = {
    "cnt": "http://www.w3.org/2011/content#",
    "dcat": str(DCAT),
    "dcterms": str(DCTERMS),
    "foaf": str(FOAF),
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "owl": str(OWL),
    "rdfs": str(RDFS),
    "skos": str(SKOS),
    "xsd": str(XSD),
}
"""The prefixes of every document written here."""

_SCHEMES = {"http", "https", "ftp"}
# What no IRI may hold (RFC 3987): controls, blanks, invisible marks of direction, noncharacters, delimiters.
_NOT_IN_IRI = re.compile(
    r"[\x00-\x20\x7f-\xa0<>\"{}|^`\\\[\]\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufdd0-\ufdef\ufeff\ufff0-\uffff]"
)
_LONGEST_IRI = 4_000
_LOCAL = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_PREFIX_OF = {base: prefix for prefix, base in PREFIXES.items()}
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPED = re.compile(r"[\\\"\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def text(value: str) -> RdfLiteral:
    """A text in 繁體中文."""
    return RdfLiteral(value, lang=LANGUAGE)


def plain(value: str) -> RdfLiteral:
    """A text in no language, such as an identifier."""
    return RdfLiteral(value)


def typed(value: str, datatype: URIRef) -> RdfLiteral:
    """A value of a type, spelt as given."""
    return RdfLiteral(value, datatype=datatype, normalize=False)


def web_address(value: str | None) -> URIRef | None:
    """An address of the web as an IRI, or None where it is none.

    Only http, https and ftp with a host, so that nothing can be run by following it. Characters that an IRI
    may not hold (blanks, quotes, angle brackets…) are percent-encoded; others stay as they were written.
    """
    address = (value or "").strip()
    if not address or len(address) > _LONGEST_IRI:
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in _SCHEMES or not host or _NOT_IN_IRI.search(host):
        return None
    return URIRef(_NOT_IN_IRI.sub(lambda found: quote(found[0]), address))


def path_segment(name: str) -> str:
    """A name as one segment of a path."""
    return quote(name, safe="")


def write_turtle(chunks: Iterable[Sequence[Triple]]) -> Iterator[bytes]:
    """The triples as Turtle, in UTF-8: the prefixes once, then each chunk. One chunk is in memory at a time."""
    yield "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in PREFIXES.items()).encode()
    for chunk in chunks:
        yield "".join(
            f"\n{_iri(subject)}{_turtle_statements(values)} .\n"
            for subject, values in _grouped(chunk).items()
        ).encode()


def write_jsonld(chunks: Iterable[Sequence[Triple]]) -> Iterator[bytes]:
    """The triples as JSON-LD 1.1, in UTF-8: the context once, then one `@graph` array. As `write_turtle`."""
    yield b'{"@context":' + orjson.dumps(PREFIXES) + b',"@graph":['
    separator = b"\n"
    for chunk in chunks:
        for subject, values in _grouped(chunk).items():
            yield separator + orjson.dumps(_node(subject, values))
            separator = b",\n"
    yield b"\n]}\n"


WRITERS = {"turtle": write_turtle, "jsonld": write_jsonld}
"""Each format's writer."""

_Values = dict[URIRef, list[URIRef | RdfLiteral]]


def _grouped(triples: Sequence[Triple]) -> dict[URIRef, _Values]:
    found: dict[URIRef, _Values] = {}
    for subject, predicate, value in triples:
        values = found.setdefault(subject, {}).setdefault(predicate, [])
        if value not in values:
            values.append(value)
    return found


def _turtle_statements(values: _Values) -> str:
    return " ;".join(
        f"\n    {'a' if predicate == RDF.type else _iri(predicate)} " + " , ".join(map(_turtle_term, objects))
        for predicate, objects in values.items()
    )


def _turtle_term(term: URIRef | RdfLiteral) -> str:
    if isinstance(term, URIRef):
        return _iri(term)
    quoted = '"' + _ESCAPED.sub(_escape, str(term)) + '"'
    if term.language:
        return f"{quoted}@{term.language}"
    return f"{quoted}^^{_iri(term.datatype)}" if term.datatype else quoted


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04X}"


def _iri(iri: URIRef) -> str:
    return _short(iri) or f"<{_checked(iri)}>"


def _short(iri: URIRef) -> str | None:
    # As plain text: rdflib's own methods make sure first that they compare names.
    whole = str(iri)
    behind = max(whole.rfind("#"), whole.rfind("/")) + 1
    prefix = _PREFIX_OF.get(whole[:behind])
    return f"{prefix}:{whole[behind:]}" if prefix and _LOCAL.fullmatch(whole, behind) else None


def _checked(iri: str) -> str:
    # Every IRI is made of checked parts; should one slip through, no document is better than an injected one.
    if _NOT_IN_IRI.search(iri):
        raise ValueError(f"not an IRI: {iri!r}")
    return iri


def _node(subject: URIRef, values: _Values) -> dict[str, Any]:
    node: dict[str, Any] = {"@id": _checked(subject)}
    for predicate, objects in values.items():
        if predicate == RDF.type:
            node["@type"] = [_short(value) or value for value in objects if isinstance(value, URIRef)]
        else:
            node[_short(predicate) or str(predicate)] = [_json_value(value) for value in objects]
    return node


def _json_value(term: URIRef | RdfLiteral) -> Any:
    if isinstance(term, URIRef):
        return {"@id": _checked(term)}
    if term.language:
        return {"@value": str(term), "@language": term.language}
    if term.datatype:
        return {"@value": str(term), "@type": _short(term.datatype) or str(term.datatype)}
    return str(term)
