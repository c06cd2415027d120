"""What a workflow's file can say beyond the shipped ones: read as values, and refused where it makes no sense."""

from __future__ import annotations

from datetime import date

import pytest

from siskop.engine.definition import Effect, Library, Page, Who
from siskop.engine.load import DefinitionErrors, load

ROLES = "\n".join(["name,label_id,label_en,may", *(f"{r},R,R,desk" for r in ("clerk", "head", "expert"))])
MAIL = "subject: {id: S, en: S}\nbody: {id: B, en: B}\nbutton: {id: T, en: T}\nwhy: {id: W, en: W}\n"
RECORDS = """
record: place
display: {title: name}
fields:
  name: {type: text, privacy: public}
  opened: {type: date}
  sort: {type: choice, list: sorts}
---
record: report
child_of: {record: place, period: year}
display: {title: title}
fields:
  title: {type: text, privacy: public}
  year: {type: year, privacy: public}
  score: {type: integer}
"""
WORKFLOW = """
workflow: report
record: report
start: {who: {relation: record_operator}, prefill: last, proof: {label: {id: Bukti, en: Proof}}}
form: {all: {fields: {title: required, score: required}}}
forms: {visit: {real: {type: boolean}, score: {type: integer}}}
states:
  draft: {waits_for: submitter, edit: {relation: record_operator}}
  review:
    waits_for: office
    steps:
      look: {who: {role: clerk}, form: visit}
      opinion: {who: {role: expert}, on_demand: true, due: 5 working days}
      panel: {who: {role: head}, seats: all, recuse: true, votes: {need: majority}}
  kept: {final: true}
  refused: {final: true}
actions:
  send: {from: draft, to: review, who: {relation: record_operator}, needs: [valid_form],
         when: 'today >= date("2026-11-01")', why: {id: "Mulai 1 November.", en: "From 1 November."}}
  keep: {from: review, to: kept, auto: "look.done and look.score > 60 and look.real and panel.passed",
         does: [{publish: {set: {score: last.score + 1}}}, {accept_members: submitter}, {start: report}, add_member]}
  refuse: {from: review, to: refused, who: {relation: did.look}, needs: [reason], form: visit}
  renew: {from: refused, to: review, who: {role: head}, needs: [reason, person],
          does: [unpublish, {end_members: others}]}
"""


def library(workflow: str = WORKFLOW, records: str = RECORDS) -> Library:
    return load(
        {
            "lists/roles.csv": ROLES,
            "lists/holidays.csv": "date,name,kind\n2026-12-25,Natal,national\n",
            "lists/sorts.csv": "code,label_id,label_en\nshop,Toko,Shop\n",
            "records/all.yaml": records,
            "report.yaml": workflow,
            "mails/told.yaml": MAIL,
        }
    )


def wrong(old: str, new: str, records: str = RECORDS) -> str:
    assert old in WORKFLOW
    with pytest.raises(DefinitionErrors) as refused:
        library(WORKFLOW.replace(old, new, 1), records)
    return str(refused.value)


def test_a_workflow_without_labels_loads_with_its_names_as_labels_and_a_warning_for_each_file():
    loaded = library()
    definition = loaded.workflows["report"]
    assert definition.label == {"id": "Report", "en": "Report"}
    assert definition.states["kept"].public_label == {"id": "Kept", "en": "Kept"}
    (said,) = [w.message for w in loaded.warnings if "label" in w.message and w.file == "report.yaml"]
    for place in (
        "the document (line 2)",
        "states.draft (line",
        "states.review.steps.look (line",
        "actions.send (line",
    ):
        assert place in said
    assert any("manage" in w.message for w in loaded.warnings)


def test_half_a_label_is_an_error():
    assert "“en” is missing" in wrong("proof: {label: {id: Bukti, en: Proof}}", "proof: {label: {id: Bukti}}")


def test_the_start_says_the_source_of_answers_and_asks_for_a_proof():
    definition = library().workflows["report"]
    assert definition.prefill == "last"
    assert definition.proof == Page("proof", {"id": "Bukti", "en": "Proof"}, ())


def test_steps_on_demand_forms_of_actions_and_the_words_of_a_window():
    definition = library().workflows["report"]
    assert definition.states["review"].steps["opinion"].on_demand
    assert definition.actions["refuse"].form == "visit"
    assert definition.actions["refuse"].who == Who(relation="did.look")
    send = definition.actions["send"]
    assert send.why["en"] == "From 1 November."
    assert [send.when.test({"today": date(2026, m, 1)}) for m in (10, 11)] == [False, True]
    assert definition.actions["renew"].needs == ("reason", "person")


def test_effects_of_the_register_and_of_members_are_values():
    actions = library().workflows["report"].actions
    publish, *others = actions["keep"].does
    assert publish.args["set"]["score"].value({"last": {"score": 4}}) == 5
    assert others == [
        Effect("accept_members", {"accept_members": "submitter"}),
        Effect("start", {"start": "report"}),
        Effect("add_member"),
    ]
    assert actions["renew"].does == (Effect("unpublish"), Effect("end_members", {"end_members": "others"}))


def test_a_publication_sets_a_choice_by_its_code_and_a_day_by_an_expression():
    text = WORKFLOW.replace("record: report", "record: place").replace(
        "title: required, score: required", "name: required"
    )
    text = text.replace("prefill: last", "prefill: record")
    text = text.replace("{score: last.score + 1}", "{sort: shop, opened: today + days(1), name: last.name}")
    made = library(text).workflows["report"].actions["keep"].does[0].args["set"]
    assert made["sort"].value({}) == "shop"
    assert made["opened"].value({"today": date(2026, 11, 1)}) == date(2026, 11, 2)


def test_conditions_read_the_parent_and_the_period_before_with_days_as_days():
    text = WORKFLOW.replace('today >= date("2026-11-01")', "parent.opened < today and last.score is None")
    send = library(text).workflows["report"].actions["send"]
    env = {"today": date(2026, 11, 1), "parent": {"opened": "2026-10-31"}, "last": {}}
    assert send.when.test(env) is True
    assert send.when.names == {"parent.opened", "last.score", "today"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("who: {relation: record_operator}, prefill", "who: {relation: did.look}, prefill", "did.… “did.look”"),
        ("prefill: last", "prefill: lost", "no source of answers"),
        ("proof: {label", "proof: {lable", "not known here"),
        ("did.look}", "did.lok}", "Did you mean “did.look”?"),
        ("seats: all, recuse", "seats: all, after: [opinion], recuse", "nobody waits for it"),
        ("on_demand: true", "on_demand: true, votes: {need: 1}", "does not belong to a step on demand"),
        ("needs: [reason], form", "step: opinion, form", "taken in one way"),
        ("real: {type: boolean}", "passed: {type: boolean}", "is how a step ends"),
        ("look.score > 60", "look.scor > 60", "Did you mean “score”?"),
        ("look.score > 60", "parent.name > 60", "cannot be compared"),
        ('date("2026-11-01")', 'date("2026-13-01")', "a day that there is"),
        ('date("2026-11-01")', "date(last.title)", "a day that there is"),
        ("{publish: {set: {score:", "{publish: {set: {scor:", "Did you mean “score”?"),
        ("score: last.score + 1", "score: today", "a number is needed"),
        ("accept_members: submitter", "accept_members: others", "no choice of members"),
        ("start: report}", "start: reprot}", "Did you mean “report”?"),
        ("who: {role: head}, needs: [reason, person]", "who: {role: head}", "Out of a final state"),
        ("who: {role: head}, needs: [reason, person]", "who: {relation: submitter}, needs: [reason]", "Out of a final"),
        ("auto: \"look.done", "form: visit, auto: \"look.done", "Nobody is there to give form"),
        ("needs: [reason], form: visit", "needs: [reason], form: vist", "Did you mean “visit”?"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_the_nearest_right_name(old, new, said):
    assert said in wrong(old, new)


def test_a_kind_without_a_parent_has_none_in_conditions():
    assert "“parent” is not known here" in wrong(
        "look.score > 60", "parent.name is None", RECORDS.replace("child_of: {record: place, period: year}\n", "")
    )
