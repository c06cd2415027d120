"""Who acts for which record. A claim counts while its record is unpublished; publication is the office's yes to it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from siskop.base.db import Tx

_ACTS = "(m.status = 'accepted' OR (m.status = 'claimed' AND r.version = 0))"
_FROM = "FROM siskop.membership m JOIN siskop.record r ON r.id = m.record_id"


@dataclass(frozen=True, slots=True)
class Held:
    """A record that an account acts for, or still claims after its publication (`acts` is False then)."""

    record_id: int
    kind: str
    slug: str | None
    version: int
    status: str  # claimed accepted
    acts: bool
    proof_file: int | None


def claim(tx: Tx, account_id: int, record_id: int, proof_file_id: int | None = None) -> None:
    """Say that one acts for the record; a newer proof replaces the older one. An accepted one stays as it is."""
    tx.execute(
        text(
            "INSERT INTO siskop.membership (account_id, record_id, status, proof_file)"
            " VALUES (:account, :record, 'claimed', :proof)"
            " ON CONFLICT (account_id, record_id) WHERE status <> 'ended'"
            " DO UPDATE SET proof_file = COALESCE(excluded.proof_file, membership.proof_file)"
            " WHERE membership.status = 'claimed'"
        ),
        {"account": account_id, "record": record_id, "proof": proof_file_id},
    )


def accept(tx: Tx, record_id: int) -> None:
    """The office's yes to every claim on the record."""
    tx.execute(
        text(
            "UPDATE siskop.membership SET status = 'accepted', accepted_at = siskop.now()"
            " WHERE record_id = :record AND status = 'claimed'"
        ),
        {"record": record_id},
    )


def end_claims(tx: Tx, record_id: int) -> None:
    """The office's no: claims end, who was accepted before stays."""
    tx.execute(
        text(
            "UPDATE siskop.membership SET status = 'ended', ended_at = siskop.now()"
            " WHERE record_id = :record AND status = 'claimed'"
        ),
        {"record": record_id},
    )


def grant(tx: Tx, account_id: int, record_id: int) -> None:
    """Let somebody act for an existing record at once: an administrator's word, or the seed's."""
    claim(tx, account_id, record_id)
    tx.execute(
        text(
            "UPDATE siskop.membership SET status = 'accepted', accepted_at = siskop.now()"
            " WHERE account_id = :account AND record_id = :record AND status = 'claimed'"
        ),
        {"account": account_id, "record": record_id},
    )


def operators(tx: Tx, record_id: int) -> list[int]:
    """Accounts that act for the record now."""
    found = tx.execute(
        text(f"SELECT m.account_id {_FROM} WHERE m.record_id = :record AND {_ACTS} ORDER BY m.id"),
        {"record": record_id},
    )
    return list(found.scalars())


def is_operator(tx: Tx, account_id: int | None, record_id: int) -> bool:
    return account_id is not None and bool(
        tx.execute(
            text(f"SELECT 1 {_FROM} WHERE m.record_id = :record AND m.account_id = :account AND {_ACTS}"),
            {"record": record_id, "account": account_id},
        ).scalar()
    )


def records_of(tx: Tx, account_id: int) -> list[Held]:
    """Every record with a living membership of the account, newest first."""
    rows = tx.execute(
        text(
            f"SELECT m.record_id, r.kind, r.slug, r.version, m.status, {_ACTS} AS acts, m.proof_file"
            f" {_FROM} WHERE m.account_id = :account AND m.status <> 'ended' ORDER BY m.id DESC"
        ),
        {"account": account_id},
    )
    return [Held(*row) for row in rows]


def proof(tx: Tx, account_id: int, record_id: int) -> int | None:
    """File that shows that the account acts for the record, if one was given."""
    return tx.execute(
        text(
            "SELECT proof_file FROM siskop.membership"
            " WHERE account_id = :account AND record_id = :record AND status <> 'ended'"
        ),
        {"account": account_id, "record": record_id},
    ).scalar()


def proofs(tx: Tx, record_id: int) -> list[tuple[int, str, int | None]]:
    """(account, status, proof file) of every living membership, oldest first: what an officer looks at."""
    rows = tx.execute(
        text(
            "SELECT account_id, status, proof_file FROM siskop.membership"
            " WHERE record_id = :record AND status <> 'ended' ORDER BY id"
        ),
        {"record": record_id},
    )
    return [(account, status, file) for account, status, file in rows]
