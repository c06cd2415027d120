"""Scenarios: the shipped ones hold, a wrong one fails where it is wrong, and a misspelt one is not run at all."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from siskop.cli.main import siskop
from siskop.engine import scenario
from siskop.engine.expectations import LOOKS
from siskop.engine.load import DefinitionErrors
from siskop.engine.sentences import ALONE, VERBS

ROOT = Path(__file__).resolve().parents[2]
FILES = scenario.files_of(ROOT / "workflows" / "tests")
LIBRARIES: scenario.Libraries = {}
SHIPPED = [found for file in FILES for found in scenario.read_file(file, LIBRARIES)]
GIVEN = f"""
folder: {ROOT}/workflows/tests/patterns
workflow: counter
people:
  asker: {{relation: record_operator}}
  nino: {{role: clerk, area: "1.1"}}
  hadi: {{role: head}}
answers: {{name: A bridge, amount: 50, place: 1.1.1, urgent: false}}
---
scenario: Told
steps:
  - asker starts
  - asker fills
  - asker does: submit
"""
FIRST = GIVEN.count("\n") + 1


@pytest.mark.parametrize("told", SHIPPED, ids=lambda s: f"{Path(s.file).stem}: {s.name}")
def test_the_scenario_goes_as_told(told: scenario.Scenario) -> None:
    assert scenario.run(told) is None


def test_every_sentence_and_everything_that_can_be_expected_is_tried_by_a_shipped_scenario() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in FILES)
    assert [word for word in VERBS if not re.search(rf"[ {{]{word}\b", text)] == []
    assert [word for word in (*ALONE, *LOOKS) if f"{word}: " not in text and f"{word}:\n" not in text] == []


def failed(tmp_path: Path, steps: str) -> tuple[int, str]:
    """The line at which it goes otherwise, counted from the first of `steps`, and what is said."""
    file = tmp_path / "told.yaml"
    file.write_text(GIVEN + steps, encoding="utf-8")
    (told,) = scenario.read_file(file, LIBRARIES)
    failure = scenario.run(told)
    assert failure is not None
    assert str(failure).startswith(f"{file}:{failure.line}: Told: ")
    assert any("asker: submit: draft → checked (person)" in line for line in failure.story)
    return failure.line - FIRST, failure.message


@pytest.mark.parametrize(
    ("steps", "line", "said"),
    [
        ("  - expect: {state: approved}", 0, "state: expected approved, but was checked"),
        ("  - expect:\n      state: checked\n      round: 2", 2, "round: expected 2, but was 1"),
        ("  - hadi does: verify", 0, "“hadi does: verify” was refused because: not_yours"),
        ("  - nino does: verify\n  - nino does: verify", 1, "because: state"),
        ("  - nino cannot: {do: verify, because: when}", 0, "was done, but should have been refused"),
        ("  - hadi cannot: {do: verify, because: when}", 0, "was refused because: not_yours, not because: when"),
        ("  - expect: {assigned: {reading: hadi}}", 0, "expected {reading: hadi}, but was {reading: nino}"),
        ("  - expect: {may: {hadi: [verify]}}", 0, "may: expected {hadi: [verify]}, but was {hadi: []}"),
        ("  - expect: {may_not: {nino: [verify]}}", 0, "but was {nino: []}"),
        ("  - nino does: verify\n  - expect: {effects: [publish]}", 1, "effects: expected [publish], but was []"),
        ("  - expect: {mails: [told]}", 0, "mails: expected [told], but was []"),
        ("  - expect: {due: {reading: 2026-03-10}}", 0, "but was {reading: 2026-03-09}"),
        ("  - expect: {proposal: {amount: 51}}", 0, "expected {amount: 51}, but was {amount: 50}"),
        ("  - expect: {corrections: {name: open}}", 0, "but was {name: none}"),
        ("  - nino does: {do: refuse, reason: No}\n  - expect: {never: [mail told]}", 1, "never: expected [mail told]"),
    ],
)
def test_a_scenario_fails_at_the_sentence_that_is_wrong(tmp_path: Path, steps: str, line: int, said: str) -> None:
    found, message = failed(tmp_path, steps)
    assert said in message
    assert found == line


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("  - nino dose: verify", "There is no verb “dose”. Did you mean “does”?"),
        ("  - nina does: verify", "There is no person “nina”. Did you mean “nino”?"),
        ("  - nino does: verifi", "There is no action or step “verifi”. Did you mean “verify”?"),
        ("  - nino does: {do: verify, resaon: x}", "“resaon” is not known here"),
        ("  - nino claims: raeding", "Did you mean “reading”?"),
        ("  - asker fills: {nmae: A}", "There is no field “nmae”. Did you mean “name”?"),
        ("  - expect: {stat: done}", "“stat” is not known here"),
        ("  - expect: {state: doen}", "There is no state “doen”. Did you mean “done”?"),
        ("  - expect: {assigned: {reading: nina}}", "Did you mean “nino”?"),
        ("  - expect: {outcomes: passed}", "Here stands a mapping"),
        ("  - expect: {may_not: {nino: [verfy]}}", "Did you mean “verify”?"),
        ("  - expect: {may: {nino: [claim raeding]}}", "Did you mean “claim reading”?"),
        ("  - expect: {may: [verify]}", "Here stands a mapping"),
        ("  - expect: {effects: [publsh]}", "Did you mean “publish”?"),
        ("  - expect: {record: {amount: many}}", "“many” is not a number"),
        ("  - system checks: {affordable: pased}", "Did you mean “passed”?"),
        ("  - wait: five days", "is no span of time"),
        ("  - on: tomorrow", "is no day"),
        ("  - nino does: verify\n    nino claims: reading", "A step is one sentence"),
        ("  - 12", "A step is one sentence"),
        ("  -", "A step is one sentence"),
        ("  - [nino, does]", "A step is one sentence"),
    ],
)
def test_a_misspelt_scenario_is_not_run_and_the_line_is_named(tmp_path: Path, steps: str, said: str) -> None:
    file = tmp_path / "told.yaml"
    file.write_text(GIVEN + steps + "\n", encoding="utf-8")
    with pytest.raises(DefinitionErrors) as caught:
        scenario.read_file(file, LIBRARIES)
    (error, *_) = caught.value.errors
    assert said in str(error)
    assert FIRST <= error.line <= FIRST + 1


def test_nobody_acts_before_somebody_has_started(tmp_path: Path) -> None:
    file = tmp_path / "told.yaml"
    file.write_text(GIVEN.replace("  - asker starts\n", ""), encoding="utf-8")
    (told,) = scenario.read_file(file, LIBRARIES)
    failure = scenario.run(told)
    assert failure is not None
    assert "nobody has started yet" in failure.message


def test_running_twice_begins_anew() -> None:
    told = SHIPPED[0]
    assert scenario.run(told) is scenario.run(told) is None


def test_the_command_says_what_failed_and_counts_what_passed(tmp_path: Path) -> None:
    good, wrong = tmp_path / "good.yaml", tmp_path / "wrong.yaml"
    good.write_text(GIVEN, encoding="utf-8")
    wrong.write_text(GIVEN + "  - expect: {state: done}\n", encoding="utf-8")
    run = CliRunner().invoke
    passed = run(siskop, ["workflow", "test", str(good)])
    assert (passed.exit_code, passed.output) == (0, "1 scenario passed\n")
    failing = run(siskop, ["workflow", "test", str(good), str(wrong)])
    assert failing.exit_code == 1
    assert f"{wrong}:{FIRST}: Told: state: expected done, but was checked" in failing.output


@pytest.mark.parametrize(
    "text", ["", "---\n", "workflow: nothing\n---\nscenario: x\nsteps: []\n", "a: [\n", "\x00", "- x\n"]
)
def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "told.yaml"
    file.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(siskop, ["workflow", "test", str(file)])
    assert result.exit_code == 1
    assert str(file) in result.output
    assert "Traceback" not in result.output


def beside(tmp_path: Path, name: str, old: str, new: str) -> list[str]:
    """What is said of two scenarios of `counter` when something is wrong in a file of its folder."""
    folder = tmp_path / "w"
    shutil.copytree(ROOT / "workflows/tests/patterns", folder)
    wrong = folder / name
    assert old in wrong.read_text("utf-8")
    wrong.write_text(wrong.read_text("utf-8").replace(old, new, 1), "utf-8")
    file = tmp_path / "told.yaml"
    again = GIVEN[GIVEN.index("---") :].replace("Told", "Again")
    file.write_text(GIVEN.replace(f"{ROOT}/workflows/tests/patterns", "w") + again, "utf-8")
    try:
        told = scenario.read_file(file, {})
    except DefinitionErrors as refused:
        return [str(error) for error in refused.errors]
    assert [scenario.run(one) for one in told] == [None, None]
    return []


def test_a_fault_in_another_workflow_stops_no_scenario(tmp_path: Path) -> None:
    assert beside(tmp_path, "control-flow.yaml", "waits_for: office", "waits_for: offices") == []


def test_a_fault_in_what_a_scenario_needs_is_said_once(tmp_path: Path) -> None:
    (said,) = beside(tmp_path, "people.yaml", "waits_for: office", "waits_for: offices")
    assert "told.yaml:3: workflow: The definitions in" in said
    assert "offices" in said
