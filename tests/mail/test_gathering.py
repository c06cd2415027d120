"""Notices that wait for each other, and what is not sent because it was settled or switched off meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from typing import Any

import pytest
from sqlalchemy import Row, text

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.engine.definition import MailText
from siskop.jobs import drain
from siskop.mail import deliver, gathering, outbox, switches
from tests.worlds import World

NOTICE = MailText(
    name="notice",
    subject={"id": "{title} menunggu"},
    body={"id": "Isi {title}"},
    button={"id": "Buka"},
    why={"id": "Karena {title}."},
    obligatory=False,
    gather=True,
)
TO = "ani@example.com"
TEN = timedelta(minutes=10, seconds=1)
assert deliver.deliver
assert gathering.gather


@pytest.fixture
def ani(world: World) -> int:
    with unit_of_work() as tx:
        return people.create(tx, TO, "Ani")


def write(to: int, *titles: str, mail: MailText = NOTICE) -> None:
    for title in titles:
        with unit_of_work() as tx:
            values = {"title": title, "link": f"/pengajuan/{title}"}
            assert outbox.queue(tx, key=f"{mail.name}:{title}", mail=mail, values=values, to_account=to)


def mails() -> list[Row[Any]]:
    with unit_of_work() as tx:
        return list(tx.execute(text("SELECT * FROM siskop.mail ORDER BY id")))


def test_notices_of_ten_minutes_become_one_mail_with_every_link(world: World, ani: int) -> None:
    write(ani, "Satu")
    drain.drain("mail")
    assert world.mails.mails == []
    world.move_clock(timedelta(minutes=5))
    write(ani, "Dua", "Tiga")
    world.move_clock(timedelta(minutes=5, seconds=1))
    drain.drain("mail")
    [envelope] = world.mails.to(TO)
    message = BytesParser(policy=policy.default).parsebytes(bytes(envelope.content or b""))
    assert message["Subject"] == "3 pemberitahuan: Satu menunggu"
    for part in message.iter_parts():  # type: ignore[attr-defined]
        for title in ("Satu", "Dua", "Tiga"):
            assert f"/pengajuan/{title}" in part.get_content()
            assert f"Karena {title}." in part.get_content()
    assert [mail.status for mail in mails()] == ["gathered", "gathered", "gathered", "accepted"]
    assert {mail.gathered_in for mail in mails()[:3]} == {mails()[3].id}
    write(ani, "Empat")
    world.move_clock(TEN)
    drain.drain("mail")
    assert len(world.mails.to(TO)) == 2


def test_one_alone_goes_as_it_is_and_what_is_obligatory_does_not_wait(world: World, ani: int) -> None:
    write(ani, "Satu")
    write(ani, "Dua", mail=replace(NOTICE, obligatory=True, gather=False))
    drain.drain("mail")
    assert len(world.mails.to(TO)) == 1
    world.move_clock(TEN)
    drain.drain("mail")
    assert [mail.status for mail in mails()] == ["accepted", "accepted"]


def test_nobodys_notices_are_mixed_with_anothers(world: World, ani: int) -> None:
    with unit_of_work() as tx:
        budi = people.create(tx, "budi@example.com", "Budi")
    write(ani, "Satu", "Dua")
    write(budi, "Tiga")
    world.move_clock(TEN)
    drain.drain("mail")
    assert len(world.mails.to(TO)) == 1
    assert len(world.mails.to("budi@example.com")) == 1
    assert b"Tiga" not in bytes(world.mails.to(TO)[0].content or b"")


@pytest.mark.parametrize(
    ("pending", "said"), [("task", "the task was done"), ("correction", "correction was answered")]
)
def test_what_was_settled_meanwhile_is_not_sent(world: World, ani: int, pending: str, said: str) -> None:
    write(ani, "Satu", mail=replace(NOTICE, while_=pending))  # type: ignore[arg-type]
    write(ani, "Dua", mail=replace(NOTICE, name="now", gather=False, obligatory=True, while_=pending))  # type: ignore[arg-type]
    write(ani, "Tiga", mail=replace(NOTICE, name="other"))
    world.move_clock(TEN)
    drain.drain("mail")
    assert [mail.status for mail in mails()] == ["dropped", "dropped", "accepted"]
    assert said in mails()[0].answer
    assert mails()[0].ended_at is not None
    assert len(world.mails.to(TO)) == 1


def test_a_kind_that_is_switched_off_is_kept_as_not_sent_and_comes_again_when_switched_on(
    world: World, ani: int
) -> None:
    plain = replace(NOTICE, gather=False)
    with unit_of_work() as tx:
        switches.turn(tx, ani, ["notice"], on=False)
        switches.turn(tx, ani, ["notice"], on=False)
    write(ani, "Satu", mail=plain)
    write(ani, "Dua", mail=replace(plain, name="other"))
    drain.drain("mail")
    assert [mail.status for mail in mails()] == ["dropped", "accepted"]
    with unit_of_work() as tx:
        switches.turn(tx, ani, ["notice"], on=True)
    write(ani, "Tiga", mail=plain)
    drain.drain("mail")
    assert mails()[-1].status == "accepted"


def test_what_is_obligatory_can_not_be_switched_off(world: World, ani: int) -> None:
    with unit_of_work() as tx:
        switches.turn(tx, ani, ["notice"], on=False)
    write(ani, "Satu", mail=replace(NOTICE, gather=False, obligatory=True))
    drain.drain("mail")
    assert mails()[0].status == "accepted"


def test_one_click_stands_in_the_header_and_the_footer_of_what_may_be_switched_off_alone(
    world: World, ani: int
) -> None:
    write(ani, "Satu", mail=replace(NOTICE, gather=False))
    write(ani, "Dua", mail=replace(NOTICE, name="must", gather=False, obligatory=True))
    drain.drain("mail")
    free, bound = (BytesParser(policy=policy.default).parsebytes(bytes(e.content or b"")) for e in world.mails.to(TO))
    assert free["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = free["List-Unsubscribe"].strip("<>")
    assert address.startswith(f"{world.settings.base_url}/surel/berhenti/{ani}/notice/")
    assert address in free.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert bound["List-Unsubscribe"] is None
    assert "/surel/berhenti" not in bound.as_string()
