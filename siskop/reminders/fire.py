"""One rung, sent: its row and its mails in one transaction, so that it happens once however often it is tried."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from siskop.base.db import Tx
from siskop.engine.definition import Library
from siskop.mail import outbox, placeholders
from siskop.reminders.due import Due

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
            outbox.queue(
                tx,
                key=f"reminder:{reminder}:{due.rung}:{letter.mail}:{receiver.account_id}",
                mail=library.mails[letter.mail],
                to_account=receiver.account_id,
                values=_values(due, receiver.of_office),
                record_id=due.standing.record_id,
                why=f"reminder:{due.rule.name}:{due.rung}",
            )
    return True


def _values(due: Due, of_office: bool) -> dict[str, Any]:
    """The placeholders of a reminder's mail: the record's, whose it is, and where to go."""
    found, public = due.standing, due.kind.public
    page = f"/{public.path}/{found.slug}" if public else ""
    return {
        **placeholders.of_record(due.kind, found.values),
        "title": found.title,
        "reason": due.rule.label,
        "link": page if of_office else ROOM,
    }
