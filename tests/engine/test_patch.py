from hypothesis import given
from hypothesis import strategies as st

from siskop.engine.patch import merge, unresolved

values = st.dictionaries(st.sampled_from("abcd"), st.sampled_from([None, 1, 2, 3]))


def test_different_fields_changed_on_both_sides_are_both_kept():
    merged = merge({"name": "A", "phone": "1"}, {"name": "B", "phone": "1"}, {"name": "A", "phone": "2"})
    assert merged.values == {"name": "B", "phone": "2"}
    assert merged.changed == ("phone",)
    assert merged.conflicts == ()


def test_one_field_changed_on_both_sides_is_a_conflict_until_a_person_picks():
    sides = {"name": "A"}, {"name": "B"}, {"name": "C"}
    merged = merge(*sides)
    assert merged.unresolved == ("name",)
    assert merged.values == {"name": "B"}
    assert (merged.conflicts[0].base, merged.conflicts[0].current, merged.conflicts[0].proposed) == ("A", "B", "C")
    assert merge(*sides, {"name": "proposed"}).values == {"name": "C"}
    kept = merge(*sides, {"name": "current"})
    assert (kept.values, kept.changed, kept.unresolved) == ({"name": "B"}, (), ())


def test_the_same_change_on_both_sides_is_no_conflict():
    assert merge({"name": "A"}, {"name": "B"}, {"name": "B"}).conflicts == ()


def test_an_emptied_field_leaves_the_record_and_one_that_was_not_asked_stays():
    merged = merge({"licence": "x", "area": "1"}, {"licence": "x", "area": "1"}, {"licence": None})
    assert merged.values == {"area": "1"}
    assert merged.changed == ("licence",)


def test_all_fields_in_conflict_are_found_and_an_emptied_one_may_be_empty_already():
    merged = merge({"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 2}, {"a": 3, "b": 3, "c": 4})
    assert merged.unresolved == ("a", "b", "c")
    assert merge({"a": 1, "b": 1}, {"b": 1}, {"a": None, "b": None}).values == {}
    assert merge({"a": 1}, {}, {"a": 2}, {"a": "proposed"}).values == {"a": 2}


def test_nothing_no_rows_and_no_text_are_the_same_emptiness():
    assert merge({}, {"officers": []}, {"officers": [], "note": ""}).changed == ()


def test_a_pick_holds_only_for_the_version_it_was_made_against():
    resolutions = {"name": ("proposed", 3)}
    assert unresolved({"name", "area"}, resolutions, 3) == ("area",)
    assert unresolved({"name"}, resolutions, 4) == ("name",)


@given(values, values)
def test_when_nobody_else_changed_anything_the_proposal_wins(base, proposed):
    merged = merge(base, base, proposed)
    assert merged.conflicts == ()
    for name, value in proposed.items():
        assert merged.values.get(name) == value


@given(values, values, values)
def test_nothing_that_others_changed_is_lost_without_a_pick(base, current, proposed):
    merged = merge(base, current, proposed)
    for name in "abcd":
        if current.get(name) != base.get(name):
            assert merged.values.get(name) == current.get(name)


@given(values, values)
def test_merging_twice_changes_nothing_more(base, proposed):
    once = merge(base, base, proposed)
    assert merge(base, once.values, proposed).changed == ()
