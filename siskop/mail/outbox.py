"""The outbox: a mail is a row written in the transaction of its cause, under a key that is unique for ever."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, text

from siskop.base import db, i18n, logs
from siskop.base.db import Tx
from siskop.engine.definition import MailText
from siskop.jobs import queue as jobs
from siskop.mail import compose
from siskop.mail.compose import Rendered

log = logging.getLogger(__name__)


_READER = text("""
    SELECT id AS account_id, email AS address, name, language, mail_bad_since IS NOT NULL AS bad
    FROM siskop.account WHERE id = :id AND active
""")
_KEEP = text("""
    INSERT INTO siskop.mail (key, message_id, mail, account_id, address, language, subject, text, html, why, obligatory,
      submission_id, record_id, status, answer, ended_at, correlation)
    VALUES (:key, :message_id, :mail, :account_id, :address, :language, :subject, :text, :html, :why, :obligatory,
      :submission_id, :record_id, :status, :answer, CASE WHEN :status = 'refused' THEN siskop.now() END, :correlation)
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
) -> bool:
    """Renders the mail in its reader's language, keeps it and asks for its delivery.

    `values` are flat; a value may be {id, en} or a day, and `name` is always the reader's. `why` is the cause for the
    record (a code, never shown: the footer is the mail's own `why`). False when the key was used before, or when the
    account is no longer active.
    """
    reader = tx.execute(_READER, {"id": to_account}).first()
    if reader is None:
        log.warning("nobody to write to", extra={"key": key, "account": to_account})
        return False
    with i18n.speaking(reader.language):
        rendered = compose.render(mail, {**values, "name": reader.name}, db.settings().base_url)
    about = {"submission_id": submission_id, "record_id": record_id, "why": why, "obligatory": mail.obligatory}
    return _keep(tx, {"key": key, "mail": mail.name, **about}, reader, rendered)


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
    reader = tx.execute(_READER, {"id": to_account}).first()
    if reader is None:
        return False
    rendered = compose.lay_out(subject, text, *(button or ("", "")), why, db.settings().base_url)
    about = {"submission_id": None, "record_id": None, "why": why, "obligatory": True}
    return _keep(tx, {"key": key, "mail": name, **about}, reader, rendered)


def _keep(tx: Tx, about: Mapping[str, Any], reader: Row[Any], rendered: Rendered) -> bool:
    """Mail to an address that bounced is kept as refused, so that the history says why nobody got it."""
    status, answer = ("refused", "the address bounced before") if reader.bad else ("due", None)
    identity = compose.message_id(about["key"], db.settings().mail_from)
    made = {"message_id": identity, "status": status, "answer": answer, "correlation": logs.correlation()}
    mail_id = tx.execute(_KEEP, {**about, **reader._mapping, **asdict(rendered), **made}).scalar()
    if mail_id is not None and not reader.bad:
        jobs.put(tx, "deliver", f"deliver:{mail_id}", {"mail": mail_id}, "mail")
    return mail_id is not None
