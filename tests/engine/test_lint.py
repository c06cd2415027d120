"""What the check warns of in a file that loads: words that do nothing, or not what they seem to say."""

from __future__ import annotations

import pytest

from siskop.engine.load import DefinitionErrors, load

KIND = """
record: permit
display: {title: name, area: place}
fields:
  name: {type: text, privacy: public, example: A}
  place: {type: area, privacy: public, example: A}
  floors: {type: integer, example: 2}
  note: {type: long_text, example: A}
"""
WORKFLOW = """
workflow: permit
record: permit
start: {who: {relation: anyone}, record: new}
manage: {role: boss}
deadline: {counts: office, due: 30 days}
form: {all: {fields: {name: required, place: required, floors: optional, note: {show_if: floors > 2, required: true}}}}
forms: {opinion: {verdict: {type: text}}}
states:
  draft: {waits_for: submitter, edit: {relation: submitter}, ladder: [{at: 60d, does: [{action: drop}]}]}
  opinions:
    waits_for: office
    steps:
      known: {check: duplicates, with: {by: [name, place]}}
      fire:
        who: {role: expert, exclude: [did.heritage]}
        form: opinion
        due: 3 working days
        ladder: [{at: -3wd, does: [{end: lapsed}]}]
      heritage: {who: {role: expert, exclude: [did.fire]}}
      decision: {who: {role: boss, exclude: [did.fire]}, after: [fire, heritage]}
  granted: {final: true}
  dropped: {final: true}
actions:
  send: {from: draft, to: opinions, who: {relation: submitter}, needs: [valid_form]}
  grant: {step: decision, to: granted, does: [publish]}
  drop: {from: [draft, opinions], to: dropped, who: {relation: submitter}}
"""
FILES = {
    "lists/roles.csv": "name,label_id,label_en,may\nexpert,Ahli,Expert,desk\nboss,Kepala,Head,desk\n",
    "lists/holidays.csv": "date,name,kind\n2026-01-01,Tahun baru,national\n2026-01-02,Cuti,leave\n",
    "lists/places.csv": "code,level,name\n1,city,Kota\n1.1,village,Desa\n",
    "records/permit.yaml": KIND,
    "permit.yaml": WORKFLOW,
}


def told(file: str = "permit.yaml", old: str = "", new: str = "") -> list[str]:
    """All that is said of the folder with one text replaced, but for the labels."""
    assert old in FILES[file]
    try:
        found = load({**FILES, file: FILES[file].replace(old, new, 1)}).warnings
    except DefinitionErrors as refused:
        found = (*refused.errors, *refused.warnings)
    return [str(one) for one in found if "label" not in one.message]


FIRE, HERITAGE = "{role: expert, exclude: [did.heritage]}", "{who: {role: expert, exclude: [did.fire]}}"
AT = "states.opinions.steps"


def test_what_means_what_it_says_is_not_warned_of() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        (FIRE, "{role: expert}", f"{AT}.heritage", "may do this and then “fire”: let “fire” exclude did.heritage too"),
        (FIRE, "{role: expert, exclude: [did.heritage, did.decision]}", f"{AT}.fire", "“decision” never comes before"),
        (FIRE, "{role: expert, exclude: [did.heritage, did.grant]}", f"{AT}.fire", "“grant” never comes before"),
        (FIRE, "{role: expert, exclude: [did.heritage, did.fire]}", f"{AT}.fire", "“fire” never comes before"),
        ("        form: opinion\n", "", "forms.opinion", "Nothing uses this form"),
        ("due: 3 working days", "due: 0 working days", f"{AT}.fire.due", "over at the end of the day"),
        ("due: 30 days", "due: 0 days", "deadline.due", "over at the end of the day"),
        ("at: -3wd", "at: -4wd", f"{AT}.fire.ladder.0.at", "lies before the ladder begins"),
        ("at: 60d", "at: -1d", "states.draft.ladder.0.at", "lies before the ladder begins"),
        ("by: [name, place]", "by: [name, floors]", f"{AT}.known.with.by", "“floors” is not compared"),
    ],
)  # fmt: skip
def test_what_does_nothing_or_less_than_it_seems_is_warned_of(old: str, new: str, path: str, said: str) -> None:
    found = told("permit.yaml", old, new)
    assert [one for one in found if f"warning: {path}: " in one and said in one], found


def test_what_may_be_meant_so_is_not_warned_of() -> None:
    assert told("permit.yaml", "at: -3wd", "at: -4d") == [], "three working days may be five days"
    in_turn = WORKFLOW.replace(FIRE, "{role: expert}").replace(HERITAGE, f"{HERITAGE[:-1]}, after: [fire]}}")
    warned = load({**FILES, "permit.yaml": in_turn}).warnings
    assert [one for one in warned if "label" not in one.message] == [], "nobody has done what comes later"


def test_a_later_step_may_be_excluded_where_a_case_comes_back() -> None:
    back = "exclude: [did.fire]}, after: [fire, heritage]}"
    again = (
        "  drop: {from: [draft, opinions]",
        "  again: {step: decision, to: opinions, needs: [reason]}\n  drop: {from: draft",
    )
    text = WORKFLOW.replace(FIRE, "{role: expert, exclude: [did.heritage, did.decision]}").replace(*again)
    assert back in text
    assert [one for one in load({**FILES, "permit.yaml": text}).warnings if "never comes" in one.message] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("lists/holidays.csv", "national", "nation", "lists/holidays.csv:2: warning: kind: “nation” is no kind"),
        ("lists/places.csv", "1.1,village", "1.1,", "lists/places.csv:3: warning: level: “level” is empty"),
        ("lists/places.csv", "village,Desa", "village,", "lists/places.csv:3: name: “name” is empty"),
        ("lists/roles.csv", "boss,Kepala", 'boss,"Kepala', "lists/roles.csv:3: (file): Not readable as CSV"),
    ],
)
def test_what_is_odd_in_a_list_is_said_at_its_row(file: str, old: str, new: str, said: str) -> None:
    assert any(one.startswith(said) for one in told(file, old, new)), told(file, old, new)


@pytest.mark.parametrize("condition", ["floors / 0 > 1", "floors % 0 == 1", "floors / -0.0 > 1"])
def test_nobody_divides_by_zero(condition: str) -> None:
    (said,) = told("permit.yaml", "floors > 2", condition)
    assert "divides by zero" in said


def test_a_question_may_be_required_if_a_condition_holds() -> None:
    short, plain = (
        load({**FILES, "permit.yaml": WORKFLOW.replace("required: true}}", f"{word}: floors > 9" + "}}")})
        for word in ("required", "required_if")
    )
    (*_, asked) = plain.workflows["permit"].form.pages[0].fields
    assert asked.required_if is not None and not asked.required
    assert plain.workflows["permit"].behaviour == short.workflows["permit"].behaviour
    both = told("permit.yaml", "required: true}}", "required: true, required_if: floors > 9}}")
    assert any("required_if: Say “required” or “required_if”, not both" in one for one in both)


def test_missing_labels_of_a_file_are_one_warning_that_lists_them() -> None:
    labels = [one for one in load(FILES).warnings if "label" in one.message]
    assert [one.file for one in labels] == ["permit.yaml", "records/permit.yaml"]
    assert labels[1].line == 2
    assert labels[1].message == (
        "5 labels are missing: people read the names instead of the document (line 2), fields.name (line 5), "
        "fields.place (line 6), fields.floors (line 7), fields.note (line 8)"
    )


def test_a_key_that_is_indented_too_far_is_named_where_it_stands() -> None:
    slipped = WORKFLOW.replace("\nstates:", "\n  states:").replace("form: {all: {fields", "form:\n  all: {fields")
    slipped = slipped.replace("required: true}}}}\nforms: {opinion: {verdict: {type: text}}}\n", "required: true}}}\n")
    with pytest.raises(DefinitionErrors) as refused:
        load({**FILES, "permit.yaml": slipped})
    (error,) = refused.value.errors
    assert str(error) == "permit.yaml:9: form.states: “states” belongs one level higher: beside “form”, not in it"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("workflow: permit", 'workflow: "../x y"', "permit.yaml:2: workflow: “../x y” is no name"),
        ("who: {role: boss, exclude", "seats: {a: 0}, who: {role: boss, exclude", "a whole number from 1, not 0"),
        ("floors > 2", "'date(\"2026-02-31\") < today'", "a day that there is"),
        ("floors > 2", "floors * (floors > 2) > 1", "does not fit together: a number and a boolean"),
    ],
)
def test_a_mistake_says_what_is_wrong_in_it(old: str, new: str, said: str) -> None:
    assert any(said in one for one in told("permit.yaml", old, new)), told("permit.yaml", old, new)


def test_a_name_that_is_taken_says_by_whom() -> None:
    with pytest.raises(DefinitionErrors) as refused:
        load({**FILES, "records/second.yaml": KIND, "second.yaml": WORKFLOW})
    told = [str(error) for error in refused.value.errors]
    assert "second.yaml:2: workflow: There are two workflows “permit”: the other is in permit.yaml:2" in told
    assert (
        "records/second.yaml:2: record: There are two record kinds “permit”: the other is in records/permit.yaml:2"
        in told
    )


def test_a_list_within_a_list_is_said_once() -> None:
    said = told("records/permit.yaml", "{type: integer, example: 2}", "{type: list, of: {x: {type: list, of: {}}}}")
    assert [one for one in said if ".of.x" in one and "no type of field" not in one] == []
