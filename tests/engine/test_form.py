"""The one validator: what is shown, what is needed, what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from siskop.engine import form as forms
from siskop.engine.definition import Condition, Field, Form, Page, PageField
from siskop.engine.form import Clean, Context, Problems

CONTEXT = Context(today=date(2026, 11, 25))


def when(source: str, rule: Callable[[Mapping[str, Any]], bool | None]) -> Condition:
    return Condition(source, frozenset(), rule, lambda env: (), rule)


FIELDS = {
    "title": Field("title", "text", {}),
    "open": Field("open", "boolean", {}),
    "until": Field("until", "date", {}),
    "paper": Field("paper", "text", {}),
    "people": Field("people", "list", {}, of={"who": Field("who", "text", {}), "born": Field("born", "date", {})}),
}
FORM = Form(
    pages=(
        Page("first", {}, (PageField("title", required=True), PageField("open", required=True))),
        Page(
            "second",
            {},
            (
                PageField("until", show_if=when("open", lambda e: e["open"])),
                PageField(
                    "paper",
                    show_if=when("until", lambda e: e["until"] is not None and e["until"] > e["today"]),
                    required_if=when("old", lambda e: e.get("old")),
                ),
                PageField("people"),
            ),
        ),
    ),
    fields=FIELDS,
)


def accept(raw: dict[str, Any], **record: Any) -> Clean | Problems:
    return forms.accept(FORM, raw, Context(CONTEXT.today, record))


def test_a_clean_form_gives_every_name_and_empty_ones_are_none() -> None:
    result = accept({"title": " Maju  Bersama ", "open": "no", "paper": "ignored"})
    assert isinstance(result, Clean)
    assert result.values == {"title": "Maju Bersama", "open": False, "until": None, "paper": None, "people": None}
    assert result.shown == {"title", "open", "people"}


def test_what_hangs_on_a_hidden_field_is_hidden_too() -> None:
    raw = {"title": "A", "open": "yes", "until": "1-1-2027", "paper": "B"}
    assert accept(raw).values["paper"] == "B"
    assert accept(raw | {"open": "no"}).values["paper"] is None
    assert accept(raw | {"until": "1-1-2020"}).values["paper"] is None


def test_problems_come_all_at_once_in_the_order_of_the_form_with_what_could_be_taken() -> None:
    result = accept({"open": "maybe", "people": [{"who": "", "born": "31-2-2000"}]})
    assert isinstance(result, Problems)
    assert [(p.field, p.row, p.column, p.missing) for p in result.problems] == [
        ("title", None, None, True),
        ("open", None, None, False),
        ("people", 0, "who", True),
        ("people", 0, "born", False),
    ]
    assert forms.missing_names(result) == {"title"}


def test_a_field_of_a_hidden_page_is_never_a_problem() -> None:
    hidden = Form(
        (
            FORM.pages[0],
            Page("second", {}, (PageField("paper", required=True),), show_if=when("never", lambda e: None)),
        ),
        FIELDS,
    )
    assert isinstance(forms.accept(hidden, {"title": "A", "open": "yes"}, CONTEXT), Clean)


def test_a_condition_reads_the_records_values_where_the_form_does_not_ask() -> None:
    raw = {"title": "A", "open": "yes", "until": "1-1-2027"}
    assert isinstance(accept(raw), Clean)
    result = accept(raw, old=True)
    assert isinstance(result, Problems)
    assert [p.field for p in result.problems] == ["paper"]


def test_values_come_back_through_what_their_inputs_show() -> None:
    raw = {"title": "A", "open": "yes", "until": "1-1-2027", "paper": "B", "people": [{"who": "W", "born": "2-3-1980"}]}
    values = accept(raw).values
    assert accept(forms.raws(FIELDS, values)).values == values


def test_differences_see_no_change_between_the_kinds_of_nothing() -> None:
    old = {"title": "A", "paper": "", "people": []}
    assert forms.differences(FIELDS, old, {"title": "A", "open": None, "paper": None, "people": None}) == []
    assert forms.differences(FIELDS, old, {"title": "B"}) == ["title"]


def test_an_environment_holds_typed_values() -> None:
    env = forms.environment(FIELDS, {"until": "2027-01-01", "people": [{"born": "1980-03-02"}]}, today=CONTEXT.today)
    assert env["until"] == date(2027, 1, 1)
    assert env["people"] == [{"who": None, "born": date(1980, 3, 2)}]
    assert env["title"] is None
