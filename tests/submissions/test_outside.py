"""What an event brings about outside the engine: once with it, in its transaction, or not at all."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from siskop.accounts import memberships
from siskop.base import errors
from siskop.base.db import public_reading, unit_of_work
from siskop.engine.case import Command
from siskop.register import directory
from siskop.reminders import standing
from siskop.submissions import chain, definitions, door
from tests.submissions import guilds
from tests.submissions.guilds import House
from tests.worlds import World


def dissolved(house: House, record: int, found: bool = True) -> str:
    number = door.start("dissolve", guilds.actor(house.warden), record)
    form = {"empty_house": "yes" if found else "no", "seen": "3"}
    door.perform(number, guilds.actor(house.elder), Command("complete", "visit"), form=form)
    return number


def changes() -> list[tuple[str, int, list[str]]]:
    with unit_of_work() as tx:
        rows = tx.execute(text("SELECT type, number, changed FROM register.change ORDER BY seq"))
        return [(row.type, row.number, list(row.changed)) for row in rows]


def test_a_withdrawn_publication_leaves_the_lists_and_keeps_its_page(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    number = dissolved(house, record)
    assert guilds.seen(number, house.elder).state.name == "gone"
    kind = definitions.library().kinds["guild"]
    with public_reading() as tx:
        line = directory.entry(tx, kind, "serikat-tenun")
        assert line.withdrawn_at is not None and line.data["standing"] == "bubar"
        assert directory.search(tx, kind, directory.Asked()).total == 0
        assert directory.badge_counts(tx, kind)[0] == 0
        assert directory.news(tx) == []
    assert changes() == [
        ("published", 1, ["name", "place"]),
        ("changed", 2, ["standing", "founded"]),
        ("withdrawn", 2, []),
    ]
    with unit_of_work() as tx:
        body = tx.execute(text("SELECT data FROM siskop.record_body WHERE number = 2")).scalar_one()
        assert (body["founded"], body["treasure"]) == ("2020-01-31", guilds.SECRET)
        made = tx.execute(text("SELECT revision_id, submission_id FROM siskop.record_version WHERE number = 2")).one()
        assert made.revision_id is None and made.submission_id is not None
        assert list(chain.verify(tx)) == []
        for rule in kind.reminders.values():
            assert not list(standing.standings(tx, kind, rule, line.published_at.date()))


def test_a_later_publication_brings_it_back(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    dissolved(house, record)
    with unit_of_work() as tx:
        heirs = tx.execute(text("SELECT number FROM siskop.submission WHERE workflow = 'inherit'")).scalar_one()
    guilds.act(heirs, house.elder, "revive", said={"reason": "Keliru."})
    kind = definitions.library().kinds["guild"]
    with public_reading() as tx:
        assert directory.search(tx, kind, directory.Asked()).total == 1
        assert directory.entry(tx, kind, "serikat-tenun").withdrawn_at is None
    assert [what for what, _number, _names in changes()] == ["published", "changed", "withdrawn", "published"]


def test_what_another_workflow_begins_is_begun_once_and_only_where_none_is_open(world: World) -> None:
    house = guilds.settled(world)
    records = [guilds.guild(house), guilds.guild(house, name="Serikat Besi")]
    open_one = door.start("inherit", guilds.actor(house.elder), records[1])
    for record in records:
        dissolved(house, record)
    with unit_of_work() as tx:
        rows = tx.execute(
            text("SELECT record_id, number, started_by, state FROM siskop.submission WHERE workflow = 'inherit'")
        ).all()
        assert {row.record_id: row.started_by for row in rows} == {records[0]: None, records[1]: house.elder}
        assert open_one in [row.number for row in rows]
        assert len(rows) == 2
    by_itself = next(row.number for row in rows if row.started_by is None)
    assert guilds.seen(by_itself, house.elder).case.runs["share_out"].seats["1"].person == house.elder


def test_small_forms_are_read_by_the_one_validator_and_lie_beside_the_history(world: World) -> None:
    house = guilds.settled(world)
    number = door.start("dissolve", guilds.actor(house.warden), guilds.guild(house))
    visit = Command("complete", "visit")
    with pytest.raises(errors.Invalid) as wrong:
        door.perform(number, guilds.actor(house.elder), visit, form={"empty_house": "no", "seen": "11"})
    assert list(wrong.value.problems) == ["seen"]
    with pytest.raises(door.Refused) as refused:
        door.perform(number, guilds.actor(house.elder), visit)
    assert refused.value.code == "needs"
    door.perform(number, guilds.actor(house.elder), visit, form={"empty_house": "no", "seen": "4"})
    found = guilds.seen(number, house.elder)
    assert found.state.name == "kept"
    assert [(f.name, dict(f.values), f.by) for f in found.forms] == [
        ("visit", {"empty_house": False, "seen": 4}, house.elder)
    ]
    assert guilds.seen(number, house.ani).forms == ()
    with unit_of_work() as tx:
        bodies = tx.execute(text("SELECT string_agg(body::text, '') FROM siskop.event")).scalar_one()
        assert "empty_house" not in bodies
        tx.execute(text("DELETE FROM siskop.form_answers"))
        assert list(chain.verify(tx)) == []


def test_an_opinion_opens_a_seat_and_its_answer_stays_in_the_office(world: World) -> None:
    house = guilds.settled(world)
    number = door.start("dissolve", guilds.actor(house.warden), guilds.guild(house))
    ask = Command("consult", "counsel", {"person": house.scribe, "due": 2})
    door.perform(number, guilds.actor(house.elder), ask)
    with unit_of_work() as tx:
        item = tx.execute(text("SELECT * FROM siskop.work_item WHERE step = 'counsel'")).one()
        assert (item.person, item.status, item.role, item.due_on is not None) == (house.scribe, "open", "scribe", True)
    answer = Command("complete", "counsel")
    door.perform(number, guilds.actor(house.scribe), answer, said={"note": "Jangan."})
    assert "Jangan." in [line.said for line in guilds.seen(number, house.elder).history]
    assert "Jangan." not in guilds.page(number, house.ani)
    again = Command("consult", "counsel", {"person": house.scribe, "due": 2})
    with pytest.raises(door.Refused):
        door.perform(number, guilds.actor(house.elder), again)
    other = guilds.person("sita@siskop.test", "Sita", ("scribe", ""))
    door.perform(number, guilds.actor(house.elder), Command("consult", "counsel", {"person": other, "due": 1}))
    with unit_of_work() as tx:
        run = tx.execute(text("SELECT outcome FROM siskop.step_run WHERE step = 'counsel'")).one()
        assert run.outcome is None


def test_an_update_accepts_no_claim_that_somebody_else_made(world: World) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house)
    with unit_of_work() as tx:
        memberships.claim(tx, house.budi, record)
    number = guilds.sent("found", house.ani, record, name="Serikat Sutra")
    guilds.act(number, house.warden, "raise")
    with unit_of_work() as tx:
        assert memberships.operators(tx, record) == [house.ani]
