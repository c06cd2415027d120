"""Whoever has a role in the office, and is on the other side of one case."""

from __future__ import annotations

import pytest

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.submissions import door
from tests import offices
from tests.worlds import World


def test_nobody_cancels_a_correction_that_was_asked_of_themselves(world: World) -> None:
    office = offices.staff()
    with unit_of_work() as tx:
        people.grant(tx, office.secretary, "administrator")
    number = offices.sent(office.secretary)
    offices.ask(number, office, "phone", "Nomor ini tidak tersambung.")
    offices.send_back(number, office)
    cancel = Command("correction", "1", {"status": "cancelled"})
    with pytest.raises(door.Refused) as refused:
        door.perform(number, offices.actor(office.secretary), cancel)
    assert refused.value.code == "excluded"
    door.perform(number, offices.actor(office.administrator), cancel)
    assert offices.seen(number, office.secretary).case.corrections[1].status == "cancelled"


def test_whoever_sent_it_in_sees_no_note_of_the_office_even_after_the_claim_ended(world: World) -> None:
    office = offices.staff()
    with unit_of_work() as tx:
        people.grant(tx, office.secretary, "verifier")
    number = offices.sent(office.secretary)
    holder = offices.actor(offices.holder(number, office))
    door.perform(number, holder, Command("comment", "note"), said={"note": "Tanya kelurahan dulu."})
    door.perform(number, holder, Command("act", "reject"), said={"reason": "Bukan koperasi."})
    said = [line.said for line in offices.seen(number, office.secretary).history]
    assert "Bukan koperasi." in said
    assert "Tanya kelurahan dulu." not in said
