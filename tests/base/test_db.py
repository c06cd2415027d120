"""The unit of work, the database's clock, and what each role may."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text

from siskop.base.db import after_commit, now, public_reading, reading, today, unit_of_work
from tests.worlds import World

PUT = text("INSERT INTO siskop.period (kind, day) VALUES ('test', '2026-11-25')")
COUNT = text("SELECT count(*) FROM siskop.period WHERE kind = 'test'")


def test_a_unit_of_work_commits_at_its_end_and_then_calls_back(world: World) -> None:
    seen: list[int] = []
    with unit_of_work() as tx:
        tx.execute(PUT)
        after_commit(tx, lambda: seen.append(reading().execute(COUNT).scalar_one()))
        assert seen == []
    assert seen == [1]


def test_an_error_undoes_everything_and_calls_nobody_back(world: World) -> None:
    called: list[bool] = []
    with pytest.raises(ZeroDivisionError), unit_of_work() as tx:
        tx.execute(PUT)
        after_commit(tx, lambda: called.append(True))
        raise ZeroDivisionError
    assert called == []
    assert reading().execute(COUNT).scalar_one() == 0


def test_a_failing_callback_undoes_nothing_and_stops_no_other(world: World) -> None:
    called: list[bool] = []
    with unit_of_work() as tx:
        tx.execute(PUT)
        after_commit(tx, lambda: 1 // 0)
        after_commit(tx, lambda: called.append(True))
    assert called == [True]
    assert reading().execute(COUNT).scalar_one() == 1


def test_only_a_unit_of_work_calls_back(world: World) -> None:
    with pytest.raises(KeyError):
        after_commit(reading(), lambda: None)


def test_the_clock_is_the_databases_and_moves_for_everybody(world: World) -> None:
    before = now(reading())
    assert before.tzinfo is UTC
    assert abs(before - datetime.now(UTC)) < timedelta(seconds=5)
    world.move_clock(timedelta(days=400))
    assert timedelta(days=400) <= now(reading()) - before < timedelta(days=400, seconds=60)
    assert today(reading()).year > before.year


def test_the_public_role_reads_nothing_but_the_register(world: World) -> None:
    with public_reading() as tx:
        assert tx.execute(text("SELECT count(*) FROM register.entry")).scalar_one() == 0
    with world.connect("public") as public:
        for table in ("siskop.submission", "siskop.account", "register.counter", "public.alembic_version"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                public.execute(f"SELECT * FROM {table}")
            public.rollback()


def test_a_database_that_was_away_is_noticed_before_the_next_use(world: World) -> None:
    with unit_of_work() as tx:
        tx.execute(COUNT)
    with world.connect("admin") as admin:
        admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'siskop_app'")
    with unit_of_work() as tx:
        tx.execute(PUT)


def test_a_connection_that_the_server_ended_is_replaced_before_use(world: World) -> None:
    with unit_of_work() as tx:
        pid = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with world.connect("admin") as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    with unit_of_work() as tx:
        assert tx.execute(text("SELECT pg_backend_pid()")).scalar_one() != pid
