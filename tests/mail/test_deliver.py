"""Handing over to a real SMTP server, and what is known after a death at each point."""

from __future__ import annotations

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import Row, text

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.engine.definition import MailText
from siskop.jobs import drain, queue
from siskop.jobs.queue import Job, Stale
from siskop.mail import deliver, outbox
from tests.worlds import World

MAIL = MailText(
    name="any", subject={"id": "Halo"}, body={"id": "Satu\n.dua\n..tiga"}, button={"id": "Buka"}, why={"id": "Alasan"}
)
TO = "ani@example.com"


def queued(obligatory: bool = True, to: str = TO) -> None:
    with unit_of_work() as tx:
        ani = people.create(tx, TO, "Ani")
        tx.execute(text("UPDATE siskop.account SET email = :to"), {"to": to})
        outbox.queue(tx, key="k", mail=replace(MAIL, obligatory=obligatory), values={}, to_account=ani)


def mail() -> Row[Any]:
    with unit_of_work() as tx:
        return tx.execute(text("SELECT * FROM siskop.mail")).one()


def job() -> Row[Any]:
    with unit_of_work() as tx:
        return tx.execute(text("SELECT * FROM siskop.job")).one()


def claimed() -> Job:
    found = queue.claim("mail", "test")
    assert found
    return found


def run_out(world: World) -> None:
    """The process that held the job is gone, and its lease with it."""
    world.move_clock(timedelta(seconds=queue.LEASE_SECONDS + 1))


class Death(BaseException):
    """Stands for SIGKILL: nothing of ours catches it."""


def die_after_handing_over(monkeypatch: pytest.MonkeyPatch, world: World, *, sent: bool) -> None:
    """A process that ends between the commit of `handing_over` and ours of what came of it."""
    send = smtplib.SMTP.send

    def die(self: smtplib.SMTP, data: bytes | str) -> None:
        whole = isinstance(data, bytes) and data.endswith(b"\r\n.\r\n")
        if sent or not whole:
            send(self, data)
        if whole:
            if sent:
                self.getreply()
            raise Death

    with monkeypatch.context() as patched, pytest.raises(Death):
        patched.setattr(smtplib.SMTP, "send", die)
        deliver.deliver(claimed())
    run_out(world)


def test_a_mail_is_accepted_once_and_its_text_arrives_whole(world: World) -> None:
    queued()
    assert drain.drain("mail") == 1
    assert drain.drain("mail") == 0
    (envelope,) = world.mails.to(TO)
    assert isinstance(envelope.content, bytes)
    assert b"\r\nSatu\r\n.dua\r\n..tiga\r\n" in envelope.content
    assert (mail().status, mail().attempts, mail().answer) == ("accepted", 1, "250 OK")
    assert mail().ended_at is not None
    assert job().status == "done"


def test_a_refusal_for_good_ends_it(world: World) -> None:
    world.mails.refuse[TO] = "550 No such user"
    queued()
    drain.drain("mail")
    assert (mail().status, mail().answer) == ("refused", "550 No such user")
    assert job().status == "done"


def test_a_refusal_for_now_is_tried_again_later(world: World) -> None:
    world.mails.refuse[TO] = "450 Mailbox busy"
    queued()
    drain.drain("mail")
    assert (mail().status, mail().answer, mail().ended_at) == ("due", "450 Mailbox busy", None)
    assert drain.drain("mail") == 0
    del world.mails.refuse[TO]
    world.move_clock(timedelta(minutes=2))
    assert drain.drain("mail") == 1
    assert (mail().status, mail().attempts) == ("accepted", 2)


def test_after_three_days_of_no_it_is_given_up(world: World) -> None:
    world.mails.refuse[TO] = "450 Mailbox busy"
    queued()
    for _ in range(30):
        drain.drain("mail")
        world.move_clock(timedelta(hours=6, minutes=1))
    assert mail().status == "refused"
    assert "72 hours" in mail().answer
    assert 8 <= mail().attempts <= 14
    assert job().status == "done"


def test_a_server_that_is_not_there_only_delays(world: World) -> None:
    queued()
    with mail_server("smtp://127.0.0.1:1"):
        drain.drain("mail")
    assert mail().status == "due"
    assert "refused" in mail().answer.lower()
    world.move_clock(timedelta(minutes=2))
    drain.drain("mail")
    assert mail().status == "accepted"


def test_a_wrong_password_is_our_fault_and_only_delays(world: World) -> None:
    queued()
    with mail_server(world.settings.mail_url.replace("smtp://", "smtp://siskop:wrong@")):
        drain.drain("mail")
    assert mail().status == "due"


def test_an_address_that_is_none_is_refused_without_asking_the_server(world: World) -> None:
    queued(to="a@b.example, c@d.example")
    drain.drain("mail")
    assert mail().status == "refused"
    assert world.mails.mails == []


def test_a_death_before_handing_over_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise Death

    queued()
    with monkeypatch.context() as patched, pytest.raises(Death):
        patched.setattr(smtplib.SMTP, "rcpt", die)
        deliver.deliver(claimed())
    assert mail().status == "claimed"
    run_out(world)
    drain.drain("mail")
    assert (mail().status, mail().uncertain_count) == ("accepted", 0)
    assert len(world.mails.to(TO)) == 1


@pytest.mark.parametrize("sent", [True, False])
def test_a_death_while_handing_over_is_uncertain_and_repeated_once_with_the_same_id(
    world: World, monkeypatch: pytest.MonkeyPatch, sent: bool
) -> None:
    queued()
    die_after_handing_over(monkeypatch, world, sent=sent)
    assert mail().status == "handing_over"
    drain.drain("mail")
    assert (mail().status, mail().uncertain_count) == ("accepted", 1)
    ids = {line for e in world.mails.to(TO) for line in bytes(e.content or b"").splitlines() if b"Message-ID" in line}
    assert len(world.mails.to(TO)) == 1 + sent
    assert len(ids) == 1


def test_what_is_only_friendly_is_not_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    queued(obligatory=False)
    die_after_handing_over(monkeypatch, world, sent=False)
    drain.drain("mail")
    assert (mail().status, mail().uncertain_count) == ("uncertain", 1)
    assert mail().ended_at is not None
    assert job().status == "done"
    assert world.mails.mails == []


def test_a_second_death_ends_it_uncertain(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    queued()
    for _ in range(2):
        die_after_handing_over(monkeypatch, world, sent=True)
        queue.revive("mail")
    drain.drain("mail")
    assert (mail().status, mail().uncertain_count) == ("uncertain", 2)
    assert len(world.mails.to(TO)) == 2


def test_a_connection_that_breaks_after_the_message_is_doubt_not_failure(world: World) -> None:
    queued()
    with rude_server() as url, mail_server(url):
        drain.drain("mail")
    assert (mail().status, mail().uncertain_count, mail().ended_at) == ("uncertain", 1, None)
    world.move_clock(timedelta(minutes=2))
    drain.drain("mail")
    assert (mail().status, mail().uncertain_count) == ("accepted", 1)


def test_whoever_lost_the_job_does_not_send(world: World) -> None:
    queued()
    late = claimed()
    run_out(world)
    queue.revive("mail")
    quick = claimed()
    with pytest.raises(Stale):
        deliver.deliver(late)
    assert world.mails.mails == []
    deliver.deliver(quick)
    assert len(world.mails.to(TO)) == 1


@contextmanager
def mail_server(url: str) -> Iterator[None]:
    """The settings name this server for a while."""
    before = current_app.extensions["siskop"]
    current_app.extensions["siskop"] = replace(before, mail_url=url)
    try:
        yield
    finally:
        current_app.extensions["siskop"] = before


@contextmanager
def rude_server() -> Iterator[str]:
    """Takes the message and hangs up without a word."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 hello\r\n")
            for line in lines:
                if line.startswith(b"DATA"):
                    connection.sendall(b"354 go ahead\r\n")
                elif line == b".\r\n":
                    return
                elif line.startswith((b"ehlo", b"EHLO", b"mail", b"MAIL", b"rcpt", b"RCPT")):
                    connection.sendall(b"250 OK\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)
