"""Killed before and after every call of the database: the old or the new state is there, whole; repeating gives one
result; nothing is lost and nothing happens twice."""

from __future__ import annotations

import pytest

from tests.faults import guild_scenes, scenes
from tests.faults.scenes import COOPERATIVE, LICENCE, Prepare
from tests.faults.trial import Trial, by_hand, by_worker
from tests.worlds import World

BRANCHES = {
    "start": scenes.start,
    "save": scenes.save,
    "submit": scenes.submit,
    "withdraw": scenes.withdraw,
    "ask": scenes.ask,
    "return": scenes.send_back,
    "answer": scenes.answer,
    "send again": scenes.send_again,
    "verify": scenes.verify,
    "reject": scenes.reject,
    "publish": scenes.publish,
    "back": lambda workflow: scenes.publish(workflow, "against"),
}
ACTS: dict[str, Prepare] = {
    **{f"{name} {w}": make(w) for name, make in BRANCHES.items() for w in (COOPERATIVE, LICENCE)},
    **{do: scenes.seat(do) for do in ("claim", "release", "assign", "vacate")},
    "resolve": scenes.resolve,
    "override": scenes.override,
    "open the day": scenes.day,
}
OF_GUILDS: dict[str, Prepare] = {
    "begin a child": guild_scenes.begin_child,
    "publish a child": guild_scenes.publish_child,
    "close": guild_scenes.close,
    "consult": guild_scenes.consult,
    "give an opinion": guild_scenes.give_opinion,
    "plead": guild_scenes.plead,
    "admit": guild_scenes.decide_on_plea("admit"),
    "replace": guild_scenes.decide_on_plea("replace"),
    "refuse": guild_scenes.decide_on_plea("refuse"),
    "migrate": guild_scenes.migrate,
}
"""Tried in a row only, which puts the database back once instead of at each point: beside their own statements they
make the same calls as the acts above, which are tried at every point by themselves."""
JOBS: dict[str, Prepare] = {
    "check": scenes.check,
    "tick that writes": scenes.overdue,
    "tick that withdraws": scenes.forgotten,
    "deliver": scenes.mail,
    "remind": scenes.remind,
    "refresh": scenes.of_the_day("refresh", "publishing"),
    "checkpoint": scenes.of_the_day("checkpoint", "timers"),
    "prune": scenes.of_the_day("prune", "batch"),
    "refresh children": guild_scenes.refresh_children,
}
REPEATABLE = {"vacate", "resolve"}
"""Acts that a second one like it undoes or writes anew."""
IN_STEPS = {"remind", "refresh", "refresh children"}
"""Jobs that commit record by record."""
ALWAYS = [f"{name} {COOPERATIVE}" for name in ("submit", "verify", "publish")]


def cases(scenes: dict[str, Prepare]) -> list[object]:
    return [pytest.param(name, id=name, marks=() if name == "deliver" else pytest.mark.proof) for name in scenes]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [*ALWAYS, *(pytest.param(n, marks=pytest.mark.proof) for n in OF_GUILDS)])
def test_an_act_is_tried_until_nobody_is_killed_any_more_and_is_done_once(world: World, name: str) -> None:
    """Killed at the first point, tried again and killed at the second, and so on."""
    act = (ACTS | OF_GUILDS)[name](world)
    with Trial(world, act, by_hand(act)) as trial:
        for n, found in trial.in_a_row():
            assert found == [], f"killed at point {n}"
    print(f"{name}: {n} points")
    assert n > 20


@pytest.mark.proof
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ACTS)
def test_an_act_is_done_whole_or_not_at_all_and_once(world: World, name: str) -> None:
    act = ACTS[name](world)
    every_point(Trial(world, act, by_hand(act), looks=name in REPEATABLE), name)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", cases(JOBS))
def test_a_job_is_done_once_however_often_its_worker_dies(world: World, name: str) -> None:
    act = JOBS[name](world)
    every_point(Trial(world, act, by_worker(world), steps=name in IN_STEPS), name)


def every_point(trial: Trial, name: str) -> None:
    with trial:
        n = 0
        while trial.dies_at(n + 1):
            n += 1
            assert trial.problems() == [], f"{name}, killed at point {n}"
    print(f"{name}: {n} points")
    assert n >= 10
