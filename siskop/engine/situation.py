"""A case with everything that may be known about it while one command is decided, and what conditions see of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from siskop.engine import patch
from siskop.engine.case import Case, Correction, Event, Facts, Refusal, Run
from siskop.engine.definition import OUTCOMES, Action, Condition, Definition, State, Step, Truth, Who
from siskop.engine.events import evolve
from siskop.engine.fields.registry import type_of
from siskop.engine.fields.unasked import Computed
from siskop.engine.form import surroundings

SUBMITTERS_SIDE = ("submitter", "author", "record_operator")
"""Relations of those who send something in: in a state that waits for the office they never act for it."""

_AS = {"warned": "passed", "overridden": "passed"}  # what a condition sees of an outcome, where that is another word
_SEEN: dict[str | None, Mapping[str, bool]] = {
    outcome: {name: name == _AS.get(outcome or "", outcome) for name in OUTCOMES} for outcome in (None, *OUTCOMES, *_AS)
}
_GOOD = frozenset({"passed", "warned", "overridden", "skipped"})

NOWHERE = State("", {}, {})


@dataclass(slots=True)
class Situation:
    """Lives for one command. `case` advances with each emitted event, so later rules see earlier ones' work."""

    definition: Definition
    case: Case
    facts: Facts
    events: list[Event] = field(default_factory=list)
    silence: bool | None = None  # whether silence has decided already; None: not looked at since the last event

    state: State = field(init=False)  # a migration begins where its definition may have none: it does not look

    def __post_init__(self) -> None:
        self.state = self.definition.states.get(self.case.state, NOWHERE)

    def emit(self, what: str, body: Mapping[str, Any], by: int | None = None, to: str | None = None) -> None:
        event = Event(what, to or self.case.state, body, by, self.case.seq + 1, self.facts.now)
        self.case = evolve(self.case, event)
        self.events.append(event)
        self.silence = None
        if to is not None:
            self.state = self.definition.states[to]

    # ------------------------------------------------------------------ reading

    def open_runs(self) -> Iterator[tuple[Step, Run]]:
        """Steps that are open now, in file order."""
        for name, step in self.state.steps.items():
            run = self.case.runs.get(name)
            if run is not None and run.outcome is None:
                yield step, run

    def open_run(self, step: str) -> Run | None:
        run = self.case.runs.get(step)
        return run if run is not None and run.outcome is None and step in self.state.steps else None

    def open_corrections(self) -> list[Correction]:
        return [c for c in self.case.corrections.values() if c.status == "open"]

    def unresolved(self) -> tuple[str, ...]:
        return patch.unresolved(self.facts.conflicts, self.case.resolutions, self.facts.current)

    def blocked(self, action: Action | None = None) -> Refusal | None:
        """Why nothing may be decided now: an open correction, or an unresolved conflict.

        Free are actions to a state that waits for the submitter, and the submitter's own. Without an action: ballots,
        forms and a step's end.
        """
        if action is not None and (self.definition.states[action.to].waits_for == "submitter" or self.is_own(action)):
            return None
        if self.open_corrections():
            return Refusal("corrections", "A correction is open. Send it back, or cancel the correction, first.")
        if self.unresolved():
            return Refusal("conflicts", "The register changed meanwhile. Choose which value holds.")
        return None

    # ------------------------------------------------------------------ conditions

    def test(self, condition: Condition | None) -> Truth:
        """No condition is true; None is unknown."""
        return True if condition is None else condition.test(self.environment(condition))

    def environment(self, condition: Condition) -> dict[str, Any]:
        """The roots that the condition names, and `today`. Absent ones stay absent: unknown."""
        roots = {name.partition(".")[0] for name in condition.names}
        found = {root: self._root(root) for root in roots}
        return {root: value for root, value in found.items() if value is not None} | {"today": self.facts.today}

    def _root(self, name: str) -> Any:
        known = self.definition.kind.fields.get(name)
        if known is not None:
            value, kind = self.facts.answers.get(name), type_of(known)
            if known.value is not None and isinstance(kind, Computed):  # whether the form shows it or not
                value = kind.work_out(known, self.environment(known.value))
            return None if value is None else kind.typed(known, value)
        if name in _RESERVED:
            return _RESERVED[name](self)
        step = self.state.steps.get(name)
        return self.facts.answers.get(name) if step is None else self._seen(step)

    def _seen(self, step: Step) -> Mapping[str, Any]:
        """How the step ended in this round, with the answers of its small form once it has."""
        run = self.case.runs.get(step.name)
        seen = _SEEN[run.outcome if run is not None else None]
        if step.form is None or run is None or run.outcome is None or all(x.acted is None for x in run.seats.values()):
            return seen
        fields, answers = self.definition.forms[step.form].fields, self.facts.forms.get(step.name, {})
        return {**{n: type_of(f).typed(f, answers[n]) for n, f in fields.items() if n in answers}, **seen}

    def checks(self) -> dict[str, bool]:
        """`passed`: every check of this state passed, warned, was overridden, or was not needed."""
        checks = [name for name, step in self.state.steps.items() if step.check]
        outcomes = [run.outcome if (run := self.case.runs.get(name)) else None for name in checks]
        return {"passed": all(o in _GOOD for o in outcomes), "failed": "failed" in outcomes}

    def is_own(self, action: Action) -> bool:
        """Whether the action is the submitter's side's own (send, withdraw), by who may take it."""
        return action.who is not None and is_theirs(self.definition, action.who)


def is_theirs(definition: Definition, who: Who) -> bool:
    """Whether these are people of the submitter's side: related so, or whoever did what only those do."""
    relation = who.relation or ""
    if relation.startswith("did."):
        action = definition.actions.get(relation[4:])
        relation = (action.who.relation or "") if action and action.who and action.who.role is None else ""
    return who.role is None and relation in SUBMITTERS_SIDE


def _counts(s: Situation) -> dict[str, int]:
    statuses = [c.status for c in s.case.corrections.values()]
    return {status: statuses.count(status) for status in ("open", "answered", "accepted", "cancelled")}


def _doings(definition: Definition) -> Iterator[str]:
    yield from definition.actions
    for state in definition.states.values():
        yield from state.steps


_RESERVED: dict[str, Any] = {
    "round": lambda s: s.case.round,
    "touched": lambda s: s.case.touched,
    "checks": Situation.checks,
    "corrections": _counts,
    "conflicts": lambda s: {"open": len(s.unresolved())},
    "parent": lambda s: surroundings(s.definition.kind, s.facts.parent, {})["parent"],
    "last": lambda s: surroundings(s.definition.kind, {}, s.facts.last)["last"],
    "did": lambda s: {name: name in s.case.did for name in _doings(s.definition)},
}
