"""What a wrong condition is told, word for word: whoever writes files has nothing else to go by. And the limits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from siskop.engine.conditions import DEEPEST, LONGEST, MOST_PARTS, ConditionError, Kind, compile_condition
from tests.engine.test_conditions import SCOPE, of

TOLD = [
    ("n", "“n” is a number, but a boolean is needed here", None),
    ("rows", "“rows” is a list, but a boolean is needed here", None),
    ("scan", "“scan” is a file, but a boolean is needed here", None),
    ("n and a", "“n” is a number, not true or false: compare it with something", None),
    ("not n", "“n” is a number, not true or false: compare it with something", None),
    ("today > 5", "“today” (date) and “5” (number) cannot be compared", None),
    ("name > 'x'", "“name” (text) and “'x'” (text) have no order", None),
    ("a < b", "“a” (boolean) and “b” (boolean) have no order", None),
    ("a == 1", "“a” (boolean) and “1” (number) cannot be compared", None),
    ("n is 5", "Behind “is” stands only None; write == instead: “5”", None),
    ("n + 1 is None", "Only a name can be None, not “n + 1”", None),
    ("a is True", "Behind “is” stands only None; write == instead: “True”", None),
    ("name + 'x' == 'y'", "“name + 'x'” does not fit together: a text and a text", None),
    ("n ** 2 > 1", "“n ** 2” does not fit together", None),
    ("-name == 'x'", "“-name” does not fit together", None),
    ("+n > 1", "“+n” does not fit together", None),
    ("(a := b)", "“(a := b)” is not part of the language of conditions", None),
    ("a if n else b", "“n” is a number, not true or false: compare it with something", None),
    (
        "(n if a else name) > 1",
        "“n” (number) and “name” (text) are of two types: “… if … else …” is one or the other",
        None,
    ),
    ("any(r.ok for r in (rows if a else rows))", "“rows if a else rows” does not fit together", None),
    ("().__class__", "“().__class__”: a name has at most one dot", None),
    ("name.upper()", "There is no function “name.upper”", None),
    ("a; b", "“a; b” is not a condition (at character 2): see docs/definitions.md", None),
    ("a b", "“a b” is not a condition (at character 3): see docs/definitions.md", None),
    (
        "any(a for r in rows for s in rows)",
        "any(… for row in list) has one “for”, and none within another",
        None,
    ),
    ("any(r.ok for r in rows if r.size)", "“r.size” is a number, not true or false: compare it with something", None),
    ("any(s.ok for r, s in rows)", "any(… for row in list) has one “for”, and none within another", None),
    ("any(r.ok async for r in rows)", "any(… for row in list) has one “for”, and none within another", None),
    (
        "any(any(s.ok for s in rows) for r in rows)",
        "any(… for row in list) has one “for”, and none within another",
        None,
    ),
    ("any(a.ok for a in rows)", "“a” is already a name here: call the row otherwise", None),
    ("any(r for r in rows)", "“r” is a row: name one of its columns, r.…", None),
    ("any(r.ok for r in sorts)", "“sorts” is a choices, not a list of rows", None),
    ("any(r.size for r in rows)", "any(… for r in …): “r.size” is a number. any(…) takes a condition on rows", None),
    ("len(n) > 1", "“len(n)”: len(…) takes a text, choices or a list", None),
    ("max(n) > 1", "“max(n)”: max(…) takes two or more numbers or dates", None),
    ("max(n, today) > 1", "“max(n, today)”: max(…) takes two or more numbers or dates", None),
    ("None", "None stands only behind “is” or “is not”", None),
    ("n == None", "None stands only behind “is” or “is not”", None),
    ("a.b.c", "“a.b.c”: a name has at most one dot", None),
    ("n.x > 1", "“n.x”: “n” has no parts", None),
    (
        "rows.size > 1",
        "“rows.size”: “rows” has no parts; ask of its rows, as in any(row.column … for row in list)",
        None,
    ),
    ("step", "“step” has parts: step.passed", None),
    ("(a and b", "“(a and b” is not a condition (at character 1): a bracket has no other half", None),
    ("a and b)", "“a and b)” is not a condition (at character 8): a bracket has no other half", None),
    ("n in [1", "“n in [1” is not a condition (at character 6): a bracket has no other half", None),
    ("n in 1]", "“n in 1]” is not a condition (at character 7): a bracket has no other half", None),
    ("stepp.passed", "“stepp” is not known here", "step"),
    ("step.pased", "“step.pased” is not known here", "passed"),
    ("any(r.siez > 1 for r in rows)", "“r.siez” is not known here", "size"),
    ("n != 1 x", "“n != 1 x” is not a condition (at character 8): see docs/definitions.md", None),
    ("n <= 1 x", "“n <= 1 x” is not a condition (at character 8): see docs/definitions.md", None),
    ("a == b and n = 1", "“a == b and n = 1” is not a condition (at character 14): write == to compare", None),
    ("n != 1 !m", "“n != 1 !m” is not a condition (at character 8): write “not” instead of “!”", None),
    ("year(day=1) > 1", "“year(day=1)”: year(…) takes values, and no names with “=”", None),
    ("year() > 1", "“year()”: year(…) takes values, and no names with “=”", None),
    ("days(1) == days(1)", "“days(1)” (span) and “days(1)” (span) cannot be compared", None),
    ("sum(n, m) > 1", "“sum(n, m)”: sum(…) adds numbers of rows", None),
    ("'red' in sorts", "“red” is not one of the choices", None),
    ("n in name", "“n in name” does not fit together", None),
    ("n in sorts", "“n in sorts” does not fit together", None),
    ("sort in ['red']", "“red” is not one of the choices", None),
    ("sort in [None]", "In a list stand only texts and numbers, not “None”", None),
    ("n in ['x']", "“n” (number) and “'x'” (text) cannot be compared", None),
    ("n in [m]", "In a list stand only texts and numbers, not “m”", None),
    ("'bleu' == sort", "“bleu” is not one of the choices", "blue"),
    ("... == n", "“...” is not part of the language of conditions", None),
    ("b'x' == name", "“b'x'” is not part of the language of conditions", None),
    ("1j == n", "“1j” is not part of the language of conditions", None),
    ("a && b", "“a && b” is not a condition (at character 4): write “and” instead of “&&”", None),
    ("a || b", "“a || b” is not a condition (at character 4): write “or” instead of “||”", None),
    ("!a", "“!a” is not a condition (at character 1): write “not” instead of “!”", None),
    ("a === b", "“a === b” is not a condition (at character 5): write “==” instead of “===”", None),
    ("a <> b", "“a <> b” is not a condition (at character 3): write “!=” instead of “<>”", None),
    ("a = b", "“a = b” is not a condition (at character 3): write == to compare", None),
    ("a <", "“a <” is not a condition: something is missing after “<”", None),
    ("a and", "“a and” is not a condition: something is missing after “and”", None),
    ("a or ", "“a or ” is not a condition: something is missing after “or”", None),
    ("a and not", "“a and not” is not a condition: something is missing after “not”", None),
    ("n in", "“n in” is not a condition: something is missing after “in”", None),
    ("n is", "“n is” is not a condition: something is missing after “is”", None),
    ("a == 'x", "“a == 'x” is not a condition (at character 6): see docs/definitions.md", None),
    (
        "date('2026-11-31') > today",
        "“date('2026-11-31')”: date(…) takes a day that there is, written out: date(\"2026-11-30\")",
        None,
    ),
    ("date(name) > today", '“date(name)”: date(…) takes a day that there is, written out: date("2026-11-30")', None),
    ("date(5) > today", '“date(5)”: date(…) takes a day that there is, written out: date("2026-11-30")', None),
    ("month(n) > 1", "“month(n)”: month(…) takes a date", None),
    ("weekday(n) > 1", "“weekday(n)”: weekday(…) takes a date; Monday is 1", None),
    ("year(n) > 1", "“year(n)”: year(…) takes a date", None),
    ("days(today) > 1", "“days(today)”: days(…) takes a number", None),
    ("months(a) > 1", "“months(a)”: months(…) takes a number", None),
    ("abs(a) > 1", "“abs(a)”: abs(…) takes a number", None),
    ("round(a) > 1", "“round(a)”: round(…) takes a number", None),
    ("count(n) > 1", "“count(n)”: count(…) takes a list, or a condition on rows", None),
    ("all(n for r in rows)", "all(… for r in …): “n” is a number. all(…) takes a condition on rows", None),
    ("min(a, b)", "“min(a, b)”: min(…) takes two or more numbers or dates", None),
    ("lambda: a", "“lambda: a” is not part of the language of conditions", None),
    ("[a]", "“[a]” is not part of the language of conditions", None),
    ("f'{a}' == name", "“f'{a}'” is not part of the language of conditions", None),
    ("n // 2 > 1", "“n // 2” does not fit together", None),
    ("today + 1 > today", "“today + 1” does not fit together: a date and a number", None),
    ("today + today > today", "“today + today” does not fit together: a date and a date", None),
    ("n - today > 1", "“n - today” does not fit together: a number and a date", None),
    ("today * 2 > today", "“today * 2” does not fit together: a date and a number", None),
    ("days(1) - today > today", "“days(1) - today” does not fit together: a span and a date", None),
    ("x is None", "“x” is not known here", None),
    ("step is None", "“step” has parts: step.passed", None),
]


@pytest.mark.parametrize(("source", "message", "near"), TOLD)
def test_what_a_wrong_condition_is_told(source: str, message: str, near: str | None) -> None:
    with pytest.raises(ConditionError) as refused:
        of(source)
    assert (refused.value.message, refused.value.near, str(refused.value)) == (message, near, message)


def message_of(source: str, wants: str = "boolean") -> str | None:
    try:
        compile_condition(source, SCOPE, wants)
    except ConditionError as error:
        return error.message
    return None


@pytest.mark.parametrize(
    ("wants", "right"),
    [
        ("number", {"n + 1"}),
        ("date", {"today"}),
        ("text", {"name", "sort", "'blue'"}),
        ("choice", {"name", "sort", "'blue'"}),
        ("boolean", {"a"}),
    ],
)
def test_an_expression_has_the_type_that_is_needed(wants: str, right: set[str]) -> None:
    found = {source for source in ("n + 1", "today", "name", "sort", "a", "'blue'") if not message_of(source, wants)}
    assert found == right


def test_the_limits_hold_exactly_where_they_say() -> None:
    longest = "a" + " " * (LONGEST - 1)
    assert message_of(longest) is None
    assert message_of(longest + " ") == f"A condition may have {LONGEST} characters; this one has {LONGEST + 1}"
    parts = next(n for n in range(1, 400) if message_of("a" + " and a" * n) is not None)
    assert (
        message_of("a" + " and a" * parts) == f"A condition may have {MOST_PARTS} parts; make it shorter or use a fact"
    )
    assert parts == (MOST_PARTS - 2) // 2
    deep = next(n for n in range(1, 200) if message_of("not " * n + "a") is not None)
    assert message_of("not " * deep + "a") == f"A condition may be {DEEPEST} levels deep"
    assert deep == DEEPEST + 1
    told = f"A condition may be {DEEPEST} levels deep"
    flat = " and ".join(["a"] * 40)
    assert message_of(flat) is None, "what stands side by side is not deep"
    assert message_of(f"{flat} and {'not ' * DEEPEST}a") == told, "and does not make deeper what comes after"
    assert message_of("(a or (b and " * 20 + "a" + "))" * 20) == told, "nor what stands before"


ENV: dict[str, Any] = {
    "today": date(2026, 11, 25),
    "n": 7,
    "m": 2,
    "a": True,
    "b": False,
    "name": "x",
    "day": date(2026, 11, 2),
    "sort": "blue",
    "sorts": ["blue"],
    "rows": [{"size": 2, "ok": True, "since": date(2026, 1, 1)}, {"size": 5, "ok": False}],
}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("n + m", 9), ("n - m", 5), ("n * m", 14), ("n / m", 3.5), ("n % m", 1), ("-n", -7), ("today - day", 23),
        ("today + days(2)", date(2026, 11, 27)), ("today - days(2)", date(2026, 11, 23)), ("n + x", None),
        ("month(today)", 11), ("year(today)", 2026), ("weekday(today)", 3), ("date('2026-02-03')", date(2026, 2, 3)),
        ("min(n, m)", 2), ("max(n, m)", 7),
        ("max(day, today)", date(2026, 11, 25)), ("min(day, today)", date(2026, 11, 2)),
        ("min(r.size for r in rows)", 2), ("max(r.size for r in rows)", 5), ("min(r.since for r in rows)", None),
        ("sum(r.size for r in rows)", 7), ("count(r.ok for r in rows)", 1), ("count(rows)", 2), ("count(sorts)", 1),
        ("len(name)", 1), ("len(sorts)", 1), ("abs(-n)", 7), ("round(n / m)", 4), ("true", True), ("false", False),
        ("n == 7", True), ("n != 7", False), ("n < 7", False), ("n <= 7", True), ("n > 7", False), ("n >= 7", True),
        ("m < n < 9", True), ("m < n < 7", False), ("a == b", False), ("a != b", True), ("name == 'x'", True),
        ("sort != 'blue'", False), ("sort in ['blue']", True), ("sort not in ['blue']", False), ("n in [7, 8]", True),
        ("n not in (7,)", False), ("'green' in sorts", False), ("'green' not in sorts", True), ("name in sorts", False),
        ("sort in sorts", True), ("name is None", False), ("name is not None", True), ("not a", False), ("not b", True),
        ("any(r.ok for r in rows)", True), ("all(r.ok for r in rows)", False), ("any(r.size > n for r in rows)", False),
        ("a and b", False), ("a or b", True), ("day < today and n > m or b", True),
    ],
)  # fmt: skip
def test_what_each_expression_comes_to(source: str, value: Any) -> None:
    kinds = ("boolean", "number", "date")
    if source == "n + x":
        assert message_of(source) == "“x” is not known here"
        return
    made = next(compile_condition(source, SCOPE, kind) for kind in kinds if message_of(source, kind) is None)
    assert made.value(ENV) == value
    assert made.source == source


def test_unknown_parts_make_a_comparison_unknown_unless_a_known_one_settles_it() -> None:
    assert of("n < m").test({"n": 1}) is None
    assert of("n < m").test({"m": 1}) is None
    assert of("1 < n < m").test({"n": 0}) is False
    assert of("n in [1]").test({}) is None
    assert of("'blue' in sorts").test({}) is None
    assert of("-n < 0").test({}) is None
    assert of("abs(n) > 0").test({}) is None
    assert of("any(r.ok for r in rows)").test({}) is None
    assert of("count(r.ok for r in rows) > 0").test({"rows": [{"ok": True}, {}]}) is None


@pytest.mark.parametrize(
    "unknown",
    [
        "n + 1 > 2", "1 + n > 2", "today - day > 1", "-n < 0", "n < 3", "n in [1]", "n not in [1]", "name in sorts",
        "'blue' in sorts", "'blue' not in sorts", "year(day) > 2000", "max(n, 1) > 0", "any(r.ok for r in rows)",
        "count(r.ok for r in rows) > 0", "sum(r.size for r in rows) > 0", "step.passed",
    ],
)  # fmt: skip
def test_what_is_unknown_leaves_the_rest_of_a_condition_standing(unknown: str) -> None:
    for source in (unknown, f"not ({unknown})"):
        assert of(source).test({"today": date(2026, 11, 25)}) is None
        assert of(f"{source} or a").test({"today": date(2026, 11, 25), "a": True}) is True
        assert of(f"{source} and a").test({"today": date(2026, 11, 25), "a": False}) is False


def test_a_choice_that_is_unknown_is_neither_in_nor_outside_of_choices() -> None:
    assert of("sort in sorts").test({"sorts": ["blue"]}) is None
    assert of("sort not in sorts").test({"sorts": ["blue"]}) is None


def test_a_group_is_a_mapping_and_days_may_come_as_they_are_kept() -> None:
    passed = of("step.passed")
    assert passed.test({"step": {"passed": True}}) is True
    assert passed.test({"step": {}}) is None
    assert passed.test({"step": {"passed": False}}) is False
    assert passed.test({"step": 5}) is None
    since = of("any(r.since < today for r in rows)")
    assert since.test({**ENV, "rows": [{"since": "2026-11-24"}]}) is True
    assert since.test({**ENV, "rows": [{"since": date(2026, 11, 26)}]}) is False
    assert since.test({**ENV, "rows": [{"since": "not a day"}]}) is None


def test_values_of_a_wrong_type_are_unknown_and_nothing_is_raised() -> None:
    for source in ("n < 3", "today - day > 1", "len(name) > 1", "name in sorts"):
        assert of(source).test({**ENV, "n": "x", "day": 5, "name": timedelta(1), "sorts": 5}) in (None, False)
    assert compile_condition("n / m", SCOPE, "number").value({"n": 1, "m": 0}) is None
    assert of("n > 1").test({"n": 2}) is True
    assert of("a").test({"a": 1}) is True


def test_a_row_may_be_used_in_one_place_only() -> None:
    assert message_of("any(r.ok for r in rows) and r.ok") == "“r” is not known here"
    assert message_of("any(r.ok for r in rows) and all(r.ok for r in rows)") is None
    assert message_of("any(n.ok for n in rows)") == "“n” is already a name here: call the row otherwise"
    found = of("any(r.ok and a for r in rows)")
    assert found.names == {"rows", "a"}


def test_all_parts_of_a_group_are_told_and_may_be_missed() -> None:
    scope = {**SCOPE, "step": Kind("group", {"passed": Kind("boolean"), "failed": Kind("boolean")})}
    with pytest.raises(ConditionError) as refused:
        compile_condition("step", scope)
    assert refused.value.message == "“step” has parts: step.passed, step.failed"
    assert of("step.passed").missing({"step": {}}) == ("step.passed",)
    assert of("step.passed").missing({"step": {"passed": False}}) == ()


@pytest.mark.parametrize(
    ("wants", "source", "value"),
    [
        ("number", "n if a else m", 7),
        ("boolean", "b if a else a", False),
        ("date", "today if b else day", date(2026, 11, 2)),
        ("date", "today + (days(1) if a else days(2))", date(2026, 11, 26)),
        ("text", "name if a else 'y'", "x"),
        ("text", "sort if a else name", "blue"),
    ],
)
def test_one_of_two_values_has_their_type(wants: str, source: str, value: Any) -> None:
    assert compile_condition(source, SCOPE, wants).value(ENV) == value


def test_what_is_one_of_two_kinds_of_text_is_a_text() -> None:
    scope = {**SCOPE, "place": Kind("area")}
    with pytest.raises(ConditionError):
        compile_condition("place in sorts", scope)
    assert compile_condition("(place if b else name) in sorts", scope).test({**ENV, "name": "blue"}) is True


def test_names_true_and_false_may_be_fields() -> None:
    scope = {**SCOPE, "true": SCOPE["n"]}
    assert compile_condition("true > 1", scope).test({"true": 2}) is True
