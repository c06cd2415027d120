"""A state without its event, an event that does not follow: the database refuses both, whoever asks."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests import offices
from tests.walls.by_hand import ROLES, done, refused, value
from tests.worlds import World

INSERT = """
INSERT INTO siskop.event (submission_id, seq, at, by, type, to_state, body, prev, hash)
SELECT s.id, COALESCE(%(seq)s, s.version + 1), COALESCE(%(at)s, siskop.now()), NULL, %(type)s,
  COALESCE(%(state)s, s.state), %(body)s::jsonb, %(prev)s, %(hash)s
FROM siskop.submission s WHERE s.number = %(number)s
"""
WHOLE = {"seq": None, "at": None, "type": "commented", "state": None, "body": "{}", "prev": None, "hash": None}
FORGED: dict[str, dict[str, Any]] = {
    "no event before it": {"seq": 99},
    "prev of another": {"prev": b"\x01" * 32},
    "hash of another": {"hash": b"\x01" * 32},
    "older than the one before": {"at": "2020-01-01 00:00+00"},
    "a state without a move": {"state": "published"},
    "a move from elsewhere": {"type": "moved", "state": "published", "body": '{"from": "verified", "to": "published"}'},
    "a move to elsewhere": {"type": "moved", "state": "published", "body": '{"from": "submitted", "to": "rejected"}'},
    "begun with a prev": {"seq": 1, "type": "started", "prev": b"\x01" * 32},
    "begun with something else": {"seq": 1},
}


@pytest.fixture
def number(world: World) -> str:
    return offices.sent(offices.staff().secretary)


def test_an_event_that_does_not_follow_is_refused(world: World, number: str) -> None:
    for role in ROLES:
        for forged in FORGED.values():
            refused(world, role, INSERT, errors.RaiseException, **{**WHOLE, **forged, "number": number})
    done(world, "app", INSERT + "AND false", **WHOLE, number=number)


def test_a_second_event_of_one_number_is_refused(world: World, number: str) -> None:
    last = value(world, "SELECT version FROM siskop.submission WHERE number = %(number)s", number=number)
    for role in ROLES:
        refused(world, role, INSERT, errors.UniqueViolation, **{**WHOLE, "seq": last, "number": number})


def test_an_event_without_its_state_is_refused(world: World, number: str) -> None:
    """A history that runs ahead of the state that lists and pages read."""
    for role in ROLES:
        refused(world, role, INSERT, errors.RaiseException, **WHOLE, number=number)


def test_a_state_without_its_event_is_refused(world: World, number: str) -> None:
    forged = "UPDATE siskop.submission SET state = %(state)s WHERE number = %(number)s"
    for role in ROLES:
        for state in ("published", "verified", "draft", "a state that no file declares"):
            refused(world, role, forged, errors.ForeignKeyViolation, state=state, number=number)


def test_nobody_goes_back_to_a_state_of_the_past(world: World, number: str) -> None:
    forged = "UPDATE siskop.submission SET state = 'draft', version = 1 WHERE number = %(number)s"
    for role in ROLES:
        refused(world, role, forged, errors.RaiseException, number=number)


def test_an_event_is_neither_changed_nor_deleted_nor_the_history_emptied(world: World, number: str) -> None:
    for role in ROLES:
        error: type[psycopg.Error] = errors.InsufficientPrivilege if role == "app" else errors.RaiseException
        refused(world, role, "UPDATE siskop.event SET body = '{}'", error)
        refused(world, role, "DELETE FROM siskop.event", error)
        refused(world, role, "TRUNCATE siskop.event CASCADE", error)


def test_one_workflow_has_one_open_submission_on_a_record(world: World, number: str) -> None:
    second = """
        INSERT INTO siskop.submission (number, workflow, behaviour, record_id, state, version, base_version, started_at,
          state_at) SELECT 'PGJ-2026-999999-0', workflow, behaviour, record_id, state, 1, 0, started_at, state_at
        FROM siskop.submission WHERE number = %(number)s"""
    for role in ROLES:
        refused(world, role, second, errors.UniqueViolation, number=number)
