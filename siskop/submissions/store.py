"""Reading a submission whole under its lock, and appending what happened.

Lock order everywhere: the submission's row, its record's row, the values that must be unique, the parent's row, the
register's counter. Events go in with one statement; the database chains them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
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

_FIND = "SELECT id, number, workflow, behaviour FROM siskop.submission WHERE"
_EVENTS = text("SELECT seq, at, by, type, to_state, body FROM siskop.event WHERE submission_id = :id ORDER BY seq")
_LOCK_RECORD = text("SELECT 1 FROM siskop.record WHERE id = :record FOR UPDATE")
_RECORD = text("""
SELECT siskop.now() AS now, siskop.today() AS today, r.version, r.slug, cur.data AS current, base.data AS base,
  rb.answers, ARRAY(SELECT a.account_id FROM siskop.acting a WHERE a.record_id = r.id) AS operators
FROM siskop.record r
LEFT JOIN siskop.record_body cur ON cur.record_id = r.id AND cur.number = r.version
LEFT JOIN siskop.record_body base ON base.record_id = r.id AND base.number = :base
LEFT JOIN siskop.revision_body rb ON rb.revision_id = :revision
WHERE r.id = :record""")
_APPEND = text("""
INSERT INTO siskop.event (submission_id, seq, at, by, type, to_state, body)
SELECT :id, e.seq, e.at, e.by, e.type, e.to_state, e.body
FROM jsonb_to_recordset(CAST(:events AS jsonb))
  AS e(seq int, at timestamptz, by bigint, type text, to_state text, body jsonb)
ORDER BY e.seq""")


@dataclass(slots=True)
class Loaded:
    """A submission with what it rests on: `proposed` are the answers of its last revision, `current` and `base` the
    record's values."""

    id: int
    number: str
    definition: Definition
    case: Case
    record_id: int
    record_version: int
    record_slug: str | None
    current: Mapping[str, Any]
    base: Mapping[str, Any]
    proposed: Mapping[str, Any]
    relatives: Relatives
    operators: frozenset[int]
    now: datetime
    today: date
    events: tuple[Event, ...]

    def area_for(self, who: Who) -> str | None:
        return area_of(who, self.merged, self.relatives.parent)

    @property
    def title(self) -> str:
        return self.definition.kind.title_of(self.merged, self.relatives.parent_title)

    @property
    def merged(self) -> dict[str, Any]:
        """What the record would hold after this submission: its changes on what is registered now, and of what both
        sides changed its own value until somebody picks."""
        picks = {name: self.case.resolutions.get(name, (patch.PROPOSED, 0))[0] for name in self.proposed}
        return patch.merge(self.base, self.current, self.proposed, picks).values


def load_for_update(tx: Tx, which: str | int, *, newest: bool = False) -> Loaded:
    """Lock the submission and its record, then read; by the `newest` files, whatever it goes by. Raises NotFound."""
    return load(tx, which, locked=True, newest=newest)


def load(tx: Tx, which: str | int, *, locked: bool = False, newest: bool = False) -> Loaded:
    """By number or id; without a lock, for pages. Raises NotFound."""
    find = f"{_FIND} {'id' if isinstance(which, int) else 'number'} = :which {'FOR UPDATE' if locked else ''}"
    row = tx.execute(text(find), {"which": which}).one_or_none()
    if row is None:
        raise NotFound()
    events = read_events(tx, row.id)
    case = fold(events)
    by_newest = definitions.library(tx).workflows.get(row.workflow) if newest else None
    definition = by_newest or _definition(tx, case, row.workflow, row.behaviour)
    return around(tx, (row.id, row.number), definition, case, events, locked=locked)


def around(
    tx: Tx, of: tuple[int, str], definition: Definition, case: Case, events: tuple[Event, ...] = (), *, locked: bool
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
    rows = json.dumps([asdict(event) for event in events], default=datetime.isoformat)
    tx.execute(_APPEND, {"id": submission_id, "events": rows})
