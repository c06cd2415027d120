"""The shipped workflows beside a cooperative's own, through the door: reports, dissolution, access."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from siskop.accounts import memberships
from siskop.base import db
from siskop.base.db import public_reading, unit_of_work
from siskop.engine.case import Command
from siskop.jobs import drain
from siskop.register import directory, publish
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


def test_a_report_that_is_published_or_withdrawn_changes_the_status_of_its_cooperative_at_once(world: World) -> None:
    world.move_clock(datetime(2026, 11, 25, 3, tzinfo=UTC) - datetime.now(UTC))
    office = offices.staff()
    _number, record = offices.published(office, last_report_year="2024", legal_date="01/02/2015")
    number = door.start("annual-report", offices.actor(office.secretary), record, "2025")
    offices.fill(number, office.secretary, "annual-report", REPORT)
    offices.submit(number, office.secretary)
    offices.verify(number, office)
    before = _activity(record)
    assert before["values"]["reports.missing"] == [2025]
    door.perform(number, offices.actor(office.head), Command("vote", "approval", {"ballot": "for"}))  # no job has run
    after = _activity(record)
    assert after["case"] != before["case"] and after["values"] == {"reports.last": 2025}
    kinds = definitions.library().kinds
    with unit_of_work() as tx:
        report = offices.seen(number, office.head).record_id
        assert publish.unpublish(tx, kinds["annual-report"], report, db.now(tx))
        publish.refresh(tx, kinds["cooperative"], record)
    assert _activity(record) == before


def _activity(record: int) -> Mapping[str, Any]:
    with public_reading() as tx:
        found = directory.of_record(tx, record)
    assert found
    return found[1].badges["activity"]  # type: ignore[no-any-return]


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


def test_an_objection_goes_to_the_head_and_who_is_refused_claims_nothing(world: World) -> None:
    office = offices.staff()
    newcomer = person("baru@siskop.test", "Baru Sekali")
    _number, record = offices.published(office)
    number = door.start("access", offices.actor(newcomer), record)
    offices.fill(number, newcomer, "access", {})
    offices.prove(number, newcomer)
    door.perform(number, offices.actor(newcomer), Command("act", "submit"))
    against = Command("vote", "objection", {"ballot": "against"})
    door.perform(number, offices.actor(office.secretary), against, said={"reason": "Bukan pengurus kami."})
    uphold = Command("act", "uphold")
    door.perform(number, offices.actor(office.head), uphold, said={"reason": "SK tidak ditandatangani."})
    with unit_of_work() as tx:
        assert memberships.operators(tx, record) == [office.secretary]
        assert not memberships.records_of(tx, newcomer)


def test_a_committee_of_five_an_officer_and_a_head_grant_what_is_asked(world: World) -> None:
    office = offices.staff()
    officer, finance = (
        person("oka@siskop.test", "Oka", ("officer", "")),
        person("fia@siskop.test", "Fia", ("finance", "")),
    )
    members = [person(f"k{n}@siskop.test", f"Anggota {n}", ("committee", "")) for n in range(4)]
    _number, record = offices.published(office)
    number = door.start("assistance-grant", offices.actor(office.secretary), record)
    asked = {"amount": "50000001", "costs": [{"item": "Mesin", "price": "60000000"}]}
    offices.fill(number, office.secretary, "assistance-grant", asked)
    offices.submit(number, office.secretary)
    door.perform(number, offices.actor(offices.holder(number, office)), Command("act", "pass_on"))
    for voter in (*members[:2], finance):
        door.perform(number, offices.actor(voter), Command("vote", "committee", {"ballot": "for"}))
    seen = {"real": "yes", "visit_score": "80", "visit_notes": "Bertemu ketua."}
    door.perform(number, offices.actor(officer), Command("complete", "site_visit"), form=seen)
    assert offices.seen(number, office.head).state.name == "assessment"
    door.perform(number, offices.actor(office.head), Command("vote", "head_decision", {"ballot": "for"}))
    done = offices.seen(number, office.head)
    assert done.state.name == "granted"
    assert done.current["granted_on"] and done.current["amount"] == 50_000_001


def test_a_status_set_by_the_office_goes_before_what_was_reported(world: World) -> None:
    office = offices.staff()
    _number, record = offices.published(office, last_report_year="2015")
    kind = definitions.library().kinds["cooperative"]
    number = door.start("office-status", offices.actor(office.verifier), record)
    offices.fill(number, office.verifier, "office-status", {"office_status": "aktif"})
    door.perform(number, offices.actor(office.verifier), Command("act", "propose"))
    door.perform(number, offices.actor(office.head), Command("vote", "approval", {"ballot": "for"}))
    with public_reading() as tx:
        slug = offices.seen(number, office.head).record_slug
        assert slug
        shown = directory.entry(tx, kind, slug)
        assert "office_status" not in shown.data
        badge = next(badge for badge in kind.badges if badge.name == "activity")
        assert badge.cases[shown.badges["activity"]["case"]].label["id"] == "Aktif"
