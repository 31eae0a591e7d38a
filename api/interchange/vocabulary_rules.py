"""What must hold between the concepts of a vocabulary; the rules of `tagger.vocabulary.check`, each told by name."""

from collections.abc import Iterator, Mapping

from models.concept import PREFERRED
from models.vocabulary import ConceptRecord
from tagger.vocabulary import Concept, VocabularyError, check


def broken_rules(concepts: Mapping[str, ConceptRecord]) -> list[str]:
    """What is wrong with the concepts in use, in 繁體中文; empty where all rules hold.

    No spelling means two concepts, relations lead to concepts in use, nothing is broader than itself, and what is
    related is neither broader nor narrower (S27).
    """
    found = [*_spellings(concepts), *_dangling(concepts)]
    # Only where relations lead somewhere can they be followed.
    found += [] if found else [*_circles(concepts), *_both(concepts)]
    if not found:
        try:
            check(to_concept(record) for record in concepts.values())
        except VocabularyError as error:
            found.append(f"詞彙不合規則：{error}")
    return found


def to_concept(record: ConceptRecord) -> Concept:
    """A concept as the tagger has it; hidden spellings mean it as well as others."""
    return Concept(
        record.identifier,
        record.label,
        tuple(label.label for label in record.labels if label.label != record.label),
        record.broader,
        record.related,
        record.category_code,
    )


def named(record: ConceptRecord) -> str:
    """A concept as messages name it: c0127「職業災害」."""
    preferred = [label.label for label in record.labels if label.kind == PREFERRED]
    label = next(iter(preferred or (label.label for label in record.labels)), "")
    return f"{record.identifier}「{label}」" if label else record.identifier


def _spellings(concepts: Mapping[str, ConceptRecord]) -> Iterator[str]:
    owners: dict[str, ConceptRecord] = {}
    for record in concepts.values():
        for label in record.labels:
            owner = owners.setdefault(label.form, record)
            if owner is not record:
                yield f"「{label.label}」同時是 {named(owner)} 與 {named(record)} 的寫法，請只留在一處。"


def _dangling(concepts: Mapping[str, ConceptRecord]) -> Iterator[str]:
    for record in concepts.values():
        for name, others in (("broader", record.broader), ("related", record.related)):
            for other in others:
                if other == record.identifier:
                    yield f"{named(record)} 的 skos:{name} 指向自己，請移除。"
                elif other not in concepts:
                    yield f"{named(record)} 的 skos:{name} 指向 {other}，詞彙裡沒有這個使用中的概念。"


def _circles(concepts: Mapping[str, ConceptRecord]) -> Iterator[str]:
    done: set[str] = set()
    for start in concepts:
        path: list[str] = []
        # Depth first without recursion: a vocabulary may be deeper than the stack.
        waiting = [(start, 0)]
        while waiting:
            here, depth = waiting.pop()
            del path[depth:]
            if here in path:
                circle = [*path[path.index(here) :], here]
                yield f"skos:broader 繞成一圈：{' → '.join(named(concepts[step]) for step in circle)}，請移除其中一個。"
                done.update(circle)
            elif here not in done:
                path.append(here)
                waiting += [(wider, depth + 1) for wider in concepts[here].broader]
        done.update(path)


def _both(concepts: Mapping[str, ConceptRecord]) -> Iterator[str]:
    for record in concepts.values():
        if not record.related:
            continue
        for other in sorted(set(record.related) & _wider(concepts, record)):
            yield (
                f"{named(record)} 與 {named(concepts[other])} 既是 skos:related 又有上下位關係（SKOS S27），請只留一種。"
            )


def _wider(concepts: Mapping[str, ConceptRecord], record: ConceptRecord) -> set[str]:
    found: set[str] = set()
    waiting = list(record.broader)
    while waiting:
        wider = waiting.pop()
        if wider not in found:
            found.add(wider)
            waiting += concepts[wider].broader
    return found
