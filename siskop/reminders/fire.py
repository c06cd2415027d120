"""The sending of a rung: all that it does, in the transaction of the row that says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from siskop import letters, tasks
from siskop.base import db
from siskop.base.db import Tx
from siskop.engine import standing
from siskop.engine.definition import Library
from siskop.mail import outbox, placeholders
from siskop.reminders.due import Due

ROOM = "/ruang"
"""Where those who act for a record see what is to be done."""
_RUNG = text("""
    INSERT INTO siskop.reminder_rung (reminder_id, rung, at, day, outcome, by)
    VALUES (:reminder, :rung, siskop.now(), :day, :outcome, :by)
    ON CONFLICT DO NOTHING RETURNING true
""")


def fire(tx: Tx, library: Library, due: Due, by: int | None = None) -> bool:
    """False when this rung was sent before, or by somebody else at the same time. `by`: who did not wait."""
    ladder = due.standing.ladder
    if due.held or ladder is None or not _spend(tx, ladder.id, due.rung, "sent", by):
        return False
    key = f"reminder:{ladder.id}:{due.rung}"
    for letter in due.letters:
        for receiver in letter.receivers:
            outbox.queue(
                tx,
                key=f"{key}:{letter.mail}:{receiver.account_id}",
                mail=library.mails[letter.mail],
                to_account=receiver.account_id,
                values=_values(due, receiver.of_office),
                record_id=due.standing.record_id,
                why=f"reminder:{due.rule.name}:{due.rung}",
                priority=outbox.CAMPAIGN,
            )
    for paper in due.papers:
        _write(tx, library, due, paper, key)
    for task in due.tasks:
        _open(tx, library, due, task, key)
    return True


def pass_over(tx: Tx, reminder: int, rungs: tuple[int, ...]) -> None:
    for rung in rungs:
        _spend(tx, reminder, rung, "passed", None)


def _spend(tx: Tx, reminder: int, rung: int, outcome: str, by: int | None) -> bool:
    row = {"reminder": reminder, "rung": rung, "day": db.today(tx), "outcome": outcome, "by": by}
    return bool(tx.execute(_RUNG, row).scalar())


def _write(tx: Tx, library: Library, due: Due, paper: Mapping[str, Any], key: str) -> None:
    found = due.standing
    words: dict[str, Any] = {}
    if mail := library.mails.get(paper.get("mail", "")):
        words = {"subject": mail.subject, "body": mail.body}
    letters.write(
        tx,
        library,
        key=f"{key}:letter:{paper.get('letter') or paper['mail']}",
        letter=paper.get("letter"),
        record_id=found.record_id,
        values=_values(due, of_office=False) | {"name": found.title, "parent": found.kin.parent_title},
        area=found.values.get(due.kind.area or "") or found.kin.parent_area,
        reminder_id=found.ladder.id if found.ladder else None,
        **words,
    )


def _open(tx: Tx, library: Library, due: Due, task: Mapping[str, Any], key: str) -> None:
    found = due.standing
    about: dict[str, Any] = {
        "key": f"{key}:task:{task.get('task') or task['mail']}",
        "record_id": found.record_id,
        "phone": found.values.get(due.kind.phone or ""),
    }
    values = _values(due, of_office=False) | {"name": found.title}
    if "task" in task:
        about |= {"today": db.today(tx), "calendar": library.calendar, "stored": found.values}
        tasks.open_named(tx, library.tasks[task["task"]], task.get("to") or {}, values=values, **about)
        return
    mail, link = library.mails[task["mail"]], f"{db.settings().base_url}{ROOM}"
    said = tasks.filled(mail.body, values | {"link": link})
    tasks.open(
        tx,
        **about,
        label=tasks.filled(mail.subject, values),
        body=due.rule.label,
        whatsapp={language: f"{words.strip()}\n\n{link}" for language, words in said.items()},
        role=task["to"].get("role"),
        area=tasks.area_of(task["to"], found.values),
    )


def _values(due: Due, of_office: bool) -> dict[str, Any]:
    """The placeholders of a reminder's words: the record's, whose it is, and where to go."""
    found, public = due.standing, due.kind.public
    page = f"/{public.path}/{found.slug}" if public else ""
    return {
        **placeholders.of_record(due.kind, found.values),
        **standing.told(due.kind, found.values, found.day, found.kin.reported),
        "title": found.title,
        "reason": due.rule.label,
        "link": page if of_office else ROOM,
    }
