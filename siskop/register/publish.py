"""The only writer of the register: a merge makes a new version of a record, and at once the public sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from siskop.base import crypto, db
from siskop.base.db import Tx
from siskop.base.errors import Conflict, NotFound
from siskop.base.i18n import N_
from siskop.engine.definition import RecordKind
from siskop.engine.patch import merge
from siskop.register.entries import Entry, entry_of, public_values, slug_of

BATCH = 200
WHAT_IS_SEEN = ("title", "sort_key", "area", "facets", "badges", "search", "data")

_LOCK = text("SELECT slug, version FROM siskop.record WHERE id = :id AND kind = :kind FOR UPDATE")
_BODY = text("SELECT data FROM siskop.record_body WHERE record_id = :id AND number = :number")
_VERSION = text("""
INSERT INTO siskop.record_version (record_id, number, revision_id, based_on, digest, changed, at)
VALUES (:id, :number, :revision, :number - 1, :digest, :changed, :at)""")
_NEW_BODY = text("""
INSERT INTO siskop.record_body (record_id, number, data, salt) VALUES (:id, :number, CAST(:data AS jsonb), :salt)""")
_RECORD = text("UPDATE siskop.record SET version = :number, slug = :slug WHERE id = :id")
_COUNTER_LOCK = text("SELECT seq FROM register.counter FOR UPDATE")
_COUNT = text("UPDATE register.counter SET seq = seq + 1 RETURNING seq")
_SLUGS = text("SELECT slug FROM siskop.record WHERE kind = :kind AND (slug = :slug OR slug LIKE :slug || '-%')")
_ENTRY = text("""
INSERT INTO register.entry (record_id, kind, slug, title, sort_key, area, facets, badges, search, data, version, seq,
  published_at, refresh_on)
VALUES (:id, :kind, :slug, :title, :sort_key, :area, CAST(:facets AS jsonb), CAST(:badges AS jsonb), :search,
  CAST(:data AS jsonb), :number, :seq, :at, :refresh_on)
ON CONFLICT (record_id) DO UPDATE SET title = excluded.title, sort_key = excluded.sort_key, area = excluded.area,
  facets = excluded.facets, badges = excluded.badges, search = excluded.search, data = excluded.data,
  version = excluded.version, seq = excluded.seq, published_at = excluded.published_at,
  refresh_on = excluded.refresh_on""")
_PUBLIC_VERSION = text("""
INSERT INTO register.version (record_id, kind, number, at, changed, data)
VALUES (:id, :kind, :number, :at, :changed, CAST(:data AS jsonb))""")
_CHANGE = text("""
INSERT INTO register.change (seq, record_id, kind, slug, title, number, type, changed, at)
VALUES (:seq, :id, :kind, :slug, :title, :number, :type, :changed, :at)""")
_SHOWN = text("""
SELECT slug, version, title, sort_key, area, facets, badges, search, data, refresh_on, published_at
FROM register.entry WHERE record_id = :id AND kind = :kind""")
_VERSIONS = text("SELECT number, changed, data FROM register.version WHERE record_id = :id")
_NARROWED = text("""
UPDATE register.version SET changed = :changed, data = CAST(:data AS jsonb)
WHERE record_id = :id AND number = :number""")
_LATER = text("UPDATE register.entry SET refresh_on = :refresh_on WHERE record_id = :id")
_DUE = text("""
SELECT e.record_id FROM register.entry e JOIN siskop.record r ON r.id = e.record_id
WHERE e.kind = :kind AND e.refresh_on <= :today ORDER BY e.record_id LIMIT :limit FOR UPDATE OF r SKIP LOCKED""")


@dataclass(frozen=True, slots=True)
class Published:
    """`number` of the new version, the record's `slug`, and the names of fields that changed, private ones included."""

    number: int
    slug: str
    changed: tuple[str, ...]


def publish(
    tx: Tx,
    kind: RecordKind,
    record_id: int,
    *,
    revision_id: int,
    answers: Mapping[str, Any],
    base: int,
    resolutions: Mapping[str, str],
    published_at: datetime,
) -> Published:
    """Merge `answers` (stored values of the form's fields, None: emptied), begun from version `base`, into the record.

    `resolutions` says for fields that both sides changed whether "proposed" or "current" holds. Raises Conflict while
    one is undecided, and NotFound for a record that is not of this kind. A revision is published once: a second time
    the database refuses.
    """
    row = tx.execute(_LOCK, {"id": record_id, "kind": kind.name}).one_or_none()
    if row is None:
        raise NotFound
    merged = merge(_body(tx, record_id, base), _body(tx, record_id, row.version), answers, resolutions)
    if merged.unresolved:
        raise Conflict(N_("The record has changed since; somebody must decide on the fields that both sides changed."))
    number = row.version + 1
    slug = row.slug or _free_slug(tx, kind, merged.values)
    stored = {"id": record_id, "number": number, "at": published_at}
    _store(tx, stored, revision_id, merged.values, merged.changed)
    tx.execute(_RECORD, {**stored, "slug": slug})
    if kind.public is not None:
        _show(tx, kind, {**stored, "kind": kind.name, "slug": slug}, merged.values, merged.changed)
    return Published(number, slug, merged.changed)


def refresh(tx: Tx, kind: RecordKind, record_id: int, today: date | None = None) -> bool:
    """One record anew for today and by the kind as it is now; True when the public sees something else than before."""
    tx.execute(_LOCK, {"id": record_id, "kind": kind.name})
    row = tx.execute(_SHOWN, {"id": record_id, "kind": kind.name}).one_or_none()
    if row is None:
        return False
    entry = entry_of(kind, _body(tx, record_id, row.version), today or db.today(tx))
    _narrow(tx, kind, record_id)
    if all(getattr(entry, name) == getattr(row, name) for name in WHAT_IS_SEEN):
        if entry.refresh_on != row.refresh_on:
            tx.execute(_LATER, {"id": record_id, "refresh_on": entry.refresh_on})
        return False
    place = {"id": record_id, "kind": kind.name, "slug": row.slug, "number": row.version, "at": row.published_at}
    _write(tx, place, entry, "refreshed", at=db.now(tx))
    return True


def _narrow(tx: Tx, kind: RecordKind, record_id: int) -> None:
    """Old versions lose what is no longer public; what became public since is not told of the past."""
    for version in tx.execute(_VERSIONS, {"id": record_id}).all():
        left = public_values(kind, version.data)
        if left != version.data:
            changed = [
                name for name in version.changed if name in kind.fields and kind.fields[name].privacy == "public"
            ]
            kept = {"id": record_id, "number": version.number, "changed": changed, "data": json.dumps(left)}
            tx.execute(_NARROWED, kept)


def due_refresh(tx: Tx, kinds: Mapping[str, RecordKind], today: date, limit: int = BATCH) -> int:
    """Refresh at most `limit` entries whose day has come; how many were looked at. The caller repeats until it is 0.

    Records that are being published just now are passed over (a lock before the log's lock, as publications take them);
    they get their day from the publication.
    """
    looked = 0
    for kind in (kind for kind in kinds.values() if kind.public is not None):
        due = tx.execute(_DUE, {"kind": kind.name, "today": today, "limit": limit - looked}).scalars().all()
        for record_id in due:
            refresh(tx, kind, record_id, today)
        looked += len(due)
    return looked


def _body(tx: Tx, record_id: int, number: int) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = tx.execute(_BODY, {"id": record_id, "number": number}).scalar()
    return found or {}


def _store(
    tx: Tx, stored: Mapping[str, Any], revision_id: int, values: Mapping[str, Any], changed: Sequence[str]
) -> None:
    salt = crypto.salt()
    digest = crypto.salted(values, salt)
    tx.execute(_VERSION, {**stored, "revision": revision_id, "digest": digest, "changed": list(changed)})
    tx.execute(_NEW_BODY, {**stored, "data": json.dumps(values), "salt": salt})


def _free_slug(tx: Tx, kind: RecordKind, values: Mapping[str, Any]) -> str:
    """From the title as it is at the first publication; two that are published at once wait for each other here."""
    tx.execute(_COUNTER_LOCK)
    wanted = slug_of(str(values.get(kind.title) or ""))
    taken = set(tx.execute(_SLUGS, {"kind": kind.name, "slug": wanted}).scalars())
    numbered = (f"{wanted}-{n}" for n in range(2, len(taken) + 3))
    return next(slug for slug in (wanted, *numbered) if slug not in taken)


def _show(
    tx: Tx, kind: RecordKind, place: Mapping[str, Any], values: Mapping[str, Any], changed: Sequence[str]
) -> None:
    entry = entry_of(kind, values, db.today(tx))
    public = [name for name in changed if kind.fields[name].privacy == "public"]
    tx.execute(_PUBLIC_VERSION, {**place, "changed": public, "data": json.dumps(entry.data)})
    what = "published" if place["number"] == 1 else "changed"
    _write(tx, place, entry, what, changed=public, at=place["at"])


def _write(
    tx: Tx, place: Mapping[str, Any], entry: Entry, what: str, *, changed: Sequence[str] = (), at: datetime
) -> None:
    """The entry and its line in the register's log. The counter's lock is held until the commit, so there is no gap."""
    seq: int = tx.execute(_COUNT).scalar_one()
    row = asdict(entry) | {name: json.dumps(getattr(entry, name)) for name in ("facets", "badges", "data")}
    tx.execute(_ENTRY, {**place, **row, "seq": seq})
    line = {"seq": seq, "title": entry.title, "type": what, "changed": list(changed), "at": at}
    tx.execute(_CHANGE, {**place, **line})
