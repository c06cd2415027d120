"""Which mails somebody wants: a switch a kind, and one click in the mail itself (RFC 8058)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from siskop.base import crypto, db
from siskop.base.db import Tx
from siskop.mail import compose


def address(account_id: int, mail: str) -> str:
    """Where whoever holds the mail switches off its kind, without signing in; several kinds are parted by commas."""
    return compose.address(f"/surel/berhenti/{account_id}/{mail}/{_seal(account_id, mail)}", db.settings().base_url)


def is_address(account_id: int, mail: str, seal: str) -> bool:
    return hmac.compare_digest(seal.encode(), _seal(account_id, mail).encode())


def _seal(account_id: int, mail: str) -> str:
    return crypto.keyed(db.settings().secret_key, "mail switch", f"{account_id}:{mail}")[:32]


_OFF = text("""
    INSERT INTO siskop.mail_switch (account_id, mail) SELECT :account, unnest(CAST(:mails AS text[]))
    ON CONFLICT DO NOTHING
""")
_ON = text("DELETE FROM siskop.mail_switch WHERE account_id = :account AND mail = ANY(:mails)")


def turn(tx: Tx, account_id: int, mails: list[str], *, on: bool) -> None:
    tx.execute(_ON if on else _OFF, {"account": account_id, "mails": mails})


@dataclass(frozen=True, slots=True)
class Known:
    """A kind of mail that somebody has had: when last, and why it came then, in the words of its footer."""

    mail: str
    obligatory: bool
    why: str
    at: datetime
    off: bool


_KNOWN = text("""
    SELECT DISTINCT ON (m.mail) m.mail, m.obligatory, COALESCE(m.parts->>'why', ''), m.created_at, s.mail IS NOT NULL
    FROM siskop.mail m LEFT JOIN siskop.mail_switch s ON s.account_id = m.account_id AND s.mail = m.mail
    WHERE m.account_id = :account ORDER BY m.mail, m.id DESC
""")


def known(tx: Tx, account_id: int) -> list[Known]:
    return [Known(*row) for row in tx.execute(_KNOWN, {"account": account_id})]
