"""Signing gives a letter its number, its day and its signer, for good; withdrawing says why it counts no more.

Lock order: the letters by id, then the counters by series; two heads at once wait for each other and never deadlock.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from siskop.base import db
from siskop.base.db import Tx
from siskop.base.errors import Conflict, NotFound, Refusal
from siskop.base.i18n import N_, words
from siskop.engine.case import Actor
from siskop.engine.definition import Library
from siskop.engine.load_letters import NUMBER
from siskop.jobs import queue
from siskop.letters import posts

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
SIGNS = """EXISTS (SELECT FROM jsonb_to_recordset(CAST(:held AS jsonb)) AS g(role text, area text)
  WHERE g.role = l.sign_role AND (l.sign_area IS NULL OR starts_with(l.sign_area, g.area)))"""
"""Whether the grants `held` may sign the letter `l`."""
_LOCK = text(f"""
    SELECT l.id, l.series, l.sign_role, l.signed_at IS NOT NULL OR l.withdrawn_at IS NOT NULL AS over
    FROM siskop.letter l WHERE l.id = ANY(:ids) AND {SIGNS} ORDER BY l.id FOR UPDATE
""")  # noqa: S608
_COUNT = text("""
    INSERT INTO siskop.letter_counter AS c (series, year, last) VALUES (:series, :year, 1)
    ON CONFLICT (series, year) DO UPDATE SET last = c.last + 1 RETURNING last
""")
_OF = text("SELECT series, pattern FROM siskop.letter WHERE id = :id")
_SIGN = text("""
    UPDATE siskop.letter SET signed_at = siskop.now(), signed_by = :by, signer = CAST(:signer AS jsonb), year = :year,
      seq = :seq, number = :number
    WHERE id = :id AND signed_at IS NULL RETURNING code, words
""")
_SHOW = text("""
    INSERT INTO register.verification (code, number, label, about, signed_on)
    VALUES (:code, :number, CAST(:label AS jsonb), CAST(:about AS jsonb), siskop.today())
""")


def held(actor: Actor) -> str:
    """The grants by which somebody signs, their own and those of whom they stand in for: JSON for SIGNS."""
    grants = [*actor.grants, *(grant for grants in actor.principals.values() for grant in grants)]
    return json.dumps([{"role": role, "area": area} for role, area in grants])


def sign(tx: Tx, library: Library, ids: Collection[int], actor: Actor) -> int:
    """All of them or none; answers how many. Raises NotFound for one that is not theirs to sign, Conflict for one that
    was signed or withdrawn meanwhile."""
    rows = tx.execute(_LOCK, {"ids": list(ids), "held": held(actor)}).all()
    if len(rows) != len(set(ids)):
        raise NotFound()
    if any(row.over for row in rows):
        raise Conflict(N_("One of these letters was signed or withdrawn meanwhile. Look at the list again."))
    for row in sorted(rows, key=lambda row: (row.series, row.id)):
        role = library.roles.get(row.sign_role)
        issue(tx, row.id, actor, posts.signer(tx, actor, words(role.label) if role else ""))
    return len(rows)


def issue(tx: Tx, letter_id: int, actor: Actor | None, signer: Mapping[str, str] | None) -> None:
    """Numbers it, opens it to verification and asks for its PDF, in the transaction of whoever signs."""
    day, of = db.today(tx), tx.execute(_OF, {"id": letter_id}).one()
    seq = tx.execute(_COUNT, {"series": of.series, "year": day.year}).scalar_one()
    said = {"seq": seq, "year": day.year, "month": day.month, "roman_month": ROMAN[day.month - 1]}
    number = NUMBER.sub(lambda m: f"{said[m[1]]:0{m[2]}}" if m[2] else str(said[m[1]]), of.pattern)
    signed = {"id": letter_id, "by": actor.id if actor else None, "signer": json.dumps(signer) if signer else None}
    try:
        row = tx.execute(_SIGN, {**signed, "year": day.year, "seq": seq, "number": number}).one()
    except IntegrityError as error:
        raise Refusal(N_("The number %(number)s is taken: its pattern must be mended first."), number=number) from error
    shown = {"label": json.dumps(row.words["label"]), "about": json.dumps(row.words["public"])}
    tx.execute(_SHOW, {"code": row.code, "number": number, **shown})
    queue.put(tx, "typeset", f"typeset:{letter_id}", {"letter": letter_id}, "publishing")


_WITHDRAW = text(f"""
    UPDATE siskop.letter l SET withdrawn_at = siskop.now(), withdrawn_by = :by, withdrawn_why = :why
    WHERE l.id = :id AND l.withdrawn_at IS NULL AND (:any OR {SIGNS}) RETURNING l.code
""")  # noqa: S608
_HIDE = text("UPDATE register.verification SET withdrawn_on = siskop.today() WHERE code = :code")


def withdraw(tx: Tx, letter_id: int, actor: Actor, why: str, *, any_letter: bool) -> None:
    """By whoever may sign it, or any: its number stays spent. Raises Conflict when it was withdrawn before, or is not
    theirs; the caller has seen that it is there."""
    asked: dict[str, Any] = {"id": letter_id, "by": actor.id, "why": why, "any": any_letter, "held": held(actor)}
    code = tx.execute(_WITHDRAW, asked).scalar()
    if code is None:
        raise Conflict(N_("This letter was withdrawn before, or is not yours to withdraw."))
    tx.execute(_HIDE, {"code": code})
