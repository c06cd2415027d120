"""Periods of a record kind and tables of deadlines: what is wrong is said at its line."""

from __future__ import annotations

from datetime import date

import pytest

from siskop.engine import standing
from siskop.engine.definition import Deadline
from siskop.engine.load import DefinitionErrors, load

HOUSE = """record: house
display: {title: name}
public: {path: rumah, api: houses}
periods:
  looks: {of: check, deadlines: days, known: seen, since: built}
fields:
  name: {type: text, privacy: public}
  seen: {type: year, privacy: public}
  built: {type: date, privacy: public}
  size: {type: choice, list: sizes, privacy: public}
  rooms: {type: integer, privacy: public}
  let: {type: boolean, privacy: public}
facts:
  good: looks.missed < 1 and (looks.due is None or looks.due > today)
badges:
  order:
    - when: good
      tone: good
      label: {id: "Baik sampai {looks.last}", en: "Good until {looks.last}"}
      next: {start: checking, label: {id: Periksa, en: Check}}
    - unknown: {tone: none, label: {id: Entah, en: Who knows}}
    - else:
        tone: bad
        label: {id: Buruk, en: Bad}
        why: {id: "Tanpa {looks.missing}", en: "Without {looks.missing}"}
"""
CHECK = """record: check
child_of: {record: house, period: of_year}
display: {title: "{of_year} {parent}"}
public: {path: periksa, api: checks}
fields:
  of_year: {type: year, privacy: public}
"""
CHECKING = """workflow: checking
record: check
start: {who: {relation: record_operator}}
form: {all: {fields: {of_year: required}}}
states:
  draft: {waits_for: submitter, edit: {relation: record_operator}}
  done: {final: true}
actions:
  send: {from: draft, to: done, who: {relation: record_operator}, needs: [valid_form], does: [publish]}
"""
DAYS = """of_year,size,let,rooms,report_due,legal_due,basis
2025,,,,2026-04-30,2026-06-30,
2025,big,true,4,2026-05-31,2026-06-30,
"""
FILES = {
    "records/house.yaml": HOUSE,
    "records/check.yaml": CHECK,
    "checking.yaml": CHECKING,
    "lists/days.csv": DAYS,
    "lists/sizes.csv": "code,label_id,label_en\nbig,Besar,Big\nsmall,Kecil,Small\n",
    "lists/roles.csv": "name,label_id,label_en,may\nboss,Bos,Boss,desk\n",
}


def said(file: str, find: str, put: str) -> tuple[int, list[str]]:
    """The line of the edit, and what is said of it there."""
    assert find in FILES[file]
    changed = FILES[file].replace(find, put, 1)
    line = FILES[file][: FILES[file].index(find)].count("\n") + 1
    with pytest.raises(DefinitionErrors) as refused:
        load({**FILES, file: changed})
    return line, [str(e) for e in refused.value.errors if e.file == file and e.line == line]


def test_rows_hold_for_typed_values_and_an_empty_cell_for_all() -> None:
    owed = load(FILES).kinds["house"].periods["looks"]
    assert [row.where for row in owed.deadlines] == [{}, {"size": "big", "let": True, "rooms": 4}]
    assert owed.deadlines[0].report_due.isoformat() == "2026-04-30"
    assert isinstance(owed.deadlines[0], Deadline) and owed.public


@pytest.mark.parametrize(
    ("file", "find", "put", "words"),
    [
        ("records/house.yaml", "deadlines: days", "deadlines: dayz", "There is no list “dayz”"),
        ("records/house.yaml", "of: check", "of: chek", "There is no record kind “chek”"),
        ("records/house.yaml", "of: check", "of: house", "“house” is no child of “house”"),
        ("records/house.yaml", "known: seen", "known: sen", "year or integer"),
        ("records/house.yaml", "since: built", "since: name", "year or date"),
        ("records/house.yaml", "  looks: {of", "  rooms: {of", "“rooms” is already a field"),
        ("records/house.yaml", "  good: looks", "  looks: looks", "“looks” is already a group of periods"),
        ("records/house.yaml", "looks.missed < 1", "looks.mised < 1", "“looks.mised” is not known here"),
        ("records/house.yaml", "looks.missed < 1", "looks.missed < 0", "never"),
        ("records/house.yaml", "Tanpa {looks.missing}", "Tanpa {looks.mising}", "{looks.mising}"),
        ("records/house.yaml", "start: checking", "start: cheking", "There is no workflow “cheking”"),
        ("lists/days.csv", "2025,,,,2026-04-30", "2025,,,,2026-04-31", "“2026-04-31” is no date"),
        ("lists/days.csv", "2025,,,,2026", "next,,,,2026", "“next” is no year"),
        ("lists/days.csv", "2025,big", "2025,bigg", "“bigg” is not one of the choices"),
        ("lists/days.csv", "true,4", "yes,4", "“yes” is neither true nor false"),
        ("lists/days.csv", "true,4", "true,four", "“four” is no whole number"),
        ("lists/days.csv", "2025,big,true,4", "2025,,,", "“2025” stands here twice"),
        ("lists/days.csv", "report_due,", "report_du,", "The column “report_due” is missing"),
        ("lists/days.csv", "of_year,size", "of_year,sizee", "The column “sizee” is no field"),
        ("lists/days.csv", "of_year,", "yeer,", "The column “of_year” is missing"),
    ],
)
def test_what_does_not_fit_is_said_where_it_stands(file: str, find: str, put: str, words: str) -> None:
    line, found = said(file, find, put)
    assert any(words in one for one in found), (line, found)


@pytest.mark.parametrize(
    ("find", "put", "words"),
    [
        (", period: of_year", "", "“check” has no period"),
        ("of_year: {type: year", "of_year: {type: integer", "is no year"),
    ],
)
def test_a_child_must_stand_for_one_year(find: str, put: str, words: str) -> None:
    with pytest.raises(DefinitionErrors) as refused:
        load({**FILES, "records/check.yaml": CHECK.replace(find, put)})
    assert any(words in e.message and e.file == "records/house.yaml" and e.line == 5 for e in refused.value.errors)


def test_what_rests_on_something_that_is_not_public_is_not_told_in_a_badge() -> None:
    for file, find in (
        ("records/house.yaml", "built: {type: date, privacy: public}"),
        ("records/check.yaml", "public: {path"),
    ):
        put = find.replace(", privacy: public", ", privacy: internal").replace("public: {path", "search: {} #")
        with pytest.raises(DefinitionErrors) as refused:
            load({**FILES, file: FILES[file].replace(find, put)})
        assert any("{looks.missing}" in e.message for e in refused.value.errors)


def test_a_way_out_is_about_the_record_or_a_child_of_it() -> None:
    other = CHECKING.replace("workflow: checking", "workflow: other").replace("record: check", "record: shed")
    shed = "record: shed\ndisplay: {title: of_year}\nfields: {of_year: {type: text}}\n"
    files = {**FILES, "records/shed.yaml": shed, "other.yaml": other}
    files["records/house.yaml"] = HOUSE.replace("start: checking", "start: other")
    with pytest.raises(DefinitionErrors) as refused:
        load(files)
    assert any("“other” is about “shed”" in e.message for e in refused.value.errors)


def test_a_mail_about_such_records_may_name_what_they_owe() -> None:
    mail = 'subject: {id: "Tanpa {looks.missing}", en: "Without {looks.missing}"}\n' + "".join(
        f"{part}: {{id: Halo, en: Hello}}\n" for part in ("body", "button", "why")
    )
    ladder = "{late: {when: not good, cause: seen, ladder: [{at: 0d, does: [{mail: late, to: operators}]}]}}"
    files = {**FILES, "records/house.yaml": f"{HOUSE}reminders: {ladder}\n"}
    assert load({**files, "mails/late.yaml": mail}).mails["late"].subject["en"] == "Without {looks.missing}"
    with pytest.raises(DefinitionErrors) as refused:
        load({**files, "mails/late.yaml": mail.replace("looks.missing", "looks.mising")})
    assert "looks.missing" in str(refused.value.errors[0])
    told = standing.told(load(FILES).kinds["house"], {"seen": 2024}, date(2026, 7, 1), {"looks": {2023}})
    assert told["looks.missing"] == {"id": "2025", "en": "2025"} and told["looks.next"] == {"id": "", "en": ""}
