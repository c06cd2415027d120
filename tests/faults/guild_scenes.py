"""Scenes of the house of guilds: children, small forms, opinions, withdrawn publications, one workflow that leads to
another, members, migration. Together they try every command and effect that the shipped workflows do not have alone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.submissions import door, migration
from tests import offices
from tests.faults.deaths import Act
from tests.faults.scenes import Prepare, rest, working
from tests.submissions import guilds
from tests.submissions.guilds import House
from tests.worlds import World


def scene(prepare: Callable[[World, House, int], Act], *queues: str) -> Prepare:
    """On a registered guild; what lies in these queues (without: in all) is done before."""

    def prepared(world: World) -> Act:
        house = guilds.settled(world)
        record = guilds.guild(house)
        act = prepare(world, house, record)
        rest(world, *queues)
        return act

    return prepared


@scene
def begin_child(_world: World, house: House, record: int) -> Act:
    return lambda: door.start("yearly", guilds.actor(house.ani), record, "2025")


@scene
def publish_child(_world: World, house: House, record: int) -> Act:
    """The child's version, its entry, its parent's entry, and the job for those beside it."""
    number = guilds.sent("yearly", house.ani, record, "2025", begun="1", joined="1")
    return lambda: guilds.vote(number, house.warden, "look")


def _renamed(_world: World, house: House, record: int) -> Act:
    """A guild that has another name now: its yearbook is looked at anew."""
    guilds.yearbook(house, record, "2025", 1, 1)
    guilds.rest()
    number = guilds.sent("found", house.ani, record, name="Serikat Batik")
    guilds.act(number, house.warden, "raise")
    return working("publishing")


refresh_children = scene(_renamed, "checks", "mail")


@scene
def close(_world: World, house: House, record: int) -> Act:
    """A small form, a publication of what the file says, its withdrawal, mails, another workflow begun: at once."""
    number = door.start("dissolve", guilds.actor(house.warden), record)
    form = {"empty_house": "yes", "seen": "1"}
    return lambda: door.perform(number, guilds.actor(house.elder), Command("complete", "visit"), form=form)


@scene
def consult(_world: World, house: House, record: int) -> Act:
    number = door.start("dissolve", guilds.actor(house.warden), record)
    command = Command("consult", "counsel", {"person": house.scribe, "due": 2})
    return lambda: door.perform(number, guilds.actor(house.elder), command)


@scene
def give_opinion(_world: World, house: House, record: int) -> Act:
    number = door.start("dissolve", guilds.actor(house.warden), record)
    command = Command("consult", "counsel", {"person": house.scribe, "due": 2})
    door.perform(number, guilds.actor(house.elder), command)
    said = {"note": "Jangan."}
    return lambda: door.perform(number, guilds.actor(house.scribe), Command("complete", "counsel"), said=said)


@scene
def plead(_world: World, house: House, record: int) -> Act:
    return lambda: door.start("plead", guilds.actor(house.budi), record)


def decide_on_plea(action: str) -> Prepare:
    def prepare(_world: World, house: House, record: int) -> Act:
        number = door.start("plead", guilds.actor(house.budi), record)
        guilds.fill(number, house.budi, plea="Saya.", master="Budi")
        offices.prove(number, house.budi)
        guilds.act(number, house.budi, "send")
        return lambda: guilds.act(number, house.warden, action)

    return scene(prepare)


@scene
def migrate(world: World, house: House, record: int) -> Act:
    number = guilds.sent("found", house.ani, record, name="Serikat Batik")
    folder = world.settings.var / "files"
    shutil.copytree(guilds.FOLDER, folder)
    words = (folder / "found.yaml").read_text("utf-8").replace("looking", "judging")
    (folder / "found.yaml").write_text(re.sub(r"\blook\b", "judge", words), "utf-8")
    guilds.load(world, folder)
    with unit_of_work() as tx:
        (found,) = migration.running(tx, "found")
    assert guilds.seen(number, house.ani).state.name == "looking"
    return lambda: migration.migrate(found, {"looking": "judging"})
