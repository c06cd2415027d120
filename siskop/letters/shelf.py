"""Letters as pages show them: what waits for a signature, what was written, what was sent to somebody, print runs.

The office sees letters of the areas that its roles cover, and those that it may sign.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from siskop.base.db import Tx
from siskop.base.errors import NotFound
from siskop.engine.case import Actor
from siskop.engine.definition import Words
from siskop.letters.signing import SIGNS, held

PAGE = 50
MOST_PAGES_AT_ONCE = 1000
STATES: Mapping[str, str] = {
    "waiting": "l.signed_at IS NULL AND l.withdrawn_at IS NULL",
    "unprinted": "l.file_id IS NOT NULL AND l.withdrawn_at IS NULL AND p.run_id IS NULL",
    "sent": "l.signed_at IS NOT NULL AND l.withdrawn_at IS NULL",
    "withdrawn": "l.withdrawn_at IS NOT NULL",
}
_VISIBLE = f"""(EXISTS (SELECT FROM jsonb_to_recordset(CAST(:held AS jsonb)) AS g(role text, area text)
  WHERE starts_with(COALESCE(l.area, ''), g.area)) OR {SIGNS})"""
_COLUMNS = """
    SELECT l.id, l.letter, l.words, l.number, r.title, r.id AS record_id, s.number AS submission, l.area, l.written_at,
      l.signed_at, l.signer, f.sha256, l.pages, p.run_id, l.withdrawn_at, l.withdrawn_why, l.code, {mine} AS mine
    FROM siskop.letter l JOIN siskop.record r ON r.id = l.record_id
    LEFT JOIN siskop.submission s ON s.id = l.submission_id LEFT JOIN siskop.file f ON f.id = l.file_id
    LEFT JOIN LATERAL (SELECT max(run_id) AS run_id FROM siskop.print_line WHERE letter_id = l.id) p ON true
"""
_OFFICE = _COLUMNS.format(mine=SIGNS)
_PLAIN = _COLUMNS.format(mine="false")


@dataclass(frozen=True, slots=True)
class Letter:
    """`title` is the record's; `sha256` of its PDF, once made; `run_id` of its last printing; `mine`: to sign."""

    id: int
    letter: str
    words: Mapping[str, Any]
    number: str | None
    title: str
    record_id: int
    submission: str | None
    area: str | None
    written_at: datetime
    signed_at: datetime | None
    signer: Mapping[str, str] | None
    sha256: str | None
    pages: int | None
    run_id: int | None
    withdrawn_at: datetime | None
    withdrawn_why: str | None
    code: str
    mine: bool

    @property
    def status(self) -> str:
        """waiting, signed (its PDF is being made), ready, withdrawn"""
        if self.withdrawn_at:
            return "withdrawn"
        return ("ready" if self.sha256 else "signed") if self.signed_at else "waiting"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is narrowed to; `state` one of STATES or empty, `before` the id from which it goes on."""

    state: str = ""
    letter: str = ""
    q: str = ""
    before: int | None = None


def waiting(tx: Tx, actor: Actor) -> list[Letter]:
    """What waits for this actor's signature, oldest first."""
    query = text(f"{_OFFICE} WHERE {STATES['waiting']} AND {SIGNS} ORDER BY l.id")
    return [Letter(*row) for row in tx.execute(query, {"held": held(actor)})]


_COUNT = text(f"SELECT count(*) FROM siskop.letter l WHERE {STATES['waiting']} AND {SIGNS}")  # noqa: S608


def count_waiting(tx: Tx, actor: Actor) -> int:
    return int(tx.execute(_COUNT, {"held": held(actor)}).scalar_one())


def every(tx: Tx, actor: Actor, asked: Asked) -> list[Letter]:
    """Newest first, one more than a PAGE where there are more."""
    query = text(f"""{_OFFICE} WHERE {_VISIBLE} AND {STATES.get(asked.state, "true")}
        AND (:letter = '' OR l.letter = :letter)
        AND (:q = '' OR strpos(lower(r.title || ' ' || COALESCE(l.number, '')), lower(:q)) > 0)
        AND (CAST(:before AS bigint) IS NULL OR l.id < :before) ORDER BY l.id DESC LIMIT {PAGE + 1}""")
    about = {"held": held(actor), "letter": asked.letter, "q": asked.q, "before": asked.before}
    return [Letter(*row) for row in tx.execute(query, about)]


def one(tx: Tx, actor: Actor, letter_id: int) -> Letter:
    """Raises NotFound, also for what is not for this actor's eyes."""
    query = text(f"{_OFFICE} WHERE l.id = :id AND {_VISIBLE}")
    row = tx.execute(query, {"id": letter_id, "held": held(actor)}).first()
    if row is None:
        raise NotFound()
    return Letter(*row)


def of_submission(tx: Tx, submission_id: int, *, sent: bool) -> list[Letter]:
    """`sent`: only what has gone out, for those who act for the record."""
    state = STATES["sent"] if sent else "true"
    query = text(f"{_PLAIN} WHERE l.submission_id = :id AND {state} ORDER BY l.id")
    return [Letter(*row) for row in tx.execute(query, {"id": submission_id})]


def sent_to(tx: Tx, account_id: int, letter_id: int | None = None) -> list[Letter]:
    """What has gone out to those for whom this account acts, newest first; or the one."""
    theirs = "l.record_id IN (SELECT record_id FROM siskop.acting WHERE account_id = :account)"
    which = f"{STATES['sent']} AND {theirs} AND l.id = COALESCE(CAST(:id AS numeric), l.id)"
    query = text(f"{_PLAIN} WHERE {which} ORDER BY l.id DESC")
    return [Letter(*row) for row in tx.execute(query, {"account": account_id, "id": letter_id})]


_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('print', 0))")
_RUN = text("INSERT INTO siskop.print_run (by) VALUES (:by) RETURNING id")
_LINES = text(f"""
    INSERT INTO siskop.print_line (run_id, letter_id)
    SELECT :run, l.id FROM siskop.letter l
    LEFT JOIN LATERAL (SELECT max(run_id) AS run_id FROM siskop.print_line WHERE letter_id = l.id) p ON true
    WHERE {_VISIBLE} AND l.file_id IS NOT NULL AND l.withdrawn_at IS NULL
      AND CASE WHEN CAST(:ids AS bigint[]) IS NULL THEN p.run_id IS NULL ELSE l.id = ANY(:ids) END
    ORDER BY l.id LIMIT {MOST_PAGES_AT_ONCE}
""")  # noqa: S608


def print_run(tx: Tx, actor: Actor, ids: Collection[int] | None) -> tuple[int, int]:
    """(run, letters): the chosen ones, or all that are ready and were never printed; nothing is printed twice by two
    who ask at once. Nothing to print is (0, 0)."""
    tx.execute(_ALONE)
    with tx.begin_nested() as part:
        run = tx.execute(_RUN, {"by": actor.id}).scalar_one()
        asked = {"run": run, "ids": None if ids is None else list(ids), "held": held(actor)}
        if n := tx.execute(_LINES, asked).rowcount:
            return run, n
        part.rollback()
    return 0, 0


_OF_RUN = text("""
    SELECT f.sha256, l.pages FROM siskop.print_line p JOIN siskop.print_run n ON n.id = p.run_id
    JOIN siskop.letter l ON l.id = p.letter_id JOIN siskop.record r ON r.id = l.record_id
    JOIN siskop.file f ON f.id = l.file_id
    WHERE p.run_id = :run AND n.by = :by ORDER BY l.area NULLS LAST, r.title, l.id
""")


def run_files(tx: Tx, actor: Actor, run_id: int) -> list[tuple[str, int]]:
    """(digest, pages) in the order of areas, so that what goes to one district lies together. Raises NotFound for a
    run that somebody else made."""
    found = [(row.sha256, row.pages) for row in tx.execute(_OF_RUN, {"run": run_id, "by": actor.id})]
    if not found:
        raise NotFound()
    return found


_SHOWN = text("SELECT number, label, about, signed_on, withdrawn_on FROM register.verification WHERE code = :code")


@dataclass(frozen=True, slots=True)
class Verified:
    number: str
    label: Words
    about: Words
    signed_on: date
    withdrawn_on: date | None


def verified(tx: Tx, code: str) -> Verified | None:
    """What everybody may know about the letter with this code; `tx` may be the public role's."""
    row = tx.execute(_SHOWN, {"code": code}).first()
    return Verified(*row) if row else None
