"""How many mails a minute one provider takes: a slot each, in the order in which they were asked for. What has to wait
is put off until its slot, so it holds up nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import text

from siskop.base.db import Tx

_KEEP = text("""
    INSERT INTO siskop.mail_rate AS known (domain, per_minute) VALUES (:domain, :per_minute)
    ON CONFLICT (domain) DO UPDATE SET per_minute = EXCLUDED.per_minute
""")
_FORGET = text("DELETE FROM siskop.mail_rate WHERE domain <> ALL(:domains)")


def keep(tx: Tx, rows: Iterable[Mapping[str, str]]) -> None:
    """The list `mail-rates` as it is now: domain, per_minute."""
    rates = {row["domain"].lower(): int(row["per_minute"]) for row in rows if row.get("per_minute", "").isdecimal()}
    for domain, per_minute in rates.items():
        tx.execute(_KEEP, {"domain": domain, "per_minute": per_minute})
    tx.execute(_FORGET, {"domains": list(rates)})


_SLOT = text("""
    UPDATE siskop.mail_rate SET next_at = GREATEST(next_at, siskop.now()) + interval '1 minute' / per_minute
    WHERE domain = :domain
    RETURNING next_at - interval '1 minute' / per_minute, next_at - interval '1 minute' / per_minute > siskop.now()
""")


def wait(tx: Tx, address: str) -> datetime | None:
    """When a mail may go there; None for now. The slot is taken either way."""
    row = tx.execute(_SLOT, {"domain": address.rpartition("@")[2].lower()}).first()
    return row[0] if row and row[1] else None
