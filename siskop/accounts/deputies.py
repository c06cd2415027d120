"""Who stands in for whom, from a first to a last day (Asia/Jakarta, both inclusive): a deputy acts with the
principal's roles beside their own. What they did in between stays in the histories, whatever happens to the line here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text

from siskop.base.db import Tx, today
from siskop.base.errors import Invalid, NotFound
from siskop.base.i18n import N_
from siskop.base.i18n import gettext as _

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Deputyship:
    """`begun`: it counts today; else it is still to come."""

    id: int
    principal: int
    principal_name: str
    deputy: int
    deputy_name: str
    from_on: date
    until_on: date
    begun: bool


_STANDING = """
SELECT d.id, d.account_id AS principal, p.name AS principal_name, d.deputy_id AS deputy, s.name AS deputy_name,
  d.from_on, d.until_on, d.from_on <= siskop.today() AS begun
FROM siskop.deputy d JOIN siskop.account p ON p.id = d.account_id JOIN siskop.account s ON s.id = d.deputy_id
WHERE d.until_on >= GREATEST(siskop.today(), d.from_on)"""
_NAME = text("""
INSERT INTO siskop.deputy (account_id, deputy_id, from_on, until_on) VALUES (:principal, :deputy, :from_on, :until_on)
RETURNING id""")
_SAME = text(
    f"{_STANDING} AND d.account_id = :principal AND d.deputy_id = :deputy"
    " AND d.from_on <= :until_on AND d.until_on >= :from_on"
)
_END = text("UPDATE siskop.deputy SET until_on = siskop.today() - 1 WHERE id = :id AND until_on >= siskop.today()")


def standing(tx: Tx, account_id: int | None = None) -> list[Deputyship]:
    """Those that count today or are to come, soonest end first; of one account (on either side), or of everybody."""
    whose = "" if account_id is None else " AND :account IN (d.account_id, d.deputy_id)"
    rows = tx.execute(text(f"{_STANDING}{whose} ORDER BY d.until_on, d.id"), {"account": account_id})
    return [Deputyship(**row._asdict()) for row in rows]


def name(
    tx: Tx, principal: int, deputy: int | None, days: tuple[date | None, date | None], among: Collection[int]
) -> int:
    """Let `deputy`, one of `among`, stand in from the first to the last day: its id. Raises Invalid by field."""
    from_on, until_on = days
    day = today(tx)
    problems: dict[str, list[str]] = {}
    if deputy is None or deputy == principal or deputy not in among:
        problems["orang"] = [_("Choose the colleague who stands in.")]
    if from_on is None or from_on < day:
        problems["dari"] = [_("Choose the first day: today or later.")]
    if until_on is None or until_on < max(from_on or day, day):
        problems["sampai"] = [_("Choose the last day: the first day or later.")]
    elif until_on > (from_on or day) + LONGEST:
        problems["sampai"] = [_("At most one year.")]
    if problems:
        raise Invalid(problems)
    asked = {"principal": principal, "deputy": deputy, "from_on": from_on, "until_on": until_on}
    tx.execute(text("SELECT 1 FROM siskop.account WHERE id = :principal FOR NO KEY UPDATE"), asked)
    if (same := tx.execute(_SAME, asked).first()) is not None:
        stands = N_("%(name)s stands in on some of these days already.")
        raise Invalid({"orang": [_(stands, name=same.deputy_name)]})
    return int(tx.execute(_NAME, asked).scalar_one())


def end(tx: Tx, deputyship: int, principal: int | None = None) -> Deputyship:
    """From now on it counts no more. Raises NotFound for one that is over, or not of `principal` if one is given."""
    found = next((d for d in standing(tx) if d.id == deputyship and principal in (None, d.principal)), None)
    if found is None:
        raise NotFound()
    tx.execute(_END, {"id": deputyship})
    return found
