"""The outbox: a mail is a row written in the transaction of its cause, under a key that is unique for ever."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text

from siskop.base import db, i18n, logs
from siskop.base.db import Tx
from siskop.engine.definition import MailText
from siskop.jobs import queue as jobs
from siskop.mail import compose, switches
from siskop.mail.compose import Rendered

log = logging.getLogger(__name__)
URGENT, NOTICE, CAMPAIGN = 3, 5, 9
"""Priorities: what somebody waits for in front of a page, what happened, and what goes to many at once."""
GATHERED_FOR = timedelta(minutes=10)
_PLAIN = {
    "submission_id": None,
    "record_id": None,
    "obligatory": True,
    "gather": False,
    "pending": "",
    "priority": NOTICE,
}


_READER = text("""
    SELECT id AS account_id, email AS address, name, language, mail_bad_since IS NOT NULL AS bad
    FROM siskop.account WHERE id = :id AND active
""")
_KEEP = text("""
    INSERT INTO siskop.mail (key, message_id, mail, account_id, address, language, subject, text, html, why, obligatory,
      submission_id, record_id, parts, gather, pending, priority, status, answer, correlation, ended_at)
    VALUES (:key, :message_id, :mail, :account_id, :address, :language, :subject, :text, :html, :why, :obligatory,
      :submission_id, :record_id, CAST(:parts AS jsonb), :gather, :pending, :priority, :status, :answer, :correlation,
      CASE WHEN :status = 'refused' THEN siskop.now() END)
    ON CONFLICT (key) DO NOTHING RETURNING id
""")


def queue(
    tx: Tx,
    *,
    key: str,
    mail: MailText,
    values: Mapping[str, Any],
    to_account: int,
    submission_id: int | None = None,
    record_id: int | None = None,
    why: str = "",
    priority: int = NOTICE,
) -> bool:
    """Renders the mail in its reader's language, keeps it and asks for its delivery.

    `values` are flat; a value may be {id, en} or a day, and `name` is always the reader's. `why` is the cause for the
    record (a code, never shown: the footer is the mail's own `why`). False when the key was used before, or when the
    account is no longer active.
    """
    reader = reader_of(tx, to_account)
    if reader is None:
        log.warning("nobody to write to", extra={"key": key, "account": to_account})
        return False
    with i18n.speaking(reader.language):
        stop = "" if mail.obligatory else switches.address(to_account, mail.name)
        rendered = compose.render(mail, {**values, "name": reader.name}, db.settings().base_url, stop)
    about = {"submission_id": submission_id, "record_id": record_id, "why": why, "obligatory": mail.obligatory}
    how = {"gather": mail.gather, "pending": mail.while_, "priority": priority}
    return keep(tx, {"key": key, "mail": mail.name, **about, **how}, reader, rendered) is not None


def queue_ready(
    tx: Tx,
    *,
    key: str,
    name: str,
    subject: str,
    text: str,
    button: tuple[str, str] | None,
    why: str,
    to_account: int,
) -> bool:
    """The same for words of the machinery itself, ready in the current language.

    `button` is (label, address), `why` the sentence of the footer.
    """
    reader = reader_of(tx, to_account)
    if reader is None:
        return False
    label, link = button or ("", "")
    parts = {"body": text, "button": label, "link": link, "why": why}
    rendered = compose.lay_out(subject, parts, db.settings().base_url)
    return keep(tx, {"key": key, "mail": name, "why": why, "priority": URGENT}, reader, rendered) is not None


def keep(tx: Tx, about: Mapping[str, Any], reader: Row[Any], rendered: Rendered) -> int | None:
    """Mail to an address that bounced is kept as refused, so that the history says why nobody got it. None when the key
    was used before."""
    about = {**_PLAIN, **about}
    status, answer = ("refused", "the address bounced before") if reader.bad else ("due", None)
    identity = compose.message_id(about["key"], db.settings().mail_from)
    made = {"message_id": identity, "status": status, "answer": answer, "correlation": logs.correlation()}
    said = {**asdict(rendered), "parts": json.dumps(dict(rendered.parts))}
    mail_id: int | None = tx.execute(_KEEP, {**reader._mapping, **about, **said, **made}).scalar()
    if mail_id is not None and not reader.bad:
        if about["gather"]:
            due = db.now(tx) + GATHERED_FOR
            jobs.put(tx, "gather", f"gather:{reader.account_id}", {"account": reader.account_id}, "mail", due)
        else:
            ask(tx, mail_id, about["priority"])
    return mail_id


def ask(tx: Tx, mail_id: int, priority: int) -> None:
    """For its delivery."""
    jobs.put(tx, "deliver", f"deliver:{mail_id}", {"mail": mail_id}, "mail", priority=priority)


def reader_of(tx: Tx, account_id: int) -> Row[Any] | None:
    """account_id, address, name, language, bad; None when the account is closed."""
    return tx.execute(_READER, {"id": account_id}).first()
