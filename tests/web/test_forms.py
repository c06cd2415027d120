"""A page of a form as inputs: what was typed is decoded, shown again, and stands beside what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from siskop.base import i18n
from siskop.engine.definition import Choice, Condition, Field, Form, Page, PageField
from siskop.engine.fields.registry import IN_A_ROW, TYPES, UNASKED
from siskop.engine.form import Context, Problem, Problems, accept
from siskop.web import forms, values
from siskop.web.forms import Look

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = Context(today=date(2026, 11, 25))


def label(text: str) -> dict[str, str]:
    return {"id": text, "en": text}


def shows(source: str) -> Condition:
    name = source.replace("not ", "").split(" ")[0]
    return Condition(source, frozenset({name}), lambda e: e.get(name) is True, lambda e: (), lambda e: None)


PLACES = (Choice("1", label("Kota")), Choice("1.1", label("Serpong")), Choice("1.1.1", label("Ciater")))
FIELDS = {
    name: Field(name, name, label(name.capitalize()), help=label("Bantuan"), choices=PLACES)
    for name in TYPES
    if name != "list"
}
FIELDS["list"] = Field(
    "list",
    "list",
    label("Orang"),
    of={name: Field(name, name, label(name), choices=PLACES, params={"required": False}) for name in sorted(IN_A_ROW)},
    params={"min": 2},
)
ALL = Page("all", label("Semua"), tuple(PageField(name, required=True) for name in FIELDS))
FORM = Form((ALL,), FIELDS)


@pytest.fixture
def page() -> Iterator[Flask]:
    app = Flask("siskop", template_folder=str(ROOT / "templates"))
    i18n.init_app(app)
    app.jinja_env.globals.update(asset=lambda name: f"/{name}", here=lambda path: path, show_file=values.show_file)
    with app.test_request_context("/"):
        yield app


def html(inputs: list[forms.Answer]) -> str:
    return "".join(str(control()) for control in inputs)


@pytest.mark.parametrize("name", sorted(set(FIELDS) - {"explanation"}))
def test_every_type_has_a_template_with_label_help_error_and_control_tied_together(page: Flask, name: str) -> None:
    [control] = forms.build(
        FORM, ALL, {}, CONTEXT, problems=[Problem(name, "Nothing is filled in yet")], look=Look(only=frozenset({name}))
    )
    shown = html([control])
    order = [shown.index(part) for part in (FIELDS[name].label["id"], f'id="f-{name}-e"') if part]
    assert order == sorted(order)
    if name != "list" and name not in UNASKED:
        assert shown.index(f'id="f-{name}-h"') < shown.index(f'id="f-{name}-e"')
        assert f'aria-describedby="f-{name}-h f-{name}-e"' in shown
    assert f'id="f-{name}"' in shown
    assert len(re.findall(r'\bid="([^"]+)"', shown)) == len(set(re.findall(r'\bid="([^"]+)"', shown))), "ids are unique"
    assert "style=" not in shown
    assert "<script" not in shown


def test_what_was_posted_comes_back_as_it_was_typed_even_when_it_is_wrong(page: Flask) -> None:
    posted = MultiDict(
        [("_asked", name) for name in FIELDS]
        + [("text", "<b>"), ("integer", "dua"), ("date-d", "31"), ("date-m", "2"), ("date-y", "")]
        + [("boolean", "yes"), ("choices", "1"), ("choices", "1.1"), ("list-0-nik", "12"), ("list-3-text", "Wulan")]
    )
    raw = forms.collect(FORM, ALL, posted)
    assert (raw["text"], raw["integer"], raw["date"], raw["choices"]) == ("<b>", "dua", "31-2-", ["1", "1.1"])
    assert raw["email"] == ""
    assert "file" not in raw
    assert {n: (row["nik"], row["text"]) for n, row in raw["list"].items()} == {0: ("12", ""), 3: ("", "Wulan")}
    shown = html(forms.build(FORM, ALL, {**raw, "list": list(raw["list"].values())}, CONTEXT))
    assert 'value="&lt;b&gt;"' in shown
    assert 'name="date-m" inputmode="numeric" autocomplete="off" value="2"' in shown
    assert 'name="list-1-text"' in shown


def test_only_fields_that_the_page_showed_are_answers(page: Flask) -> None:
    posted = MultiDict([("_asked", "text"), ("_asked", "elsewhere"), ("text", "A"), ("email", "b"), ("elsewhere", "c")])
    assert forms.collect(FORM, ALL, posted) == {"text": "A"}


def test_problems_of_the_validator_stand_beside_their_cells_and_on_top(page: Flask) -> None:
    raw = {"text": "A", "list": [{"nik": "12"}, {}, {"text": "Wulan", "nib": "1"}]}
    result = accept(FORM, raw, CONTEXT)
    assert isinstance(result, Problems)
    shown = html(forms.build(FORM, ALL, raw, CONTEXT, problems=result.problems))
    assert 'id="f-list-2-nib-e"' in shown
    assert 'id="f-list-1-nib-e"' not in shown
    top = dict(forms.summary(FORM, result.problems))
    assert top["f-list-2-nib"] == "Orang 3, nib: 1 angka, perlu 13"
    for control in top:
        assert f'id="{control}"' in shown, "each line of the summary leads to a control"


def test_the_smallest_number_of_rows_stands_open(page: Flask) -> None:
    [control] = forms.build(FORM, ALL, {}, CONTEXT, look=Look(only=frozenset({"list"})))
    assert html([control]).count('class="repeat"') == 2


GATE = {
    "open": Field("open", "boolean", label("Ada izin?")),
    "kind": Field("kind", "choice", label("Jenis"), choices=PLACES),
    "until": Field("until", "date", label("Sampai")),
    "closed_on": Field("closed_on", "text", label("Sebab")),
    "part": Field("part", "text", label("Bagian")),
    "far": Field("far", "text", label("Jauh")),
}
GATED = Page(
    "gate",
    {},
    (
        PageField("open", required=True),
        PageField("until", required=True, show_if=shows("open")),
        PageField("closed_on", show_if=shows("not open")),
        PageField("kind"),
        PageField("part", show_if=shows("kind == '1.1'")),
        PageField("far", show_if=shows("open and kind == '1.1'")),
    ),
)


def test_a_field_that_hangs_on_one_choice_of_the_page_opens_under_that_option(page: Flask) -> None:
    form = Form((GATED,), GATE)
    inputs = forms.build(form, GATED, {}, CONTEXT)
    assert [control.name for control in inputs] == ["open", "kind"]
    assert {option: [c.name for c in inside] for option, inside in inputs[0].reveals.items()} == {
        "yes": ["until"],
        "no": ["closed_on"],
    }
    assert list(inputs[1].reveals) == ["1.1"]
    shown = html(inputs)
    assert (
        shown.index('value="yes"')
        < shown.index('class="reveal"')
        < shown.index('name="until-d"')
        < shown.index('value="no"')
    )


def test_any_other_condition_is_decided_by_the_server(page: Flask) -> None:
    form = Form((GATED,), GATE)
    assert "far" in [control.name for control in forms.build(form, GATED, {"open": "yes", "kind": "1.1"}, CONTEXT)]
    assert "far" not in [control.name for control in forms.build(form, GATED, {"open": "no"}, CONTEXT)]


def test_a_correction_stands_on_its_field(page: Flask) -> None:
    note = SimpleNamespace(
        id=4,
        status="open",
        asked_by_name="Tirta",
        asked_at=datetime(2026, 11, 24, 4, 5, tzinfo=UTC),
        text="Samakan <dengan> berkas",
        answer="",
    )
    shown = html(forms.build(FORM, ALL, {}, CONTEXT, look=Look(notes={"text": [note]}, only=frozenset({"text"}))))
    assert "Samakan &lt;dengan&gt; berkas" in shown
    assert "Tirta, 24 November 2026 pukul 11.05 WIB" in shown
    assert "minta-4" in re.findall(r'aria-describedby="([^"]+)"', shown)[-1]
    assert 'name="_explain-4"' in shown


def test_each_sentence_about_an_answer_is_translated(page: Flask) -> None:
    """Every msgid that a type or the forms may say has its Indonesian, with the same places."""
    found: dict[str, Any] = {}
    for path in [
        *(ROOT / "siskop/engine/fields").glob("*.py"),
        ROOT / "siskop/web/forms.py",
        ROOT / "siskop/web/controls.py",
    ]:
        source = path.read_text()
        for text in re.findall(r'(?:Bad|_)\(\s*"((?:[^"\\]|\\.)*)"|missing = "([^"]+)"', source):
            found[text[0] or text[1]] = path.name
    found |= dict.fromkeys(("The day is missing", "The month is missing", "The year is missing"), "dates.py")
    for text, where in found.items():
        translated = i18n.catalog("id").ugettext(text)
        assert translated != text, f"{where}: {text}"
        assert sorted(re.findall(r"%\(\w+\)s", text)) == sorted(re.findall(r"%\(\w+\)s", translated)), text


def test_an_example_that_is_a_sentence_ends_with_one_full_stop(page: Flask) -> None:
    said = Field("said", "text", label("Isi"), help=label("Bantuan."), example="Surat kami tidak dijawab.")
    of = Page("p", label("Halaman"), (PageField("said"),))
    [control] = forms.build(Form((of,), {"said": said}), of, {}, CONTEXT)
    assert control.help.endswith("Surat kami tidak dijawab.")
