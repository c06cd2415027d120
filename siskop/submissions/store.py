"""Reading a submission whole under its lock, and appending what happened.

Lock order everywhere: the submission's row, its record's row, the values that must be unique, the parent's row, the
register's counter. Events go in with one statement; the database chains them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from siskop.base.db import Tx
from siskop.base.errors import NotFound
from siskop.engine import patch
from siskop.engine.case import Case, Event
from siskop.engine.definition import Definition, Who
from siskop.engine.events import fold
from siskop.engine.people import area_of
from siskop.engine.prefill import renamed
from siskop.register import relatives
from siskop.register.relatives import Relatives
from siskop.submissions import definitions

_COLUMNS = (
    "id, number, workflow, behaviour, record_id, state, version, base_version, revision_id, started_by, sent_at, final"
)
_BY_NUMBER = text(f"SELECT {_COLUMNS} FROM siskop.submission WHERE number = :number")  # noqa: S608
_BY_NUMBER_LOCKED = text(f"SELECT {_COLUMNS} FROM siskop.submission WHERE number = :number FOR UPDATE")  # noqa: S608
_BY_ID_LOCKED = text(f"SELECT {_COLUMNS} FROM siskop.submission WHERE id = :number FOR UPDATE")  # noqa: S608
_EVENTS = text("SELECT seq, at, by, type, to_state, body FROM siskop.event WHERE submission_id = :id ORDER BY seq")
_LOCK_RECORD = text("SELECT 1 FROM siskop.record WHERE id = :record FOR UPDATE")
_RECORD = text("""
SELECT siskop.now() AS now, siskop.today() AS today, r.version, r.kind, r.slug, cur.data AS current, base.data
  AS base, rb.answers, r.title,
  ARRAY(SELECT a.account_id FROM siskop.acting a WHERE a.record_id = r.id) AS operators
FROM siskop.record r
LEFT JOIN siskop.record_body cur ON cur.record_id = r.id AND cur.number = r.version
LEFT JOIN siskop.record_body base ON base.record_id = r.id AND base.number = :base
LEFT JOIN siskop.revision_body rb ON rb.revision_id = :revision
WHERE r.id = :record""")
_APPEND = text("""
INSERT INTO siskop.event (submission_id, seq, at, by, type, to_state, body)
SELECT :id, e.seq, e.at, e.by, e.type, e.to_state, e.body
FROM jsonb_to_recordset(CAST(:events AS jsonb)) AS e(seq int, at timestamptz, by bigint, type text, to_state
  text, body jsonb)
ORDER BY e.seq""")


@dataclass(slots=True)
class Loaded:
    """A submission with what it rests on. `proposed` are the answers of its last revision, `current` and
    `base` the record's values."""

    id: int
    number: str
    definition: Definition
    case: Case
    record_id: int
    record_version: int
    record_slug: str | None
    record_title: str  # by which lists know it
    current: Mapping[str, Any]
    base: Mapping[str, Any]
    proposed: Mapping[str, Any]
    relatives: Relatives
    operators: frozenset[int]
    now: datetime
    today: date
    events: tuple[Event, ...]

    def area_for(self, who: Who) -> str | None:
        return area_of(who, self.answers, self.relatives.parent)

    @property
    def title(self) -> str:
        return self.definition.kind.title_of(self.answers, self.relatives.parent_title)

    @property
    def answers(self) -> dict[str, Any]:
        """What the record would hold after this submission: its changes on what is registered now, and of what both
        sides changed its own value until somebody picks."""
        picks = {name: self.case.resolutions.get(name, (patch.PROPOSED, 0))[0] for name in self.proposed}
        return patch.merge(self.base, self.current, self.proposed, picks).values


def load_for_update(tx: Tx, which: str | int, *, newest: bool = False) -> Loaded:
    """Lock the submission (by number or id) and its record, then read; by the `newest` files, whatever it goes by.
    Raises NotFound."""
    find = _BY_ID_LOCKED if isinstance(which, int) else _BY_NUMBER_LOCKED
    return _load(tx, find, which, locked=True, newest=newest)


def load(tx: Tx, number: str) -> Loaded:
    """Read without a lock, for pages. Raises NotFound."""
    return _load(tx, _BY_NUMBER, number, locked=False)


def _load(tx: Tx, find: Any, which: str | int, *, locked: bool, newest: bool = False) -> Loaded:
    row = tx.execute(find, {"number": which}).one_or_none()
    if row is None:
        raise NotFound()
    events = read_events(tx, row.id)
    case = fold(events)
    by_newest = definitions.library(tx).workflows.get(row.workflow) if newest else None
    definition = by_newest or _definition(tx, case, row.workflow, row.behaviour)
    return _around(tx, (row.id, row.number), definition, case, locked=locked, events=events)


def around(tx: Tx, submission_id: int, number: str, definition: Definition, case: Case) -> Loaded:
    """A case that has no history yet, with its record locked."""
    return _around(tx, (submission_id, number), definition, case, locked=True)


def _around(
    tx: Tx, of: tuple[int, str], definition: Definition, case: Case, *, locked: bool, events: tuple[Event, ...] = ()
) -> Loaded:
    """The lock is a statement of its own: one that waits and joins would see the new version beside the old body."""
    if locked:
        tx.execute(_LOCK_RECORD, {"record": case.record})
    found = tx.execute(_RECORD, {"record": case.record, "base": case.base, "revision": case.revision}).one()
    current = _named(definition, found.current or {})
    return Loaded(
        id=of[0],
        number=of[1],
        definition=definition,
        case=case,
        record_id=case.record,
        record_version=found.version,
        record_slug=found.slug,
        record_title=found.title,
        current=current,
        base=_named(definition, found.base or {}),
        proposed=_named(definition, found.answers or {}),
        relatives=relatives.around(tx, definition.kind, case.record, current),
        operators=frozenset(found.operators),
        now=found.now,
        today=found.today,
        events=events,
    )


def _named(definition: Definition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values by the names that this behaviour uses: today's, and of what its own form asks its own."""
    older = {new: old for old, new in names_since(definition).items()}
    return {older.get(name, name): value for name, value in renamed(definition.kind.fields, values).items()}


def names_since(definition: Definition) -> dict[str, str]:
    """What is called otherwise since this behaviour: {name in its form: name in the newest kind}."""
    asked = definition.form.fields
    return {was: f.name for f in definition.kind.fields.values() for was in f.was if was in asked}


def _definition(tx: Tx, case: Case, workflow: str, behaviour: str) -> Definition:
    """A draft that was never sent follows the newest version; from its first submit a submission keeps its own."""
    newest = definitions.library(tx).workflows.get(workflow)
    if case.revision is None and newest is not None and case.state in newest.states:
        return newest
    return definitions.definition(workflow, behaviour, tx)


def read_events(tx: Tx, submission_id: int) -> tuple[Event, ...]:
    rows = tx.execute(_EVENTS, {"id": submission_id})
    return tuple(Event(r.type, r.to_state, r.body, by=r.by, seq=r.seq, at=r.at) for r in rows)


def append(tx: Tx, submission_id: int, events: Iterable[Event]) -> None:
    """Add events to the history in their order; the trigger refuses what does not follow the last one."""
    rows = [
        {
            "seq": e.seq,
            "at": e.at.isoformat() if e.at else None,
            "by": e.by,
            "type": e.type,
            "to_state": e.to_state,
            "body": dict(e.body),
        }
        for e in events
    ]
    tx.execute(_APPEND, {"id": submission_id, "events": json.dumps(rows)})
