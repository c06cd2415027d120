"""What stands across fields: rules, doubts that are asked once, answers worked out, what a start has settled."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siskop.engine import form as forms
from siskop.engine.definition import Definition, Library
from siskop.engine.form import SURE, Clean, Context, Problem, Problems
from siskop.engine.load import load

RECORDS = """
record: shop
display: {title: name}
fields:
  name: {type: text, privacy: public}
  level: {type: text}
  rent: {type: money}
---
record: report
child_of: {record: shop, period: book_year}
display: {title: "Laporan {book_year} {parent}"}
fields:
  book_year: {type: year, privacy: public}
  income: {type: money}
  cost: {type: money}
  profit: {type: computed, as: money, value: income - cost}
  margin: {type: computed, as: percent, value: profit / income * 100}
  growth: {type: computed, as: decimal, value: income / last.income}
  late: {type: computed, as: boolean, value: "today > date('2026-06-30')"}
  note: {type: explanation}
  auditor: {type: text}
  contact: {type: email, was: [mail, post]}
  items: {type: list, of: {what: {type: text, was: thing}, price: {type: money}}}
rules:
  balance:
    holds: cost <= income + 100
    message: {id: Biaya melebihi pendapatan, en: Costs exceed income}
    at: [income, cost]
  year: {holds: book_year < year(today), message: {id: Tahun buku belum selesai, en: The book year is not over}}
  rented: {holds: cost >= parent.rent, message: {id: Sewa saja lebih, en: The rent alone is more}, at: cost}
warnings:
  jump:
    holds: income < last.income * 10
    message: {id: Naik sepuluh kali lipat, en: Ten times as much as last year}
    at: income
"""
WORKFLOW = """
workflow: report
record: report
start: {who: {relation: record_operator}, prefill: last}
form:
  figures:
    fields:
      note: optional
      book_year: required
      income: required
      cost: required
      profit: optional
      margin: optional
      growth: {show_if: last.income is not None}
      auditor: {required: profit > 1000, copy: ask}
  people:
    fields:
      contact: {prefill: account.email}
      items: {copy: clear, show_if: parent.level == "high"}
states:
  draft: {waits_for: submitter, edit: {relation: record_operator}}
  sent: {final: true}
actions:
  send: {from: draft, to: sent, who: {relation: record_operator}, needs: [valid_form]}
"""
LISTS = {
    "lists/roles.csv": "name,label_id,label_en,may\nhead,Kepala,Head,desk\n",
    "lists/holidays.csv": "date,name,kind\n2026-12-25,Natal,national\n",
}
CONTEXT = Context(
    date(2026, 11, 25),
    parent={"rent": 50, "level": "high"},
    last={"income": 100, "auditor": "Adi"},
    fixed={"book_year": 2025},
)


@pytest.fixture(scope="module")
def library() -> Library:
    return load({**LISTS, "records/all.yaml": RECORDS, "report.yaml": WORKFLOW})


@pytest.fixture(scope="module")
def report(library: Library) -> Definition:
    return library.workflows["report"]


def accept(report: Definition, context: Context = CONTEXT, **raw: Any) -> Clean | Problems:
    return forms.accept(report.form, {"income": "500", "cost": "100", **raw}, context)


def at(result: Clean | Problems) -> list[tuple[str, str]]:
    return [(p.field, p.words.get("id", "")) for p in result.problems] if isinstance(result, Problems) else []


def test_answers_are_worked_out_in_their_order_and_never_typed(report: Definition) -> None:
    values = accept(report, profit="7", book_year="1999").values
    assert (values["profit"], values["margin"], values["growth"]) == (400, 80, 5)
    assert values["book_year"] == 2025, "what the start has settled is not read from the form"
    assert accept(report, income="0", cost="0").values["margin"] is None, "what can't be worked out is missing"


def test_a_computed_answer_may_ask_for_another(report: Definition) -> None:
    result = accept(report, income="900", cost="100")
    assert at(result) == []
    result = accept(report, replace(CONTEXT, last={"income": 1000}), income="2.000", cost="100")
    assert isinstance(result, Problems)
    assert [(p.field, p.missing) for p in result.problems] == [("auditor", True)]


def test_what_is_known_to_be_false_is_said_at_its_fields(report: Definition) -> None:
    assert at(accept(report, cost="601")) == [
        ("income", "Biaya melebihi pendapatan"),
        ("cost", "Biaya melebihi pendapatan"),
    ]
    assert at(accept(report, cost="49")) == [("cost", "Sewa saja lebih")]
    assert at(accept(report, replace(CONTEXT, parent={}), cost="49")) == [], "an unknown breaks no rule"
    assert [words for _, words in at(accept(report, cost="x"))] == [""], "nor does what could not be read"


def test_a_rule_about_what_is_settled_stands_at_the_fields_it_reads(report: Definition) -> None:
    assert at(accept(report, replace(CONTEXT, fixed={"book_year": 2026}))) == [
        ("book_year", "Tahun buku belum selesai")
    ]


def doubts(result: Clean | Problems) -> list[Problem]:
    assert isinstance(result, Problems)
    return [p for p in result.problems if p.sure]


def test_a_doubt_is_asked_once_for_the_same_figures(report: Definition) -> None:
    high = {"income": "1.000", "cost": "500"}
    [doubt] = doubts(accept(report, **high))
    assert (doubt.field, doubt.words["id"]) == ("income", "Naik sepuluh kali lipat")
    assert doubt.sure is not None
    assert isinstance(accept(report, **high, **{SURE: [doubt.sure]}), Clean)
    assert isinstance(accept(report, **high, **{SURE: doubt.sure}), Clean)
    [other] = doubts(accept(report, **(high | {"income": "1.001"}), **{SURE: [doubt.sure]}))
    assert other.sure != doubt.sure


@pytest.mark.parametrize("told", [None, 7, [7, None], {"a": 1}, [["x"]], "jump"])
def test_only_the_right_token_answers_a_doubt(report: Definition, told: Any) -> None:
    assert doubts(accept(report, income="1.000", cost="500", **{SURE: told}))


def test_what_was_taken_over_is_confirmed_or_changed(report: Definition) -> None:
    [doubt] = doubts(accept(report, auditor="Adi"))
    assert (doubt.field, bool(doubt.words)) == ("auditor", False)
    assert isinstance(accept(report, auditor="Adi", **{SURE: [doubt.sure]}), Clean)
    assert isinstance(accept(report, auditor="Budi"), Clean)


def test_conditions_read_the_parent_and_the_period_before(report: Definition) -> None:
    assert {"growth", "items"} <= accept(report).shown
    without = replace(CONTEXT, parent={}, last={})
    assert not {"growth", "items"} & accept(report, without).shown
    assert accept(report, without).values["growth"] is None


def test_a_value_that_may_stand_once_names_who_has_it() -> None:
    shop = RECORDS.replace("name: {type: text, privacy: public}", "name: {type: text, privacy: public, unique: true}")
    workflow = """
workflow: shop
record: shop
start: {who: {relation: anyone}}
form: {all: {fields: {name: required}}}
states: {draft: {waits_for: submitter, edit: {relation: submitter}}, sent: {final: true}}
actions: {send: {from: draft, to: sent, who: {relation: submitter}, needs: [valid_form]}}
"""
    library = load({**LISTS, "records/all.yaml": shop, "report.yaml": WORKFLOW, "shop.yaml": workflow})
    form = library.workflows["shop"].form
    context = replace(CONTEXT, taken=lambda name, value: "Toko Maju" if (name, value) == ("name", "Maju") else None)
    result = forms.accept(form, {"name": " Maju "}, context)
    assert isinstance(result, Problems)
    assert str(result.problems[0].text % result.problems[0].params).startswith("Toko Maju has this already")
    assert isinstance(forms.accept(form, {"name": "Jaya"}, context), Clean)


def test_a_draft_begins_with_what_is_known(report: Definition) -> None:
    last = {"book_year": 2024, "income": 100, "auditor": "Adi", "profit": 7, "items": [{"what": "a", "price": 1}]}
    raws = forms.prefill(
        report.form, report.prefill, record={"cost": 5}, last=last, account={"name": "Wulan", "email": "w@x.example"}
    )
    assert raws == {"book_year": "2024", "income": "100", "auditor": "Adi", "contact": "w@x.example"}
    assert forms.prefill(report.form, "record", record={"cost": 5}) == {"cost": "5"}
    assert forms.prefill(report.form, None, record={"cost": 5}) == {}


def test_what_stands_under_an_old_name_is_read_as_the_new_field(library: Library) -> None:
    fields = library.kinds["report"].fields
    assert forms.renamed(fields, {"mail": "a@b.example", "cost": 1}) == {"contact": "a@b.example", "cost": 1}
    assert forms.renamed(fields, {"post": "p", "contact": "c"}) == {"contact": "c"}
    assert forms.renamed(fields, {"items": [{"thing": "a", "price": "1"}]})["items"] == [{"what": "a", "price": "1"}]
    assert forms.renamed(fields, {"unknown": 1}) == {"unknown": 1}
    assert forms.prefill(library.workflows["report"].form, "last", last={"items": []}) == {}


def test_a_publication_works_everything_out_anew(library: Library) -> None:
    kind = library.kinds["report"]
    assert forms.computed(kind, {"income": 500, "cost": 100, "profit": 1}, CONTEXT) == {
        "profit": 400,
        "margin": 80,
        "growth": 5,
        "late": True,
    }


def test_a_record_is_called_by_its_pattern(library: Library) -> None:
    assert library.kinds["report"].title_of({"book_year": 2025}, "Koperasi Maju") == "Laporan 2025 Koperasi Maju"
    assert library.kinds["report"].title_of({}) == "Laporan"
    assert library.kinds["shop"].title_of({"name": "Toko {x}"}) == "Toko {x}"
    assert library.kinds["report"].title_fields() == ("book_year",)


TYPED = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["5", "1.250"])
RAW = TYPED | st.lists(TYPED, max_size=3) | st.dictionaries(st.sampled_from(["what", "price", "id"]), TYPED)


@given(data=st.data())
def test_whatever_comes_is_judged_and_what_passed_passes_again(report: Definition, data: st.DataObject) -> None:
    names = [*report.form.names(), SURE]
    raw = {name: data.draw(RAW | st.lists(RAW, max_size=2), label=name) for name in names}
    result = forms.accept(report.form, raw, CONTEXT)
    assert json.loads(json.dumps(result.values)) == result.values
    assert set(result.values) == set(report.form.names())
    if isinstance(result, Clean):
        again = forms.accept(report.form, forms.raws(report.form.fields, result.values) | {SURE: raw[SURE]}, CONTEXT)
        assert again == result
    else:
        assert all(p.text % p.params and p.field in result.shown for p in result.problems)


def test_two_sides_never_contradict_each_other_in_what_is_worked_out(library: Library) -> None:
    values = {"income": 500, "cost": 100, "profit": 400, "note": None, "other": 1}
    assert forms.answered(library.kinds["report"], values) == {"income": 500, "cost": 100, "other": 1}
