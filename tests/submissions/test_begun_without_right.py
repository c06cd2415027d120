"""Anybody may begin on what is registered where the file says so: without rights in it, and without seeing into it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from siskop.accounts import memberships
from siskop.base import errors
from siskop.base.db import unit_of_work
from siskop.submissions import door
from tests import offices
from tests.submissions import guilds
from tests.worlds import World


def operators(record: int) -> list[int]:
    with unit_of_work() as tx:
        return memberships.operators(tx, record)


def pleaded(house: guilds.House, record: int) -> str:
    number = door.start("plead", guilds.actor(house.budi), record)
    guilds.fill(number, house.budi, plea="Saya ketua baru.", master="Budi")
    offices.prove(number, house.budi)
    guilds.act(number, house.budi, "send")
    return number


def test_they_see_what_is_public_and_what_they_typed_and_nothing_else(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    number = door.start("plead", guilds.actor(house.budi), record)
    found = guilds.seen(number, house.budi)
    assert (found.title, found.current["name"], found.is_operator) == ("Serikat Tenun", "Serikat Tenun", False)
    assert found.draft == {"name": "Serikat Tenun"}
    for moment in ("begun", "sent"):
        shown = guilds.page(number, house.budi)
        assert str(guilds.SECRET) not in shown and guilds.MASTER not in shown, moment
        assert "Ani" not in shown, moment
        if moment == "begun":
            guilds.fill(number, house.budi, plea="Saya ketua baru.", master="Budi")
            offices.prove(number, house.budi)
            guilds.act(number, house.budi, "send")
    assert operators(record) == [house.ani]
    assert guilds.MASTER in guilds.page(number, house.warden)
    guilds.act(number, house.warden, "refuse")
    with unit_of_work() as tx:
        mails = tx.execute(text("SELECT address, text FROM siskop.mail")).all()
    secret = {mail.address for mail in mails if "987.654.321" in mail.text}
    assert secret == {"ani@siskop.test"} and "budi@siskop.test" in {mail.address for mail in mails}


def test_nobody_sends_before_they_showed_that_they_act_for_it(world: World) -> None:
    house = guilds.settled(world)
    number = door.start("plead", guilds.actor(house.budi), guilds.guild(house))
    guilds.fill(number, house.budi, plea="Saya ketua baru.", master="Budi")
    assert guilds.seen(number, house.budi).needs_proof
    with pytest.raises(errors.Invalid) as wrong:
        guilds.act(number, house.budi, "send")
    assert list(wrong.value.problems) == ["proof"]
    offices.prove(number, house.budi)
    assert not guilds.seen(number, house.budi).needs_proof
    assert guilds.act(number, house.budi, "send").state == "heard"


def test_a_draft_of_a_stranger_is_not_the_operators_to_see_until_it_is_sent(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    number = door.start("plead", guilds.actor(house.budi), record)
    for other in (house.ani, house.warden):
        with pytest.raises(errors.NotFound):
            guilds.seen(number, other)
    with pytest.raises(errors.Refusal, match="Somebody else has begun"):
        door.start("plead", guilds.actor(house.elder), record)
    guilds.fill(number, house.budi, plea="Saya ketua baru.", master="Budi")
    offices.prove(number, house.budi)
    guilds.act(number, house.budi, "send")
    assert guilds.seen(number, house.ani).turn.whose == "office"
    with unit_of_work() as tx:
        told = tx.execute(
            text("SELECT address FROM siskop.mail WHERE submission_id = :id"), {"id": guilds.seen(number, house.ani).id}
        ).scalars()
        assert "ani@siskop.test" in list(told)


def test_the_offices_yes_adds_them_or_leaves_them_alone_and_its_no_ends_their_claim(world: World) -> None:
    house = guilds.settled(world)
    for action, left in (("refuse", "ani"), ("admit", "ani budi"), ("replace", "budi")):
        record = guilds.guild(house, name=f"Serikat {action}")
        guilds.act(pleaded(house, record), house.warden, action)
        assert operators(record) == [getattr(house, name) for name in left.split()], action


def test_what_is_not_open_to_all_can_not_be_found_out_by_beginning(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    unborn = guilds.seen(door.start("found", guilds.actor(house.ani)), house.ani).record_id
    for workflow, on in (("plead", unborn), ("plead", 9_999), ("found", record), ("dissolve", record)):
        with pytest.raises(errors.NotFound):
            door.start(workflow, guilds.actor(house.budi), on)


def test_the_office_begins_where_its_area_reaches_and_claims_nothing(world: World) -> None:
    house = guilds.settled(world)
    south = guilds.person("tono@siskop.test", "Tono", ("warden", "1.2"))
    record = guilds.guild(house)
    with pytest.raises(errors.Refusal):
        door.start("dissolve", guilds.actor(south), record)
    number = door.start("dissolve", guilds.actor(house.warden), record)
    assert door.start("dissolve", guilds.actor(house.warden), record) == number
    assert guilds.MASTER in guilds.page(number, house.warden)
    assert operators(record) == [house.ani]
    with unit_of_work() as tx:
        assert memberships.proofs(tx, record) == [(house.ani, "accepted", None)]
