"""docs/patterns.md says nothing that no scenario shows, and counts right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from siskop.engine import scenario

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "patterns.md").read_text(encoding="utf-8")
LINE = re.compile(r"^\| (\d+) ([^|]+) \| (—|`([\w-]+): ([^`]+)`) \| (.+) \|$", re.MULTILINE)
PARTS = re.findall(r"^## .*?: (\d+) of (\d+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
SHOWN = [match.groups() for match in LINE.finditer(PAGE) if match[3] != "—"]
LIBRARIES: scenario.Libraries = {}


@pytest.mark.parametrize(("counted", "of", "part"), PARTS, ids=["control flow", "resources"])
def test_every_pattern_is_there_once_and_those_expressed_are_counted(counted: str, of: str, part: str) -> None:
    lines = LINE.findall(part)
    assert [int(line[0]) for line in lines] == list(range(1, int(of) + 1))
    assert sum(line[2] != "—" for line in lines) == int(counted)
    assert int(counted) >= {20: 17, 43: 25}[int(of)]


@pytest.mark.parametrize(("number", "pattern", "_", "file", "name", "how"), SHOWN, ids=str)
def test_the_scenario_that_shows_a_pattern_runs(
    number: str, pattern: str, _: str, file: str, name: str, how: str
) -> None:
    path = ROOT / "workflows" / "tests" / f"{file}.yaml"
    (found,) = [told for told in scenario.read_file(path, LIBRARIES) if told.name == name]
    assert scenario.run(found) is None


def test_no_two_patterns_are_shown_by_one_scenario() -> None:
    names = [(line[3], line[4]) for line in SHOWN]
    assert len(names) == len(set(names))


def test_what_shows_patterns_is_no_workflow_of_the_office() -> None:
    from siskop.engine.load import load, read_folder

    shipped, shown = (load(read_folder(ROOT / "workflows" / part)) for part in (".", "tests/patterns"))
    assert not shipped.workflows.keys() & shown.workflows.keys()
