"""Faults of a design, which no single line shows: found by running the engine over every state and outcome."""

from __future__ import annotations

import pytest

from siskop.engine.load import DefinitionErrors, load

KIND = """
record: grant
display: {title: name}
fields:
  name: {type: text, privacy: public}
  amount: {type: money, min: 0, max: 1000000000}
  urgent: {type: boolean}
  ends: {type: date}
  sort: {type: choice, list: sorts}
  items: {type: list, of: {price: {type: money}}}
"""

WORKFLOW = """
workflow: grant
record: grant
start: {who: {relation: anyone}, record: new}
manage: {role: boss}
form: {all: {fields: {name: required, amount: required, urgent: required, ends: optional, sort: required}}}
states:
  draft: {waits_for: submitter, edit: {relation: submitter}}
  open:
    waits_for: office
    steps:
      panel: {who: {role: member}, seats: 3, votes: {need: 2}}
  big:
    waits_for: office
    steps:
      approval: {who: {role: boss}, votes: {need: 1}}
  granted: {final: true}
  refused: {final: true}
actions:
  send: {from: draft, to: open, who: {relation: submitter}, needs: [valid_form]}
  large: {from: open, to: big, auto: panel.passed and amount > 50000000}
  grant: {from: open, to: granted, auto: panel.passed and amount <= 50000000}
  refuse: {from: open, to: refused, auto: panel.failed}
  agree: {from: big, to: granted, auto: approval.passed}
  disagree: {from: big, to: refused, auto: approval.failed}
"""
FILES = {
    "records/grant.yaml": KIND,
    "lists/roles.csv": "name,label_id,label_en,may\nmember,Anggota,Member,desk\nboss,Kepala,Head,desk\n",
    "lists/holidays.csv": "date,name,kind\n2026-01-01,Tahun baru,national\n",
    "lists/sorts.csv": "code,label_id,label_en\na,A,A\nb,B,B\n",
    "mails/note.yaml": ("subject: {id: a, en: a}\nbody: {id: a, en: a}\nbutton: {id: a, en: a}\nwhy: {id: a, en: a}\n"),
}


def found(old: str = "", new: str = "", kind: tuple[str, str] = ("", "")) -> list[str]:
    """The errors as `LINE path: message` of the workflow with one text replaced."""
    assert old in WORKFLOW and kind[0] in KIND, (old, kind)
    files = {**FILES, "grant.yaml": WORKFLOW.replace(old, new, 1), "records/grant.yaml": KIND.replace(*kind, 1)}
    try:
        load(files)
    except DefinitionErrors as refused:
        return [f"{e.line} {e.path}: {e.message}" for e in refused.errors]
    return []


def test_a_sound_design_has_no_fault() -> None:
    assert found() == []


PANEL, BIG, LARGE = "states.open.steps.panel", "states.big.steps.approval", "actions.large.auto"
AMOUNT, SEND, BOSS = "amount > 50000000", "to: open, who: {relation: submitter}", "approval: {who: {role: boss}"
FLAWS = [
    # (what stands there, what is put instead, path of the fault, part of what is said)
    ("  refuse: {from: open, to: refused, auto: panel.failed}\n", "", PANEL, "“panel” has failed"),
    ("amount <= 50000000", "amount < 50000000", PANEL, "amount = 50000000"),
    ("auto: approval.failed", "auto: approval.failed and urgent", BIG, "urgent = False"),
    ("auto: approval.passed", "auto: approval.lapsed", BIG, "has passed"),
    ("auto: approval.passed", "auto: approval.lapsed", "actions.agree.auto", "Never taken"),
    ("auto: approval.passed", "auto: approval.passed and round > 9", BIG, "has passed"),
    ("to: refused, auto: approval.failed", "to: draft, auto: approval.failed", "actions.disagree", "nobody tells them"),
    ("  granted: {final: true}", "  spare: {final: true}\n  granted: {final: true}", "states.spare", "leads here"),
    ("auto: panel.passed and amount > 50000000", "auto: panel.skipped", LARGE, "not true"),
    ("auto: panel.passed and amount > 50000000", "auto: panel.done", LARGE, "not true"),
    ("amount <= 50000000}", "amount <= 50000000}\n  late: {from: open, to: refused, auto: panel.passed and urgent}",
     "actions.late.auto", "above always comes first"),
    # -- by itself, for ever
    ("auto: approval.passed}", "auto: approval.passed}\n  up: {from: draft, to: big, auto: urgent}\n"
     "  down: {from: big, to: draft, auto: urgent, does: [{mail: note, to: submitter}]}", "actions.", "for ever"),
    # -- separation that leaves nobody
    (BOSS, "approval: {who: {relation: record_operator}", f"{BIG}.who", "Nobody may do"),
    (BOSS, "approval: {who: {relation: did.send}", f"{BIG}.who", "whoever did “send”"),
    (BOSS, "approval: {who: {relation: did.agree}", f"{BIG}.who", "Nobody can have"),
    ("panel: {who: {role: member}", "panel: {who: {role: member, relation: author}", f"{PANEL}.who", "Nobody may do"),
    ("edit: {relation: submitter", "edit: {relation: submitter, exclude: [submitter]", "states.draft.edit", "Nobody"),
    ("votes: {need: 2}", "votes: {need: 4}", f"{PANEL}.votes.need", "fewer seats"),
    ("seats: 3, votes: {need: 2}", "seats: {a: 2, b: 1}, votes: {need: 6, weights: {a: 2}}",
     f"{PANEL}.votes.need", "fewer"),
    # -- conditions that can never hold
    (AMOUNT, "amount > 2000000000", LARGE, "at most 1000000000"),
    (AMOUNT, "amount < 0", LARGE, "at least 0"),
    (AMOUNT, "amount > 5 and amount < 3", LARGE, "can never"),
    (AMOUNT, "3 > amount > 5", LARGE, "can never"),
    (AMOUNT, "amount == 5 and amount != 5", LARGE, "can never"),
    (AMOUNT, "urgent and not urgent", LARGE, "can never"),
    (AMOUNT, 'sort == "a" and sort == "b"', LARGE, "can never"),
    (AMOUNT, 'sort == "c"', LARGE, "not one of the choices"),
    (AMOUNT, 'urgent == "x"', LARGE, "cannot be compared"),
    (AMOUNT, 'ends is not None and ends < "soon"', LARGE, "cannot be compared"),
    (AMOUNT, "(urgent or amount == 5 and amount == 6)", LARGE, "can never"),
    (AMOUNT, "ends is not None and today < ends < today - days(3)", LARGE, "can never"),
    (AMOUNT, 'today < date("2020-01-01") and today > date("2090-01-01")', LARGE, "can never"),
    # -- waiting without anybody
    ("      panel: {who: {role: member}, seats: 3, votes: {need: 2}}",
     "      panel: {check: duplicates}", "actions.refuse.auto", "Never taken"),
]  # fmt: skip

SOUND = [
    (SEND, "to: open, when: urgent, who: {relation: submitter}"),
    (SEND, "to: open, when: not urgent and did.grant or urgent, who: {relation: submitter}"),
    ("to: granted, auto: approval.passed", "to: open, auto: approval.passed"),  # round by people
    ("to: refused, auto: panel.failed", "to: open, auto: panel.failed"),  # the same vote anew
    (AMOUNT, "amount > 50000000 or items is not None and sum(r.price for r in items) > 98765"),
    ("amount <= 50000000}",
     "amount <= 50000000}\n  stop: {from: [draft, open], to: refused, who: {relation: submitter}, when: not touched}"),
    (SEND, "to: open, when: month(today) == 11, who: {relation: submitter}"),
    (SEND, "to: open, when: sum(r.price for r in items) > 123, who: {relation: submitter}"),
    (SEND, "to: open, when: amount % 7 == 3, who: {relation: submitter}"),
    (SEND, 'to: open, when: today >= date("2031-01-01"), who: {relation: submitter}'),
    (SEND, 'to: open, when: today >= date("2090-01-01"), who: {relation: submitter}'),
    (SEND, 'to: open, when: date("2090-03-01") <= today <= date("2090-03-31"), who: {relation: submitter}'),
    ("seats: 3, votes: {need: 2}", "seats: {a: 2, b: 1}, votes: {need: 5, weights: {a: 2}}"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SOUND, ids=lambda v: str(v)[:40])
def test_what_may_well_be_so_is_no_fault(old: str, new: str) -> None:
    assert found(old, new) == []


@pytest.mark.parametrize(("old", "new", "path", "said"), FLAWS, ids=lambda v: str(v)[:30])
def test_a_flaw_is_said_at_its_place(old: str, new: str, path: str, said: str) -> None:
    errors = found(old, new)
    assert any(f" {path}" in e and said in e for e in errors), errors


def test_the_office_is_not_left_waiting_for_what_only_the_submitter_can_do() -> None:
    tail = WORKFLOW[WORKFLOW.index("  agree:") :]
    own = "  agree: {from: big, to: granted, who: {relation: submitter}}\n"
    steps = "    steps:\n      approval: {who: {role: boss}, votes: {need: 1}}\n"
    text = WORKFLOW.replace(tail, own).replace(steps, "")
    with pytest.raises(DefinitionErrors) as refused:
        load({**FILES, "records/grant.yaml": KIND, "grant.yaml": text})
    assert [(e.path, "waits for the office" in e.message) for e in refused.value.errors] == [("states.big", True)]


WORKED_OUT = """
  hours: {type: integer, min: 0}
  total: {type: computed, as: money, value: sum(i.price for i in items)}
  pay: {type: computed, as: money, value: amount * hours}
  big: {type: computed, as: boolean, value: amount > 500}
"""
TWO_LEVELS = """      low: {who: {role: member}, votes: {need: 1}, when: LOW}
      high: {who: {role: boss}, votes: {need: 1}, when: HIGH}
"""


def between(low: str, high: str, rules: str = "", needed: str = "") -> list[str]:
    """The errors of a workflow with two levels, and nothing for what lies between."""
    levels = TWO_LEVELS.replace("LOW", low).replace("HIGH", high)
    text = WORKFLOW.replace("      panel: {who: {role: member}, seats: 3, votes: {need: 2}}\n", levels)
    text = text.replace("panel.passed", "(low.passed or high.passed)").replace(
        "panel.failed", "low.failed or high.failed"
    )
    text = text.replace("ends: optional", f"ends: optional, items: required, total: optional{needed}")
    try:
        load({**FILES, "grant.yaml": text, "records/grant.yaml": KIND + WORKED_OUT.lstrip("\n") + rules})
    except DefinitionErrors as refused:
        return [f"{e.line} {e.path}: {e.message}" for e in refused.errors]
    return []


@pytest.mark.parametrize(
    ("low", "high", "told", "closed"),
    [
        ("total < 5000000", "total > 5000000", "total = 5000000", "total >= 5000000"),
        ("pay < 600", "pay > 600", "pay = 600", "pay >= 600"),
        ("any(i.price > 100 for i in items)", "all(i.price < 100 for i in items)", "items = 1 row of price 100",
         "all(i.price <= 100 for i in items)"),
        ("sum(i.price for i in items) < 100", "sum(i.price for i in items) > 100", "items = 1 row of price 100",
         "sum(i.price for i in items) >= 100"),
        ("count(i.price > 5 for i in items) < 2", "count(i.price > 5 for i in items) > 2",
         "items = 2 rows of price 6", "count(i.price > 5 for i in items) >= 2"),
        ("total > amount", "total < amount", "total = ", "total <= amount"),
    ],
)  # fmt: skip
def test_a_gap_between_two_levels_is_found_also_for_what_is_worked_out(
    low: str, high: str, told: str, closed: str
) -> None:
    errors = between(low, high, needed=", hours: required")
    assert any("states.open.steps.high" in e and "has been skipped" in e and told in e for e in errors), errors
    assert between(low, closed, needed=", hours: required") == []


def test_what_is_worked_out_is_tried_with_answers_that_go_together() -> None:
    apart = "rules:\n  small: {holds: total <= amount, message: {id: Lebih., en: Too much.}, at: items}\n"
    assert between("total <= amount", "total > amount * 2") != []
    assert between("total <= amount", "total > amount * 2", apart) == []
    assert between("big", "not big") == []
    assert between("big and amount < 500", "not (big and amount < 500)") == []


def test_everybody_may_sit_and_only_some_votes_be_needed() -> None:
    assert found("seats: 3, votes: {need: 2}", "seats: all, votes: {need: 2}") == []
    assert found("seats: 3, votes: {need: 2}", "seats: {a: all, b: 1}, votes: {need: 5}") == []


def test_of_what_is_worked_out_and_may_be_missing_the_answers_are_named_that_must_be_required() -> None:
    assert [e for e in between("pay <= 600", "pay > 600") if "“hours” in the form" in e and "may be empty" in e]
    assert between("pay <= 600", "pay > 600", needed=", hours: required") == []


CHILD = """
record: visit
child_of: {record: grant}
display: {title: place}
fields:
  place: {type: text, privacy: public}
  spent: {type: money, min: 0}
  rest: {type: computed, as: money, value: parent.amount - spent}
---
workflow: visit
record: visit
start: {who: {role: member}}
manage: {role: boss}
form: {all: {fields: {place: required, spent: required}}}
states:
  draft: {waits_for: office, edit: {role: member}}
  closer: {waits_for: office, steps: {look: {who: {role: boss}, votes: {need: 1}, when: rest < 0}}}
  done: {final: true}
actions:
  send: {from: draft, to: closer, who: {role: member}, needs: [valid_form]}
  end: {from: closer, to: done, auto: look.passed or look.failed or look.skipped}
"""


def test_what_every_beginning_of_the_record_above_requires_is_there() -> None:
    files = {**FILES, "grant.yaml": WORKFLOW, "visit.yaml": CHILD}
    assert load(files).workflows.keys() == {"grant", "visit"}
    with pytest.raises(DefinitionErrors, match=r"“parent\.amount” in every form that begins the record above"):
        load({**files, "grant.yaml": WORKFLOW.replace("amount: required", "amount: optional")})
