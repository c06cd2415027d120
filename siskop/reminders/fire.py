"""One rung, sent: its row and its mails in one transaction, so that it happens once however often it is tried."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from siskop.base.db import Tx
from siskop.engine.definition import Library, RecordKind
from siskop.mail import outbox, placeholders
from siskop.reminders.due import Due, Letter, Receiver

ROOM = "/ruang"
"""Where those who act for a record see what is to be done."""

_RUNG = text("""
    INSERT INTO siskop.reminder_rung (reminder_id, rung, at, day)
    VALUES (:reminder, :rung, siskop.now(), siskop.today())
    ON CONFLICT DO NOTHING RETURNING true
""")


def fire(tx: Tx, library: Library, due: Due) -> bool:
    """False when this rung was sent before, or by somebody else at the same time."""
    reminder = due.standing.reminder_id
    if reminder is None or not tx.execute(_RUNG, {"reminder": reminder, "rung": due.rung}).scalar():
        return False
    for letter in due.letters:
        for receiver in letter.receivers:
            _write(tx, library, due, letter, receiver)
    return True


def _write(tx: Tx, library: Library, due: Due, letter: Letter, receiver: Receiver) -> None:
    found = due.standing
    outbox.queue(
        tx,
        key=f"reminder:{found.reminder_id}:{due.rung}:{letter.mail}:{receiver.account_id}",
        mail=library.mails[letter.mail],
        to_account=receiver.account_id,
        values=_values(due, receiver),
        record_id=found.record_id,
        why=f"reminder:{due.rule.name}:{due.rung}",
    )


def _values(due: Due, receiver: Receiver) -> dict[str, Any]:
    """The placeholders of a reminder's mail: the record's, whose it is, and where to go."""
    return {
        **placeholders.of_record(due.kind, due.standing.values),
        "title": due.standing.title,
        "reason": due.rule.label,
        "link": _link(due.kind, due.standing.slug) if receiver.of_office else ROOM,
    }


def _link(kind: RecordKind, slug: str) -> str:
    return f"/{kind.public.path}/{slug}" if kind.public else ""
