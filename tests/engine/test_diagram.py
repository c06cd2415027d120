"""The picture of a workflow: whole, readable without seeing it, and nothing on top of anything."""

from __future__ import annotations

import xml.etree.ElementTree as Tree
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner

from siskop.cli.main import siskop
from siskop.engine import diagram
from siskop.engine.definition import Definition
from siskop.engine.load import load, read_folder

ROOT = Path(__file__).resolve().parents[2]
LIBRARY, PATTERNS = (load(read_folder(ROOT / "workflows" / part), thorough=False) for part in (".", "tests/patterns"))
WORKFLOWS = (*LIBRARY.workflows.values(), *PATTERNS.workflows.values())
SVG = "{http://www.w3.org/2000/svg}"


def words(drawn: str) -> list[str]:
    return [node.text or "" for node in Tree.fromstring(drawn).iter(f"{SVG}text")]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.name)
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_state_and_action_is_in_the_picture_and_in_its_description(workflow: Definition, language: str) -> None:
    drawn = diagram.svg(workflow, language, None, LIBRARY.roles)
    seen, told = " ".join(words(drawn)), Tree.fromstring(drawn).findtext(f"{SVG}desc") or ""
    for thing in (*workflow.states.values(), *workflow.actions.values()):
        assert all(word in seen for word in thing.label[language].split())
        assert thing.label[language] in told


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.name)
def test_no_words_lie_on_others_and_none_outside(workflow: Definition) -> None:
    root = Tree.fromstring(diagram.svg(workflow, "id", workflow.initial, LIBRARY.roles))
    width, height = int(root.attrib["width"]), int(root.attrib["height"])
    boxes = []
    for node in root.iter(f"{SVG}text"):
        size = 6 if node.get("font-size") else 7
        wide, x, y = len(node.text or "") * size, int(node.attrib["x"]), int(node.attrib["y"])
        left = x - wide // 2 if node.get("text-anchor") else x
        boxes.append((left, y - 10, left + wide, y))
        assert left >= 0
        assert left + wide <= width
        assert 0 < y <= height
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_the_present_state_is_marked_in_words_too() -> None:
    workflow = LIBRARY.workflows["licence"]
    drawn = diagram.svg(workflow, "en", "returned")
    assert 'class="state submitter current"' in drawn
    assert "now here" in words(drawn)
    assert "Returned: now here." in drawn
    assert "now here" not in diagram.svg(workflow, "en")


def test_nothing_in_it_needs_a_style_or_a_script() -> None:
    for workflow in LIBRARY.workflows.values():
        drawn = diagram.svg(workflow, "id")
        assert "style" not in drawn
        assert "<script" not in drawn


def test_mermaid_takes_signs_of_its_own_as_text() -> None:
    drawn = diagram.mermaid(LIBRARY.workflows["licence"], "en", "submitted", LIBRARY.roles)
    assert drawn.startswith("stateDiagram-v2\n")
    assert "s_submitted --> s_verified: Verify (Verification officer)" in drawn
    assert "by itself#58; Approval" in drawn
    assert "class s_submitted current" in drawn
    assert all(line.count(":") <= 1 for line in drawn.splitlines())


def test_the_command_draws_a_file_and_knows_its_states() -> None:
    given = ["workflow", "diagram", str(ROOT / "workflows" / "licence.yaml"), "--state"]
    drawn = CliRunner().invoke(siskop, [*given, "returned"])
    assert drawn.exit_code == 0
    assert 'class="state submitter current"' in drawn.output
    wrong = CliRunner().invoke(siskop, [*given, "retunred"])
    assert wrong.exit_code == 2
    assert "There is no state “retunred”" in wrong.output
