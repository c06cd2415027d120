"""What a form asks the register: who has a number already, and which record somebody means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from siskop.base.db import Tx
from siskop.engine.definition import RecordKind

_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('unique:' || :kind || ':' || CAST(:values AS text), 0))")
_HOLDER = text("""
SELECT r.title FROM siskop.record r
JOIN siskop.record_body b ON b.record_id = r.id AND b.number = r.version AND b.data @> CAST(:values AS jsonb)
WHERE r.kind = :kind AND r.id <> :record
UNION ALL
SELECT r.title FROM siskop.record r JOIN siskop.submission s ON s.record_id = r.id AND NOT s.final
JOIN siskop.revision_body b ON b.revision_id = s.revision_id AND b.answers @> CAST(:values AS jsonb)
WHERE r.kind = :kind AND r.id <> :record
LIMIT 1""")
_FOUND = text("""
SELECT id, slug, title FROM siskop.record
WHERE kind = :kind AND version > 0 AND withdrawn_at IS NULL
  AND (:public OR keeper = (SELECT keeper FROM siskop.record WHERE id = :record))
  AND (slug = :typed OR '#' || id = :typed OR lower(title) = lower(:typed)) ORDER BY id LIMIT 2""")


def holder(tx: Tx, kind: RecordKind, record_id: int, field: str, value: Any, *, lock: bool) -> str | None:
    """The title of another record of the kind that has the value, or has sent it in; "" of one that has no title yet.

    No table of its own: values stand in the versions and revisions already, and a file may make a field unique later.
    """
    asked = {"kind": kind.name, "record": record_id, "values": json.dumps({field: value})}
    if lock:
        tx.execute(_ALONE, asked)
    return tx.execute(_HOLDER, asked).scalar()


def found(tx: Tx, kinds: Mapping[str, RecordKind], record_id: int, kind: str, typed: str) -> Mapping[str, Any] | None:
    """The registered record that is meant by slug, "#id" or its exact title, if there is one alone. Of a kind that is
    not public only records kept by the same people: nobody finds out here what is registered."""
    on = kinds.get(kind)
    asked = {"kind": kind, "record": record_id, "typed": typed.strip(), "public": on is not None and bool(on.public)}
    rows = tx.execute(_FOUND, asked).all()
    return dict(rows[0]._mapping) if len(rows) == 1 else None
