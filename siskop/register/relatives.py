"""What stands around a record: its parent, the parent's child of the period before, and what its own reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from siskop.base.db import Tx
from siskop.engine.definition import RecordKind

_ORDER = "lpad({}.period, 40, '0') COLLATE \"C\""  # years, days and months in their order, numbers by their size
_AROUND = text(f"""
SELECT r.parent AS parent_id, r.period, p.title AS parent_title, p.area AS parent_area,
  pb.data AS parent,
  (SELECT b.data FROM siskop.record o JOIN siskop.record_body b ON b.record_id = o.id AND b.number = o.version
   WHERE o.parent = r.parent AND o.kind = r.kind AND {_ORDER.format("o")} < {_ORDER.format("r")}
   ORDER BY {_ORDER.format("o")} DESC LIMIT 1) AS last
FROM siskop.record r LEFT JOIN siskop.record p ON p.id = r.parent
LEFT JOIN siskop.record_body pb ON pb.record_id = p.id AND pb.number = p.version
WHERE r.id = :id""")  # noqa: S608

_REPORTED = text("""
SELECT kind, period FROM siskop.record
WHERE parent = :id AND kind = ANY(:kinds) AND version > 0 AND withdrawn_at IS NULL AND period ~ '^[0-9]{1,4}$'""")


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
    reported = _reported(tx, kind, record_id)
    if kind.child_of is None:
        return Relatives(last=registered, reported=reported)
    row = tx.execute(_AROUND, {"id": record_id}).one()
    last = registered if kind.child_of.period is None else row.last or {}
    about = {**row._mapping, "parent_title": row.parent_title or "", "parent": row.parent or {}, "last": last}
    return Relatives(**about, reported=reported)


def _reported(tx: Tx, kind: RecordKind, record_id: int) -> dict[str, frozenset[int]]:
    if not kind.periods:
        return {}
    rows = tx.execute(_REPORTED, {"id": record_id, "kinds": [of.of for of in kind.periods.values()]}).all()
    return {n: frozenset(int(r.period) for r in rows if r.kind == of.of) for n, of in kind.periods.items()}
