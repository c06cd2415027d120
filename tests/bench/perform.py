"""The door against its own SQL: the same statements with the same parameters, replayed by bare psycopg on a copy.

Both databases are copies of one, so ids and rows are the same; both are asked in turn.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
from sqlalchemy import event

from siskop.base.db import db
from siskop.engine.case import Actor, Command
from siskop.submissions import door
from tests import offices
from tests.bench.stage import ROUNDS, Stage, inside, ratios, told
from tests.worlds import World

EACH_ROUND = 10
LEAST = 0.5
Script = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Act:
    """A verifier's decision, or the head's vote on which publication follows."""

    name: str
    number: str
    actor: Actor
    command: Command

    def perform(self) -> None:
        door.perform(self.number, self.actor, self.command)


def main(stage: Stage) -> bool:
    """Prints; whether the bound holds."""
    with stage.world() as world:
        with inside(world):
            acts = prepare(ROUNDS * EACH_ROUND)
        held = True
        for commit in ("off", "on"):
            for name, found, count in measure(stage, world, acts, commit):
                bound = f"at least {LEAST}" if commit == "off" else ""
                held = held and (commit == "on" or median(found) >= LEAST)
                print(told(f"door, {name} ({count} statements), synchronous_commit={commit}", found, bound), flush=True)
    return held


def prepare(n: int) -> list[Act]:
    """`n` submissions that were checked: what is still to be done with them."""
    office = offices.staff()
    head = offices.actor(office.head)
    acts: list[Act] = []
    for place in range(n):
        secretary = office.secretary if place == 0 else offices.person(f"s{place}@siskop.test", "Sekretaris")
        number = offices.sent(secretary, name=f"Koperasi Jasa Sekar {place}")
        verifier = offices.actor(offices.holder(number, office))
        acts.append(Act("verify", number, verifier, Command("act", "verify")))
        acts.append(Act("approve, publish", number, head, Command("vote", "approval", {"ballot": "for"})))
    return acts


def measure(stage: Stage, world: World, acts: list[Act], commit: str) -> Iterator[tuple[str, list[float], int]]:
    """(name, bare time / our time by round, statements) of each sort of act."""
    scripts = record(stage, world, acts, commit)
    ours: dict[str, list[float]] = {}
    bare: dict[str, list[float]] = {}
    with (
        stage.copy(world, commit) as one,
        stage.copy(world, commit) as other,
        inside(one),
        psycopg.connect(other.settings.database_url, options="-c timezone=UTC -c lock_timeout=15s") as raw,
    ):
        for act, script in zip(acts, scripts, strict=True):
            ours.setdefault(act.name, []).append(timed(act.perform))
            bare.setdefault(act.name, []).append(timed(lambda script=script: replay(raw, script)))
    for name, spent in ours.items():
        count = median(len(s) for a, s in zip(acts, scripts, strict=True) if a.name == name)
        yield name, ratios(bare[name], spent), int(count)


def record(stage: Stage, world: World, acts: list[Act], commit: str) -> list[Script]:
    with stage.copy(world, commit) as copy, inside(copy):
        return [recorded(act) for act in acts]


def recorded(act: Act) -> Script:
    script: Script = []
    with listening(script):
        act.perform()
    return script


@contextlib.contextmanager
def listening(script: Script) -> Iterator[None]:
    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        script.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def replay(raw: psycopg.Connection, script: Script) -> None:
    with raw.cursor() as cursor:
        for statement, parameters in script:
            cursor.execute(statement, parameters)
            if cursor.description is not None:
                cursor.fetchall()
    raw.commit()


def timed(act: Callable[[], None]) -> float:
    begun = perf_counter()
    act()
    return perf_counter() - begun
