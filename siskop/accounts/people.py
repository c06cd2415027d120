"""People as the rest of Siskop sees them: actors for the engine, candidates for seats, names, and their making.

A grant is valid from its first to its last day (Asia/Jakarta) and covers every area code that begins with its own.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from passlib.context import CryptContext  # type: ignore[import-untyped]
from sqlalchemy import text

from siskop.accounts import memberships
from siskop.base.db import Tx
from siskop.base.errors import Invalid, NotFound
from siskop.base.i18n import LOCALES, N_, gettext
from siskop.engine.case import Actor, Candidate
from siskop.engine.definition import Role, Who

COST = {"argon2__memory_cost": 19 * 1024, "argon2__time_cost": 2, "argon2__parallelism": 1}
"""argon2id with 19 MiB, twice (OWASP Password Storage Cheat Sheet): eight sign-ins at once still fit a small server."""
HASHES = CryptContext(["argon2"], **COST)
ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{3,190}")
VALID = "from_on <= siskop.today() AND (until_on IS NULL OR until_on >= siskop.today())"


@dataclass(frozen=True, slots=True)
class Person:
    """One line of a list of people. `grants` as `role` or `role:area`."""

    id: int
    email: str
    name: str
    active: bool
    demo: bool
    confirmed: bool
    grants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """What a page says of the account whose session it is; `language` is that of its mails."""

    id: int
    email: str
    name: str
    language: str
    mail_bad: bool = False  # what goes to the address comes back


def actor_for(tx: Tx, account_id: int, record_id: int | None = None) -> Actor:
    """The account as the engine sees it, with its relation to that record. NotFound when there is no active one."""
    name = tx.execute(text("SELECT name FROM siskop.account WHERE id = :id AND active"), {"id": account_id}).scalar()
    if name is None:
        raise NotFound()
    acts = record_id is not None and memberships.is_operator(tx, account_id, record_id)
    return Actor(
        id=account_id,
        grants=grants(tx, account_id),
        relations=frozenset({"record_operator"} if acts else ()),
        principals=_principals(tx, account_id),
        name=name,
    )


def grants(tx: Tx, account_id: int) -> tuple[tuple[str, str], ...]:
    """(role, area prefix) valid today."""
    rows = tx.execute(
        text(f"SELECT role, area FROM siskop.role_grant WHERE account_id = :id AND {VALID} ORDER BY id"),  # noqa: S608
        {"id": account_id},
    )
    return tuple((role, area) for role, area in rows)


def _principals(tx: Tx, account_id: int) -> Mapping[int, tuple[tuple[str, str], ...]]:
    """For whom this account is deputy today, with their grants."""
    return {principal: grants(tx, principal) for principal in tx.execute(_DEPUTED, {"id": account_id}).scalars().all()}


_DEPUTED = text("""
SELECT DISTINCT d.account_id FROM siskop.deputy d JOIN siskop.account a ON a.id = d.account_id
WHERE d.deputy_id = :id AND a.active AND siskop.today() BETWEEN d.from_on AND d.until_on ORDER BY 1""")
_STAFF = text(f"""
SELECT a.id, a.name,
  ARRAY(SELECT jsonb_build_array(g.role, g.area) FROM siskop.role_grant g
        WHERE g.account_id = a.id AND {VALID} ORDER BY g.id) AS grants,
  ARRAY(SELECT d.account_id FROM siskop.deputy d JOIN siskop.account p ON p.id = d.account_id AND p.active
        WHERE d.deputy_id = a.id AND siskop.today() BETWEEN d.from_on AND d.until_on ORDER BY 1) AS principals
FROM siskop.account a WHERE a.active ORDER BY a.name, a.id""")  # noqa: S608


def staff(tx: Tx) -> list[Actor]:
    """Everybody active who holds a role today, or stands in for somebody who does, by name."""
    rows = tx.execute(_STAFF).all()
    held = {row.id: tuple((role, area) for role, area in row.grants) for row in rows}
    return [
        Actor(id=row.id, grants=held[row.id], principals={p: held[p] for p in row.principals}, name=row.name)
        for row in rows
        if row.grants or row.principals
    ]


def may_words(held: Iterable[tuple[str, str]], roles: Mapping[str, Role]) -> frozenset[str]:
    """What the grants allow beside the engine (desk, personal, …), by the roles of the definitions in force."""
    return frozenset(word for role, _area in held if role in roles for word in roles[role].may)


_CANDIDATES = text(f"""
SELECT a.id, (SELECT count(*) FROM siskop.work_item w WHERE w.person = a.id AND w.status = 'open') AS load
FROM siskop.account a
WHERE a.active AND NOT a.id = ANY(:exclude) AND EXISTS (
  SELECT 1 FROM siskop.role_grant g WHERE g.account_id = a.id AND g.role = :role AND {VALID}
  AND (CAST(:area AS text) IS NULL OR starts_with(:area, g.area)))
ORDER BY load, a.id""")  # noqa: S608


def candidates(tx: Tx, who: Who, area: str | None, exclude: Collection[int] = ()) -> list[Candidate]:
    """Active people who hold the role today, least busy first, then by id.

    Where `who` asks for an area, they cover it; an unknown one is left to those who cover all.
    """
    if who.role is None:
        return []
    asked = {"role": who.role, "area": (area or "") if who.area else None, "exclude": list(exclude)}
    rows = tx.execute(_CANDIDATES, asked)
    return [Candidate(id=account, load=load) for account, load in rows]


def names(tx: Tx, ids: Collection[int]) -> dict[int, str]:
    rows = tx.execute(text("SELECT id, name FROM siskop.account WHERE id = ANY(:ids)"), {"ids": list(ids)})
    return {row.id: row.name for row in rows}


def find(tx: Tx, email: str) -> int | None:
    return tx.execute(text("SELECT id FROM siskop.account WHERE email = lower(:email)"), {"email": email}).scalar()


def create(
    tx: Tx, email: str, name: str, *, password: str | None = None, demo: bool = False, language: str = "id"
) -> int:
    """A confirmed account, made by a command or the seed; people who register themselves go through the pages."""
    if not ADDRESS.fullmatch(email.strip()):
        raise Invalid({"email": [gettext(N_("This is not a mail address: %(got)s"), got=email)]})
    if find(tx, email.strip()):
        raise Invalid({"email": [gettext(N_("An account with this address is there already."))]})
    values = {
        "email": email.strip().lower(),
        "name": " ".join(name.split()),
        "password": hashed(password) if password else None,
        "demo": demo,
        "uniquifier": uuid.uuid4().hex,
        "language": language,
    }
    made = text(
        "INSERT INTO siskop.account (email, name, password, demo, fs_uniquifier, language, confirmed_at)"
        " VALUES (:email, :name, :password, :demo, :uniquifier, :language, siskop.now()) RETURNING id"
    )
    return int(tx.execute(made, values).scalar_one())


def hashed(password: str) -> str:
    """argon2id of the password in the form in which the sign-in page compares it (NFKD)."""
    return str(HASHES.hash(unicodedata.normalize("NFKD", password)))


def grant(
    tx: Tx, account_id: int, role: str, area: str = "", *, from_on: date | None = None, until_on: date | None = None
) -> None:
    """Give a role for an area ('' = all) and end the account's sessions: more rights never ride on an old cookie.

    The caller knows that the role is declared. The same grant again changes nothing but its last day.
    """
    tx.execute(
        text(
            "INSERT INTO siskop.role_grant (account_id, role, area, from_on, until_on)"
            " VALUES (:account, :role, :area, COALESCE(:from_on, siskop.today()), :until_on)"
            " ON CONFLICT (account_id, role, area, from_on) DO UPDATE SET until_on = excluded.until_on"
        ),
        {"account": account_id, "role": role, "area": area, "from_on": from_on, "until_on": until_on},
    )
    tx.execute(text("DELETE FROM siskop.session WHERE account_id = :account"), {"account": account_id})


def everybody(tx: Tx) -> list[Person]:
    rows = tx.execute(
        text(f"""
            SELECT a.id, a.email, a.name, a.active, a.demo, a.confirmed_at IS NOT NULL AS confirmed,
              COALESCE((SELECT array_agg(concat_ws(':', g.role, NULLIF(g.area, '')) ORDER BY g.id)
                        FROM siskop.role_grant g WHERE g.account_id = a.id AND {VALID}), '{{}}') AS grants
            FROM siskop.account a ORDER BY a.id""")  # noqa: S608
    )
    return [Person(**row._asdict() | {"grants": tuple(row.grants)}) for row in rows]


def rename(tx: Tx, account_id: int, name: str, language: str) -> None:
    """What people may change of themselves. Raises Invalid when no name is left."""
    tx.execute(
        text("UPDATE siskop.account SET name = :name, language = :language WHERE id = :id"),
        {"id": account_id, "name": tidy(name), "language": language if language in LOCALES else "id"},
    )


def tidy(name: str) -> str:
    """A name as it is kept. Raises Invalid when none is left, or too much."""
    kept = " ".join(name.split())
    if not 1 <= len(kept) <= 200 or not kept.isprintable():
        raise Invalid({"name": [gettext(N_("Write your name, in at most 200 characters."))]})
    return kept
