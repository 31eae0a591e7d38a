"""What is silent erases nothing, what is said last stands, and saying it again changes nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.services.updating.merging import changed_fields, merged

Record = dict[str, Any]
_TEXTS = st.sampled_from(["甲", "乙", "丙", "", " \n", None])
_RESOURCES = st.dictionaries(
    st.sampled_from(["resourceID", "downloadURL", "accessURL", "format", "characterSetCode"]), _TEXTS
)
_RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "title": _TEXTS,
        "description": _TEXTS,
        "publisher": _TEXTS,
        "keyword": st.lists(st.sampled_from(["火災", "水災", ""]), max_size=3) | st.none(),
        "distribution": st.lists(_RESOURCES, max_size=4) | st.none(),
    },
)


def _says(value: object) -> bool:
    """Whether a value says anything, told without the code that is tested."""
    if isinstance(value, dict):
        return any(map(_says, value.values()))
    if isinstance(value, list):
        return any(map(_says, value))
    return isinstance(value, str) and value.strip() != ""


@given(_RECORDS, _RECORDS)
def test_merging_twice_is_merging_once(stored: Record, new: Record) -> None:
    once = merged(stored, new)
    assert merged(once, new) == once


@given(_RECORDS)
def test_a_record_merged_into_itself_stays_as_it_is(record: Record) -> None:
    assert merged(record, record) == record
    assert changed_fields(record, merged(record, record)) == ()


@given(_RECORDS)
def test_silence_erases_nothing_and_anything_fills_silence(record: Record) -> None:
    assert merged(record, dict.fromkeys(record)) == record
    said = {name: value for name, value in record.items() if _says(value)}
    assert {name: value for name, value in merged({}, record).items() if _says(value)} == said


@given(st.lists(_RECORDS, min_size=1, max_size=5))
def test_the_last_that_says_something_stands(records: list[Record]) -> None:
    result: Record = {}
    for record in records:
        result = merged(result, record)
    for name in ("title", "description", "publisher", "keyword"):
        said = [record[name] for record in records if _says(record.get(name))]
        assert not said or result[name] == said[-1]


@given(_RECORDS, _RECORDS)
def test_no_field_that_said_something_falls_silent(stored: Record, new: Record) -> None:
    result = merged(stored, new)
    assert all(_says(result[name]) for name in {*stored, *new} if _says(stored.get(name)))


@given(st.lists(_RESOURCES, max_size=4), st.data())
def test_resources_listed_again_without_their_formats_keep_them(
    stored: list[Record], data: st.DataObject
) -> None:
    numbered = [{**resource, "downloadURL": str(at)} for at, resource in enumerate(stored)]
    for resource in numbered:
        resource.pop("resourceID", None)
    listed = data.draw(st.permutations(numbered))
    again = [{"downloadURL": resource["downloadURL"], "format": None} for resource in listed]
    result = merged({"distribution": numbered}, {"distribution": again})
    assert result["distribution"] == listed


@given(st.lists(_RESOURCES, max_size=4), st.lists(_RESOURCES, max_size=4))
def test_what_the_new_resources_say_is_there(stored: list[Record], new: list[Record]) -> None:
    result = merged({"distribution": stored}, {"distribution": new})["distribution"]
    if len(result) != len(new) or not any(map(_says, new)):
        return
    for after, resource in zip(result, new, strict=True):
        assert all(after.get(name) == value for name, value in resource.items() if _says(value))


@pytest.mark.parametrize(
    ("stored", "new", "expected"),
    [
        pytest.param(
            [{"format": "CSV", "downloadURL": "a"}, {"format": "JSON", "downloadURL": "b"}],
            [{"downloadURL": "b"}],
            [{"format": "JSON", "downloadURL": "b"}],
            id="a resource that is no longer listed is gone",
        ),
        pytest.param(
            [{"format": "CSV", "downloadURL": "a"}],
            [{"downloadURL": "a2"}],
            [{"format": "CSV", "downloadURL": "a2"}],
            id="a new address of as many resources is the same resource",
        ),
        pytest.param(
            [{"resourceID": "1", "format": "CSV"}],
            [{"resourceID": "2"}],
            [{"resourceID": "2"}],
            id="another number is another resource",
        ),
        pytest.param(
            [{"format": "CSV", "downloadURL": "a"}, {"downloadURL": "b"}],
            [{"characterSetCode": "UTF-8"}],
            [{"format": "CSV", "downloadURL": "a"}, {"downloadURL": "b"}],
            id="what cannot be placed says nothing",
        ),
        pytest.param(
            [{"format": "CSV"}],
            [{"format": "CSV"}, {"format": "JSON"}],
            [{"format": "CSV"}, {"format": "JSON"}],
            id="formats alone are a list like any other",
        ),
    ],
)
def test_resources(stored: list[Record], new: list[Record], expected: list[Record]) -> None:
    assert merged({"distribution": stored}, {"distribution": new})["distribution"] == expected


def test_changed_fields_are_named() -> None:
    before = {"title": "甲", "notes": "乙"}
    assert changed_fields(before, {"title": "丙", "notes": "乙", "license": "丁"}) == ("license", "title")
