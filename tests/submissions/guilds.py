"""A house of guilds, with yearbooks and stalls: definitions that no folder of the office has, and their people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.engine.case import Actor, Command
from siskop.jobs import drain
from siskop.pipeline import handlers
from siskop.submissions import definitions, door, drafts, view
from siskop.submissions.view import View
from tests import offices
from tests.visitors import person
from tests.worlds import World

FOLDER = Path(__file__).parent / "guild"
SECRET = 987_654_321
MASTER = "Nyai Rahasia"
assert handlers


@dataclass(frozen=True, slots=True)
class House:
    ani: int
    budi: int
    warden: int
    elder: int
    scribe: int


def settled(world: World, folder: Path = FOLDER) -> House:
    load(world, folder)
    return House(
        ani=person("ani@siskop.test", "Ani"),
        budi=person("budi@siskop.test", "Budi"),
        warden=person("wira@siskop.test", "Wira", ("warden", "1.1")),
        elder=person("esti@siskop.test", "Esti", ("elder", "")),
        scribe=person("surya@siskop.test", "Surya", ("scribe", "")),
    )


def load(world: World, folder: Path) -> None:
    assert world.settings.database_owner_url
    definitions.load(folder, world.settings.database_owner_url)
    definitions.forget()


def actor(account: int) -> Actor:
    return offices.actor(account)


def seen(number: str, account: int) -> View:
    return offices.seen(number, account)


def fill(number: str, account: int, **raws: Any) -> None:
    with unit_of_work() as tx:
        drafts.save(tx, number, people.actor_for(tx, account), raws)


def act(number: str, account: int, name: str, **more: Any) -> door.Outcome:
    return door.perform(number, actor(account), Command("act", name), **more)


def sent(workflow: str, account: int, record: int | None = None, period: str | None = None, **raws: Any) -> str:
    number = door.start(workflow, actor(account), record, period)
    fill(number, account, **raws)
    act(number, account, "send")
    return number


def guild(house: House, **more: Any) -> int:
    """A registered one, kept by Ani: its record."""
    raws = {"name": "Serikat Tenun", "place": "1.1.1", "treasure": str(SECRET), "master": MASTER, **more}
    number = sent("found", house.ani, **raws)
    record = seen(number, house.ani).record_id
    act(number, house.warden, "raise")
    return record


def yearbook(house: House, record: int, year: str, begun: int, joined: int) -> int:
    number = sent("yearly", house.ani, record, year, begun=str(begun), joined=str(joined))
    vote(number, house.warden, "look")
    return seen(number, house.ani).record_id


def vote(number: str, account: int, step: str, ballot: str = "for") -> None:
    door.perform(number, actor(account), Command("vote", step, {"ballot": ballot}))


def rest() -> None:
    """Whatever the worker would do now."""
    for queue in ("checks", "publishing", "timers"):
        drain.drain(queue)


def page(number: str, account: int) -> str:
    """All that a view holds, as text: to look for what should not be there."""
    with unit_of_work() as tx:
        return repr(view.load(tx, number, people.actor_for(tx, account)))
