"""Who acts for which record. A claim counts while its record is unpublished; publication is the office's yes to it.

Memberships are those of a record's keeper: a report or a business is kept by those who act for its cooperative. Which
of them count is said once, by the view `siskop.acting`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text

from siskop.base.db import Tx

_ENDED = "status = 'ended', ended_at = siskop.now()"
_KEEPER = "(SELECT keeper FROM siskop.record WHERE id = :record)"


@dataclass(frozen=True, slots=True)
class Held:
    """A record that an account acts for, or still claims after its publication (`acts` is False then)."""

    record_id: int
    kind: str
    slug: str | None
    version: int
    status: str  # claimed accepted
    acts: bool
    in_force: bool  # not withdrawn


def claim(tx: Tx, account_id: int, record_id: int, proof_file_id: int | None = None) -> None:
    """Say that one acts for the record; a newer proof replaces the older one. An accepted one stays as it is."""
    tx.execute(
        text(f"""
            INSERT INTO siskop.membership (account_id, record_id, status, proof_file)
            VALUES (:account, {_KEEPER}, 'claimed', :proof)
            ON CONFLICT (account_id, record_id) WHERE status <> 'ended'
            DO UPDATE SET proof_file = COALESCE(excluded.proof_file, membership.proof_file)
            WHERE membership.status = 'claimed'"""),  # noqa: S608
        {"account": account_id, "record": record_id, "proof": proof_file_id},
    )


def accept(tx: Tx, record_id: int, only: Collection[int] | None = None) -> None:
    """The office's yes to every claim on the record, or to those of these accounts."""
    _decide(tx, record_id, "status = 'accepted', accepted_at = siskop.now()", only)


def end_claims(tx: Tx, record_id: int, only: Collection[int] | None = None) -> None:
    """The office's no: claims end (of these accounts), who was accepted before stays."""
    _decide(tx, record_id, _ENDED, only)


def end_others(tx: Tx, record_id: int, kept: Collection[int]) -> None:
    """From now on only these act for the record, as far as they did."""
    sql = f"UPDATE siskop.membership SET {_ENDED} WHERE record_id = {_KEEPER} AND status <> 'ended'"  # noqa: S608
    tx.execute(text(f"{sql} AND account_id <> ALL(:kept)"), {"record": record_id, "kept": list(kept)})


def _decide(tx: Tx, record_id: int, to: str, only: Collection[int] | None) -> None:
    sql = f"UPDATE siskop.membership SET {to} WHERE record_id = {_KEEPER} AND status = 'claimed'"  # noqa: S608
    whose = " AND account_id = ANY(:only)" if only is not None else ""
    tx.execute(text(sql + whose), {"record": record_id, "only": list(only or ())})


def grant(tx: Tx, account_id: int, record_id: int) -> None:
    """Let somebody act for an existing record at once: the word of the office, of an administrator, or the seed's."""
    claim(tx, account_id, record_id)
    accept(tx, record_id, [account_id])


def operators(tx: Tx, record_id: int) -> list[int]:
    """Accounts that act for the record now."""
    sql = text("SELECT account_id FROM siskop.acting WHERE record_id = :record ORDER BY membership_id")
    return list(tx.execute(sql, {"record": record_id}).scalars())


def is_operator(tx: Tx, account_id: int | None, record_id: int) -> bool:
    sql = text("SELECT 1 FROM siskop.acting WHERE record_id = :record AND account_id = :account")
    return account_id is not None and bool(tx.execute(sql, {"record": record_id, "account": account_id}).scalar())


def records_of(tx: Tx, account_id: int) -> list[Held]:
    """Every record with a living membership of the account, newest first; not the children of these."""
    rows = tx.execute(
        text("""
            SELECT m.record_id, r.kind, r.slug, r.version, m.status, a.record_id IS NOT NULL AS acts,
              r.withdrawn_at IS NULL AS in_force
            FROM siskop.membership m JOIN siskop.record r ON r.id = m.record_id
            LEFT JOIN siskop.acting a ON a.record_id = m.record_id AND a.membership_id = m.id
            WHERE m.account_id = :account AND m.status <> 'ended' ORDER BY m.id DESC"""),
        {"account": account_id},
    )
    return [Held(*row) for row in rows]


def proof(tx: Tx, account_id: int, record_id: int) -> int | None:
    """File that shows that the account acts for the record, if one was given."""
    return next((file for account, _status, file in proofs(tx, record_id) if account == account_id), None)


def proofs(tx: Tx, record_id: int) -> list[tuple[int, str, int | None]]:
    """(account, status, proof file) of every living membership, oldest first: what an officer looks at."""
    rows = tx.execute(
        text(f"""
            SELECT account_id, status, proof_file FROM siskop.membership
            WHERE record_id = {_KEEPER} AND status <> 'ended' ORDER BY id"""),  # noqa: S608
        {"record": record_id},
    )
    return [(account, status, file) for account, status, file in rows]
