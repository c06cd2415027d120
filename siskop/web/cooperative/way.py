"""The way of a submission: where it was, where it is, and what comes next if nothing goes wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from siskop.base.i18n import format_date, words
from siskop.base.i18n import gettext as _
from siskop.engine.definition import Action, Definition, State
from siskop.submissions.mine import Station

Stage = tuple[str, str, str]
"""(label, when, past | here | you | next)"""


def stages(definition: Definition, stations: Iterable[Station], here: str, yours: bool) -> list[Stage]:
    """A state that came twice stands where it came last."""
    latest = {station.state: station.at for station in stations}
    ahead = route(definition, here)
    past = sorted((s for s in latest if s != here), key=lambda s: latest[s])
    names = [s for s in past if s in definition.states and s != definition.initial]
    then = [(label(definition.states[s]), format_date(latest[s]), "past") for s in names]
    now = definition.states[here]
    when = _("your turn") if yours else format_date(latest[here]) if here in latest else ""
    return [
        *then,
        (label(now), when, "past" if now.final else "you" if yours else "here"),
        *((label(definition.states[s]), "", "next") for s in ahead),
    ]


def label(state: State) -> str:
    return words(state.public_label or state.label)


def route(definition: Definition, here: str) -> list[str]:
    """The states after this one on the shortest way to a publication; [] where there is none."""
    if definition.states[here].final:
        return []
    queue: deque[tuple[str, list[str]]] = deque([(here, [])])
    seen = {here}
    while queue:
        state, trail = queue.popleft()
        for action in _leading_on(definition, state):
            if any(effect.kind == "publish" for effect in action.does):
                return [*trail, action.to]
            if action.to not in seen:
                seen.add(action.to)
                queue.append((action.to, [*trail, action.to]))
    return []


def _leading_on(definition: Definition, state: str) -> list[Action]:
    return [a for a in definition.actions.values() if state in a.from_ and (a.who or a.step or a.auto)]
