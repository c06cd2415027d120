"""Conditions: three-valued tables, types and names checked, nothing ever raised by a compiled one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siskop.engine.conditions import Condition, ConditionError, Kind, compile_condition

BOOLEAN, NUMBER, TEXT, DATE = (Kind(name) for name in ("boolean", "number", "text", "date"))
SCOPE = {
    "today": DATE, "a": BOOLEAN, "b": BOOLEAN, "n": NUMBER, "m": NUMBER, "name": TEXT, "day": DATE,
    "sort": Kind("choice", codes=frozenset({"blue", "green"})),
    "sorts": Kind("choices", codes=frozenset({"blue", "green"})),
    "rows": Kind("list", {"size": NUMBER, "ok": BOOLEAN, "since": DATE}),
    "step": Kind("group", {"passed": BOOLEAN}),
    "scan": Kind("file"),
}  # fmt: skip
TODAY = {"today": date(2026, 11, 25)}


def of(source: str) -> Condition:
    return compile_condition(source, SCOPE)


def test_three_values_of_and_or_not() -> None:
    values = (True, False, None)
    both, either, no = of("a and b"), of("a or b"), of("not a")
    for a in values:
        for b in values:
            env = {"a": a, "b": b}
            assert both.test(env) is (False if False in (a, b) else None if None in (a, b) else True)
            assert either.test(env) is (True if True in (a, b) else None if None in (a, b) else False)
        assert no.test({"a": a}) is (None if a is None else not a)


@pytest.mark.parametrize(
    ("source", "env", "truth"),
    [
        ("n < 3", {"n": 2}, True),
        ("n < 3", {}, None),
        ("1 < n <= 3", {"n": 4}, False),
        ("1 < n <= m", {"n": 0}, False),  # one pair settles it
        ("1 < n <= m", {"n": 2}, None),
        ("n is None", {}, True),
        ("n is not None", {}, False),
        ("n is None or n > 5", {}, True),
        ("n / m > 1", {"n": 4, "m": 0}, None),
        ("sort == 'blue'", {"sort": "blue"}, True),
        ("sort in ['blue', 'green']", {}, None),
        ("sort not in ('green',)", {"sort": "blue"}, True),
        ("'blue' in sorts", {"sorts": ["green"]}, False),
        ("year(today) - n <= 2", {"n": 2024}, True),
        ("day <= today + days(30)", {"day": date(2026, 12, 25)}, True),
        ("day == today + months(3)", {"day": date(2027, 2, 25)}, True),
        ("today - day > 20", {"day": date(2026, 11, 1)}, True),
        ("any(r.size > 3 for r in rows)", {"rows": [{"size": 1}, {"size": 5}]}, True),
        ("any(r.size > 3 for r in rows)", {"rows": [{"size": 1}, {}]}, None),
        ("all(r.ok for r in rows)", {"rows": []}, True),
        ("sum(r.size for r in rows) == 6", {"rows": [{"size": 1}, {"size": 5}]}, True),
        ("count(r.ok for r in rows) == 1", {"rows": [{"ok": True}, {"ok": False}]}, True),
        ("len(rows) == 0 and count(rows) == 0", {"rows": []}, True),
        ("max(n, m) == 4 and min(n, m) == 3", {"n": 4, "m": 3}, True),
        ("round(n / m) == 2 and abs(-m) == 2", {"n": 4, "m": 2}, True),
        ("step.passed", {"step": {"passed": True}}, True),
        ("step.passed", {}, None),
        ("true and not false", {}, True),
        ("scan is not None", {"scan": {"id": 1}}, True),
    ],
)
def test_values(source: str, env: dict[str, Any], truth: bool | None) -> None:
    assert of(source).test(TODAY | env) is truth


def test_a_month_too_short_takes_its_last_day() -> None:
    env = {"today": date(2027, 1, 31), "day": date(2027, 2, 28)}
    assert of("day == today + months(1)").test(env) is True
    assert of("today - months(2) == day").test({"today": date(2027, 4, 30), "day": date(2027, 2, 28)}) is True


def test_names_missing_and_optional() -> None:
    found = of("a and (day is None or day >= today) and step.passed")
    assert found.names == {"a", "day", "today", "step.passed"}
    assert found.optional == {"day"}
    assert found.missing(TODAY) == ("a", "step.passed")


@pytest.mark.parametrize(
    ("source", "said", "near"),
    [
        ("nane == 'x'", "not known here", "name"),
        ("step.pased", "not known here", "passed"),
        ("sort == 'bleu'", "not one of the choices", "blue"),
        ("yaer(today) > 1", "no function", "year"),
        ("any(r.siez > 1 for r in rows)", "not known here", "size"),
    ],
)
def test_the_nearest_right_name_of_that_place(source: str, said: str, near: str) -> None:
    with pytest.raises(ConditionError, match=said) as refused:
        of(source)
    assert refused.value.near == near


@pytest.mark.parametrize(
    "source",
    [
        "n", "name", "rows", "step", "n and a", "not n", "today > 5", "name > 'x'", "a == 1", "n is 5", "a is True",
        "name + 'x' == 'y'", "n ** 2 > 1", "n // 2 > 1", "~n > 1", "lambda: a", "(a := b)", "[a]", "{a}",
        "a if n else b",
        "().__class__", "name.upper()", "__import__('os')", "eval('1')", "rows[0]", "a; b", "", "a b", "f'{a}' == name",
        "any(a for r in rows for s in rows)", "any(r.ok for r in rows if r.size)", "any([a])", "len(n) > 1",
        "max(n) > 1",
        "any(any(s.ok for s in rows) for r in rows)", "any(a.ok for a in rows)", "None", "n == None", "a.b.c",
        "year(day=1) > 1",
        "days(1) == days(1)", "sum(n, m) > 1", "'red' in sorts", "n in name", "...", "b'x' == name", "1j == n",
        "a && b", "!a",
        "a" + " and a" * 300, "not " * 60 + "a", "round(*rows) > 1",
    ],
)  # fmt: skip
def test_what_is_not_part_of_the_language(source: str) -> None:
    with pytest.raises(ConditionError):
        of(source)


NAMES = st.sampled_from(["a", "b", "n", "m", "name", "day", "today", "sort", "sorts", "rows", "step.passed", "scan"])
ATOMS = NAMES | st.sampled_from(["1", "0", "'x'", "'blue'", "None", "true", "2.5", "[1, 2]", "days(3)", "months(1)"])
PATTERNS = (
    "({} and {})", "({} or {})", "(not {})", "({} < {})", "({} == {})", "({} is None)", "({} in {})", "({} + {})",
    "({} - {})",
    "({} * {})", "({} / {})", "({} % {})", "year({})", "len({})", "max({}, {})", "any({} for r in {})",
    "sum({} for r in {})",
)  # fmt: skip


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def fill(pattern: str) -> st.SearchStrategy[str]:
        return st.tuples(*[inner] * pattern.count("{}")).map(lambda parts: pattern.format(*parts))

    return st.sampled_from(PATTERNS).flatmap(fill)


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.dates()
ENVIRONMENTS = st.dictionaries(
    st.sampled_from([*SCOPE, "r"]),
    VALUES | st.lists(st.dictionaries(st.sampled_from(["size", "ok"]), VALUES, max_size=2), max_size=3),
)


@settings(max_examples=300, deadline=None)
@given(st.recursive(ATOMS, _grow, max_leaves=8), ENVIRONMENTS)
def test_random_expressions_are_refused_in_words_or_never_crash(source: str, env: dict[str, Any]) -> None:
    try:
        found = of(source)
    except ConditionError as error:
        assert error.message
        return
    assert found.test(env) in (True, False, None)
    found.value(env)
    assert set(found.missing({})) <= found.names


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_refused_in_words_or_compiles(source: str) -> None:
    try:
        of(source).test({})
    except ConditionError as error:
        assert error.message


@pytest.mark.parametrize("test", [True, False, None])
def test_one_or_the_other_by_a_test_and_unknown_where_the_test_is(test: bool | None) -> None:
    chosen = compile_condition("n if a else m", SCOPE, "number")
    assert chosen.value({"a": test, "n": 1, "m": 2}) == {True: 1, False: 2, None: None}[test]
    assert chosen.value({"a": test, "m": 2}) == (2 if test is False else None), "what is not chosen may be missing"
    named = compile_condition("sort if a else name", SCOPE, "text")
    assert named.value({"a": test, "sort": "blue", "name": "x"}) == {True: "blue", False: "x", None: None}[test]


def test_what_may_be_missing_has_a_value_of_its_own() -> None:
    fee = compile_condition("m * (n if n is not None else 0)", SCOPE, "number")
    assert (fee.value({"m": 3}), fee.value({"m": 3, "n": 2}), fee.value({"n": 2})) == (0, 6, None)
    assert fee.missing({}) == ("m",)


ROWS = [{"size": 5, "ok": True}, {"size": None, "ok": True}, {"size": 7, "ok": False}, {"size": 1, "ok": None}]


@pytest.mark.parametrize(
    ("source", "count", "wanted"),
    [
        ("sum(r.size for r in rows if r.size is not None)", 4, 13),
        ("sum(r.size if r.size is not None else 0 for r in rows)", 4, 13),
        ("sum(r.size for r in rows if r.ok)", 3, None),  # one that is taken has no size
        ("sum(r.size for r in rows if not r.ok)", 3, 7),
        ("sum(r.size for r in rows if not r.ok)", 4, None),  # of one nobody knows whether it is taken
        ("sum(r.size for r in rows if r.size is not None if r.ok)", 3, 5),
        ("max(r.size for r in rows if r.size is not None)", 4, 7),
        ("count(r.size > 2 for r in rows if r.size is not None)", 4, 2),
        ("sum(r.size for r in rows if n is None)", 1, 5),
        ("sum(r.size for r in rows if r.size > 100)", 1, 0),
        ("min(r.size for r in rows if r.size > 100)", 1, None),
        ("sum(r.size for r in rows if n > 1)", 1, None),
    ],
)
def test_rows_are_chosen_by_a_test_and_unknown_ones_stay_unknown(source: str, count: int, wanted: int | None) -> None:
    assert compile_condition(source, SCOPE, "number").value({"rows": ROWS[:count]}) == wanted


def test_any_and_all_look_at_the_chosen_rows_alone() -> None:
    assert of("any(r.size > 6 for r in rows if r.ok)").test({"rows": ROWS[:1]}) is False
    assert of("all(r.size > 6 for r in rows if not r.ok)").test({"rows": ROWS[:3]}) is True
    assert of("any(r.size > 4 for r in rows if r.ok)").test({"rows": ROWS}) is True, "one that is taken settles it"
