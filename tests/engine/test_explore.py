"""What random play of random workflows meets, the walk has seen before: no state, action or round escapes it."""

from __future__ import annotations

from random import Random

import pytest

from siskop.engine.explore import Walk
from siskop.engine.follow import EndlessAutos
from tests.engine.inventing import invent
from tests.engine.wandering import World, take_turn, world

SEEDS = 40


def played(seed: int, walk: Walk) -> World:
    case = world(Random(seed), walk.workflow)
    try:
        for _ in range(35):
            take_turn(case)
            if case.definition.states[case.case.state].final:
                break
    except EndlessAutos:
        assert walk.endless
    return case


@pytest.mark.parametrize("seed", range(SEEDS))
def test_play_meets_nothing_that_the_walk_has_not_seen(seed: int) -> None:
    walk = Walk(invent(Random(seed)), frozenset())
    for n in range(4):
        case = played(seed * 100 + n, walk)
        if walk.whole and walk.combined and not walk.endless:
            assert {e.body["action"] for e in case.events if e.type == "moved"} <= walk.taken
            assert {e.to_state for e in case.events} <= walk.seen


def test_of_many_workflows_the_walk_sees_all() -> None:
    walks = [Walk(invent(Random(seed)), frozenset()) for seed in range(SEEDS)]
    assert sum(walk.whole for walk in walks) >= SEEDS // 5
