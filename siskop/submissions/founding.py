"""On what a submission begins: a registered record, a new one, or a parent's child, of which there is one a period.

What is not somebody's to begin on is not there, as for everybody else.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from siskop.accounts import memberships
from siskop.base import errors
from siskop.base.db import Tx, today
from siskop.base.i18n import N_, gettext
from siskop.engine.case import Actor
from siskop.engine.definition import Definition
from siskop.engine.fields.registry import type_of
from siskop.engine.form import Bad, Context
from siskop.submissions import definitions

NOT_REGISTERED = N_("This begins from something that is registered already. Choose it first.")
REGISTERED = N_("This is registered already.")
NO_PERIOD = N_("Choose the period first.")

_FOUND = text("SELECT id, kind, version, title, area FROM siskop.record WHERE id = :id")
_LOCKED = text("SELECT version FROM siskop.record WHERE id = :id FOR NO KEY UPDATE")
_OWN = text("""
SELECT r.id FROM siskop.record r JOIN siskop.submission s ON s.record_id = r.id AND NOT s.final
WHERE s.started_by = :account AND s.workflow = :workflow AND r.kind = :kind AND r.version = 0
  AND r.parent IS NOT DISTINCT FROM :parent AND (:alone OR (s.sent_at IS NULL AND s.state = :initial))
ORDER BY r.id LIMIT 1""")
_NEW = text("""
INSERT INTO siskop.record (kind, parent, period, title, area, created_by, created_at)
VALUES (:kind, :parent, :period, :title, :area, :account, siskop.now())
ON CONFLICT (kind, parent, period) DO NOTHING RETURNING id""")
_OF_PERIOD = text("SELECT id FROM siskop.record WHERE kind = :kind AND parent = :parent AND period = :period")


def record_for(tx: Tx, definition: Definition, actor: Actor, record_id: int | None, period: str | None) -> int:
    """The record to begin on, made where there is none yet. `record_id` names a record of the workflow's kind, or the
    parent to which a child belongs. Raises NotFound, or Refusal with what to do first, or Invalid for a period."""
    child_of = definition.kind.child_of
    if not holds_start_role(definition, actor):
        raise errors.NotFound()
    if record_id is None:
        if child_of is not None:
            raise errors.Refusal(NOT_REGISTERED)
        return _founded(tx, definition, actor)
    record = tx.execute(_FOUND, {"id": record_id}).one_or_none()
    if record is None or not _may_begin_on(tx, definition, actor, record):
        raise errors.NotFound()
    if record.kind == definition.record:
        return _registered(tx, definition, record_id)
    if child_of is None or record.kind != child_of.record:
        raise errors.NotFound()
    return _child(tx, definition, actor, record, period)


def holds_start_role(definition: Definition, actor: Actor) -> bool:
    """Where a role begins it; whether its area covers the record, the engine says."""
    role = definition.start.role
    return role is None or any(held == role for held, _area in actor.grants)


def _may_begin_on(tx: Tx, definition: Definition, actor: Actor, record: Any) -> bool:
    if definition.start.role is not None or memberships.is_operator(tx, actor.id, record.id):
        return True
    kind = definitions.library(tx).kinds.get(record.kind)
    return definition.start.relation == "anyone" and record.version > 0 and kind is not None and kind.public is not None


def _registered(tx: Tx, definition: Definition, record_id: int) -> int:
    """Locked; one that is registered where a new one is wanted is refused, and so is the other way round."""
    version = tx.execute(_LOCKED, {"id": record_id}).scalar_one()
    if version and definition.start_record == "new":
        raise errors.Refusal(REGISTERED)
    if not version and not begins_on_nothing(definition):
        raise errors.Refusal(NOT_REGISTERED)
    return record_id


_REGISTERED = text("""
SELECT r.id, r.title, r.area, r.key_value FROM siskop.record r
WHERE r.kind = :kind AND r.version > 0 AND r.withdrawn_at IS NULL
  AND (strpos(lower(r.title), lower(:q)) > 0 OR strpos(lower(COALESCE(r.key_value, '')), lower(:q)) > 0)
  AND (CAST(:areas AS text[]) IS NULL
    OR EXISTS (SELECT 1 FROM unnest(CAST(:areas AS text[])) a WHERE starts_with(COALESCE(r.area, ''), a)))
ORDER BY r.title, r.id LIMIT :most""")


def registered(tx: Tx, definition: Definition, actor: Actor, q: str, most: int = 30) -> list[Any]:
    """Rows (id, title, area, key_value) on which a role may begin it: their name or number holds `q`, and where the
    start asks for an area, the actor's role covers theirs."""
    child_of, start = definition.kind.child_of, definition.start
    areas = [area for role, area in actor.grants if role == start.role] if start.area else None
    kind = child_of.record if child_of else definition.record
    return list(tx.execute(_REGISTERED, {"kind": kind, "q": q, "areas": areas, "most": most}))


def goes_on(definition: Definition, sent: bool, state: str) -> bool:
    """Whether who began a new one and has it in this state is led there, where they begin anew: to one that is still
    being written. What exists and asks to show that one acts for it is founded once; a request may be one of many."""
    return definition.proof is not None or (not sent and state == definition.initial)


def begins_on_nothing(definition: Definition) -> bool:
    """Whether it can found a record: only a form that asks what the record is called can, where the file does not
    forbid it."""
    kind = definition.kind
    asked = {*definition.form.fields, kind.child_of.period if kind.child_of else None}
    return definition.start_record != "existing" and asked.issuperset(kind.title_fields())


def _founded(tx: Tx, definition: Definition, actor: Actor) -> int:
    record_id = _own(tx, definition, actor, None) or _made(tx, definition, actor)
    if definition.start.role is None and actor.id is not None:
        memberships.claim(tx, actor.id, record_id, None)
    return record_id


def _child(tx: Tx, definition: Definition, actor: Actor, parent: Any, typed: str | None) -> int:
    """The parent is not locked: whoever publishes a child holds it before its parent. The unique key serves instead."""
    if not parent.version:
        raise errors.Refusal(NOT_REGISTERED)
    period, title = _period(tx, definition, typed, parent.title)
    about = {"parent": parent.id, "period": period, "title": title, "area": parent.area}
    if period is None:
        return _own(tx, definition, actor, parent.id) or _made(tx, definition, actor, **about)
    asked = {**about, "kind": definition.record}
    there = tx.execute(_OF_PERIOD, asked).scalar() or _made(tx, definition, actor, **about)
    return _registered(tx, definition, there or tx.execute(_OF_PERIOD, asked).scalar_one())


def _period(tx: Tx, definition: Definition, typed: str | None, parent: str) -> tuple[str | None, str]:
    """The period as it is kept, and what its record will be called."""
    kind, name = definition.kind, definition.kind.child_of.period if definition.kind.child_of else None
    if name is None:
        return None, ""
    if not typed:
        raise errors.Refusal(NO_PERIOD)
    try:
        value = type_of(kind.fields[name]).accept(kind.fields[name], typed, Context(today(tx)))
    except Bad as bad:
        raise errors.Invalid({name: [gettext(bad.text, **bad.params)]}) from bad
    return str(value), kind.title_of({name: value}, parent)


def _own(tx: Tx, definition: Definition, actor: Actor, parent: int | None) -> int | None:
    """An unpublished one that the actor has begun and not finished, as `goes_on` says."""
    asked = {"account": actor.id, "workflow": definition.name, "kind": definition.record, "parent": parent}
    return tx.execute(_OWN, {**asked, "alone": definition.proof is not None, "initial": definition.initial}).scalar()


def _made(tx: Tx, definition: Definition, actor: Actor, **about: Any) -> Any:
    """A new record's id; None where somebody else made the one of that period just now."""
    if not begins_on_nothing(definition):
        raise errors.Refusal(NOT_REGISTERED)
    row = {"parent": None, "period": None, "title": "", "area": None, "kind": definition.record, "account": actor.id}
    return tx.execute(_NEW, {**row, **about}).scalar()
