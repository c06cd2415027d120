"""Tasks of the office beside reviewing: a visit, a message to somebody without a mail address, a referral.

A task belongs to a role, in an area where one was named, and is open until somebody who holds the role says that it is
done. Its message is opened on the officer's own device: here nothing is sent, only kept who pressed, and when.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import text

from siskop.base import i18n
from siskop.base.db import Tx
from siskop.base.errors import Conflict, Invalid, NotFound
from siskop.base.i18n import N_, gettext
from siskop.engine.calendar import Calendar
from siskop.engine.case import Actor
from siskop.engine.definition import TaskText, Words

PAGE = 50
LONGEST_NOTE = 2000
LONGEST_MESSAGE = 1800
"""Of a message in an address; longer addresses are cut by some devices."""

_KEEP = text("""
    INSERT INTO siskop.task (key, label, body, whatsapp, phone, record_id, submission_id, role, area, due_on)
    VALUES (:key, CAST(:label AS jsonb), CAST(:body AS jsonb), CAST(:whatsapp AS jsonb), :phone, :record_id,
      :submission_id, :role, :area, :due_on)
    ON CONFLICT (key) DO NOTHING RETURNING id
""")


def open(  # noqa: A001  (read as tasks.open)
    tx: Tx,
    *,
    key: str,
    label: Words,
    body: Words,
    record_id: int,
    role: str | None,
    area: str | None,
    due_on: date | None = None,
    whatsapp: Words | None = None,
    phone: str | None = None,
    submission_id: int | None = None,
) -> int | None:
    """None when the key was used before. `area` None: any; "": an unknown one, so for those who cover all."""
    about = {"record_id": record_id, "submission_id": submission_id, "role": role, "area": area, "due_on": due_on}
    said = {"label": json.dumps(label), "body": json.dumps(body), "whatsapp": json.dumps(whatsapp or None)}
    kept: int | None = tx.execute(_KEEP, {"key": key, "phone": phone, **about, **said}).scalar()
    return kept


def open_named(
    tx: Tx,
    told: TaskText,
    to: Mapping[str, str],
    *,
    key: str,
    values: Mapping[str, Any],
    stored: Mapping[str, Any],
    record_id: int,
    today: date,
    calendar: Calendar,
    phone: str | None = None,
    submission_id: int | None = None,
) -> int | None:
    """A task of workflows/tasks: `to` as in its effect, `values` flat as for a mail, `stored` the record's own."""
    due = None if told.due_days is None else calendar.add(today, told.due_days, told.due_working)
    return open(
        tx,
        key=key,
        label=filled(told.label, values),
        body=filled(told.body, values),
        whatsapp=filled(told.whatsapp, values),
        phone=phone,
        record_id=record_id,
        submission_id=submission_id,
        role=to.get("role"),
        area=area_of(to, stored),
        due_on=due,
    )


def area_of(to: Mapping[str, str], stored: Mapping[str, Any]) -> str | None:
    return (stored.get(to["area"]) or "") if to.get("area") else None


def filled(said: Words, values: Mapping[str, Any]) -> dict[str, str]:
    """With its placeholders, in every language."""
    found = {}
    for language in said:
        with i18n.speaking(language):
            found[language] = i18n.fill(said[language], values)
    return found


# -- for officers


@dataclass(frozen=True, slots=True)
class Task:
    id: int
    label: Words
    body: Words
    whatsapp: Words | None
    phone: str | None
    record_id: int
    kind: str
    title: str
    slug: str | None
    submission: str | None
    role: str | None
    due_on: date | None
    opened_at: datetime
    done_at: datetime | None
    done_by: str | None
    note: str | None
    presses: int
    pressed_at: datetime | None
    pressed_by: str | None


_MINE = """EXISTS (SELECT FROM jsonb_to_recordset(CAST(:held AS jsonb)) AS g(role text, area text)
  WHERE (t.role IS NULL OR g.role = t.role) AND (t.area IS NULL OR starts_with(t.area, g.area)))"""
_LIST = text(f"""
    SELECT t.id, t.label, t.body, t.whatsapp, t.phone, t.record_id, r.kind, r.title, r.slug, s.number AS submission,
      t.role, t.due_on, t.opened_at, t.done_at, a.name AS done_by, t.note, count(p.id) AS presses,
      max(p.at) AS pressed_at, (array_agg(b.name ORDER BY p.id DESC))[1] AS pressed_by
    FROM siskop.task t JOIN siskop.record r ON r.id = t.record_id
    LEFT JOIN siskop.submission s ON s.id = t.submission_id LEFT JOIN siskop.account a ON a.id = t.done_by
    LEFT JOIN siskop.task_press p ON p.task_id = t.id LEFT JOIN siskop.account b ON b.id = p.by
    WHERE {_MINE} AND (t.done_at IS NOT NULL) = :done AND t.id = COALESCE(CAST(:id AS bigint), t.id)
    GROUP BY t.id, r.id, s.id, a.id ORDER BY t.done_at DESC, t.due_on, t.id LIMIT {PAGE} OFFSET :after
""")  # noqa: S608
_COUNT = text(f"SELECT count(*) FROM siskop.task t WHERE {_MINE} AND t.done_at IS NULL")  # noqa: S608


def mine(tx: Tx, actor: Actor, *, is_done: bool = False, after: int = 0, task_id: int | None = None) -> list[Task]:
    """Of the roles that somebody holds or stands in for, the nearest due day first; those that are done, newest first.

    A page of PAGE, from the one numbered `after` on.
    """
    asked = {"held": _held(actor), "done": is_done, "after": after, "id": task_id}
    return [Task(**row._mapping) for row in tx.execute(_LIST, asked)]


def count(tx: Tx, actor: Actor) -> int:
    """Of open ones."""
    return int(tx.execute(_COUNT, {"held": _held(actor)}).scalar_one())


def _held(actor: Actor) -> str:
    grants = [*actor.grants, *(grant for grants in actor.principals.values() for grant in grants)]
    return json.dumps([{"role": role, "area": area} for role, area in grants])


_LOCK = text(f"SELECT done_at FROM siskop.task t WHERE t.id = :id AND {_MINE} FOR UPDATE")  # noqa: S608
_DONE = text("UPDATE siskop.task SET done_at = siskop.now(), done_by = :by, note = :note WHERE id = :id")
_PRESS = text("INSERT INTO siskop.task_press (task_id, by) VALUES (:id, :by)")


def done(tx: Tx, actor: Actor, task_id: int, note: str) -> None:
    """Raises NotFound for a task of somebody else's role, Conflict when a colleague was faster, Invalid without a
    note of what came of it."""
    said = note.strip()
    if not said:
        raise Invalid({"note": [gettext(N_("Say in a sentence what came of it."))]})
    if len(said) > LONGEST_NOTE:
        raise Invalid({"note": [gettext(N_("At most %(n)s characters."), n=LONGEST_NOTE)]})
    _lock(tx, actor, task_id)
    tx.execute(_DONE, {"id": task_id, "by": actor.id, "note": said})


def press(tx: Tx, actor: Actor, task_id: int) -> str:
    """The address that opens WhatsApp with the message; that it was opened is kept."""
    _lock(tx, actor, task_id)
    found = next(iter(mine(tx, actor, task_id=task_id)), None)
    if found is None or not found.whatsapp:
        raise NotFound()
    tx.execute(_PRESS, {"id": task_id, "by": actor.id})
    number = "".join(c for c in found.phone or "" if c.isdigit())
    return f"https://wa.me/{number}?text={quote(i18n.words(found.whatsapp)[:LONGEST_MESSAGE], safe='')}"


def _lock(tx: Tx, actor: Actor, task_id: int) -> None:
    row = tx.execute(_LOCK, {"id": task_id, "held": _held(actor)}).first()
    if row is None:
        raise NotFound()
    if row.done_at is not None:
        raise Conflict(N_("A colleague has done this task meanwhile."))
