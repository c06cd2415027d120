"""What a record kind and a form may say, and the sentence where they say it wrongly."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from siskop.engine.definition import Library
from siskop.engine.load import DefinitionErrors, load
from siskop.engine.reading import DefinitionError
from siskop.engine.source import read

RECORDS = """\
record: shop
display: {title: name, area: place}
fields:
  name:  {type: text, privacy: public, pattern: "[A-Z].*", example: Maju, was: title}
  place: {type: area, privacy: public}
  since: {type: date, min: 2000-01-01, max: today}
  kind:  {type: choice, list: kinds}
  tax:   {type: npwp, unique: true}
  trade: {type: kbli, list: kinds, edition: 2020}
  share: {type: percent, min: 0.5, max: 50, decimals: 1}
  docs:  {type: files, min: 2, accept: [pdf]}
  rows:  {type: list, of: {what: {type: text}, price: {type: money, was: cost}}}
  age:   {type: computed, as: integer, value: year(today) - year(since)}
  old:   {type: computed, as: boolean, value: age > 10}
rules:
  sane: {holds: share < 50, message: {id: Terlalu besar, en: Too large}}
---
record: report
child_of: {record: shop, period: book_year}
display: {title: "Laporan {book_year} {parent}"}
fields:
  book_year: {type: year, privacy: public}
  other:     {type: reference, to: shop}
  income:    {type: money}
warnings:
  jump: {holds: income < last.income * 10 or parent.old, message: {id: Benar, en: Sure}, at: income}
"""
WORKFLOW = """\
workflow: report
record: report
start: {who: {relation: record_operator}}
form:
  all:
    fields:
      book_year: required
      income: {copy: ask, prefill: last}
      other: {show_if: parent.since is not None}
forms:
  visit: {real: {type: boolean}, photo: {type: image, required: false}, why: {type: explanation}}
states: {draft: {waits_for: submitter, edit: {relation: record_operator}}, sent: {final: true}}
actions: {send: {from: draft, to: sent, who: {relation: record_operator}, needs: [valid_form]}}
"""
FILES = {
    "records/all.yaml": RECORDS,
    "report.yaml": WORKFLOW,
    "lists/roles.csv": "name,label_id,label_en,may\nhead,Kepala,Head,desk\n",
    "lists/holidays.csv": "date,name,kind\n2026-12-25,Natal,national\n",
    "lists/kinds.csv": "code,label_id,label_en\n64141,KSP,Credit union\n",
    "lists/places.csv": "code,level,name\n1,city,Kota\n1.1,village,Desa\n",
}


@pytest.fixture(scope="module")
def library() -> Library:
    return load(FILES)


def test_a_child_may_stand_before_its_parent() -> None:
    first, _, second = RECORDS.partition("---\n")
    library = load({**FILES, "records/all.yaml": f"{second}---\n{first}"})
    assert list(library.kinds) == ["report", "shop"]
    assert library.kinds["report"].child_of is not None
    assert set(library.kinds["report"].child_of.fields) == set(library.kinds["shop"].fields)


def test_labels_are_made_of_names_and_said_to_be_missing(library: Library) -> None:
    assert library.kinds["report"].fields["book_year"].label == {"id": "Book year", "en": "Book year"}
    [said] = [w for w in library.warnings if "label" in w.message and w.file == "records/all.yaml"]
    assert said.warning
    assert "fields.book_year (line 22)" in said.message


def test_settings_are_kept_with_their_field(library: Library) -> None:
    fields = library.kinds["shop"].fields
    assert fields["name"].was == ("title",)
    assert dict(fields["share"].params) == {"min": 0.5, "max": 50, "decimals": 1}
    assert fields["tax"].params["unique"] is True
    assert [c.code for c in fields["place"].choices] == ["1", "1.1"], "the only list of areas need not be named"
    assert library.kinds["shop"].rules[0].at == ("share",), "a rule stands at the fields that it reads"


def test_a_form_knows_what_its_conditions_read_beside_it(library: Library) -> None:
    form = library.workflows["report"].form
    assert set(form.reads) == {"last.income", "parent.since", "parent.old"}
    asked = form.pages[0].fields[1]
    assert (asked.copy, asked.prefill) == ("ask", "last")
    visit = library.workflows["report"].forms["visit"].pages[0].fields
    assert [(part.name, part.required) for part in visit] == [("real", True), ("photo", False), ("why", False)]


def test_new_words_of_a_rule_strand_no_submission() -> None:
    spoken = load({**FILES, "records/all.yaml": RECORDS.replace("id: Benar, en: Sure", "id: Yakin, en: Certain")})
    other = load({**FILES, "records/all.yaml": RECORDS.replace("last.income * 10", "last.income * 9")})
    before = load(FILES).workflows["report"]
    assert spoken.workflows["report"].behaviour == before.behaviour
    assert spoken.workflows["report"].texts != before.texts
    assert other.workflows["report"].behaviour != before.behaviour


BROKEN = [
    # (what stands there, what is put there instead, part of the path, part of the message, nearest right name)
    ("type: percent", "type: percentage", "fields.share.type", "no type of field", "percent"),
    ("max: today", "max: tomorrow", "fields.since.max", "a day such as 2026-12-31, or today", None),
    ("max: today", "max: 1999-12-31", "fields.since.max", "smaller than “min”", None),
    ("decimals: 1", "decimals: many", "fields.share.decimals", "a whole number from 0 to 8", None),
    ("min: 0.5", "min: 60", "fields.share.max", "smaller than “min”", None),
    ("min: 0.5", "minimum: 5", "fields.share.minimum", "not known here", "min"),
    ('"[A-Z].*"', '"([A-Z]+)+"', "fields.name.pattern", "cannot run long", None),
    ('"[A-Z].*"', '"[A-Z"', "fields.name.pattern", "Here stands a pattern", None),
    (", example: Maju", "", "fields.name.pattern", "needs an “example”", None),
    ("example: Maju", "example: maju", "fields.name.example", "does not fit the pattern", None),
    ("was: title", "was: since", "fields.name.was", "“since” is a field now", None),
    ("was: title", "was: [a b]", "fields.name.was.0", "is no name of a field", None),
    ("was: cost", "was: what", "fields.rows.of.price.was", "“what” is a field now", None),
    ("unique: true", "unique: yes", "fields.tax.unique", "Here stands true or false", None),
    ("min: 2, accept", "unique: true, accept", "fields.docs.unique", "can stand once", None),
    ("accept: [pdf]", "accept: [doc]", "fields.docs.accept", "a list of pdf, image", None),
    ("edition: 2020", "editon: 2020", "fields.trade.editon", "not known here", "edition"),
    ("as: integer", "as: number", "fields.age.as", "one of integer", None),
    ("as: integer", "as: text", "fields.age.value", "a text is needed here", None),
    ("as: integer, ", "", "fields.age", "“as” is missing", None),
    (", value: age > 10", "", "fields.old", "“value” belongs to the type computed", None),
    ("as: integer, v", "as: integer, privacy: public, v", "fields.age.value", "“since” is personal, so", None),
    ("year(since)", "year(sinse)", "fields.age.value", "not known here", "since"),
    ("min: 2000-01-01, max: today", "value: today", "fields.since", "“value” belongs to", None),
    ("type: money, was", "type: file, was", "fields.rows.of.price.type", "no type of field", None),
    ("type: money, was", "type: computed, was", "fields.rows.of.price.type", "no type of field", None),
    ("to: shop", "to: shops", "fields.other.to", "no record kind", "shop"),
    (", to: shop", "", "fields.other", "“to” is missing", None),
    ("record: shop, period", "record: shp, period", "child_of.record", "no other record kind", "shop"),
    ("record: shop, period", "record: report, period", "child_of.record", "no other record kind", None),
    ("period: book_year", "period: book_yaer", "child_of.period", "no field of one value", "book_year"),
    ("{book_year} {parent}", "{book_yaer} {parent}", "display.title", "no field", "book_year"),
    ("title: name", 'title: "{nama}"', "display.title", "no field", "name"),
    ("title: name", 'title: "{rows}"', "display.title", "no field", None),
    ("holds: share < 50", "holds: shares < 50", "rules.sane.holds", "not known here", "share"),
    ("holds: share < 50", "hold: share < 50", "rules.sane.hold", "“hold” is not known here", "holds"),
    ("at: income", "at: incme", "warnings.jump.at", "no field that is asked", "income"),
    ("last.income", "last.incme", "warnings.jump.holds", "not known here", "income"),
    ("parent.old", "parent.olds", "warnings.jump.holds", "not known here", "old"),
    ("{id: Benar, en: Sure}", "{id: Benar}", "warnings.jump.message", "“en” is missing", None),
    ("copy: ask", "copy: aks", "form.all.fields.income.copy", "no way to copy", "ask"),
    ("prefill: last", "prefill: lst", "form.all.fields.income.prefill", "no source of answers", "last"),
    ("prefill: last", "prefill: account.name", "form.all.fields.income.prefill", "fills a text", None),
    ("parent.since", "parent.sinse", "form.all.fields.other.show_if", "not known here", "since"),
    ("real: {type: boolean}", "real: {type: computed}", "forms.visit.real.type", "no type of field", None),
    ("rows:  {type: list", "rows:  {type: text", "fields.rows", "“of” belongs to the type list", None),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "said", "near"), BROKEN, ids=lambda v: str(v)[:30])
def test_a_mistake_is_said_where_it_stands(old: str, new: str, path: str, said: str, near: str | None) -> None:
    name = next(file for file, text in FILES.items() if old in text)
    text = FILES[name].replace(old, new, 1)
    line = FILES[name].count("\n", 0, FILES[name].index(old)) + 1
    with pytest.raises(DefinitionErrors) as refused:
        load({**FILES, name: text})
    found = [e for e in refused.value.errors if e.path.startswith(path) and said in e.message]
    assert found, "\n".join(map(str, refused.value.errors))
    assert isinstance(found[0], DefinitionError)
    assert (found[0].file, found[0].line, found[0].near) == (name, line, near)


def test_only_what_everybody_sees_must_have_a_public_title() -> None:
    closed = RECORDS.replace("book_year: {type: year, privacy: public}", "book_year: {type: year}")
    assert load({**FILES, "records/all.yaml": closed}).kinds["report"].fields["book_year"].privacy == "personal"
    shown = closed + "public: {path: laporan, api: reports, label: {id: Laporan, en: Reports}}\n"
    with pytest.raises(DefinitionErrors, match=r"display.title: “book_year” is shown to everybody"):
        load({**FILES, "records/all.yaml": shown})


def test_a_year_until_today_may_be_compared() -> None:
    bounded = RECORDS.replace("{type: year, privacy", "{type: year, max: today, privacy")
    compared = bounded.replace("or parent.old", "or book_year > 2000")
    (jump,) = load({**FILES, "records/all.yaml": compared}).kinds["report"].warnings
    assert "book_year" in jump.holds.names


def test_records_that_belong_to_each_other_in_a_ring_are_refused() -> None:
    ring = RECORDS.replace("record: shop\ndisplay", "record: shop\nchild_of: {record: report}\ndisplay", 1)
    with pytest.raises(DefinitionErrors, match=r"child_of.record: There is no other record kind"):
        load({**FILES, "records/all.yaml": ring})


def test_a_question_that_nobody_answers_can_not_be_required() -> None:
    broken = WORKFLOW.replace("book_year: required", "book_year: required\n      note: required")
    records = RECORDS.replace("  income:    {type: money}", "  income:    {type: money}\n  note: {type: explanation}")
    with pytest.raises(DefinitionErrors, match="not answered, so it cannot be required; write optional"):
        load({**FILES, "records/all.yaml": records, "report.yaml": broken})


ODD: list[Any] = [None, 7, -1, 1.5, True, "", "x", "a b", "{x}", [], [[]], {}, {"x": {}}, {"id": "a", "en": "b"}]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield from [path] * bool(path)
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*path, key))


@pytest.mark.parametrize("name", ["records/all.yaml", "report.yaml"])
def test_whatever_stands_at_any_place_is_answered_in_words(name: str) -> None:
    documents = [source.value for source in read(name, FILES[name])[0]]
    spots = [(n, path) for n, document in enumerate(documents) for path in places(document)]
    for turn, (n, path) in enumerate(spots):
        for odd in (ODD[turn % len(ODD)], ODD[turn * 5 % len(ODD)]):
            changed = copy.deepcopy(documents)
            around = changed[n]
            for key in path[:-1]:
                around = around[key]
            around[path[-1]] = odd
            try:
                load({**FILES, name: "---\n".join(f"{json.dumps(part)}\n" for part in changed)})
            except DefinitionErrors as refused:
                assert all(e.line and e.message for e in refused.errors)


def test_the_shortest_writing_loads_with_warnings_only() -> None:
    folder = Path(__file__).parents[2] / "workflows"
    mails = ("unlicensed-1", "unlicensed-2", "unlicensed-3", "draft-expires", "received", "returned", "rejected")
    names = [f"mails/{mail}.yaml" for mail in (*mails, "published", "work-due")]
    names += [f"lists/{name}.csv" for name in ("roles", "wilayah-tangsel")]
    words = "{id: Kata, en: Words}"
    letter = "series: a\n" + "".join(f"{key}: {words}\n" for key in ("label", "subject", "body", "to", "public"))
    licence = WORKFLOW.replace("report", "licence").replace("record: licence", "record: cooperative")
    licence = re.sub(r"    fields:\n(.*\n){3}", "    fields: {name: required}\n", licence)
    library = load(
        {name: (folder / name).read_text() for name in names}
        | {f"letters/sp-{n}.yaml": letter for n in (1, 2, 3)}
        | {"letters/house.yaml": "head: [Dinas]\ncity: Kota\nunit: D\nnotice: sp-1\n"}
        | {"tasks/visit.yaml": f"label: {words}\nbody: {words}\n"}
        | {"sample.yaml": Path(__file__).with_name("sample.yaml").read_text(), "licence.yaml": licence}
    )
    assert library.kinds["cooperative"].fields["kelurahan"].choices
    assert library.workflows["cooperative"].states["draft"].label == {"id": "Draft", "en": "Draft"}
    labels = [w.message for w in library.warnings if "label" in w.message]
    assert len(labels) == 2, "one for each file"
    assert all("labels are missing" in said for said in labels)
