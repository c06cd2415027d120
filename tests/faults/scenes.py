"""Scenes: everything that the shipped workflows let happen, each brought to the moment before it happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.jobs import drain, queue
from siskop.pipeline.handlers import daily  # and with it every kind of job
from siskop.submissions import door, drafts
from tests import offices
from tests.faults.deaths import Act
from tests.offices import Office
from tests.reminders import societies
from tests.worlds import World

Prepare = Callable[[World], Act]
COOPERATIVE, LICENCE = "cooperative", "licence"
LEASE_OVER = timedelta(seconds=queue.LEASE_SECONDS + 1)
EXPIRES = "2027-01-31"


# ------------------------------------------------------------------ people


def start(workflow: str) -> Prepare:
    def prepare(world: World) -> Act:
        office = offices.staff()
        record = offices.published(office)[1] if workflow == LICENCE else None
        rest(world)
        return lambda: door.start(workflow, offices.actor(office.secretary), record)

    return prepare


def save(workflow: str) -> Prepare:
    def prepare(world: World) -> Act:
        office, number = begun(workflow)
        value = {"licence_number": "503/1/2026"}
        rest(world)

        def act() -> None:
            with unit_of_work() as tx:
                drafts.save(tx, number, people.actor_for(tx, office.secretary), value)

        return act

    return prepare


def submit(workflow: str) -> Prepare:
    def prepare(world: World) -> Act:
        office, number = filled(workflow)
        rest(world)
        return acting(number, office.secretary, "submit")

    return prepare


def withdraw(workflow: str) -> Prepare:
    def prepare(world: World) -> Act:
        office, number = filled(workflow)
        rest(world)
        return acting(number, office.secretary, "withdraw")

    return prepare


def ask(workflow: str) -> Prepare:
    def prepare(world: World) -> Act:
        office, number = at_the_office(workflow)
        rest(world)
        return lambda: offices.ask(number, office, "licence_number", "Mohon periksa.")

    return prepare


def send_back(workflow: str) -> Prepare:
    def prepare(world: World) -> Act:
        office, number = at_the_office(workflow)
        offices.ask(number, office, "licence_number", "Mohon periksa.")
        rest(world)
        return acting(number, offices.holder(number, office), "return")

    return prepare


def answer(workflow: str) -> Prepare:
    def prepare(world: World) -> Act:
        office, number = returned(workflow)
        rest(world)
        command, said = Command("correction", "1", {"status": "answered"}), {"answer": "Sudah."}
        return lambda: door.perform(number, offices.actor(office.secretary), command, said=said)

    return prepare


def send_again(workflow: str) -> Prepare:
    def prepare(world: World) -> Act:
        office, number = returned(workflow)
        command = Command("correction", "1", {"status": "answered"})
        offices.fill(number, office.secretary, workflow, {"licence_number": "503/2/2026"}, everything=False)
        door.perform(number, offices.actor(office.secretary), command)
        rest(world)
        return acting(number, office.secretary, "submit")

    return prepare


def verify(workflow: str) -> Prepare:
    def prepare(world: World) -> Act:
        office, number = at_the_office(workflow)
        rest(world)
        return acting(number, offices.holder(number, office), "verify")

    return prepare


def reject(workflow: str) -> Prepare:
    def prepare(world: World) -> Act:
        office, number = at_the_office(workflow)
        rest(world)
        return acting(number, offices.holder(number, office), "reject", {"reason": "Tidak lengkap."})

    return prepare


def publish(workflow: str, ballot: str = "for") -> Prepare:
    def prepare(world: World) -> Act:
        office, number = at_the_office(workflow)
        offices.verify(number, office)
        rest(world)
        said = {"reason": "Periksa lagi."} if ballot == "against" else {}
        command = Command("vote", "approval", {"ballot": ballot})
        return lambda: door.perform(number, offices.actor(office.head), command, said=said)

    return prepare


def resolve(world: World) -> Act:
    """Two workflows changed one field of a record; the head decides which value holds."""
    office, record = with_conflict()
    number = offices_number(record, COOPERATIVE)
    rest(world)
    command = Command("resolve", "licence_number", {"side": "proposed"})
    return lambda: door.perform(number, offices.actor(office.administrator), command)


def seat(do: str) -> Prepare:
    """claim, release, assign or vacate the task of verification."""

    def prepare(world: World) -> Act:
        office, number = at_the_office(COOPERATIVE)
        holder = offices.holder(number, office)
        other = office.colleague if holder == office.verifier else office.verifier
        if do == "claim":
            door.perform(number, offices.actor(holder), Command("release", "verification"))
        rest(world)
        who = {"claim": other, "release": holder}.get(do, office.administrator)
        command = Command(do, "verification", {"person": other} if do == "assign" else {})
        return lambda: door.perform(number, offices.actor(who), command)

    return prepare


def override(world: World) -> Act:
    """The administrator ends a check that was not made yet."""
    office, number = filled(COOPERATIVE)
    acting(number, office.secretary, "submit")()
    rest(world, "mail")
    command, said = Command("override", "figures"), {"reason": "Sudah diperiksa."}
    return lambda: door.perform(number, offices.actor(office.administrator), command, said=said)


# ------------------------------------------------------------------ jobs


def check(world: World) -> Act:
    """The last check of four: with it the task of verification opens and somebody gets it."""
    office, number = filled(COOPERATIVE)
    acting(number, office.secretary, "submit")()
    rest(world, "mail")
    drain.drain("checks", 3)
    return working("checks")


def overdue(world: World) -> Act:
    """A rung that writes to whoever holds the task and to the head."""
    at_the_office(COOPERATIVE)
    rest(world)
    world.move_clock(timedelta(days=30))
    return working("timers")


def forgotten(world: World) -> Act:
    """Two rungs at once: the warning of the 80th day that a sleeping worker missed, and the withdrawal of the 90th."""
    begun(COOPERATIVE)
    rest(world)
    world.move_clock(timedelta(days=100))
    return working("timers")


def mail(world: World) -> Act:
    office, number = filled(COOPERATIVE)
    acting(number, office.secretary, "submit")()
    rest(world, "checks")
    return working("mail")


def day(world: World) -> Act:
    a_year_after_publication(world)
    return daily.open_day


def a_year_after_publication(world: World) -> None:
    """The licence ran out meanwhile, and with it the badge."""
    offices.published(offices.staff(), has_licence="yes", licence_issued="2024-01-31", licence_expires=EXPIRES)
    rest(world)
    world.move_clock(timedelta(days=365))


def of_the_day(kind: str, in_queue: str) -> Prepare:
    """A job that the opened day put; others of its queue are done before."""

    def prepare(world: World) -> Act:
        a_year_after_publication(world)
        daily.open_day()
        with unit_of_work() as tx:
            later = text("UPDATE siskop.job SET priority = CASE WHEN kind = :kind THEN 1 ELSE 9 END")
            tx.execute(later, {"kind": kind})
        return working(in_queue)

    return prepare


def remind(world: World) -> Act:
    """Two records that are reminded on one day, by the small files of the reminders' own tests."""
    societies.settle(world, world.settings.var / "societies")
    for name in ("Satu", "Dua"):
        societies.published(f"{name.lower()}@siskop.test", name, "2026-06-30")
    rest(world)
    daily.open_day()
    return working("batch")


# ------------------------------------------------------------------ on the way


def working(in_queue: str) -> Act:
    """What a worker does when it is woken: one job."""
    return lambda: drain.drain(in_queue, 1, "doomed")


def rest(world: World, *queues: str) -> None:
    """Whatever was put is done, so that the scene begins alone."""
    for name in queues or ("checks", "publishing", "mail"):
        drain.drain(name)


def acting(number: str, account: int, action: str, said: dict[str, str] | None = None) -> Act:
    return lambda: door.perform(number, offices.actor(account), Command("act", action), said=said or {})


def begun(workflow: str, office: Office | None = None) -> tuple[Office, str]:
    office = office or offices.staff()
    record = offices.published(office)[1] if workflow == LICENCE else None
    return office, door.start(workflow, offices.actor(office.secretary), record)


def filled(workflow: str) -> tuple[Office, str]:
    office, number = begun(workflow)
    given: dict[str, Any] = {"licence_number": "503/9/2026"} if workflow == LICENCE else {}
    offices.fill(number, office.secretary, workflow, given, everything=workflow == COOPERATIVE)
    return office, number


def at_the_office(workflow: str) -> tuple[Office, str]:
    office, number = filled(workflow)
    offices.submit(number, office.secretary)
    return office, number


def returned(workflow: str) -> tuple[Office, str]:
    office, number = at_the_office(workflow)
    offices.ask(number, office, "licence_number", "Mohon periksa.")
    offices.send_back(number, office)
    return office, number


def with_conflict() -> tuple[Office, int]:
    office = offices.staff()
    record = offices.published(office)[1]
    update = offices.sent(office.secretary, COOPERATIVE, record, licence_number="503/A/2026")
    licence = offices.sent(office.secretary, LICENCE, record, licence_number="503/B/2026")
    for number in (update, licence):
        offices.verify(number, office)
    offices.approve(licence, office)
    return office, record


def offices_number(record: int, workflow: str) -> str:
    open_one = text("SELECT number FROM siskop.submission WHERE record_id = :id AND workflow = :workflow AND NOT final")
    with unit_of_work() as tx:
        return str(tx.execute(open_one, {"id": record, "workflow": workflow}).scalar_one())
