"""What stands around a record: its parent, the parent's child of the period before, and what its own reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from siskop.base.db import Tx
from siskop.engine.definition import RecordKind

_ORDER = "lpad({}.period, 40, '0') COLLATE \"C\""  # years, days and months in their order, numbers by their size
_AROUND = text(f"""
SELECT r.id, r.parent AS parent_id, r.period, p.title AS parent_title, p.area AS parent_area,
  pb.data AS parent,
  (SELECT b.data FROM siskop.record o JOIN siskop.record_body b ON b.record_id = o.id AND b.number = o.version
   WHERE o.parent = r.parent AND o.kind = r.kind AND {_ORDER.format("o")} < {_ORDER.format("r")}
   ORDER BY {_ORDER.format("o")} DESC LIMIT 1) AS last
FROM siskop.record r LEFT JOIN siskop.record p ON p.id = r.parent
LEFT JOIN siskop.record_body pb ON pb.record_id = p.id AND pb.number = p.version
WHERE r.id = ANY(:ids)""")  # noqa: S608

_REPORTED = text("""
SELECT parent, kind, period FROM siskop.record
WHERE parent = ANY(:ids) AND kind = ANY(:kinds) AND version > 0 AND withdrawn_at IS NULL AND period ~ '^[0-9]{1,4}$'""")


@dataclass(frozen=True, slots=True)
class Relatives:
    """Stored values of both. Of a record without a parent, or without a period, `last` is what is registered now."""

    parent_id: int | None = None
    parent_title: str = ""
    parent_area: str | None = None
    period: str | None = None
    parent: Mapping[str, Any] = field(default_factory=dict)
    last: Mapping[str, Any] = field(default_factory=dict)
    reported: Mapping[str, frozenset[int]] = field(default_factory=dict)  # periods of public children, by group


ALONE = Relatives()


def around(tx: Tx, kind: RecordKind, record_id: int, registered: Mapping[str, Any]) -> Relatives:
    """`registered` are the record's own values now."""
    return around_many(tx, kind, {record_id: registered})[record_id]


def around_many(tx: Tx, kind: RecordKind, registered: Mapping[int, Mapping[str, Any]]) -> Mapping[int, Relatives]:
    """The same for many records, in as many queries as for one; `registered` by record."""
    ids = list(registered)
    reported = _reported(tx, kind, ids)
    if kind.child_of is None:
        return {n: Relatives(last=registered[n], reported=reported.get(n, {})) for n in ids}
    found = {}
    for row in tx.execute(_AROUND, {"ids": ids}):
        about = dict(row._mapping)
        number = about.pop("id")
        last = registered[number] if kind.child_of.period is None else row.last or {}
        about |= {"parent_title": row.parent_title or "", "parent": row.parent or {}, "last": last}
        found[number] = Relatives(**about, reported=reported.get(number, {}))
    return found


def _reported(tx: Tx, kind: RecordKind, ids: list[int]) -> dict[int, dict[str, frozenset[int]]]:
    if not kind.periods:
        return {}
    periods: dict[tuple[int, str], set[int]] = defaultdict(set)
    for row in tx.execute(_REPORTED, {"ids": ids, "kinds": [of.of for of in kind.periods.values()]}):
        periods[row.parent, row.kind].add(int(row.period))
    return {n: {g: frozenset(periods[n, of.of]) for g, of in kind.periods.items()} for n in ids}
