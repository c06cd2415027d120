"""`siskop audit verify` finds what somebody forged who could switch off every wall of the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from siskop.base.db import unit_of_work
from siskop.cli.audit import audit
from siskop.submissions import chain
from tests import offices
from tests.visitors import person
from tests.walls.by_hand import forge, value
from tests.worlds import World

LAST = "(SELECT max(seq) FROM siskop.event WHERE submission_id = 1)"
REHASHED = f"""
    UPDATE siskop.event SET hash = siskop.event_hash(prev, submission_id, seq, at, by, type, to_state, body)
    WHERE submission_id = 1 AND seq = {LAST}"""
CUT = (
    f"DELETE FROM siskop.event WHERE submission_id = 1 AND seq = {LAST}",
    "UPDATE siskop.submission s SET version = e.seq, state = e.to_state FROM siskop.event e"
    f" WHERE s.id = 1 AND e.submission_id = 1 AND e.seq = {LAST}",
)


@pytest.fixture
def signed(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two histories and a signed day."""
    for secretary in (offices.staff().secretary, person("dewi@siskop.test", "Dewi")):
        offices.sent(secretary)
    world.move_clock(timedelta(minutes=chain.SETTLED_MINUTES + 1))
    with unit_of_work() as tx:
        chain.checkpoint(tx)
    for name, setting in world.environ.items():
        monkeypatch.setenv(name, setting)
    return world


def verified() -> Result:
    return CliRunner().invoke(audit, ["verify"])


def found(why: str) -> None:
    result = verified()
    assert result.exit_code == 1, result.output
    assert why in result.output


def test_whole_histories_are_found_whole(signed: World) -> None:
    result = verified()
    assert result.exit_code == 0, result.output
    assert "2 submissions" in result.output
    assert "no faults" in result.output


def test_a_changed_body_is_found_with_number_and_event(signed: World) -> None:
    forge(signed, "UPDATE siskop.event SET body = body || '{\"x\": 1}' WHERE submission_id = 2 AND seq = 2")
    number = value(signed, "SELECT number FROM siskop.submission WHERE id = 2")
    found(f"{number}: event 2: content changed")


def test_who_when_and_what_are_part_of_the_content(signed: World) -> None:
    changes = {2: "by = NULL", 3: "at = at - interval '1 s'", 4: "type = 'commented'"}
    for seq, change in changes.items():
        forge(signed, f"UPDATE siskop.event SET {change} WHERE submission_id = 1 AND seq = {seq}")
    for seq in changes:
        found(f"event {seq}: content changed")


def test_a_deleted_event_in_the_middle_is_found(signed: World) -> None:
    forge(signed, "DELETE FROM siskop.event WHERE submission_id = 1 AND seq = 3")
    found("event 4: an event before it is missing")


def test_an_event_that_was_written_anew_in_the_middle_is_found_by_the_next_one(signed: World) -> None:
    forge(
        signed,
        "UPDATE siskop.event SET by = 2 WHERE submission_id = 1 AND seq = 2",
        "UPDATE siskop.event SET hash = siskop.event_hash(prev, submission_id, seq, at, by, type, to_state, body)"
        " WHERE submission_id = 1 AND seq = 2",
    )
    found("event 3: does not follow the event before it")


def test_a_cut_tail_is_found_by_the_signed_day(signed: World) -> None:
    """Also where the state was set back to match."""
    forge(signed, *CUT)
    found("the history of that day was changed or cut since")


def test_a_last_event_that_was_written_anew_is_found_by_the_signed_day(signed: World) -> None:
    forge(signed, f"UPDATE siskop.event SET by = 2 WHERE submission_id = 1 AND seq = {LAST}", REHASHED)
    found("the history of that day was changed or cut since")


def test_a_signature_that_is_not_ours_is_found(signed: World) -> None:
    forge(signed, *CUT, "UPDATE siskop.checkpoint SET events = events - 1")
    found("the signature is not ours")


def test_a_changed_state_is_found(signed: World) -> None:
    forge(signed, "UPDATE siskop.submission SET state = 'published' WHERE id = 1")
    found("the state is not that of the last event")


def test_a_submission_without_a_history_is_found(signed: World) -> None:
    forge(signed, "DELETE FROM siskop.event WHERE submission_id = 1")
    found("there is no history")
