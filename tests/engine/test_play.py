"""Playing at random: the same seed plays the same, and what is wrong with a workflow shows."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from siskop.cli.main import siskop
from siskop.engine.load import load, read_folder
from siskop.engine.play import Report, play

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = load(read_folder(ROOT / "workflows"))


def played(workflow: str, seed: int, cases: int, library=LIBRARY) -> Report:
    return play(library.workflows[workflow], library, Random(seed), cases)


def test_the_same_seed_plays_the_same_and_another_differs() -> None:
    definition = LIBRARY.workflows["licence"]
    first, second, other = (list(played("licence", seed, 15).lines(definition)) for seed in (7, 7, 8))
    assert first == second
    assert first != other


@pytest.mark.parametrize("workflow", LIBRARY.workflows)
def test_shipped_workflows_come_to_an_end_with_enough_people(workflow: str) -> None:
    report = played(workflow, 3, 25)
    assert not report.stuck
    assert sum(report.ended.values()) == 25


def test_a_dead_end_an_action_nobody_takes_and_a_state_nobody_reaches_show() -> None:
    files = read_folder(ROOT / "workflows")
    text = files["licence.yaml"].replace("auto: approval.passed", "auto: approval.passed and did.withdraw")
    library = load({**files, "licence.yaml": text}, thorough=False)
    report = played("licence", 5, 30, library)
    told = "\n".join(report.lines(library.workflows["licence"]))
    assert "states never reached: published" in told
    assert "actions never taken: publish" in told
    assert "in verified: nobody may do anything" in told


def test_the_command_plays_what_stands_in_the_file() -> None:
    given = [
        "workflow",
        "play",
        str(ROOT / "workflows" / "tests" / "patterns" / "people.yaml"),
        "--cases",
        "3",
        "--seed",
        "4",
    ]
    first, second = (CliRunner().invoke(siskop, given) for _ in range(2))
    assert first.exit_code == 0
    assert first.output == second.output
    assert "panel: 3 cases; ended: " in first.output
