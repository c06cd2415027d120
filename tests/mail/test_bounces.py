"""Mails that come back: what a report says, who is believed, and when an address is marked."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import text

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.engine.definition import MailText
from siskop.jobs import drain
from siskop.mail import bounces, outbox
from tests.worlds import World

MAIL = MailText(name="any", subject={"id": "Halo"}, body={"id": "Isi"}, button={"id": "Buka"})
TO = "ani@example.com"


@pytest.fixture(autouse=True)
def home(world: World) -> Iterator[None]:
    with settings(bounce_address="kembali@siskop.example"):
        yield


@contextmanager
def settings(**changes: Any) -> Iterator[None]:
    before = current_app.extensions["siskop"]
    current_app.extensions["siskop"] = replace(before, **changes)
    try:
        yield
    finally:
        current_app.extensions["siskop"] = before


def sent(n: int = 1) -> list[int]:
    with unit_of_work() as tx:
        who = people.find(tx, TO) or people.create(tx, TO, "Ani")
        known = tx.execute(text("SELECT count(*) FROM siskop.mail")).scalar_one()
        for i in range(n):
            outbox.queue(tx, key=f"k{known + i}", mail=MAIL, values={}, to_account=who)
    drain.drain("mail")
    with unit_of_work() as tx:
        return list(tx.execute(text("SELECT id FROM siskop.mail ORDER BY id DESC LIMIT :n"), {"n": n}).scalars())


def dsn(mail_id: int, status: str = "5.1.1", action: str = "failed", to: str | None = None, kind: str = "") -> bytes:
    return f"""\
From: MAILER-DAEMON@mx.example
To: {to or bounces.sender(mail_id)}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: {kind or "multipart/report; report-type=delivery-status"}; boundary="b"

--b
Content-Type: text/plain

This is the mail system.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {TO}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 No such
  user

--b
Content-Type: text/rfc822-headers

Subject: Halo
--b--
""".replace("\n", "\r\n").encode()


def note(data: bytes) -> bool:
    with unit_of_work() as tx:
        return bounces.note(tx, data)


def bad() -> bool:
    with unit_of_work() as tx:
        return bool(tx.execute(text("SELECT mail_bad_since IS NOT NULL FROM siskop.account")).scalar_one())


def test_every_mail_goes_out_under_a_sender_of_its_own(world: World) -> None:
    [one] = sent()
    [envelope] = world.mails.to(TO)
    assert envelope.mail_from == bounces.sender(one)
    assert envelope.mail_from.startswith(f"kembali+b{one}-")
    with settings(bounce_address=None):
        sent()
    assert world.mails.mails[-1].mail_from == "siskop@siskop.example"


def test_two_hard_ones_mark_the_address_and_the_mail_says_what_the_server_said(world: World) -> None:
    one, two = sent(2)
    assert note(dsn(one))
    assert not note(dsn(one)), "read before"
    assert note(dsn(one, "5.2.1")), "a second report on the same mail"
    assert not bad()
    assert note(dsn(two))
    assert bad()
    with unit_of_work() as tx:
        mail = tx.execute(text("SELECT status, answer, bounced_at FROM siskop.mail WHERE id = :id"), {"id": two}).one()
    assert (mail.status, mail.answer) == ("accepted", "5.1.1 smtp; 550 5.1.1 No such user")
    assert mail.bounced_at is not None


def test_soft_ones_are_noted_and_mark_nothing(world: World) -> None:
    for one in sent(3):
        assert note(dsn(one, "4.4.1", "delayed"))
        assert note(dsn(one, "4.2.2"))
    assert not bad()


def test_an_owner_who_says_that_the_address_is_right_begins_anew(world: World) -> None:
    for one in sent(2):
        note(dsn(one))
    assert bad()
    with unit_of_work() as tx:
        bounces.is_good(tx, people.find(tx, TO) or 0)
    assert not bad()
    [again] = sent()
    assert note(dsn(again))
    assert not bad(), "what came back before no longer counts"


def test_who_is_no_mail_server_of_ours_is_not_believed(world: World) -> None:
    one, two = sent(2)
    seal = bounces.sender(one).partition("-")[2]
    forged = [
        dsn(one, to="kembali@siskop.example"),
        dsn(one, to=f"kembali+b{two}-{seal}"),
        dsn(one, to="kembali+b1-0000000000000000@siskop.example"),
        dsn(one, kind="multipart/mixed"),
        dsn(one, kind="multipart/report; report-type=disposition-notification").replace(b"delivery-status\r", b"x-y\r"),
        dsn(one, status="2.0.0", action="delivered"),
        dsn(one, status="5"),
        f"To: {bounces.sender(one)}\r\nSubject: Libur\r\nAuto-Submitted: auto-replied\r\n\r\nSaya cuti.".encode(),
        b"",
        b"\x00\xff" * 1000,
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n" * 50,
        dsn(one)[:400],
    ]
    assert [note(data) for data in forged] == [False] * len(forged)
    assert not bad()


@pytest.mark.parametrize("scheme", ["maildir", "mbox"])
def test_a_mailbox_is_read_once_with_what_is_foreign_in_it(world: World, tmp_path: Path, scheme: str) -> None:
    one, two = sent(2)
    path = tmp_path / "kotak"
    box: mailbox.Mailbox[Any] = mailbox.Maildir(path) if scheme == "maildir" else mailbox.mbox(path)
    for data in (dsn(one), b"Subject: Iklan\r\n\r\nMurah", dsn(two)):
        box.add(data)
    box.flush()
    with settings(bounce_mailbox=f"{scheme}://{path}"):
        assert bounces.read_all() == 2
        assert bounces.read_all() == 0
        with unit_of_work() as tx:
            bounces.begin(tx)
            bounces.begin(tx)
        assert drain.drain("batch") == 1
        with unit_of_work() as tx:
            kept = tx.execute(text("SELECT status, due_at > siskop.now() FROM siskop.job WHERE key = 'bounces'")).one()
        assert tuple(kept) == ("waiting", True), "it asks for its next reading itself"
    assert bad()
