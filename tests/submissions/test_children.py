"""Records that belong to another: begun for a period, kept by the parent's people, shown under it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from siskop.accounts import memberships
from siskop.base import errors
from siskop.base.db import public_reading, unit_of_work
from siskop.register import directory
from siskop.submissions import definitions, door, mine
from tests.faults.crowds import at_once, raised
from tests.submissions import guilds
from tests.worlds import World


def kinds() -> Any:
    return definitions.library().kinds


def test_a_child_is_begun_once_for_a_period_and_again_leads_to_it(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    first = door.start("yearly", guilds.actor(house.ani), record, "2024")
    assert door.start("yearly", guilds.actor(house.ani), record, "2024") == first
    other = door.start("yearly", guilds.actor(house.ani), record, "2025")
    assert other != first
    found = guilds.seen(first, house.ani)
    assert (found.title, found.context.fixed) == ("Buku 2024 Serikat Tenun", {"year": 2024})
    guilds.act(first, house.ani, "drop")
    again = door.start("yearly", guilds.actor(house.ani), record, "2024")
    assert again != first
    assert guilds.seen(again, house.ani).record_id == found.record_id


def test_two_that_begin_the_same_period_at_once_meet_in_one(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    with unit_of_work() as tx:
        memberships.grant(tx, house.budi, record)
    people = (house.ani, house.budi) * 3
    numbers = at_once([partial(door.start, "yearly", guilds.actor(who), record, "2024") for who in people])
    assert len(set(numbers)) == 1 and isinstance(numbers[0], str)


def test_a_period_that_can_not_be_and_a_parent_that_is_not_there_are_refused(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    with pytest.raises(errors.Refusal, match="period"):
        door.start("yearly", guilds.actor(house.ani), record)
    with pytest.raises(errors.Invalid) as wrong:
        door.start("yearly", guilds.actor(house.ani), record, "soon")
    assert list(wrong.value.problems) == ["year"]
    with pytest.raises(errors.Refusal, match="registered already"):
        door.start("yearly", guilds.actor(house.ani))
    unborn = door.start("found", guilds.actor(house.budi))
    with pytest.raises(errors.Refusal, match="registered already"):
        door.start("yearly", guilds.actor(house.budi), guilds.seen(unborn, house.budi).record_id, "2024")
    for stranger, parent in ((house.budi, record), (house.ani, 10_000)):
        with pytest.raises(errors.NotFound):
            door.start("yearly", guilds.actor(stranger), parent, "2024")


def test_the_year_before_fills_computes_and_rules(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    guilds.yearbook(house, record, "2023", 10, 5)
    guilds.yearbook(house, record, "2025", 15, 1)
    number = door.start("yearly", guilds.actor(house.ani), record, "2024")
    draft = guilds.seen(number, house.ani).draft
    assert (draft["year"], draft["begun"], "joined" in draft) == ("2024", "10", False)
    guilds.fill(number, house.ani, begun="14", joined="2", year="1999")
    with pytest.raises(errors.Invalid) as wrong:
        guilds.act(number, house.ani, "send")
    assert list(wrong.value.problems) == ["begun"]
    guilds.fill(number, house.ani, begun="15")
    guilds.act(number, house.ani, "send")
    guilds.vote(number, house.warden, "look")
    with public_reading() as tx:
        shown = directory.children(tx, kinds()["yearbook"], record)
    assert [(line.period, line.data["ended"], line.data.get("grown")) for line in shown] == [
        ("2025", 16, 1),
        ("2024", 17, 2),
        ("2023", 15, None),
    ]
    assert shown[1].data["year"] == 2024


def test_a_published_child_is_updated_not_made_anew(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    child = guilds.yearbook(house, record, "2024", 10, 5)
    for begun_on, period in ((record, "2024"), (child, None)):
        number = guilds.sent("yearly", house.ani, begun_on, period, begun="10", joined="7")
        assert guilds.seen(number, house.ani).record_id == child
        guilds.vote(number, house.warden, "look")
    with public_reading() as tx:
        (line,) = directory.children(tx, kinds()["yearbook"], record)
        assert (line.version, line.data["ended"]) == (3, 17)


def test_the_parents_people_keep_its_children_and_never_judge_them(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    number = guilds.sent("yearly", house.ani, record, "2024", begun="1", joined="1")
    child = guilds.seen(number, house.ani).record_id
    with unit_of_work() as tx:
        memberships.grant(tx, house.budi, record)
        memberships.grant(tx, house.warden, record)
        assert memberships.operators(tx, child) == [house.ani, house.budi, house.warden]
        assert number in [row.number for row in mine.mine(tx, house.budi)]
    assert guilds.seen(number, house.budi).is_operator
    with pytest.raises(door.Refused) as refused:
        guilds.vote(number, house.warden, "look")
    assert refused.value.code == "excluded"


def test_whose_area_the_parent_lies_in_gets_the_child(world: World) -> None:
    house = guilds.settled(world)
    south = guilds.person("tono@siskop.test", "Tono", ("warden", "1.2"))
    record = guilds.guild(house)
    number = guilds.sent("yearly", house.ani, record, "2024", begun="1", joined="1")
    with unit_of_work() as tx:
        told = tx.execute(text("SELECT address, subject FROM siskop.mail WHERE key LIKE 'event:%'")).all()
        assert (
            tx.execute(text("SELECT area FROM siskop.submission WHERE number = :n"), {"n": number}).scalar() == "1.1.1"
        )
    assert ("wira@siskop.test", "Buku 2024 Serikat Tenun") in [tuple(mail) for mail in told]
    assert guilds.seen(number, house.warden).state.name == "looking"
    with pytest.raises(errors.NotFound):
        guilds.seen(number, south)
    with pytest.raises(door.Refused):
        guilds.vote(number, south, "look")


def test_children_without_a_period_are_as_many_as_one_likes(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    draft = door.start("stalling", guilds.actor(house.ani), record)
    assert door.start("stalling", guilds.actor(house.ani), record) == draft
    guilds.fill(draft, house.ani, wares="Kain", place="1.2.1")
    guilds.act(draft, house.ani, "send")
    cloth = guilds.seen(draft, house.ani).record_id
    guilds.sent("stalling", house.ani, record, wares="Benang", place="1.1.1", like="kain")
    with public_reading() as tx:
        thread, kain = directory.children(tx, kinds()["stall"], record)
        assert (thread.title, thread.data["like"]) == ("Benang", {"id": cloth, "slug": "kain", "title": "Kain"})
        assert directory.parent_of(tx, kain) == ("guild", directory.entry(tx, kinds()["guild"], "serikat-tenun"))


def test_a_child_follows_its_parents_name_and_facts(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    guilds.yearbook(house, record, "2024", 1, 1)
    guilds.rest()
    number = guilds.sent("found", house.ani, record, name="Serikat Batik", treasure="1")
    guilds.act(number, house.warden, "raise")
    guilds.rest()
    with public_reading() as tx:
        (line,) = directory.children(tx, kinds()["yearbook"], record)
        assert (line.title, line.slug) == ("Buku 2024 Serikat Batik", "buku-2024-serikat-tenun")
        assert line.badges["wealth"]["case"] == 1


def test_a_number_that_only_one_may_have_is_sent_by_one_of_two_at_once(world: World) -> None:
    house = guilds.settled(world)
    drafts = {who: door.start("found", guilds.actor(who)) for who in (house.ani, house.budi)}
    for who, number in drafts.items():
        guilds.fill(number, who, name=f"Serikat {who}", place="1.1.1", seal="77")
    answers = at_once([partial(guilds.act, number, who, "send") for who, number in drafts.items()])
    (late,) = raised(answers)
    assert isinstance(late, errors.Invalid) and list(late.problems) == ["seal"]
    early = next(answer for answer in answers if answer is not late)
    assert early.state == "looking"
    guilds.act(early.number, house.warden, "fell")
    number = next(n for n in drafts.values() if n != early.number)
    assert guilds.act(number, {n: who for who, n in drafts.items()}[number], "send").state == "looking"
