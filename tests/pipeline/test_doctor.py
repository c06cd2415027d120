"""The doctor finds each fault, says what to do, and finds nothing where all is well."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from config import ROOT
from siskop.base.db import bare_app, db, unit_of_work
from siskop.base.i18n import speaking
from siskop.jobs import queue
from siskop.jobs.queue import QUEUES
from siskop.pipeline import doctor, handlers
from siskop.pipeline.doctor import Finding
from siskop.reminders import daily
from tests import offices
from tests.visitors import signed_in
from tests.worlds import World

assert handlers


@contextmanager
def on(world: World, **settings: Any) -> Iterator[None]:
    """An app with other settings."""
    with bare_app(replace(world.settings, **settings)).app_context():
        yield
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def work(day: bool = True) -> None:
    """As beat and a worker leave it."""
    for name in QUEUES:
        queue.revive(name, "host:1")
    if day:
        daily.open_day()


def wrong() -> dict[str, Finding]:
    with speaking("en"):
        found = {one.about: one for one in doctor.examine() if one.tone == "bad"}
    assert all(one.says and one.advice for one in found.values())
    return found


def test_where_all_is_well_nothing_is_wrong(world: World) -> None:
    work()
    assert wrong() == {}


def test_nothing_runs(world: World) -> None:
    found = wrong()
    assert set(found) == {"Workers", "Beat"}
    assert "checks, timers, mail, publishing, batch" in found["Workers"].says


def test_a_worker_that_looks_and_takes_nothing(world: World) -> None:
    work()
    world.move_clock(timedelta(minutes=2))
    work()
    assert "due and nobody takes them" in wrong()["Workers"].says


def test_a_day_that_did_not_begin(world: World) -> None:
    work()
    world.move_clock(timedelta(days=1, minutes=11))
    work(day=False)
    assert "last that did" in wrong()["Beat"].says


@pytest.mark.parametrize(
    ("settings", "about", "says"),
    [
        ({"redis_url": "redis://127.0.0.1:1/0"}, "Redis", "does not answer"),
        ({"mail_url": "smtp://127.0.0.1:1"}, "Mail server", "does not answer"),
        ({"secret_key": "ab" * 20}, "Secret", "guessed"),
        ({"base_url": "https://siskop.office.example"}, "Demo mode", "siskop.office.example"),
        ({"workflows": ROOT / "tests"}, "Definitions", "not what the folder holds"),
        ({"workflows": ROOT / "nowhere"}, "Definitions", "not what the folder holds"),
        ({"files": ROOT / "README.md" / "files"}, "Files", "README.md/files"),
    ],
)
def test_each_setting_that_leads_nowhere(world: World, settings: dict[str, Any], about: str, says: str) -> None:
    work()
    with on(world, **settings):
        found = wrong()
    assert set(found) == {about}
    assert says in found[about].says


def test_a_database_that_is_away_is_the_first_thing_to_see_to(world: World) -> None:
    gone = "postgresql://siskop_app:x@127.0.0.1:1/siskop"
    with on(world, database_url=gone, database_public_url=gone):
        found = wrong()
    assert {"Database", "Schema", "Public role", "Workers", "Clock"} <= set(found)
    assert "could not be found out" in found["Database"].says


def test_roles_that_may_too_much(world: World) -> None:
    work()
    with on(world, database_url=world.settings.database_owner_url):
        assert set(wrong()) == {"Role of the app"}
    with world.connect("owner") as owner:
        owner.execute("GRANT SELECT (email) ON siskop.account TO siskop_public")
        owner.execute("GRANT DELETE ON register.entry TO siskop_public")
    assert "siskop.account" in wrong()["Public role"].says
    assert "register.entry" in wrong()["Public role"].says


def test_a_schema_that_is_older(world: World) -> None:
    work()
    with world.connect("owner") as owner:
        owner.execute("UPDATE alembic_version SET version_num = '0005'")
    assert "siskop database migrate" in wrong()["Schema"].advice


def test_dead_jobs_and_uncertain_mails(world: World) -> None:
    work()
    with unit_of_work() as tx:
        queue.put(tx, "deliver", "a", {}, "mail")
        tx.execute(
            text("""
                INSERT INTO siskop.mail (key, message_id, mail, address, language, subject, text, html, why, obligatory,
                  status, ended_at)
                VALUES ('k', 'm', 'x', 'a@b.c', 'id', '', '', '', '', true, 'uncertain', siskop.now())
            """)
        )
    job = queue.claim("mail", "host:1")
    assert job
    queue.fail(job, "no", most=0)
    found = wrong()
    assert set(found) == {"Failed jobs", "Uncertain mails"}
    assert "Hand over a mail (1)" in found["Failed jobs"].says


def test_next_years_holidays_are_asked_for_in_autumn(world: World) -> None:
    with unit_of_work() as tx:
        day = tx.execute(text("SELECT siskop.today()")).scalar_one()
    for year, month, missing in ((2027, 10, False), (2027, 11, True), (2029, 3, True)):
        world.move_clock(timedelta(days=(day.replace(year=year, month=month, day=5) - day).days))
        work()
        assert ("Holidays" in wrong()) is missing, (year, month)
        day = day.replace(year=year, month=month, day=5)


def test_a_folder_that_is_not_the_one_of_the_others(world: World) -> None:
    work()
    person = offices.staff().secretary
    offices.prove(offices.sent(person), person)
    work()
    assert "Files" not in wrong()
    shutil.rmtree(world.settings.files)
    assert "handed in last" in wrong()["Files"].says


def test_a_full_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    work()
    monkeypatch.setattr(doctor, "FREE_SHARE", 1.1)  # no disk is as free as that
    assert set(wrong()) == {"Disk"}


def test_clocks_that_differ_and_a_clock_that_was_moved(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.time, "time", lambda: 1_000_000.0)
    assert "seconds apart" in wrong()["Clock"].says
    monkeypatch.undo()
    world.move_clock(timedelta(hours=1))
    assert "Clock" not in wrong()
    with on(world, demo=False):
        assert "was moved" in wrong()["Clock"].says


def test_the_command_says_all_of_it_and_its_exit_tells_whether_something_is_wrong(world: World) -> None:
    work()
    for faulty, code in ((False, 0), (True, 1)):
        environ = {**os.environ, **world.environ} | ({"REDIS_URL": "redis://127.0.0.1:1/0"} if faulty else {})
        command = [sys.executable, "-c", "from siskop.cli.main import main; main()", "doctor"]
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        assert "ok     Database: PostgreSQL" in done.stdout
        assert "note   Backups: Siskop makes none" in done.stdout
        assert ("WRONG  Redis: Redis does not answer" in done.stdout) is faulty
        assert "Traceback" not in done.stderr


def test_the_page_says_the_same_in_the_readers_language(world: World, app: Flask) -> None:
    offices.staff()
    browser = signed_in(app, "adi@siskop.test")
    page = browser.get("/kantor/kesehatan").text
    assert "Hari ini belum dimulai" in page
    assert "2 hal perlu dibenahi" in page
    assert "The day has not begun" in browser.get("/en/kantor/kesehatan").text
    assert signed_in(app, "ratna@siskop.test").get("/kantor/kesehatan").status_code == 403
