"""The chain of every history, and the signed checkpoint of each day that shows a cut tail (wall 8).

Hashes are computed where they were made, in the database; signatures here, with the secret that the database
does not know.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import TextClause, text

from siskop.base import crypto
from siskop.base.db import Tx, settings
from siskop.engine.events import fold
from siskop.submissions import store

_BROKEN = text("""
WITH chained AS (
  SELECT e.*, s.number, lag(e.hash) OVER w AS before, lag(e.seq) OVER w AS seq_before,
    siskop.event_hash(e.prev, e.submission_id, e.seq, e.at, e.by, e.type, e.to_state, e.body) AS wanted
  FROM siskop.event e JOIN siskop.submission s ON s.id = e.submission_id
  WINDOW w AS (PARTITION BY e.submission_id ORDER BY e.seq)),
judged AS (
  SELECT *, CASE
    WHEN hash <> wanted THEN 'content changed'
    WHEN seq <> COALESCE(seq_before, 0) + 1 THEN 'an event before it is missing'
    WHEN prev <> COALESCE(before, decode(repeat('00', 32), 'hex')) THEN 'does not follow the event before it' END AS why
  FROM chained)
SELECT number, seq, why FROM judged WHERE why IS NOT NULL ORDER BY submission_id, seq""")
_HEADLESS = text("""
SELECT s.number, s.version AS seq FROM siskop.submission s LEFT JOIN siskop.event e
  ON e.submission_id = s.id AND e.seq = (SELECT max(seq) FROM siskop.event m WHERE m.submission_id = s.id)
WHERE e.seq IS NULL OR e.seq <> s.version OR e.to_state <> s.state ORDER BY s.id""")
_ANSWERS = text("""
SELECT s.number, e.seq, e.body->>'digest' AS digest, b.answers AS body, b.salt
FROM siskop.event e JOIN siskop.submission s ON s.id = e.submission_id
JOIN siskop.revision_body b ON e.type = 'submitted' AND b.revision_id = CAST(e.body->>'revision' AS bigint)
ORDER BY s.id, e.seq""")
_WORDS = text("""
SELECT s.number, e.seq, e.body->>'digest' AS digest, w.text AS body, w.salt
FROM siskop.event e JOIN siskop.submission s ON s.id = e.submission_id
JOIN siskop.words w ON w.id = CAST(e.body->>'words' AS bigint)
ORDER BY s.id, e.seq""")
_HEADS = text("""
SELECT DISTINCT ON (submission_id) submission_id, seq, hash FROM siskop.event WHERE at <= :at
ORDER BY submission_id, seq DESC""")
_COUNT = text("SELECT count(*) FROM siskop.event WHERE at <= :at")

SETTLED_MINUTES = 10
"""No transaction of ours takes that long: nothing older comes in any more."""


@dataclass(frozen=True, slots=True)
class Fault:
    where: str
    seq: int
    why: str


def verify(tx: Tx) -> Iterator[Fault]:
    """Every fault of every chain, of the states that rest on them, and of the days that were signed."""
    yield from (Fault(r.number, r.seq, r.why) for r in tx.execute(_BROKEN))
    yield from (Fault(r.number, r.seq, "the state is not that of the last event") for r in tx.execute(_HEADLESS))
    yield from _refold(tx)
    yield from _bodies(tx, _ANSWERS, "the answers are not those that were sent")
    yield from _bodies(tx, _WORDS, "the words are not those that were written")
    for row in tx.execute(text("SELECT day, at, events, root, signature FROM siskop.checkpoint ORDER BY day")).all():
        if not hmac.compare_digest(bytes(row.signature), _sign(row.day, row.at, row.events, bytes(row.root))):
            yield Fault(f"checkpoint {row.day}", 0, "the signature is not ours")
        elif (row.events, bytes(row.root)) != _root(tx, row.at):
            yield Fault(f"checkpoint {row.day}", 0, "the history of that day was changed or cut since")


def _refold(tx: Tx) -> Iterator[Fault]:
    for row in tx.execute(text("SELECT id, number, state, version FROM siskop.submission ORDER BY id")).all():
        events = store.read_events(tx, row.id)
        if not events:
            yield Fault(row.number, 0, "there is no history")
        elif (case := fold(events)).state != row.state or case.seq != row.version:
            yield Fault(row.number, case.seq, "the history leads to another state")


def _bodies(tx: Tx, asked: TextClause, why: str) -> Iterator[Fault]:
    """What stands beside the history and was not erased must be what its event has the digest of."""
    for row in tx.execute(asked):
        if crypto.salted(row.body, row.salt) != row.digest:
            yield Fault(row.number, row.seq, why)


def count(tx: Tx) -> tuple[int, int]:
    """(submissions, events)"""
    both = text("SELECT (SELECT count(*) FROM siskop.submission), (SELECT count(*) FROM siskop.event)")
    submissions, events = tx.execute(both).one()
    return submissions, events


def checkpoint(tx: Tx) -> None:
    """Sign the heads of all chains as they were a while ago, once a day whoever asks.

    An act takes its instant before it commits: what is younger may still get a neighbour that is older.
    """
    asked = text("SELECT siskop.now() - make_interval(mins => :settled), siskop.today()")
    at, day = tx.execute(asked, {"settled": SETTLED_MINUTES}).one()
    events, root = _root(tx, at)
    row = {"day": day, "at": at, "events": events, "root": root, "signature": _sign(day, at, events, root)}
    signed = "INSERT INTO siskop.checkpoint VALUES (:day, :at, :events, :root, :signature) ON CONFLICT DO NOTHING"
    tx.execute(text(signed), row)


def _root(tx: Tx, at: datetime) -> tuple[int, bytes]:
    digest = hashlib.sha256()
    for row in tx.execute(_HEADS, {"at": at}):
        digest.update(f"{row.submission_id}:{row.seq}:".encode() + bytes(row.hash))
    return int(tx.execute(_COUNT, {"at": at}).scalar_one()), digest.digest()


def _sign(day: date, at: datetime, events: int, root: bytes) -> bytes:
    message = f"checkpoint|{day.isoformat()}|{at.timestamp():.6f}|{events}|".encode() + root
    return hmac.new(crypto.derived(settings().secret_key, "checkpoint"), message, hashlib.sha256).digest()
