"""A check that breaks holds nobody up for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siskop.engine.case import Command
from siskop.jobs import drain, queue
from siskop.submissions import checks, door
from tests import offices
from tests.worlds import World


def test_a_check_that_cannot_be_made_is_left_to_people(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(subject: checks.Subject) -> checks.Found:
        raise ZeroDivisionError

    office = offices.staff()
    number = door.start("cooperative", offices.actor(office.secretary))
    offices.fill(number, office.secretary, "cooperative", {})
    offices.prove(number, office.secretary)
    monkeypatch.setattr(checks, "registry", lambda: {**known, "duplicates": broken})
    door.perform(number, offices.actor(office.secretary), Command("act", "submit"))
    for _ in range(queue.MOST_ERRORS):
        drain.drain("checks")
        world.move_clock(timedelta(minutes=30))
    seen = offices.seen(number, office.administrator)
    assert seen.case.runs["duplicates"].outcome == "failed"
    assert "could not be made" in next(c for c in seen.checks if c.step.name == "duplicates").evidence[0]["text"]
    assert seen.case.runs["verification"].outcome is None


known = checks.registry()
