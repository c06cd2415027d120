"""Notices to one person wait ten minutes for each other and become one mail; what was settled meanwhile is not sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from siskop.base import db, i18n
from siskop.base.db import Tx, unit_of_work
from siskop.base.i18n import N_, ngettext
from siskop.jobs import queue as jobs
from siskop.jobs.kinds import kind
from siskop.jobs.queue import Job
from siskop.mail import compose, outbox, switches

SWITCHED_OFF = N_("not sent: the reader has switched such mails off")
SETTLED = {
    "task": N_("not sent: the task was done meanwhile"),
    "correction": N_("not sent: the correction was answered meanwhile"),
}
_WAITING = text("""
    SELECT * FROM siskop.mail WHERE account_id = :account AND gather AND status = 'due' AND attempts = 0
    ORDER BY id FOR UPDATE
""")
_GATHERED = text("""
    UPDATE siskop.mail SET status = 'gathered', gathered_in = :into, ended_at = siskop.now() WHERE id = ANY(:ids)
""")
_DROP = text("UPDATE siskop.mail SET status = 'dropped', answer = :why, ended_at = siskop.now() WHERE id = :id")


@kind("gather", N_("Make one mail of several notices"))
def gather(job: Job) -> None:
    """Payload {account}. One job a person, so that two of them never share the same notices."""
    with unit_of_work() as tx:
        found = tx.execute(_WAITING, {"account": job.payload["account"]}).all()
        left = [mail for mail in found if not dropped(tx, mail)]
        if len(left) == 1:
            outbox.ask(tx, left[0].id, left[0].priority)
        elif left:
            _join(tx, left)
        jobs.finish(tx, job)


def _join(tx: Tx, mails: Sequence[Row[Any]]) -> None:
    reader = outbox.reader_of(tx, mails[0].account_id)
    if reader is None:
        return
    with i18n.speaking(reader.language):
        kinds = ",".join(sorted({mail.mail for mail in mails}))
        subject = ngettext("%(n)s notice", "%(n)s notices", len(mails)) + f": {mails[0].subject}"
        why = " ".join(dict.fromkeys(mail.parts["why"] for mail in mails))
        stop = switches.address(reader.account_id, kinds)
        words = compose.lay_out(
            subject,
            {"body": "", "button": "", "link": "", "why": why},
            db.settings().base_url,
            stop,
            [(mail.subject, mail.parts) for mail in mails],
        )
    about = {"key": f"gathered:{mails[0].id}", "mail": kinds, "why": "gathered", "obligatory": False}
    one = outbox.keep(tx, about, reader, words)
    tx.execute(_GATHERED, {"into": one, "ids": [mail.id for mail in mails]})


def dropped(tx: Tx, mail: Row[Any]) -> bool:
    """Whether it is not to be sent any more; then the reason is written down."""
    why = _moot(tx, mail)
    if why:
        tx.execute(_DROP, {"id": mail.id, "why": why})
    return why is not None


_OFF = text("SELECT EXISTS (SELECT FROM siskop.mail_switch WHERE account_id = :account AND mail = :mail)")
_OPEN = {
    "task": text("""
        SELECT EXISTS (SELECT FROM siskop.work_item
          WHERE submission_id = :submission AND status = 'open' AND opened_at <= :at)"""),
    "correction": text("""
        SELECT EXISTS (SELECT FROM siskop.correction
          WHERE submission_id = :submission AND status = 'open' AND asked_at <= :at)"""),
}


def _moot(tx: Tx, mail: Row[Any]) -> str | None:
    if not mail.obligatory and tx.execute(_OFF, {"account": mail.account_id, "mail": mail.mail}).scalar():
        return SWITCHED_OFF
    if what := mail.pending:
        asked = {"submission": mail.submission_id, "at": mail.created_at}
        return None if tx.execute(_OPEN[what], asked).scalar() else SETTLED[what]
    return None
