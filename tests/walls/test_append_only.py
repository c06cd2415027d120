"""Tables of what happened only grow."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from siskop.base.db import unit_of_work
from siskop.submissions import chain
from tests import offices
from tests.walls.by_hand import ROLES, done, refused
from tests.worlds import World

TABLES = (
    "siskop.event", "siskop.revision", "siskop.vote", "siskop.record_version", "siskop.reminder_rung",
    "siskop.checkpoint", "siskop.task_press", "register.change",
)  # fmt: skip
REMINDED = (
    "INSERT INTO siskop.reminder (rule, record_id, cause, opened_on) SELECT 'r', id, 'c', '2026-01-01' FROM"
    " siskop.record",
    "INSERT INTO siskop.reminder_rung SELECT id, 0, siskop.now(), siskop.today() FROM siskop.reminder",
    "INSERT INTO siskop.task (key, label, body, record_id) SELECT 'k', '{}', '{}', min(id) FROM siskop.record",
    "INSERT INTO siskop.task_press (task_id, by) SELECT id, (SELECT min(id) FROM siskop.account) FROM siskop.task",
)


@pytest.fixture
def full(world: World) -> World:
    """A row in each of them."""
    offices.published(offices.staff())
    with unit_of_work() as tx:
        chain.checkpoint(tx)
    for statement in REMINDED:
        done(world, "app", statement)
    return world


def test_no_row_is_changed_or_deleted_and_no_table_emptied(full: World) -> None:
    for role in ROLES:
        error: type[psycopg.Error] = errors.InsufficientPrivilege if role == "app" else errors.RaiseException
        for table in TABLES:
            column = "seq" if table == "register.change" else "at"
            refused(full, role, f"UPDATE {table} SET {column} = {column}", error)
            refused(full, role, f"DELETE FROM {table}", error)
            refused(full, role, f"TRUNCATE {table} CASCADE", error)


def test_the_app_cannot_switch_a_trigger_off_or_change_a_table(full: World) -> None:
    for statement in (
        "ALTER TABLE siskop.event DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP TRIGGER check_event ON siskop.event",
        "ALTER TABLE siskop.submission DROP CONSTRAINT submission_state_has_its_event",
        "CREATE OR REPLACE FUNCTION siskop.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ):
        refused(full, "app", statement, errors.InsufficientPrivilege)
