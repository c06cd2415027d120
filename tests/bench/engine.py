"""The engine's figures: python -m tests.bench.engine. Bounds are on `decide`, on the rivals' ratios and on loading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter, process_time

from siskop.engine.case import Command, Offer
from siskop.engine.decide import available, decide
from siskop.engine.definition import Definition, Field, Library
from siskop.engine.events import fold
from siskop.engine.ladders import wake
from siskop.engine.load import load, read_folder
from siskop.engine.patch import merge
from siskop.engine.source import read
from tests.bench.rivals import side_by_side
from tests.engine.wandering import World, take_turn, world

WORKFLOWS = Path(__file__).parents[2] / "workflows"
EVENTS, FIELDS = 30, 80
DECIDE, LOADING = 50.0, 300_000.0  # µs
TIMES_SPIFF, OF_TRANSITIONS = 20.0, 2.0


def micros(act: Callable[[], object], times: int = 200, clock: Callable[[], float] = perf_counter) -> float:
    spent = []
    for _ in range(times):
        begun = clock()
        act()
        spent.append(clock() - begun)
    return median(spent) * 1e6


@cache
def shipped() -> Library:
    return load(read_folder(WORKFLOWS))


def _load_anew() -> Library:
    """As a new process does: nothing of the files is known yet."""
    read.cache_clear()
    return load(read_folder(WORKFLOWS))


def grown(definition: Definition) -> World:
    """A case of the workflow with 30 events or a few more, not finished, over a record of 80 fields."""
    more = {f"more_{n}": Field(f"more_{n}", "integer", {}) for n in range(FIELDS - len(definition.kind.fields))}
    kind = replace(definition.kind, fields={**definition.kind.fields, **more})
    for seed in range(400):
        case = world(Random(seed), replace(definition, kind=kind))
        for _ in range(60):
            take_turn(case)
            if case.definition.states[case.case.state].final:
                break
            if len(case.events) >= EVENTS and any(o.refusal is None and o.do != "comment" for _, o in _offers(case)):
                return case
    raise AssertionError(f"{definition.name}: no case lived to have {EVENTS} events")


def _offers(case: World) -> list[tuple[int, Offer]]:
    return [(who, offer) for who in case.people for offer in case.offers(who)]


def deciding(case: World) -> dict[str, float]:
    """Medians in µs of every sort of act that is possible now."""
    found: dict[str, float] = {}
    for who, offer in _offers(case):
        if offer.refusal is None and f"{offer.do} {offer.name}" not in found:
            command = case.given(offer)
            actor, facts, folded = case.actor(who), case.facts(command), case.case
            act = lambda: decide(case.definition, folded, actor, command, facts)  # noqa: B023, E731
            found[f"{offer.do} {offer.name}"] = micros(act)
    return found


@cache
def figures() -> dict[str, float]:
    """`decide` over all shipped workflows and acts, and what stands around it; µs."""
    cases = [grown(definition) for definition in shipped().workflows.values()]
    acts = [spent for case in cases for spent in deciding(case).values()]
    case, values = cases[0], {f"f{n}": n for n in range(FIELDS)}
    look = case.facts(Command("look"))
    official = case.actor(next(iter(case.grants)))
    changed = {**values, **{f"f{n}": -n for n in range(20)}}
    history, now = case.events[:EVENTS], case.case
    return {
        "decide": median(acts),
        "decide: the slowest act": max(acts),
        "fold of 30 events": micros(lambda: fold(history)),
        "available: one person's page": micros(lambda: available(case.definition, now, official, look)),
        "wake": micros(lambda: wake(case.definition, now, look)),
        "merge of 80 fields": micros(lambda: merge(values, values, changed)),
        "loading all shipped files": micros(_load_anew, 7, process_time),
    }


def held() -> list[tuple[str, float, str, bool]]:
    """Each bound: what, how much it is, the bound in words, and whether it holds."""
    found, rivals = figures(), side_by_side()
    ours = rivals["siskop"]
    spiff, machine = rivals["spiff"] / ours, ours / rivals["transitions"]
    return [
        ("decide, µs", found["decide"], f"≤ {DECIDE:.0f}", found["decide"] <= DECIDE),
        ("an approval: times as quick as SpiffWorkflow", spiff, f"≥ {TIMES_SPIFF:.0f}", spiff >= TIMES_SPIFF),
        ("an approval: times as long as transitions", machine, f"≤ {OF_TRANSITIONS:.0f}", machine <= OF_TRANSITIONS),
        ("loading all shipped files, ms", found["loading all shipped files"] / 1000, "≤ 300",
         found["loading all shipped files"] <= LOADING),
    ]  # fmt: skip


def main() -> bool:
    for name, spent in {**figures(), **{f"an approval: {n}": s for n, s in side_by_side().items()}}.items():
        print(f"{name:46} {spent:10.1f} µs")
    bounds = held()
    stored = side_by_side()
    ratios = stored["spiff"] / stored["siskop_stored"], stored["siskop_stored"] / stored["transitions_stored"]
    print(
        "from stored to stored: {:.1f} times as quick as SpiffWorkflow, {:.1f} as long as transitions".format(*ratios)
    )
    for name, figure, bound, holds in bounds:
        print(f"{name:46} {figure:10.1f}    {bound} {'' if holds else 'DOES NOT HOLD'}")
    return all(holds for *_, holds in bounds)


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
