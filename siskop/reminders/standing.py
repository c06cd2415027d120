"""How a rule stands for each published record on a day: the cause holds, is gone, or cannot be known; and its ladder.

A ladder belongs to a cause: the values of what the rule names. Another value is another cause, which starts anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import text

from siskop.base import crypto
from siskop.base.db import Tx
from siskop.engine.conditions import looked_up
from siskop.engine.definition import RecordKind, Reminder, Truth
from siskop.engine.prefill import renamed
from siskop.register import facts, relatives
from siskop.register.relatives import Relatives


@dataclass(frozen=True, slots=True)
class Ladder:
    """`opened_on` None: it ended. `spent` rungs, of which the last one sent went out on `last_on`; `held_days` of holds
    that are over, `held_since` of the one that is not."""

    id: int
    opened_on: date | None
    spent: int
    last_on: date | None
    held_since: date | None
    held_days: int


@dataclass(frozen=True)
class Standing:
    """`anchor` is the day that the rule names (None: unknown, or it names none), `ladder` that of this cause, if it
    ever had one; `others`: whether one of another cause is open."""

    kind: RecordKind
    day: date
    record_id: int
    slug: str
    values: Mapping[str, Any]
    kin: Relatives
    truth: Truth
    cause: str
    because: Mapping[str, Any]
    anchor: date | None
    ladder: Ladder | None
    others: bool

    @cached_property
    def title(self) -> str:
        return self.kind.title_of(self.values, self.kin.parent_title)

    @property
    def is_open(self) -> bool:
        return self.ladder is not None and self.ladder.opened_on is not None


BATCH = 1000
_STANDINGS = text("""
    SELECT r.id, r.slug, b.data, r.imported_on, l.ladders
    FROM siskop.record r JOIN siskop.record_body b ON b.record_id = r.id AND b.number = r.version
    LEFT JOIN (
      SELECT m.record_id, jsonb_agg(jsonb_build_array(m.cause, m.id, m.ended_on IS NULL, m.opened_on, m.held_since,
        m.held_days, g.spent, g.last_on)) AS ladders
      FROM siskop.reminder m LEFT JOIN LATERAL (
        SELECT count(*) AS spent, max(day) FILTER (WHERE outcome = 'sent') AS last_on
        FROM siskop.reminder_rung WHERE reminder_id = m.id) g ON true
      WHERE m.rule = :rule AND (CAST(:record AS bigint) IS NULL OR m.record_id = :record) GROUP BY m.record_id
    ) l ON l.record_id = r.id
    WHERE r.kind = :kind AND r.version > 0 AND r.withdrawn_at IS NULL
      AND (CAST(:record AS bigint) IS NULL OR r.id = :record) ORDER BY r.id
""").execution_options(stream_results=True, yield_per=BATCH)


def standings(tx: Tx, kind: RecordKind, rule: Reminder, day: date, record_id: int | None = None) -> Iterator[Standing]:
    """Every published record of the kind (or the one), as the rule sees it on that day; a batch in memory at a time."""
    asked = {"kind": kind.name, "rule": rule.name, "record": record_id}
    for rows in tx.execute(_STANDINGS, asked).partitions():
        registered = {row.id: renamed(kind.fields, row.data) for row in rows}
        around = relatives.around_many(tx, kind, registered)
        for row in rows:
            yield _standing(kind, rule, day, row, registered[row.id], around[row.id])


def _standing(  # noqa: PLR0917
    kind: RecordKind, rule: Reminder, day: date, row: Any, values: Mapping[str, Any], kin: Relatives
) -> Standing:
    env = facts.environment(kind, values, day, kin)
    before_amnesty = rule.amnesty is not None and row.imported_on is not None and day < rule.amnesty
    because = {name: _plain(kind, values, env, name) for name in rule.cause}
    cause = crypto.canonical(list(because.values()))
    ladders = {one[0]: one for one in row.ladders or ()}
    return Standing(
        kind=kind,
        day=day,
        record_id=row.id,
        slug=row.slug,
        values=values,
        kin=kin,
        truth=False if before_amnesty else rule.when.test(env),
        cause=cause,
        because=because,
        anchor=rule.anchor.value(env) if rule.anchor is not None else None,
        ladder=_ladder(ladders.get(cause)),
        others=any(one[2] for one in ladders.values() if one[0] != cause),
    )


def _plain(kind: RecordKind, values: Mapping[str, Any], env: Mapping[str, Any], name: str) -> Any:
    """A field as it is stored, anything else as JSON knows it."""
    value = values.get(name) if name in kind.fields else looked_up(name, env)
    return value if value is None or isinstance(value, bool | int | str | list | dict) else str(value)


def _ladder(told: list[Any] | None) -> Ladder | None:
    if told is None:
        return None
    _cause, key, is_open, opened_on, held_since, held_days, spent, last_on = told
    return Ladder(key, _day(opened_on) if is_open else None, spent, _day(last_on), _day(held_since), held_days)


def _day(iso: str | None) -> date | None:
    return None if iso is None else date.fromisoformat(iso)


_OPEN = text("""
    INSERT INTO siskop.reminder AS m (rule, record_id, cause, opened_on, why, held_since)
    VALUES (:rule, :record, :cause, :day, CAST(:why AS jsonb), :held_since)
    ON CONFLICT (rule, record_id, cause) DO UPDATE
    SET ended_on = NULL, opened_on = EXCLUDED.opened_on, held_since = EXCLUDED.held_since, held_days = 0
    RETURNING id
""")
_END = text("""
    UPDATE siskop.reminder SET ended_on = :day
    WHERE rule = :rule AND record_id = :record AND ended_on IS NULL AND cause IS DISTINCT FROM :kept
""")
_HOLD = text("UPDATE siskop.reminder SET held_since = :day WHERE id = :id AND held_since IS NULL")
_LET_GO = text("""
    UPDATE siskop.reminder SET held_days = held_days + (CAST(:day AS date) - held_since), held_since = NULL
    WHERE id = :id AND held_since IS NOT NULL
""")


def keep(tx: Tx, rule: Reminder, found: Standing, day: date, held: bool) -> int | None:
    """Opens the ladder of a cause that holds, ends what no longer has one, and notes from when to when it was held.

    Answers the ladder that is open now; what is unknown changes nothing.
    """
    if found.truth is None:
        return None
    about = {"rule": rule.name, "record": found.record_id, "day": day}
    if found.others or (found.is_open and not found.truth):
        tx.execute(_END, {**about, "kept": found.cause if found.truth else None})
    if found.truth and not found.is_open:
        why = {"when": rule.when.source, "cause": found.because}
        told = {"cause": found.cause, "why": json.dumps(why), "held_since": day if held else None}
        return int(tx.execute(_OPEN, {**about, **told}).scalar_one())
    if found.truth and found.ladder is not None and held is (found.ladder.held_since is None):
        tx.execute(_HOLD if held else _LET_GO, {"id": found.ladder.id, "day": day})
    return found.ladder.id if found.truth and found.ladder else None
