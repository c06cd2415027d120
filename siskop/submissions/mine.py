"""What somebody began or acts for, outside the office: the rows of their home page, newest first. Only reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text

from siskop.base.db import Tx

MOST = 50
_MINE = text("""
SELECT s.number, s.workflow, s.behaviour, s.record_id, s.state, s.title, s.final, s.waits_for, s.started_by,
  s.started_at, s.sent_at, s.state_at, s.due_on, r.version AS record_version,
  (SELECT max(d.at) FROM siskop.draft_value d WHERE d.submission_id = s.id AND d.by IS NOT NULL) AS edited_at,
  (SELECT count(*) FROM siskop.correction c WHERE c.submission_id = s.id AND c.sent AND c.status = 'open') AS asked,
  EXISTS (SELECT 1 FROM siskop.step_run t JOIN siskop.event e ON e.submission_id = s.id AND e.type = 'opened'
          AND e.body->>'step' = t.step AND e.body->>'check' IS NOT NULL
          WHERE t.submission_id = s.id AND t.outcome IS NULL
            AND t.round = (SELECT max(u.round) FROM siskop.step_run u WHERE u.submission_id = s.id)) AS checking,
  EXISTS (SELECT 1 FROM siskop.step_run t WHERE t.submission_id = s.id AND t.outcome IS NULL AND t.self_service)
    AND NOT s.final AS asking
FROM siskop.submission s JOIN siskop.record r ON r.id = s.record_id
WHERE s.started_by = :account OR s.record_id IN (
  SELECT a.record_id FROM siskop.acting a WHERE a.account_id = :account)
ORDER BY s.final, s.state_at DESC, s.id DESC LIMIT :most""")
_STATIONS = text("""
SELECT s.number, e.at, e.type, e.to_state FROM siskop.event e JOIN siskop.submission s ON s.id = e.submission_id
WHERE s.number = ANY(:numbers) AND e.type IN ('started', 'moved') ORDER BY s.number, e.seq""")
_CHILDREN = text("""
SELECT r.id AS record_id, r.period, r.title, r.slug, r.version, s.number, s.behaviour, s.state, s.sent_at
FROM siskop.record r
LEFT JOIN siskop.submission s ON s.record_id = r.id AND s.workflow = :workflow AND NOT s.final
WHERE r.parent = :parent AND r.kind = :kind AND (r.version > 0 OR s.id IS NOT NULL)
ORDER BY lpad(r.period, 40, '0') DESC, r.id DESC LIMIT :most""")
_PUBLISHED = text("""
SELECT id AS record_id, kind, slug, title FROM siskop.record WHERE kind = :kind AND slug = :slug AND version > 0""")


@dataclass(frozen=True, slots=True)
class Child:
    """A record that belongs to another, with the submission that is under way for it, if one is."""

    record_id: int
    period: str | None
    title: str
    slug: str | None
    version: int
    number: str | None
    behaviour: str | None
    state: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Mine:
    """`asked`: corrections that wait for an answer; `checking`: checks are running; `asking`: a step is
    open in which those whom it concerns may act themselves; `sent_at` None: a draft."""

    number: str
    workflow: str
    behaviour: str
    record_id: int
    state: str
    title: str
    final: bool
    waits_for: str | None
    started_by: int | None
    started_at: datetime
    sent_at: datetime | None
    state_at: datetime
    due_on: date | None
    record_version: int
    edited_at: datetime | None
    asked: int
    checking: bool
    asking: bool


@dataclass(frozen=True, slots=True)
class Station:
    """A state that a submission came into."""

    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Registered:
    record_id: int
    kind: str
    slug: str
    title: str


def mine(tx: Tx, account_id: int) -> list[Mine]:
    """Open ones first. At most MOST."""
    return [Mine(**row._mapping) for row in tx.execute(_MINE, {"account": account_id, "most": MOST})]


def stations(tx: Tx, numbers: list[str]) -> dict[str, list[Station]]:
    """The states that each of these came through, in order, from the first."""
    found: dict[str, list[Station]] = {number: [] for number in numbers}
    for row in tx.execute(_STATIONS, {"numbers": numbers}):
        found[row.number].append(Station(row.to_state, row.at))
    return found


def children(tx: Tx, workflow: str, kind: str, parent: int) -> list[Child]:
    """What belongs to the parent of this kind, newest period first. At most MOST."""
    asked = {"workflow": workflow, "kind": kind, "parent": parent, "most": MOST}
    return [Child(**row._mapping) for row in tx.execute(_CHILDREN, asked)]


def published(tx: Tx, kind: str, slug: str) -> Registered | None:
    """The record that has this address."""
    row = tx.execute(_PUBLISHED, {"kind": kind, "slug": slug}).one_or_none() if "\0" not in slug else None
    return Registered(**row._mapping) if row else None
