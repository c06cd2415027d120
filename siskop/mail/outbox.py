"""The outbox: a mail is a row written in the transaction of its cause, under a key that is unique for ever."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, text

from siskop.base import db, i18n, logs
from siskop.base.db import Tx
from siskop.engine.definition import MailText
from siskop.jobs import queue as jobs
from siskop.mail import compose
from siskop.mail.compose import Rendered

log = logging.getLogger(__name__)


def queue(
    tx: Tx,
    *,
    key: str,
    mail: MailText,
    values: Mapping[str, Any],
    to_account: int | None = None,
    to_address: str | None = None,
    submission_id: int | None = None,
    record_id: int | None = None,
    why: str = "",
    obligatory: bool | None = None,
) -> bool:
    """Renders the mail in its reader's language, keeps it and asks for its delivery.

    `values` are flat; a value may be {id, en} or a day, and `name` is always the reader's. `why` is the cause for the
    record (a code, never shown: the footer is the mail's own `why`); `obligatory` defaults to the mail's own. False
    when the key was used before, or when the account is no longer active.
    """
    reader = _reader(tx, to_account, to_address)
    if reader is None:
        log.warning("nobody to write to", extra={"key": key, "account": to_account})
        return False
    with i18n.speaking(reader.language):
        rendered = compose.render(mail, {**values, "name": reader.name}, db.settings().base_url)
    wanted = mail.obligatory if obligatory is None else obligatory
    about = {"submission_id": submission_id, "record_id": record_id, "why": why, "obligatory": wanted}
    return _keep(tx, key, mail.name, reader, rendered, about)


def queue_ready(
    tx: Tx,
    *,
    key: str,
    subject: str,
    text: str,
    button: tuple[str, str] | None = None,
    why: str = "",
    to_account: int | None = None,
    to_address: str | None = None,
    name: str = "account",
) -> bool:
    """The same for words of the machinery itself, ready in the current language.

    `button` is (label, address), `why` the sentence of the footer.
    """
    reader = _reader(tx, to_account, to_address, i18n.locale())
    if reader is None:
        return False
    label, link = button or ("", "")
    rendered = compose.lay_out(subject, text, label, link, why, db.settings().base_url)
    about = {"submission_id": None, "record_id": None, "why": why, "obligatory": True}
    return _keep(tx, key, name, reader, rendered, about)


_ACCOUNT = text("""
    SELECT id AS account_id, email AS address, name, language, mail_bad_since IS NOT NULL AS bad
    FROM siskop.account WHERE id = :id AND active
""")
_ADDRESS = text("""
    SELECT CAST(NULL AS bigint) AS account_id, CAST(:address AS text) AS address, CAST(:address AS text) AS name,
      CAST(:language AS text) AS language, false AS bad
""")


def _reader(tx: Tx, account: int | None, address: str | None, language: str = "id") -> Row[Any] | None:
    if account is not None:
        return tx.execute(_ACCOUNT, {"id": account}).first()
    return tx.execute(_ADDRESS, {"address": address, "language": language}).first() if address else None


_KEEP = text("""
    INSERT INTO siskop.mail (key, message_id, mail, account_id, address, language, subject, text, html, why, obligatory,
      submission_id, record_id, status, answer, ended_at, correlation)
    VALUES (:key, :message_id, :mail, :account_id, :address, :language, :subject, :text, :html, :why, :obligatory,
      :submission_id, :record_id, :status, :answer, CASE WHEN :status = 'refused' THEN siskop.now() END, :correlation)
    ON CONFLICT (key) DO NOTHING RETURNING id
""")


def _keep(  # noqa: PLR0917  (private; the parts of a row)
    tx: Tx, key: str, name: str, reader: Row[Any], rendered: Rendered, about: Mapping[str, Any]
) -> bool:
    """Mail to an address that bounced is kept as refused, so that the history says why nobody got it."""
    values = {
        "key": key,
        "message_id": compose.message_id(key, db.settings().mail_from),
        "mail": name,
        "account_id": reader.account_id,
        "address": reader.address,
        "language": reader.language,
        "subject": rendered.subject,
        "text": rendered.text,
        "html": rendered.html,
        "status": "refused" if reader.bad else "due",
        "answer": "the address bounced before" if reader.bad else None,
        "correlation": logs.correlation(),
    }
    mail_id = tx.execute(_KEEP, {**values, **about}).scalar()
    if mail_id is not None and not reader.bad:
        jobs.put(tx, "deliver", f"deliver:{mail_id}", {"mail": mail_id}, "mail")
    return mail_id is not None
