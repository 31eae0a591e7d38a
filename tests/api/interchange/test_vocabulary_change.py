"""What a SKOS file would change, and what it must not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.interchange.skos_file import FileConcept, SkosFile
from api.interchange.vocabulary_change import Plan, plan
from api.interchange.vocabulary_rules import broken_rules, to_concept
from models.concept import ACCEPTED, ALTERNATIVE, BLOCKED, CANDIDATE, HIDDEN, MERGED, PREFERRED
from models.vocabulary import ConceptRecord, LabelRecord
from tagger.retrieval.lexemes import compact
from tagger.vocabulary import VocabularyError, check


def labels(preferred: str, *others: str, hidden: str = "") -> tuple[LabelRecord, ...]:
    """Labels as they are stored."""
    made = [(PREFERRED, preferred), *((ALTERNATIVE, other) for other in others)]
    made += [(HIDDEN, hidden)] if hidden else []
    return tuple(LabelRecord(kind, text, compact(text)) for kind, text in made)


STORED = [
    ConceptRecord("c1", labels("保險")),
    ConceptRecord("c2", labels("勞工保險", "勞保"), ("c1",), ("c3",), "500"),
    ConceptRecord("c3", labels("就業保險"), ("c1",), ("c2",), "500"),
    ConceptRecord("c4", labels("勞保局"), (), (), "500"),
    ConceptRecord("c5", (), status=MERGED, replaced_by="c2"),
    ConceptRecord("c6", labels("候選"), status=CANDIDATE),
    ConceptRecord("c7", labels("停用"), status=BLOCKED),
]


def asked(*concepts: FileConcept, remove_missing: bool = False) -> Plan:
    """What a file with these concepts asks for."""
    file = SkosFile({concept.identifier: concept for concept in concepts}, [], [])
    return plan(STORED, file, remove_missing=remove_missing)


def kinds(made: Plan) -> dict[str, str]:
    """Each change's kind by its concept."""
    assert not made.errors, made.errors
    return {change.record.identifier: change.kind for change in made.changes}


def applied(made: Plan, stored: list[ConceptRecord]) -> list[ConceptRecord]:
    """The vocabulary after the changes."""
    after = {record.identifier: record for record in stored}
    after |= {change.record.identifier: change.record for change in made.changes}
    return sorted(after.values(), key=lambda record: record.identifier)


def test_a_new_concept_is_added_and_its_neighbour_knows_it() -> None:
    made = asked(FileConcept("c9", labels("國民年金"), ("c1",), (), ("c4",), "F00"))
    assert kinds(made) == {"c4": "changed", "c9": "added"}
    changed, added = made.changes
    assert changed.record.related == ("c9",)
    assert changed.details == ("加相關詞 c9「國民年金」",)
    assert (added.name, added.record.category_code, added.record.status) == (
        "c9「國民年金」",
        "F00",
        ACCEPTED,
    )
    assert made.notes == ("檔案未提到的 4 個概念維持不變；若要停用，請加 --remove-missing。",)


def test_narrower_is_broader_from_the_other_side() -> None:
    made = asked(FileConcept("c1", labels("保險"), (), ("c4",)))
    assert kinds(made) == {"c4": "changed"}
    assert made.changes[0].record.broader == ("c1",)


def test_every_difference_is_shown() -> None:
    made = asked(FileConcept("c2", labels("勞工保險制度", "勞工保險", hidden="勞工保険"), (), (), (), "F00"))
    assert kinds(made) == {"c2": "changed", "c3": "changed"}
    assert set(made.changes[0].details) == {
        "刪標籤「勞工保險」",
        "加標籤「勞工保險制度」",
        "加寫法「勞工保險」",
        "刪寫法「勞保」",
        "加隱藏寫法「勞工保険」",
        "刪上位詞 c1「保險」",
        "刪相關詞 c3「就業保險」",
        "服務分類由 500 改為 F00",
    }
    assert made.changes[1].record.related == ()


def test_merging_moves_relations_and_spellings_to_the_successor() -> None:
    made = asked(
        FileConcept("c2", labels("勞工保險", "勞保", "就業保險"), ("c1",), (), (), "500"),
        FileConcept("c3", deprecated=True, replaced_by="c2"),
        FileConcept("c4", labels("勞保局"), ("c3",), (), (), "500"),
    )
    assert kinds(made) == {"c2": "changed", "c3": "merged", "c4": "changed"}
    merged = made.changes[1]
    assert (merged.name, merged.details) == ("c3「就業保險」", ("併入 c2「勞工保險」",))
    assert (merged.record.status, merged.record.replaced_by, merged.record.labels) == (MERGED, "c2", ())
    assert made.changes[2].record.broader == ("c2",)


def test_a_spelling_nobody_takes_over_stays_with_the_merged_concept() -> None:
    made = asked(FileConcept("c3", deprecated=True, replaced_by="c2"))
    assert kinds(made) == {"c2": "changed", "c3": "merged"}
    assert [label.label for label in made.changes[1].record.labels] == ["就業保險"]
    assert made.changes[0].record.related == ()


def test_going_out_of_use_has_to_be_said() -> None:
    assert kinds(asked(FileConcept("c1", labels("保險")))) == {}
    made = asked(FileConcept("c4", deprecated=True))
    assert kinds(made) == {"c4": "removed"}
    assert made.changes[0].record.status == BLOCKED
    swept = asked(FileConcept("c1", labels("保險")), remove_missing=True)
    assert kinds(swept) == {"c2": "removed", "c3": "removed", "c4": "removed"}
    assert not swept.notes


def test_candidates_and_what_is_out_of_use_come_into_use_under_their_own_uri() -> None:
    made = asked(FileConcept("c6", labels("候選")), FileConcept("c7", labels("停用")))
    assert kinds(made) == {"c6": "changed", "c7": "changed"}
    assert all("開始使用" in change.details for change in made.changes)


@pytest.mark.parametrize(
    ("concepts", "says"),
    [
        ([FileConcept("c1", labels("公車"))], "c1 原為「保險」"),
        ([FileConcept("c5", labels("勞退"))], "c5 已併入 c2"),
        ([FileConcept("c7", labels("別的"))], "c7 原為「停用」"),
        ([FileConcept("c9", labels("勞保"))], "「勞保」同時是 c2「勞工保險」 與 c9「勞保」"),
        ([FileConcept("c9", labels("職保", "候選"))], "「候選」屬於 c6（是候選詞）"),
        ([FileConcept("c9", labels("停用"))], "「停用」屬於 c7（是已停用的詞）"),
        ([FileConcept("c4", deprecated=True), FileConcept("c9", labels("勞保局"))], "「勞保局」屬於 c4"),
        ([FileConcept("c9", labels("甲"), ("c8",))], "c9「甲」 的 skos:broader 指向 c8"),
        ([FileConcept("c9", labels("甲"), ("c6",))], "skos:broader 指向 c6"),
        ([FileConcept("c9", labels("甲"), (), ("c8",))], "skos:narrower 指向 c8"),
        ([FileConcept("c9", labels("甲"), ("c9",))], "指向自己"),
        ([FileConcept("c9", labels("甲"), (), (), ("c9",))], "指向自己"),
        ([FileConcept("c1", labels("保險"), ("c2",))], "繞成一圈"),
        ([FileConcept("c1", labels("保險"), (), (), ("c2",))], "S27"),
        ([FileConcept("c4", deprecated=True, replaced_by="c8")], "c4 併入的 c8 不是使用中的概念"),
        ([FileConcept("c4", deprecated=True, replaced_by="c4")], "不是使用中的概念"),
        (
            [
                FileConcept("c3", deprecated=True, replaced_by="c4"),
                FileConcept("c4", deprecated=True, replaced_by="c3"),
            ],
            "不是使用中的概念",
        ),
    ],
)
def test_what_must_not_be_is_refused_by_name(concepts: list[FileConcept], says: str) -> None:
    made = asked(*concepts)
    assert not made.changes
    assert says in "\n".join(made.errors)


def test_a_file_with_errors_changes_nothing() -> None:
    good = FileConcept("c9", labels("國民年金"))
    made = plan(STORED, SkosFile({"c9": good}, ["壞了"], ["略過"]))
    assert (made.changes, made.errors, made.notes) == ((), ("壞了",), ("略過",))


def test_a_name_may_change_where_the_old_one_stays_a_spelling() -> None:
    made = asked(FileConcept("c4", labels("勞工保險局", "勞保局"), (), (), (), "500"))
    assert kinds(made) == {"c4": "changed"}


def test_a_chain_of_mergers_leads_to_its_end() -> None:
    made = asked(
        FileConcept("c2", deprecated=True, replaced_by="c3"),
        FileConcept("c3", labels("就業保險", "勞工保險", "勞保"), ("c1",), (), ("c5",), "500"),
    )
    assert kinds(made) == {"c2": "merged", "c3": "changed"}
    # c5 was merged into c2, which is merged into c3 itself: no neighbour.
    assert made.changes[1].record.related == ()


def test_a_deep_vocabulary_is_followed_without_recursion() -> None:
    deep = {
        f"d{n:05}": ConceptRecord(f"d{n:05}", labels(f"詞{n}"), (f"d{n + 1:05}",) if n < 1_499 else ())
        for n in range(1_500)
    }
    assert not broken_rules({**deep, "d00000": deep["d00000"]})
    circle = {**deep, "d01499": deep["d01499"]._replace(broader=("d01498",))}
    assert any("繞成一圈" in fault for fault in broken_rules(circle))


_IDENTIFIERS = [f"c{number}" for number in range(1, 9)]
_WORDS = ["保險", "勞工保險", "勞保", "就業保險", "勞保局", "候選", "停用", "年金", "退休", "給付"]
_some = st.lists(st.sampled_from(_IDENTIFIERS), max_size=2, unique=True).map(tuple)
_file_concepts = st.one_of(
    st.builds(
        FileConcept,
        st.sampled_from(_IDENTIFIERS),
        st.lists(st.sampled_from(_WORDS), min_size=1, max_size=3, unique=True).map(
            lambda words: labels(*words)
        ),
        _some,
        _some,
        _some,
        st.sampled_from([None, "500"]),
    ),
    st.builds(
        lambda identifier, successor: FileConcept(identifier, deprecated=True, replaced_by=successor),
        st.sampled_from(_IDENTIFIERS),
        st.none() | st.sampled_from(_IDENTIFIERS),
    ),
)


@settings(max_examples=600, deadline=None)
@given(st.lists(_file_concepts, max_size=5), st.booleans())
def test_whatever_is_accepted_is_sound_and_doing_it_twice_changes_nothing(
    concepts: list[FileConcept], remove_missing: bool
) -> None:
    file = SkosFile({concept.identifier: concept for concept in concepts}, [], [])
    made = plan(STORED, file, remove_missing=remove_missing)
    if made.errors:
        return
    after = applied(made, STORED)
    used = [record for record in after if record.status == ACCEPTED]
    check(to_concept(record) for record in used)
    # No form means two concepts, whatever their status; a merged one leads to one in use.
    forms = [label.form for record in after for label in record.labels]
    assert len(forms) == len(set(forms))
    assert {record.identifier for record in STORED} <= {record.identifier for record in after}
    again = plan(after, file, remove_missing=remove_missing)
    assert (again.changes, again.errors) == ((), ())


@settings(max_examples=200, deadline=None)
@given(st.lists(_file_concepts.filter(lambda concept: not concept.deprecated), min_size=1, max_size=5))
def test_the_rules_are_those_of_the_tagger(concepts: list[FileConcept]) -> None:
    records = {
        concept.identifier: ConceptRecord(
            concept.identifier, concept.labels, concept.broader, concept.related, concept.category_code
        )
        for concept in concepts
    }
    try:
        check(to_concept(record) for record in records.values())
    except VocabularyError:
        assert broken_rules(records)
