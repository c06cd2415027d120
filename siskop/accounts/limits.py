"""How often somebody may try: counted in the database, by keyed digests of address and network, never the thing itself.

After the free attempts of a window each further one must wait longer than the last. An address without an account is
counted like any other, so that nothing can be learnt from a limit.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass

from sqlalchemy import text

from siskop.base import crypto
from siskop.base.db import Tx, settings, unit_of_work

WINDOW_HOURS = 24
FIRST_WAIT_SECONDS = 30
LONGEST_WAIT_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class Limit:
    """Attempts without a wait, for one address and for one network (an office behind one address is many people)."""

    act: str
    per_address: int
    per_network: int


SIGN_IN = Limit("sign-in", per_address=5, per_network=40)
MAIL = Limit("mail", per_address=4, per_network=40)  # registration, confirmation, recovery: each sends one


class TooMany(Exception):
    """Wait `seconds` before the next attempt."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"wait {seconds} s")


def take(limit: Limit, address: str, network: str) -> None:
    """Count one attempt before it is made, or raise TooMany. Attempts on one key queue up: many at once are not one."""
    with unit_of_work() as tx:
        kept = {_key(limit, address.strip().lower()): limit.per_address, _key(limit, _net(network)): limit.per_network}
        for key in sorted(kept):
            tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
        wait = max(_wait(tx, key, free) for key, free in kept.items())
        if wait > 0:
            raise TooMany(wait)
        tx.execute(text("INSERT INTO siskop.sign_in_attempt (key) VALUES (:key)"), [{"key": key} for key in kept])


def forget(limit: Limit, address: str, network: str) -> None:
    """It went well: the address's count starts anew, the network's goes back by this one."""
    with unit_of_work() as tx:
        key = _key(limit, address.strip().lower())
        tx.execute(text("DELETE FROM siskop.sign_in_attempt WHERE key = :key"), {"key": key})
        newest = "(SELECT max(id) FROM siskop.sign_in_attempt WHERE key = :key)"
        last = text(f"DELETE FROM siskop.sign_in_attempt WHERE id = {newest}")  # noqa: S608
        tx.execute(last, {"key": _key(limit, _net(network))})


def sweep(tx: Tx) -> int:
    """Remove attempts that no window sees any more."""
    old = f"DELETE FROM siskop.sign_in_attempt WHERE at < siskop.now() - interval '{WINDOW_HOURS} hours'"  # noqa: S608
    return tx.execute(text(old)).rowcount


def _wait(tx: Tx, key: str, free: int) -> int:
    """Seconds from now until the next attempt; 30, 60, 120 … after the last one, a quarter of an hour at most."""
    made, ago = tx.execute(
        text(
            "SELECT count(*), extract(epoch FROM siskop.now() - max(at)) FROM siskop.sign_in_attempt"  # noqa: S608
            f" WHERE key = :key AND at > siskop.now() - interval '{WINDOW_HOURS} hours'"
        ),
        {"key": key},
    ).one()
    if made < free:
        return 0
    due = min(FIRST_WAIT_SECONDS * 2 ** min(made - free, 10), LONGEST_WAIT_SECONDS)
    return max(0, math.ceil(float(due - ago)))


def _key(limit: Limit, value: str) -> str:
    return crypto.keyed(settings().secret_key, f"limit:{limit.act}", value)


def _net(address: str) -> str:
    """One IPv4 address, or the /64 that one IPv6 household or phone has."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else str(known)
