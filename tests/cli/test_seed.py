"""The demo's data: alike on one day, believable, through the door, with a past and every state."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text

from siskop.base.db import unit_of_work
from siskop.cli import seed
from siskop.cli.invented import cooperatives
from siskop.submissions import chain
from tests.worlds import World

AREAS = ["36.74.01.1001", "36.74.02.1001"]


def test_two_seedings_on_one_day_are_alike() -> None:
    today = date(2026, 11, 25)
    first, second = (list(cooperatives(200, AREAS, today)) for _ in range(2))
    assert first == second
    assert len({one.answers["name"] for one in first}) == 200
    assert all(seed.FATES[fate] for fate in seed.FATES) and sum(seed.FATES.values()) == 200
    assert seed.FATES["published"] + seed.FATES["updating"] >= 150


def test_some_are_unlicensed_some_expire_and_some_do_not_report() -> None:
    today = date(2026, 11, 25)
    answers = [one.answers for one in cooperatives(200, AREAS, today)]
    without = [a for a in answers if not a["has_licence"]]
    over = [a for a in answers if a.get("licence_expires", "9999") < today.isoformat()]
    soon = [a for a in answers if today.isoformat() <= a.get("licence_expires", "") <= "2027-02-23"]
    inactive = [a for a in answers if a.get("last_report_year", today.year) < today.year - 2]
    assert min(map(len, (without, over, soon, inactive))) >= 10
    assert len(without) + len(over) + len(soon) < 100 < 200 - len(inactive)


def test_the_story_is_told_through_the_door_and_ends_in_the_present(world: World) -> None:
    seed.plant(16)
    with unit_of_work() as tx:
        states = set(tx.execute(text("SELECT DISTINCT state FROM siskop.submission")).scalars())
        counted = text("SELECT kind, count(*) FROM register.entry GROUP BY kind")
        entries = {row.kind: row.count for row in tx.execute(counted)}
        waiting = text("SELECT workflow, state FROM siskop.submission WHERE workflow IN ('assistance-grant', 'access')")
        begun = {row.workflow: row.state for row in tx.execute(waiting)}
        shift = tx.execute(text("SELECT shift = '0'::interval FROM siskop.clock")).scalar_one()
        oldest = tx.execute(text("SELECT siskop.today() - min(started_at)::date FROM siskop.submission")).scalar_one()
        asked = tx.execute(text("SELECT count(*) FROM siskop.correction WHERE status = 'open'")).scalar_one()
        later = tx.execute(text("SELECT count(*) FROM siskop.event WHERE at > siskop.now()")).scalar_one()
        faults = list(chain.verify(tx))
        signed = tx.execute(text("SELECT count(*) FROM siskop.letter WHERE signer ->> 'title' <> ''")).scalar_one()
    assert states >= {"draft", "submitted", "returned", "verified", "published", "rejected", "withdrawn"}
    assert begun == {"assistance-grant": "assessment", "access": "objection_period"}
    assert entries["cooperative"] >= 8 and entries["annual-report"] >= 3 and entries["member-business"] >= 3
    assert asked == 2 and oldest > 200 and signed >= 8
    assert shift and not later and not faults
