"""What the outside has to do because of an event: mails, publication, checks to run. Deciding happens elsewhere."""

from __future__ import annotations

from siskop.engine.case import Event
from siskop.engine.definition import Definition, Effect, Rung

INSIDE = frozenset({"action", "end", "widen"})
"""Acts of a rung that the engine does itself."""


def effects(definition: Definition, event: Event) -> tuple[Effect, ...]:
    """In the order of the file. An opened check is the effect `check` {step, round}."""
    body = event.body
    if event.type == "moved":
        action = definition.actions.get(body["action"])
        return action.does if action else ()
    if event.type == "opened" and body["check"]:
        return (Effect("check", {"step": body["step"], "round": body["round"]}),)
    if event.type == "rung":
        rung = rung_of(definition, event.to_state, body["scope"], body["n"])
        return tuple(e for e in rung.does if e.kind not in INSIDE) if rung else ()
    return ()


def rung_of(definition: Definition, state: str, scope: str, n: int) -> Rung | None:
    """The rung that an event names: `n` counts from 0 in the ladder of the state, or of one of its steps."""
    sort, _, name = scope.partition(":")
    if sort == "step":
        step = definition.states[state].steps.get(name)
        ladder = step.ladder if step else ()
    else:
        ladder = definition.states[name].ladder if name in definition.states else ()
    return ladder[n] if n < len(ladder) else None
