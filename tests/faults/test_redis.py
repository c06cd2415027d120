"""Redis is emptied, stopped or swallows everything, and workers are killed, while the machinery has its turn: after the
secretary's click everything completes, and no page waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import text

from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.jobs import queue
from siskop.pipeline import doorbell
from siskop.submissions import door
from tests import offices
from tests.faults.brokers import Broker, Hole
from tests.faults.trial import whole
from tests.offices import Office
from tests.visitors import signed_in
from tests.web.browsing import form
from tests.worlds import Mailboxes, World, eventually

PATIENCE = 1.0  # seconds a page may take, whatever Redis does
LEASE_OVER = timedelta(seconds=queue.LEASE_SECONDS + 1)


class Stalling(Mailboxes):
    """A mail server that may hear a message out and then say nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.stalls = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        while self.stalls:
            await asyncio.sleep(0.02)
        return answer


@pytest.fixture
def mailboxes() -> Iterator[Mailboxes]:
    mailboxes = Stalling()
    yield mailboxes
    mailboxes.stalls = False
    mailboxes.stop()


@pytest.fixture
def broker(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    broker = Broker(tmp_path / "broker")
    world.environ["REDIS_URL"] = broker.url
    monkeypatch.setattr(queue, "on_put", doorbell.Doorbell(broker.url).ring)
    yield broker
    broker.thaw()
    broker.servers.stop()


@pytest.fixture
def ready(world: World) -> tuple[Office, str]:
    """A draft that is filled in and waits for the click on "send"."""
    office = offices.staff()
    number = door.start("cooperative", offices.actor(office.secretary))
    offices.fill(number, office.secretary, "cooperative", {})
    return office, number


def test_emptied_and_stopped_between_the_click_and_the_checks(
    world: World, broker: Broker, ready: tuple[Office, str]
) -> None:
    office, number = ready
    with world.worker(), world.beat():
        broker.empty()
        send(number, office)
        broker.empty()
        eventually(lambda: is_with_a_verifier(number), 30)
        broker.servers.stop()
        offices.ask(number, office, "name", "Mohon periksa.")
        offices.send_back(number, office)
        broker.servers.start()
        eventually(lambda: everything_is_done(world), 40)
    assert whole() == []
    assert each_mail_once(world)


@pytest.mark.proof
def test_frozen_while_the_checks_are_due(world: World, broker: Broker, ready: tuple[Office, str]) -> None:
    office, number = ready
    with world.worker(), world.beat():
        broker.freeze()
        send(number, office)
        time.sleep(8)  # longer than every patience of ours
        broker.thaw()
        eventually(lambda: everything_is_done(world), 60)
    assert is_with_a_verifier(number)
    assert whole() == []
    assert each_mail_once(world)


def test_no_page_waits_for_a_redis_that_swallows_everything(
    world: World, app: Flask, ready: tuple[Office, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, number = ready
    offices.prove(number, office.secretary)
    hole = Hole()
    monkeypatch.setattr(queue, "on_put", doorbell.Doorbell(hole.url).ring)
    secretary = signed_in(app, "sari@siskop.test")
    path = f"/pengajuan/{number}/periksa"
    answers = [timed(lambda p=page: secretary.get(p).status_code) for page in ("/", "/koperasi", "/ruang", path)]
    click = form(secretary.get(path).text, "/periksa").fill(benar="1")
    answers.append(timed(lambda: click.send(secretary).status_code))
    assert [status for status, _ in answers] == [200, 200, 200, 200, 303]
    assert max(seconds for _, seconds in answers) < PATIENCE, answers
    assert status_of(number) == "submitted"
    hole.close()


def test_a_worker_killed_in_the_middle_of_a_check(world: World, broker: Broker, ready: tuple[Office, str]) -> None:
    """It waits at the submission's row, which somebody holds, when it is killed."""
    office, number = ready
    send(number, office)
    with world.worker() as doomed:
        with world.connect("owner") as holding:
            holding.execute("SELECT 1 FROM siskop.submission FOR UPDATE")
            eventually(lambda: world_waits(world), 15, doomed.log)
            doomed.kill()
        assert whole() == []
        world.move_clock(LEASE_OVER)
        with world.worker(), world.beat():
            eventually(lambda: everything_is_done(world), 30)
    assert is_with_a_verifier(number)
    assert deaths() >= 1
    assert whole() == []
    assert each_mail_once(world)


def test_a_worker_killed_between_the_mail_servers_hearing_and_its_yes(
    world: World, broker: Broker, ready: tuple[Office, str], mailboxes: Stalling
) -> None:
    office, number = ready
    mailboxes.stalls = True
    send(number, office)
    with world.worker() as doomed:
        eventually(lambda: mailboxes.mails and mail_status() == {"handing_over"}, 20, doomed.log)
        doomed.kill()
    mailboxes.stalls = False
    assert whole() == []
    world.move_clock(LEASE_OVER)
    with world.worker(), world.beat():
        eventually(lambda: everything_is_done(world), 30)
    names = [message_from_bytes(m.content or b"", policy=policy.default)["Message-ID"] for m in mailboxes.mails]
    assert len(names) == 2
    assert len(set(names)) == 1, "the same letter, by its name"
    assert uncertain() == 1
    assert whole() == []


# ------------------------------------------------------------------ on the way


def send(number: str, office: Office) -> None:
    began = time.monotonic()
    door.perform(number, offices.actor(office.secretary), Command("act", "submit"))
    assert time.monotonic() - began < PATIENCE


def timed(ask: object) -> tuple[int, float]:
    began = time.monotonic()
    status = ask()  # type: ignore[operator]
    return status, time.monotonic() - began


def one(query: str, **values: object) -> object:
    with unit_of_work() as tx:
        return tx.execute(text(query), values).scalar()


def status_of(number: str) -> object:
    return one("SELECT state FROM siskop.submission WHERE number = :number", number=number)


def is_with_a_verifier(number: str) -> bool:
    item = """
        SELECT 1 FROM siskop.work_item w JOIN siskop.submission s ON s.id = w.submission_id
        WHERE s.number = :number AND w.step = 'verification' AND w.status = 'open'"""
    return bool(one(item, number=number))


def everything_is_done(world: World) -> bool:
    """No job is due, and every mail is over."""
    due = "SELECT count(*) FROM siskop.job WHERE status = 'running' OR (status = 'waiting' AND due_at <= siskop.now())"
    return one(due) == 0 and one("SELECT count(*) FROM siskop.mail WHERE ended_at IS NULL") == 0


def each_mail_once(world: World) -> bool:
    names = [message_from_bytes(m.content or b"", policy=policy.default)["Message-ID"] for m in world.mails.mails]
    return len(names) == len(set(names)) == one("SELECT count(*) FROM siskop.mail WHERE status = 'accepted'")


def world_waits(world: World) -> bool:
    """Whether somebody waits for a row's lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with world.connect("admin") as admin:
        row = admin.execute(waiting).fetchone()
    return bool(row and row[0])


def mail_status() -> set[str]:
    with unit_of_work() as tx:
        return set(tx.execute(text("SELECT status FROM siskop.mail")).scalars())


def deaths() -> int:
    return int(str(one("SELECT count(*) FROM siskop.job WHERE attempt > 1")))


def uncertain() -> int:
    return int(str(one("SELECT sum(uncertain_count) FROM siskop.mail")))
