"""What somebody is called under a letter: title, rank, NIP, acting or on behalf of somebody, from day to day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from siskop.base.db import Tx, today
from siskop.base.errors import Invalid, NotFound
from siskop.base.i18n import gettext as _
from siskop.engine.case import Actor

ACTING = ("", "plt", "plh", "an")
"""Holding the post; Plt. and Plh.: acting for it; a.n.: on behalf of whoever holds another."""
PARTS = ("title", "rank", "nip", "acting", "behalf")
LONGEST = 200
_COLUMNS = "p.id, p.account_id, a.name, p.title, p.rank, p.nip, p.acting, p.behalf, p.from_on, p.until_on"
_OF = text(f"""
    SELECT {_COLUMNS} FROM siskop.post p JOIN siskop.account a ON a.id = p.account_id
    WHERE p.account_id = :account AND p.from_on <= :day AND (p.until_on IS NULL OR p.until_on >= :day)
    ORDER BY p.from_on DESC, p.id DESC LIMIT 1
""")  # noqa: S608
_ALL = text(f"""
    SELECT {_COLUMNS} FROM siskop.post p JOIN siskop.account a ON a.id = p.account_id
    WHERE p.until_on IS NULL OR p.until_on >= siskop.today() ORDER BY a.name, p.from_on
""")  # noqa: S608
_ADD = text("""
    INSERT INTO siskop.post (account_id, title, rank, nip, acting, behalf, from_on, until_on)
    VALUES (:account_id, :title, :rank, :nip, :acting, :behalf, :from_on, :until_on)
""")
_END = text("""
    UPDATE siskop.post SET until_on = siskop.today() - 1
    WHERE id = :id AND from_on < siskop.today() AND COALESCE(until_on >= siskop.today(), true) RETURNING true
""")
_DROP = text("DELETE FROM siskop.post WHERE id = :id AND from_on >= siskop.today() RETURNING true")


@dataclass(frozen=True, slots=True)
class Post:
    id: int
    account_id: int
    name: str
    title: str
    rank: str
    nip: str
    acting: str
    behalf: str
    from_on: date
    until_on: date | None


def signer(tx: Tx, actor: Actor, role: str) -> dict[str, str]:
    """As the letter names them today; without a post by the role, in the words given."""
    found = of(tx, actor.id or 0)
    told = {part: getattr(found, part) for part in PARTS} if found else dict.fromkeys(PARTS, "") | {"title": role}
    return {"name": actor.name, **told}


def of(tx: Tx, account_id: int) -> Post | None:
    """The newest that is valid today."""
    row = tx.execute(_OF, {"account": account_id, "day": today(tx)}).first()
    return Post(*row) if row else None


def standing(tx: Tx) -> list[Post]:
    """Those of today and to come, by name."""
    return [Post(*row) for row in tx.execute(_ALL)]


def add(tx: Tx, account_id: int, told: Mapping[str, str], from_on: date | None, until_on: date | None) -> None:
    """`told` by the names of PARTS. Raises Invalid."""
    kept = {part: " ".join(told.get(part, "").split()) for part in PARTS}
    problems: dict[str, list[str]] = {}
    if not kept["title"]:
        problems["title"] = [_("Write the title of the post.")]
    for part in PARTS:
        if len(kept[part]) > LONGEST or not kept[part].isprintable():
            problems[part] = [_("Write at most %(n)s characters.", n=LONGEST)]
    if kept["acting"] not in ACTING:
        problems["acting"] = [_("Choose one of these.")]
    if kept["acting"] == "an" and not kept["behalf"]:
        problems["behalf"] = [_("Write on whose behalf.")]
    if from_on is None or (until_on is not None and until_on < from_on):
        problems["from"] = [_("Write the first day, and a last one that is not before it.")]
    if problems:
        raise Invalid(problems)
    tx.execute(_ADD, {**kept, "account_id": account_id, "from_on": from_on, "until_on": until_on})


def end(tx: Tx, post_id: int) -> None:
    """From today on it counts no more: letters keep what they were signed with. Raises NotFound."""
    if not any(tx.execute(how, {"id": post_id}).scalar() for how in (_END, _DROP)):
        raise NotFound()
