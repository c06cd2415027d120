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
