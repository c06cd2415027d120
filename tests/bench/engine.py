"""Micro-figures of the engine, medians in µs: python -m tests.bench.engine. Printed, not asserted."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter

from siskop.engine.case import Command
from siskop.engine.decide import available, decide
from siskop.engine.events import fold
from siskop.engine.ladders import wake
from siskop.engine.patch import merge
from tests.engine.flows import HEAD, OPERATOR, SECOND, VERIFIER, Play
from tests.engine.wandering import wander


def micros(act: Callable[[], object], times: int = 400) -> float:
    spent = []
    for _ in range(times):
        begun = perf_counter()
        act()
        spent.append(perf_counter() - begun)
    return median(spent) * 1e6


def deciding(play: Play, who: int, do: str, name: str, **args: object) -> Callable[[], object]:
    command = Command(do, name, args)
    definition, case, actor, facts = play.definition, play.case, play.actor(who), play.facts(command)
    return lambda: decide(definition, case, actor, command, facts)


def main() -> None:
    draft, checked, verified = Play(), Play().checked(), Play().verified()
    look = checked.facts(Command("look"))
    history = next(w.events for w in map(wander, range(50)) if len(w.events) >= 30)[:30]
    values = {f"f{n}": n for n in range(80)}
    changed = {**values, **{f"f{n}": -n for n in range(20)}}
    figures = {
        "decide: submit": deciding(draft, OPERATOR, "act", "submit"),
        "decide: verify": deciding(checked, VERIFIER, "act", "verify"),
        "decide: vote and publish": deciding(verified, HEAD, "vote", "approval", ballot="for"),
        "decide: refused": deciding(checked, SECOND, "act", "verify"),
        "available: a verifier's page": lambda: available(
            checked.definition, checked.case, checked.actor(VERIFIER), look
        ),
        "wake": lambda: wake(checked.definition, checked.case, look),
        "fold of 30 events": lambda: fold(history),
        "merge of 80 fields": lambda: merge(values, values, changed),
    }
    for name, act in figures.items():
        print(f"{name:32} {micros(act):7.1f} µs")


if __name__ == "__main__":
    main()
