"""Moments by the calendar of months, and what a rule of reminders may say about its days."""

from __future__ import annotations

from datetime import date

import pytest

from siskop.engine.calendar import Calendar
from siskop.engine.definition import At, Reminder
from siskop.engine.ladders import due_day
from siskop.engine.load import DefinitionErrors, load

CHRISTMAS = Calendar(frozenset({date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 31)}))
HEAD = """
record: thing
label: {id: Benda, en: Thing}
display: {title: called}
fields:
  called: {type: text, label: {id: Nama, en: Name}}
  over_on: {type: date, label: {id: Akhir, en: End}}
  sound: {type: boolean, label: {id: Baik, en: Sound}}
facts: {late: over_on < today}
reminders:
  it:
    label: {id: Itu, en: That}
"""


@pytest.mark.parametrize(
    ("at", "anchor", "day"),
    [
        (At(5, True, months=1), date(2026, 11, 25), date(2026, 12, 7)),
        (At(31, months=1), date(2026, 11, 25), date(2026, 12, 31)),
        (At(31, True, months=1), date(2026, 11, 25), date(2026, 12, 30)),
        (At(30, months=2), date(2026, 12, 31), date(2027, 2, 28)),
        (At(30, months=2), date(2027, 12, 31), date(2028, 2, 29)),
        (At(10, months=14), date(2026, 11, 1), date(2028, 1, 10)),
    ],
)
def test_a_day_of_a_later_month_is_its_last_where_the_month_is_shorter(at: At, anchor: date, day: date) -> None:
    assert due_day(at, anchor, CHRISTMAS) == day


WORDS = "{id: x, en: x}"
AROUND = {
    "lists/roles.csv": "name,label_id,label_en,may\nhead,Kepala,Head,desk\n",
    "lists/holidays.csv": "date,name,kind\n2026-12-25,Natal,national\n",
    "mails/late.yaml": f"subject: {WORDS}\nbody: {WORDS}\nbutton: {WORDS}\nwhy: {WORDS}\n",
    "tasks/visit.yaml": f'label: {WORDS}\nbody: {{id: "{{title}}", en: x}}\nwhatsapp: {WORDS}\ndue: 5 working days\n',
    "letters/paper.yaml": f"subject: {WORDS}\nbody: {WORDS}\nseries: x\nto: {WORDS}\npublic: {WORDS}\n",
    "letters/house.yaml": "head: [Dinas]\ncity: Kota\nunit: D\nnotice: paper\n",
}


def rule(body: str, **files: str) -> Reminder:
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return load({**AROUND, **files, "records/thing.yaml": HEAD + lines}).kinds["thing"].reminders["it"]


def test_a_rule_names_its_anchor_its_amnesty_and_facts_as_its_cause() -> None:
    made = rule(
        """
when: not late
cause: [late, over_on]
anchor: over_on + days(1)
amnesty: 2027-03-01
send: {without_address: letter_and_task, to: {role: head}}
ladder:
  - {at: -90d, does: [{task: visit, to: {role: head}}]}
  - {at: "in 2 months, 2nd working day", does: [{mail: late, to: operators}]}
"""
    )
    assert made.cause == ("late", "over_on")
    assert made.amnesty == date(2027, 3, 1)
    assert [rung.at for rung in made.ladder] == [At(-90), At(2, True, months=2)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("at: 0d", "at: next month", "is no moment"),
        ("at: 0d", 'at: "next month, 0th day"', "is no moment"),
        ("cause: over_on", "cause: ovre_on", "Did you mean “over_on”"),
        ("cause: over_on", "cause: over_on\nanchor: sound", "date"),
        ("cause: over_on", "cause: over_on\namnesty: tomorrow", "Here stands a day"),
        ("cause: over_on", "cause: over_on\nsend: {to: operators}", "role"),
        ("{mail: late, to: operators}", "{task: visti}", "There is no task “visti”"),
    ],
)
def test_what_is_wrong_in_it_is_said(old: str, new: str, said: str) -> None:
    good = "when: late\ncause: over_on\nladder: [{at: 0d, does: [{mail: late, to: operators}]}]"
    rule(good)
    with pytest.raises(DefinitionErrors, match=said):
        rule(good.replace(old, new))


def test_words_of_a_mail_need_a_letter_that_carries_them() -> None:
    good = "when: late\ncause: over_on\nsend: {without_address: letter}\nladder: []"
    rule(good)
    with pytest.raises(DefinitionErrors, match="notice"):
        rule(good, **{"letters/house.yaml": AROUND["letters/house.yaml"].replace("notice: paper", "")})
