"""From a stored vocabulary and a SKOS file to the list of changes that the file asks for.

A URI never changes what it means: a concept's preferred label of today must stay one of its spellings, and what
was merged stays merged. Concepts that the file does not name stay as they are, unless asked otherwise.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from api.interchange.skos_file import FileConcept, SkosFile
from api.interchange.vocabulary_rules import broken_rules, named
from models.concept import ACCEPTED, ALTERNATIVE, BLOCKED, CANDIDATE, HIDDEN, MERGED, PREFERRED
from models.vocabulary import ConceptRecord, LabelRecord

Kind = Literal["added", "changed", "merged", "removed"]
_LABELS = {PREFERRED: "標籤", ALTERNATIVE: "寫法", HIDDEN: "隱藏寫法"}


class Change(NamedTuple):
    """One concept that will be different.

    Attributes:
        kind: added, changed, merged or removed.
        record: as it will be stored.
        name: the concept as people know it.
        details: what will be different, in 繁體中文; empty for an added one.
    """

    kind: Kind
    record: ConceptRecord
    name: str
    details: tuple[str, ...] = ()


class Plan(NamedTuple):
    """What a file asks for. With errors it must not be applied.

    Attributes:
        changes: in the order of identifiers.
        errors: what is wrong with the file, in 繁體中文.
        notes: what of the file is not taken, in 繁體中文.
    """

    changes: tuple[Change, ...]
    errors: tuple[str, ...]
    notes: tuple[str, ...]


def plan(stored: Sequence[ConceptRecord], file: SkosFile, *, remove_missing: bool = False) -> Plan:
    """The changes that make the stored vocabulary what the file says.

    Args:
        stored: all concepts, whatever their status.
        remove_missing: whether concepts in use that the file does not name go out of use.
    """
    before = {record.identifier: record for record in stored}
    after = _Vocabulary(before, file.concepts, remove_missing)
    errors = [*file.errors, *_changed_meanings(before, file.concepts, after), *after.faults()]
    if not errors:
        errors = broken_rules(after.in_use)
    if errors:
        return Plan((), tuple(errors), tuple(file.notes))
    records = after.records()
    changes = [
        _change(before.get(record.identifier), record, {**before, **after.in_use})
        for record in records
        if not _same(before.get(record.identifier), record)
    ]
    return Plan(tuple(changes), (), (*file.notes, *_kept_note(before, file.concepts, remove_missing)))


def _kept_note(
    before: Mapping[str, ConceptRecord], file: Mapping[str, FileConcept], remove_missing: bool
) -> list[str]:
    missing = sum(
        1 for record in before.values() if record.status == ACCEPTED and record.identifier not in file
    )
    if not missing or remove_missing:
        return []
    return [f"檔案未提到的 {missing:,} 個概念維持不變；若要停用，請加 --remove-missing。"]


class _Vocabulary:
    """The vocabulary as the file wants it.

    Attributes:
        in_use: the concepts in use.
    """

    def __init__(
        self, before: Mapping[str, ConceptRecord], file: Mapping[str, FileConcept], remove_missing: bool
    ) -> None:
        self._before = before
        self._file = file
        kept = {
            identifier: record
            for identifier, record in before.items()
            if record.status == ACCEPTED and identifier not in file and not remove_missing
        }
        self._used = {*kept, *(identifier for identifier, concept in file.items() if not concept.deprecated)}
        self._successors = {
            identifier: record.replaced_by
            for identifier, record in before.items()
            if record.status == MERGED and record.replaced_by
        } | {identifier: concept.replaced_by for identifier, concept in file.items() if concept.replaced_by}
        self._lost: list[str] = []
        broader, related = self._relations(kept)
        self.in_use = {
            identifier: self._record(identifier, broader[identifier], related[identifier])
            for identifier in sorted(self._used)
        }
        self._owners = {
            label.form: record.identifier for record in self.in_use.values() for label in record.labels
        }

    def _record(self, identifier: str, broader: set[str], related: set[str]) -> ConceptRecord:
        concept = self._file.get(identifier)
        ends = tuple(sorted(broader)), tuple(sorted(related))
        if concept is None:
            return self._before[identifier]._replace(broader=ends[0], related=ends[1])
        return ConceptRecord(identifier, concept.labels, *ends, concept.category_code)

    def _relations(
        self, kept: Mapping[str, ConceptRecord]
    ) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """Each used concept's broader and related ones, as stated from either side.

        What leads to a merged concept leads to its successor; what leads to one out of use is dropped.
        """
        used = self._used
        broader: dict[str, set[str]] = {identifier: set() for identifier in used}
        related: dict[str, set[str]] = {identifier: set() for identifier in used}
        for identifier in used:
            concept = self._file.get(identifier)
            stated = concept or kept[identifier]
            broader[identifier] |= self._ends(identifier, stated.broader)
            # A concept of the file has the neighbours that the file gives it, and no others.
            others = (
                stated.related if concept else [other for other in stated.related if other not in self._file]
            )
            related[identifier] |= self._ends(identifier, others)
            for narrower in self._ends(identifier, concept.narrower if concept else ()):
                if narrower in used:
                    broader[narrower].add(identifier)
                else:
                    self._lost.append(
                        f"{identifier} 的 skos:narrower 指向 {narrower}，詞彙裡沒有這個使用中的概念。"
                    )
        for identifier in used:
            for other in related[identifier] & used:
                related[other].add(identifier)
        return broader, related

    def _ends(self, identifier: str, others: Collection[str]) -> set[str]:
        ends = {self.successor(other) for other in others}
        # What was stated and is no concept in use stays, for the rules to name it.
        ends = {other for other in ends if other in self._used or not self._goes(other)}
        # A concept that was merged into this one is no neighbour of it any more.
        return ends if identifier in others else ends - {identifier}

    def _goes(self, identifier: str) -> bool:
        """Whether a concept is or was in use and is so no longer."""
        known = self._before.get(identifier)
        return identifier in self._file or (known is not None and known.status != CANDIDATE)

    def successor(self, identifier: str) -> str:
        """What a concept was merged into in the end; itself where it was not."""
        seen = {identifier}
        while (following := self._successors.get(identifier)) and following not in seen:
            seen.add(following)
            identifier = following
        return identifier

    def faults(self) -> list[str]:
        """Successors that are none, and spellings that a concept out of use holds."""
        found = sorted(self._lost)
        for identifier in self._successors:
            last = self.successor(identifier)
            if last not in self._used and identifier in self._file:
                found.append(f"{identifier} 併入的 {last} 不是使用中的概念，請改指向使用中的概念。")
        for record in self._before.values():
            if record.identifier in self._used:
                continue
            for label in record.labels:
                owner = self._owners.get(label.form)
                if owner and owner != self.successor(record.identifier):
                    found.append(self._held(record, label, owner))
        return found

    def _held(self, record: ConceptRecord, label: LabelRecord, owner: str) -> str:
        states = {CANDIDATE: "是候選詞", BLOCKED: "是已停用的詞", MERGED: "已併入其他概念"}
        state = states.get(record.status, "將停用")
        return (
            f"「{label.label}」屬於 {record.identifier}（{state}），不能成為 {owner} 的寫法。"
            f"請沿用 {record.identifier}，或標明它的 dcterms:isReplacedBy 是 {owner}。"
        )

    def records(self) -> list[ConceptRecord]:
        """Every concept as it will be, in use or not, in the order of identifiers."""
        out_of_use = [
            self._out_of_use(identifier)
            for identifier in {*self._before, *self._file}
            if identifier not in self.in_use
        ]
        return sorted([*self.in_use.values(), *out_of_use], key=lambda record: record.identifier)

    def _out_of_use(self, identifier: str) -> ConceptRecord:
        before = self._before.get(identifier, ConceptRecord(identifier, ()))
        labels = tuple(label for label in before.labels if label.form not in self._owners)
        concept = self._file.get(identifier)
        if concept is None and before.status != ACCEPTED:
            return before._replace(labels=labels)
        successor = concept.replaced_by if concept else None
        if concept and not successor and before.status == MERGED:
            successor = before.replaced_by
        status = MERGED if successor else BLOCKED
        return ConceptRecord(identifier, labels, (), (), before.category_code, status, successor)


def _changed_meanings(
    before: Mapping[str, ConceptRecord], file: Mapping[str, FileConcept], after: _Vocabulary
) -> list[str]:
    """Concepts whose URI would come to mean something else."""
    found: list[str] = []
    for identifier, concept in file.items():
        known = before.get(identifier)
        if known is None or concept.deprecated:
            continue
        if known.status == MERGED:
            found.append(
                f"{identifier} 已併入 {known.replaced_by}，URI 不能重新使用；請保留 owl:deprecated，新的概念請用新的 URI。"
            )
            continue
        forms = {label.form for label in concept.labels}
        lost = [label for label in known.labels if label.kind == PREFERRED and label.form not in forms]
        found += [_renamed(identifier, label.label) for label in lost]
    return found


def _renamed(identifier: str, label: str) -> str:
    return (
        f"{identifier} 原為「{label}」，檔案中沒有這個寫法，意義可能已改變。若只是改名，請將「{label}」"
        "留作 skos:altLabel 或 skos:hiddenLabel；若意義不同，請另立新的 URI。"
    )


def _same(before: ConceptRecord | None, after: ConceptRecord) -> bool:
    return before is not None and _comparable(before) == _comparable(after)


def _comparable(record: ConceptRecord) -> tuple[object, ...]:
    return (
        {(label.kind, label.label) for label in record.labels},
        set(record.broader),
        set(record.related),
        record.category_code,
        record.status,
        record.replaced_by,
    )


def _change(before: ConceptRecord | None, after: ConceptRecord, names: Mapping[str, ConceptRecord]) -> Change:
    name = named(before if before and before.labels else after)
    was = before.status if before else None
    if after.status == MERGED and was != MERGED:
        return Change("merged", after, name, (f"併入 {_name(after.replaced_by or '', names)}",))
    if after.status == BLOCKED and was == ACCEPTED:
        return Change("removed", after, name, ("停用；URI 保留",))
    if before is None:
        return Change("added", after, name)
    return Change("changed", after, name, tuple(_details(before, after, names)))


def _details(before: ConceptRecord, after: ConceptRecord, names: Mapping[str, ConceptRecord]) -> list[str]:
    found: list[str] = []
    if before.status != after.status:
        found.append("開始使用" if after.status == ACCEPTED else "停用")
    if before.replaced_by != after.replaced_by:
        found.append(f"改為併入 {_name(after.replaced_by or '', names)}")
    old, new = ({(label.kind, label.label) for label in record.labels} for record in (before, after))
    found += [f"刪{_LABELS[kind]}「{label}」" for kind, label in sorted(old - new)]
    found += [f"加{_LABELS[kind]}「{label}」" for kind, label in sorted(new - old)]
    for title, was, will in (
        ("上位詞", before.broader, after.broader),
        ("相關詞", before.related, after.related),
    ):
        found += [f"刪{title} {_name(other, names)}" for other in sorted(set(was) - set(will))]
        found += [f"加{title} {_name(other, names)}" for other in sorted(set(will) - set(was))]
    if before.category_code != after.category_code:
        found.append(f"服務分類由 {before.category_code or '無'} 改為 {after.category_code or '無'}")
    return found


def _name(identifier: str, names: Mapping[str, ConceptRecord]) -> str:
    record = names.get(identifier)
    return named(record) if record else identifier
