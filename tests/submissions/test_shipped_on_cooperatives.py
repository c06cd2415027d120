"""The shipped workflows beside a cooperative's own, through the door: reports, dissolution, access."""

from __future__ import annotations

from datetime import timedelta

from siskop.accounts import memberships
from siskop.base.db import public_reading, unit_of_work
from siskop.engine.case import Command
from siskop.jobs import drain
from siskop.register import directory
from siskop.submissions import definitions, door
from tests import offices
from tests.visitors import person
from tests.worlds import World

REPORT = {
    "meeting_date": "2026-03-21",
    "attendance": "20",
    "quorum_met": "yes",
    "members_start": "30",
    "members_joined": "2",
    "members_left": "1",
    "members_end": "31",
    "principal_savings": "10000000",
    "mandatory_savings": "20000000",
    "reserves": "5000000",
    "donated_capital": "0",
    "outside_capital": "15000000",
    "total_assets": "50000000",
    "turnover": "80000000",
    "income": "30000000",
    "costs": "20000000",
    "surplus": "10000000",
}


def test_a_yearly_report_is_a_record_under_its_cooperative(world: World) -> None:
    office = offices.staff()
    _number, record = offices.published(office)
    number = door.start("annual-report", offices.actor(office.secretary), record, "2025")
    offices.fill(number, office.secretary, "annual-report", REPORT)
    offices.submit(number, office.secretary)
    offices.verify(number, office)
    offices.approve(number, office)
    assert offices.seen(number, office.head).state.final
    kinds = definitions.library().kinds
    with public_reading() as tx:
        (line,) = directory.children(tx, kinds["annual-report"], record)
        assert line.period == "2025" and line.title.endswith(directory.parent_of(tx, line)[1].title)  # type: ignore[index]


def test_a_dissolved_cooperative_keeps_its_page_alone(world: World) -> None:
    office = offices.staff()
    visitor = person("oka@siskop.test", "Oka", ("officer", ""))
    _number, record = offices.published(office)
    number = door.start("closure", offices.actor(office.verifier), record)
    offices.fill(number, office.verifier, "closure", {})
    door.perform(number, offices.actor(office.verifier), Command("act", "propose"))
    seen = {"still_there": "no", "business_seen": "no", "visit_notes": "Kosong."}
    door.perform(number, offices.actor(visitor), Command("complete", "site_visit"), form=seen)
    door.perform(number, offices.actor(office.secretary), Command("vote", "hearing", {"ballot": "for"}))
    door.perform(number, offices.actor(office.head), Command("vote", "head_decision", {"ballot": "for"}))
    kind = definitions.library().kinds["cooperative"]
    with public_reading() as tx:
        assert directory.search(tx, kind, directory.Asked()).total == 0
        slug = offices.seen(number, office.head).record_slug
        assert slug and directory.entry(tx, kind, slug).withdrawn_at is not None


def test_access_is_given_after_three_days_of_silence_and_the_offices_yes(world: World) -> None:
    office = offices.staff()
    newcomer = person("baru@siskop.test", "Baru Sekali")
    _number, record = offices.published(office)
    number = door.start("access", offices.actor(newcomer), record)
    offices.fill(number, newcomer, "access", {})
    offices.submit(number, newcomer)
    assert "Sari" not in repr(offices.seen(number, newcomer))
    world.move_clock(timedelta(days=12))
    drain.drain("timers")
    holder = offices.holder(number, office)
    door.perform(number, offices.actor(holder), Command("act", "grant_access"))
    with unit_of_work() as tx:
        assert memberships.operators(tx, record) == [office.secretary, newcomer]
