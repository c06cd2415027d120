"""Hands a mail over: due → claimed → handing_over → accepted or refused; a death in between leaves it uncertain.

`handing_over` is committed between the server's "go ahead" and the message, so only a death after it leaves open
whether the server took it. Then what is obligatory goes out once more under the same Message-ID; what is only friendly
does not.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import Row, text

from siskop.base import db
from siskop.base.db import Tx, unit_of_work
from siskop.base.i18n import N_
from siskop.jobs import queue as jobs
from siskop.jobs.kinds import kind
from siskop.jobs.queue import Job
from siskop.mail import bounces, compose, gathering, rates, switches

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 20
KEEP_TRYING = timedelta(hours=72)
LONGEST_WAIT = timedelta(hours=6)
OVER = ("accepted", "refused", "gathered", "dropped")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it: accepted, refused, due (for now it can't be) or uncertain; and the server's last words."""

    status: str
    words: str


class Said(Exception):
    """The server answered something else than was hoped for."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.words)


@kind("deliver", N_("Hand over a mail"))
def deliver(job: Job) -> None:
    with unit_of_work() as tx:
        mail = _take(tx, job)
    if mail is None:
        return
    answer = _hand_over(job, mail)
    log.info("mail", extra={"mail": mail.id, "status": answer.status})
    with unit_of_work() as tx:
        _settle(tx, job, mail, answer)


_FIND = text("SELECT * FROM siskop.mail WHERE id = :id FOR UPDATE")
_TAKE = text("""
    UPDATE siskop.mail SET status = 'claimed', uncertain_count = :count, attempts = attempts + 1
    WHERE id = :id RETURNING *
""")


def _take(tx: Tx, job: Job) -> Row[Any] | None:
    """The mail if it is to be sent now; None when there is nothing more to do, the job finished with it."""
    mail = tx.execute(_FIND, {"id": job.payload["mail"]}).one()
    died = mail.status == "handing_over"
    count = mail.uncertain_count + died
    uncertain = died or mail.status == "uncertain"
    if uncertain and not _may_repeat(mail, count):
        broke = Answer("uncertain", "the process ended while it handed the message over")
        _note(tx, job, mail, broke, count=count)
        return None
    if mail.status in OVER or (not uncertain and gathering.dropped(tx, mail)):
        jobs.finish(tx, job)
        return None
    if not job.payload.get("in_turn") and (turn := rates.wait(tx, mail.address)):
        jobs.put(tx, job.kind, job.key, {**job.payload, "in_turn": True}, job.queue, turn, mail.priority)
        jobs.finish(tx, job)
        return None
    jobs.hold(tx, job)
    return tx.execute(_TAKE, {"id": mail.id, "count": count}).one()


def _may_repeat(mail: Row[Any], count: int) -> bool:
    return bool(mail.obligatory) and count <= 1


def _hand_over(job: Job, mail: Row[Any]) -> Answer:
    """Talks with the server. Whatever breaks before the message is sent is a matter of time; after it, of doubt."""
    try:
        data = _message(mail)
    except compose.Unsafe as error:
        return Answer("refused", str(error))
    handed = False
    try:
        with _connection() as smtp:
            _ask(smtp, mail)
            with unit_of_work() as tx:
                _mark_handing_over(tx, job, mail)
            handed = True
            return _send(smtp, data)
    except Said as said:
        return said.answer
    except (OSError, smtplib.SMTPException) as error:
        return Answer("uncertain" if handed else "due", f"{type(error).__name__}: {error}"[:1000])


def _message(mail: Row[Any]) -> bytes:
    return compose.message(
        db.settings().mail_from,
        mail.address,
        compose.Rendered(mail.subject, mail.text, mail.html),
        identity=mail.message_id,
        at=mail.created_at,
        language=mail.language,
        stop="" if mail.obligatory or mail.account_id is None else switches.address(mail.account_id, mail.mail),
    )


@contextmanager
def _connection() -> Iterator[smtplib.SMTP]:
    """A greeted server, under TLS where it is offered, signed in where the settings name a user.

    Whatever fails here is ours or the network's fault, not the mail's: smtplib's own exceptions mean "later".
    """
    url = urlsplit(db.settings().mail_url)
    host = url.hostname or "localhost"
    if url.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT_SECONDS, context=_trusted())
    else:
        smtp = smtplib.SMTP(host, url.port or 25, timeout=TIMEOUT_SECONDS)
    try:
        smtp.ehlo_or_helo_if_needed()
        if url.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=_trusted())
            smtp.ehlo()
        if url.username:
            smtp.login(unquote(url.username), unquote(url.password or ""))
        yield smtp
    finally:
        smtp.close()


@cache
def _trusted() -> ssl.SSLContext:
    """Read once a process: it takes 70 ms, in which no other thread runs."""
    return ssl.create_default_context()


def _ask(smtp: smtplib.SMTP, mail: Row[Any]) -> None:
    """Sender, reader, DATA: up to the server's "go ahead". A refused sender is our fault, so it only delays."""
    code, words = smtp.mail(bounces.sender(mail.id))
    if code != 250:
        raise Said(Answer("due", _words(code, words)))
    code, words = smtp.rcpt(mail.address)
    if code not in (250, 251):
        raise Said(_answered(code, words))
    code, words = smtp.docmd("DATA")
    if code != 354:
        raise Said(_answered(code, words))


_HANDING = text("""
    UPDATE siskop.mail SET status = 'handing_over', handed_at = siskop.now()
    WHERE id = :id AND status = 'claimed' RETURNING true
""")


def _mark_handing_over(tx: Tx, job: Job, mail: Row[Any]) -> None:
    """The last moment at which nothing has happened: whoever lost the job meanwhile must not send."""
    jobs.hold(tx, job)
    if not tx.execute(_HANDING, {"id": mail.id}).scalar():
        raise jobs.Stale(job.key)


def _send(smtp: smtplib.SMTP, data: bytes) -> Answer:
    """The message with its dots doubled (RFC 5321, 4.5.2) and its end; then the server's word on it."""
    smtp.send(data.replace(b"\r\n.", b"\r\n..") + b".\r\n")
    answer = _answered(*smtp.getreply())
    with suppress(OSError, smtplib.SMTPException):
        smtp.putcmd("quit")
    return answer


def _answered(code: int, words: bytes) -> Answer:
    """By the first digit (RFC 5321, 4.2.1): 2 is yes, 5 is no for good, everything else is no for now."""
    return Answer({2: "accepted", 5: "refused"}.get(code // 100, "due"), _words(code, words))


def _words(code: int, words: bytes) -> str:
    return f"{code} {words.decode(errors='replace')}"[:1000]


def _settle(tx: Tx, job: Job, mail: Row[Any], answer: Answer) -> None:
    """Over, or once more later: waits of 1, 3, 7, … minutes, at most six hours, for at most 72 hours."""
    count = mail.uncertain_count + (answer.status == "uncertain")
    again_at = None
    if answer.status == "due" or (answer.status == "uncertain" and _may_repeat(mail, count)):
        again_at = db.now(tx) + min(timedelta(minutes=2 ** min(mail.attempts, 10) - 1), LONGEST_WAIT)
    if answer.status == "due" and again_at and again_at - mail.created_at > KEEP_TRYING:
        answer, again_at = Answer("refused", f"given up after 72 hours; last: {answer.words}"), None
    _note(tx, job, mail, answer, count=count, again_at=again_at)


_NOTE = text("""
    UPDATE siskop.mail SET status = :status, uncertain_count = :count, answer = :answer,
      ended_at = CASE WHEN :over THEN siskop.now() END
    WHERE id = :id
""")


def _note(tx: Tx, job: Job, mail: Row[Any], answer: Answer, *, count: int, again_at: datetime | None = None) -> None:
    """The mail and its job end in one transaction, or both wait for the next try."""
    said = {"status": answer.status, "answer": answer.words, "count": count, "over": again_at is None}
    tx.execute(_NOTE, {"id": mail.id, **said})
    if again_at is not None:
        jobs.put(tx, job.kind, job.key, {"mail": mail.id}, job.queue, again_at, mail.priority)
    jobs.finish(tx, job)
