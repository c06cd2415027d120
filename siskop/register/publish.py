"""The only writer of the register: a merge makes a new version of a record, and at once the public sees it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
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
from siskop.engine.prefill import renamed
from siskop.register import relatives
from siskop.register.entries import Entry, entry_of, public_values, slug_of

BATCH = 200
WHAT_IS_SEEN = ("title", "sort_key", "area", "facets", "badges", "search", "data")

_LOCK = text("SELECT slug, version, withdrawn_at FROM siskop.record WHERE id = :id AND kind = :kind FOR UPDATE")
_BODY = text("SELECT data FROM siskop.record_body WHERE record_id = :id AND number = :number")
_VERSION = text("""
INSERT INTO siskop.record_version (record_id, number, revision_id, based_on, digest, changed, at, submission_id, seq)
VALUES (:id, :number, :revision, :number - 1, :digest, :changed, :at, :submission, :event)""")
_NEW_BODY = text("""
INSERT INTO siskop.record_body (record_id, number, data, salt) VALUES (:id, :number, CAST(:data AS jsonb), :salt)""")
_RECORD = text("UPDATE siskop.record SET version = :number, slug = :slug, withdrawn_at = NULL WHERE id = :id")
_WITHDRAW = text("UPDATE siskop.record SET withdrawn_at = :at WHERE id = :id")
_WITHDRAW_ENTRY = text("""
WITH gone AS (UPDATE register.entry SET withdrawn_at = :at, seq = :seq WHERE record_id = :id RETURNING *)
INSERT INTO register.change (seq, record_id, kind, slug, title, number, type, changed, at)
SELECT seq, record_id, kind, slug, title, version, 'withdrawn', '{}', :at FROM gone""")
_COUNTER_LOCK = text("SELECT seq FROM register.counter FOR UPDATE")
_COUNT = text("UPDATE register.counter SET seq = seq + 1 RETURNING seq")
_SLUGS = text("SELECT slug FROM siskop.record WHERE kind = :kind AND (slug = :slug OR slug LIKE :slug || '-%')")
_ENTRY = text("""
INSERT INTO register.entry (record_id, kind, slug, title, sort_key, area, facets, badges, search, data, version, seq,
  published_at, refresh_on, parent, period, withdrawn_at)
VALUES (:id, :kind, :slug, :title, :sort_key, :area, CAST(:facets AS jsonb), CAST(:badges AS jsonb), :search,
  CAST(:data AS jsonb), :number, :seq, :at, :refresh_on, :parent, :period, :withdrawn_at)
ON CONFLICT (record_id) DO UPDATE SET title = excluded.title, sort_key = excluded.sort_key, area = excluded.area,
  facets = excluded.facets, badges = excluded.badges, search = excluded.search, data = excluded.data,
  version = excluded.version, seq = excluded.seq, published_at = excluded.published_at,
  refresh_on = excluded.refresh_on, parent = excluded.parent, period = excluded.period,
  withdrawn_at = excluded.withdrawn_at""")
_PUBLIC_VERSION = text("""
INSERT INTO register.version (record_id, kind, number, at, changed, data)
VALUES (:id, :kind, :number, :at, :changed, CAST(:data AS jsonb)) ON CONFLICT (record_id, number) DO NOTHING""")
_CHANGE = text("""
INSERT INTO register.change (seq, record_id, kind, slug, title, number, type, changed, at)
VALUES (:seq, :id, :kind, :slug, :title, :number, :type, :changed, :at)""")
_SHOWN = text("""
SELECT slug, version, title, sort_key, area, facets, badges, search, data, refresh_on, published_at, withdrawn_at
FROM register.entry WHERE record_id = :id AND kind = :kind""")
_CHILDREN_DUE = text("UPDATE register.entry SET refresh_on = siskop.today() WHERE parent = :parent")
_HAS_CHILDREN = text("SELECT 1 FROM register.entry WHERE parent = :id LIMIT 1")
_RENAME = text("UPDATE siskop.record SET title = :title WHERE id = :id")
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
    revision_id: int | None,
    answers: Mapping[str, Any],
    base: int,
    resolutions: Mapping[str, str],
    published_at: datetime,
    event: tuple[int, int] | None = None,
    settle: Callable[[dict[str, Any]], Mapping[str, Any]] = dict,
) -> Published:
    """Merge `answers` (stored values of the form's fields, None: emptied), begun from version `base`, into the record.

    `resolutions` says for fields that both sides changed whether "proposed" or "current" holds. `event` (submission,
    seq) is what made it, `settle` what has to be worked out again of the merged values. Raises Conflict while a field
    is undecided, and NotFound for a record that is not of this kind. A revision is published once, and so is an event:
    a second time the database refuses. Without a revision, what changes nothing makes no version.
    """
    row = tx.execute(_LOCK, {"id": record_id, "kind": kind.name}).one_or_none()
    if row is None:
        raise NotFound
    current = _body(tx, kind, record_id, row.version)
    merged = merge(_body(tx, kind, record_id, base), current, answers, resolutions)
    if merged.unresolved:
        raise Conflict(N_("The record has changed since; somebody must decide on the fields that both sides changed."))
    values = settle(merged.values)
    changed = tuple(name for name in {**current, **values} if current.get(name) != values.get(name))
    number = row.version if row.version and revision_id is None and not changed else row.version + 1
    kin = relatives.around(tx, kind, record_id, values)
    slug = row.slug or _free_slug(tx, kind, kind.title_of(values, kin.parent_title))
    stored = {"id": record_id, "number": number, "at": published_at}
    if number > row.version:
        made_by = {"revision": revision_id, "submission": event and event[0], "event": event and event[1]}
        _store(tx, {**stored, **made_by}, values, changed)
    tx.execute(_RECORD, {**stored, "slug": slug})
    if kind.public is not None and (number > row.version or row.withdrawn_at):
        what = "changed" if row.version and not row.withdrawn_at else "published"
        place = {**stored, "kind": kind.name, "slug": slug}
        _show(tx, kind, place, entry_of(kind, values, db.today(tx), kin), what=what, changed=changed)
    return Published(number, slug, changed)


def relatives_due(tx: Tx, parent: int) -> None:
    """The children's public entries are looked at anew by the next refresh: their parent, or one beside them, changed.

    Not here and now: whoever publishes a child holds it before its parent."""
    tx.execute(_CHILDREN_DUE, {"parent": parent})


def has_children(tx: Tx, record_id: int) -> bool:
    return tx.execute(_HAS_CHILDREN, {"id": record_id}).first() is not None


def unpublish(tx: Tx, kind: RecordKind, record_id: int, at: datetime) -> bool:
    """The record is no longer in force: it leaves directories and lists, its own page stays and says so. A later
    publication brings it back. False for what is not published, or was withdrawn before."""
    row = tx.execute(_LOCK, {"id": record_id, "kind": kind.name}).one_or_none()
    if row is None or not row.version or row.withdrawn_at:
        return False
    tx.execute(_WITHDRAW, {"id": record_id, "at": at})
    if tx.execute(_SHOWN, {"id": record_id, "kind": kind.name}).first() is not None:
        seq = tx.execute(_COUNT).scalar_one()
        tx.execute(_WITHDRAW_ENTRY, {"id": record_id, "at": at, "seq": seq})
    return True


def refresh(tx: Tx, kind: RecordKind, record_id: int, today: date | None = None) -> bool:
    """One record anew for today and by the kind as it is now; True when the public sees something else than before."""
    tx.execute(_LOCK, {"id": record_id, "kind": kind.name})
    row = tx.execute(_SHOWN, {"id": record_id, "kind": kind.name}).one_or_none()
    if row is None:
        return False
    values = _body(tx, kind, record_id, row.version)
    entry = entry_of(kind, values, today or db.today(tx), relatives.around(tx, kind, record_id, values))
    _narrow(tx, kind, record_id)
    if all(getattr(entry, name) == getattr(row, name) for name in WHAT_IS_SEEN):
        if entry.refresh_on != row.refresh_on:
            tx.execute(_LATER, {"id": record_id, "refresh_on": entry.refresh_on})
        return False
    place = {"id": record_id, "kind": kind.name, "slug": row.slug, "number": row.version, "at": row.published_at}
    if entry.title != row.title and kind.child_of is not None:  # its parent has another name now
        tx.execute(_RENAME, {"id": record_id, "title": entry.title})
    what = "withdrawn" if row.withdrawn_at else "refreshed"
    _write(tx, {**place, "withdrawn_at": row.withdrawn_at}, entry, what, at=db.now(tx))
    return True


def _narrow(tx: Tx, kind: RecordKind, record_id: int) -> None:
    """Old versions lose what is no longer public; what became public since is not told of the past."""
    for version in tx.execute(_VERSIONS, {"id": record_id}).all():
        left = public_values(kind, renamed(kind.fields, version.data))
        if left != version.data:
            names = renamed(kind.fields, dict.fromkeys(version.changed, True))
            changed = [name for name in names if name in kind.fields and kind.fields[name].privacy == "public"]
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


def _body(tx: Tx, kind: RecordKind, record_id: int, number: int) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = tx.execute(_BODY, {"id": record_id, "number": number}).scalar()
    return renamed(kind.fields, found or {})


def _store(tx: Tx, stored: Mapping[str, Any], values: Mapping[str, Any], changed: Sequence[str]) -> None:
    salt = crypto.salt()
    digest = crypto.salted(values, salt)
    tx.execute(_VERSION, {**stored, "digest": digest, "changed": list(changed)})
    tx.execute(_NEW_BODY, {**stored, "data": json.dumps(values), "salt": salt})


def _free_slug(tx: Tx, kind: RecordKind, title: str) -> str:
    """From the title as it is at the first publication; two that are published at once wait for each other here."""
    tx.execute(_COUNTER_LOCK)
    wanted = slug_of(title)
    taken = set(tx.execute(_SLUGS, {"kind": kind.name, "slug": wanted}).scalars())
    numbered = (f"{wanted}-{n}" for n in range(2, len(taken) + 3))
    return next(slug for slug in (wanted, *numbered) if slug not in taken)


def _show(
    tx: Tx, kind: RecordKind, place: Mapping[str, Any], entry: Entry, *, what: str, changed: Sequence[str]
) -> None:
    public = [name for name in changed if kind.fields[name].privacy == "public"]
    tx.execute(_PUBLIC_VERSION, {**place, "changed": public, "data": json.dumps(entry.data)})
    _write(tx, place, entry, what, changed=public, at=place["at"])


def _write(
    tx: Tx, place: Mapping[str, Any], entry: Entry, what: str, *, changed: Sequence[str] = (), at: datetime
) -> None:
    """The entry and its line in the register's log. The counter's lock is held until the commit, so there is no gap."""
    seq: int = tx.execute(_COUNT).scalar_one()
    row = asdict(entry) | {name: json.dumps(getattr(entry, name)) for name in ("facets", "badges", "data")}
    tx.execute(_ENTRY, {"withdrawn_at": None, **place, **row, "seq": seq})
    line = {"seq": seq, "title": entry.title, "type": what, "changed": list(changed), "at": at}
    tx.execute(_CHANGE, {**place, **line})
