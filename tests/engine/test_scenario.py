"""Scenarios: the shipped ones hold, a wrong one fails where it is wrong, and a misspelt one is not run at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from siskop.engine import scenario

ROOT = Path(__file__).resolve().parents[2]
FILES = scenario.files_of(ROOT / "workflows" / "tests")
LIBRARIES: scenario.Libraries = {}
SHIPPED = [found for file in FILES for found in scenario.read_file(file, LIBRARIES)]


@pytest.mark.parametrize("told", SHIPPED, ids=lambda s: f"{Path(s.file).stem}: {s.name}")
def test_the_scenario_goes_as_told(told: scenario.Scenario) -> None:
    assert scenario.run(told) is None
