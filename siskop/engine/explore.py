"""Walks through a workflow without people: the real `follow` over every state, outcome of a step and sample of values.

A configuration is a case at rest; its ways lead to the next ones. What that shows is said by `flaws`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from siskop.engine import samples
from siskop.engine.case import Candidate, Case, Event
from siskop.engine.definition import Action, Condition, Definition, State, Step
from siskop.engine.events import evolve
from siskop.engine.follow import EndlessAutos, follow, move
from siskop.engine.situation import Situation, is_theirs

MOST = 10_000  # actions tried and outcomes followed; of a larger workflow only what was found so far is certain
PERSON = 1
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """How it goes on. `by`: person, own (the submitter's side), system (a check, an auto), silence, help (an override,
    an opinion), value (another day, or an answer while it may be edited)."""

    by: str
    to: Key
    moves: tuple[Event, ...] = ()


@dataclass(slots=True)
class Config:
    key: Key
    sample: int
    case: Case
    ways: list[Way] = field(default_factory=list)


class Walk:
    """Everything that can come of a workflow. `known` are the fields that are never empty.

    Actions whose condition no sample makes true, though some value might, are `free`: they may always be taken.
    """

    def __init__(self, workflow: Definition, known: frozenset[str]) -> None:
        self.workflow = workflow
        conditions = samples.conditions(workflow)
        self.read = frozenset(name for condition in conditions for name in condition.names)
        counted = samples.beside(c for c in conditions if "round" in c.names).numbers
        self.rounds = min(max(map(int, counted), default=-1), 20) + 2
        self.values = samples.fields(workflow)
        self.samples, self.combined = samples.of(workflow, known)
        self.facts = [replace(samples.facts(sample), pools=dict(_enough(workflow))) for sample in self.samples]
        number = len(self.samples)
        self.next_answers = [(n + 1) % number for n in range(number)]
        moving = samples.computed(workflow).keys() | {"today"}
        beside_day = [repr([v for name, v in sample.items() if name not in moving]) for sample in self.samples]
        later = [(*range(n + 1, number), *range(n)) for n in range(number)]
        self.next_day = [next((m for m in later[n] if beside_day[m] == beside_day[n]), n) for n in range(number)]
        self.free: frozenset[str] = frozenset()
        self.tried = 0
        self._begin()
        while self.whole and not self.endless and (more := self._possible() - self.taken):
            self.free |= more
            self._begin()

    def _begin(self) -> None:
        self.configs: dict[Key, Config] = {}
        self.taken: set[str] = set()
        self.seen: set[str] = set()  # states entered, steps opened or ended
        self.endless: dict[str, str] = {}  # action: what was said
        self.moments: dict[Key, Config] = {}  # where an auto moved at once
        self.whole = True
        self.waiting: list[Config] = []
        begun = Case(self.workflow.name, "", 1, self.workflow.initial)
        for sample in range(len(self.samples)):
            self._settle(self._situation(begun, sample), begun, sample, "own")
        while self.waiting and self.whole:
            self._expand(self.waiting.pop())
            self.whole = self.tried <= MOST

    def _situation(self, case: Case, sample: int) -> Situation:
        return Situation(self.workflow, case, self.facts[sample])

    # -- one configuration

    def _expand(self, config: Config) -> None:
        here = self.workflow.states[config.case.state]
        for act, by in self._acts(config, here):
            s = self._situation(config.case, config.sample)
            act(s)
            self._settle(s, config.case, config.sample, by, config)
        other = self.next_answers[config.sample] if here.edit else self.next_day[config.sample]
        if other != config.sample and not here.final:
            config.ways.append(Way("value", self._at(config.case, other).key))

    def _settle(self, s: Situation, since: Case, sample: int, by: str, before: Config | None = None) -> None:
        """`since` is the case before the act: the situation changes its own as it goes."""
        self.tried += 4 + len(self.workflow.actions) // 20  # as dear as so many conditions
        try:
            follow(s)
        except EndlessAutos as endless:
            self.endless.setdefault(str(endless).partition(":")[0], str(endless))
        moves = tuple(event for event in s.events if event.type == "moved")
        self.taken.update(event.body["action"] for event in moves)
        self.seen.update(event.body["step"] for event in s.events if event.type in ("opened", "ended"))
        self.seen.update((s.case.state, *(event.to_state for event in moves)))
        after = self._at(s.case, sample)
        if before is not None:
            before.ways.append(Way(by, after.key, moves))
        self._look_back(since, s.events, sample, before)

    def _look_back(self, case: Case, events: list[Event], sample: int, before: Config | None) -> None:
        """An auto that moved may have come before a free one, which another value would have let move."""
        for event in events:
            if event.type == "moved" and event.body["cause"] == "auto":
                moment = Config(self._key(case, sample), sample, case)
                if moment.key not in self.moments:
                    self.moments[moment.key] = moment
                    for action in (a for a in self._autos() if a.name in self.free and self._might(moment, a)):
                        s = self._situation(case, sample)
                        move(s, action, "auto")
                        self._settle(s, case, sample, "system", before)
            case = evolve(case, event)

    def _at(self, case: Case, sample: int) -> Config:
        """What no condition reads is left out of the case, so that there are few configurations."""
        did = {name: who for name, who in case.did.items() if f"did.{name}" in self.read}
        touched = case.touched and "touched" in self.read
        since = case.office_since and self.facts[sample].today
        rounds = min(case.round, self.rounds)
        case = replace(case, did=did, round=rounds, touched=touched, office_since=since, office_days=0)
        key = self._key(case, sample)
        if key not in self.configs:
            self.configs[key] = Config(key, sample, case)
            self.waiting.append(self.configs[key])
        return self.configs[key]

    @staticmethod
    def _key(case: Case, sample: int) -> Key:
        runs = tuple((name, run.outcome) for name, run in sorted(case.runs.items()))
        return sample, case.state, runs, case.round, case.touched, tuple(sorted(case.did))

    # -- what may happen in it

    def _acts(self, config: Config, here: State) -> Iterator[tuple[Callable[[Situation], None], str]]:
        for step, outcome, by in self._endings(config.case, here):
            yield partial(_end, step=step, outcome=outcome, by=by), by
        for action in self.workflow.actions.values():
            if here.name in action.from_ and self._holds(config, action):
                for by in self._takers(config.case, here, action):
                    cause, person = _CAUSES.get(by, ("person", PERSON))
                    yield partial(move, action=action, cause=cause, by=person), by

    def _endings(self, case: Case, here: State) -> Iterator[tuple[str, str, str]]:
        """(step, outcome, by). Checks end in the order of the file, and of those that no condition names one fails."""
        open_ = [here.steps[name] for name, run in case.runs.items() if run.outcome is None]
        checks = [step for step in here.steps.values() if step in open_ and step.check]
        for step in (*checks[:1], *(step for step in open_ if step.who)):
            for outcome in self._outcomes(case, step):
                yield step.name, outcome, "system" if step.check else "person"
            for effect in (effect for rung in step.ladder for effect in rung.does if effect.kind == "end"):
                yield step.name, effect.args["outcome"], "silence"
        for name, step in here.steps.items():
            if step.check and self.workflow.manage and name in case.runs and case.runs[name].outcome == "failed":
                yield name, "overridden", "help"
            if step.on_demand and name not in case.runs and self._is_named(name):
                yield name, "done", "help"

    def _outcomes(self, case: Case, step: Step) -> tuple[str, ...]:
        if step.check:
            failed = [name for name, run in case.runs.items() if run.outcome == "failed" and not self._is_named(name)]
            # duplicates are only warned of, and a condition fails only where the file says so
            may_fail = step.check == "completeness" or step.with_.get("otherwise") == "fail"
            return ("passed", "failed") if may_fail and (self._is_named(step.name) or not failed) else ("passed",)
        if step.votes:
            return ("passed", "failed")
        acted = any(action.step == step.name for action in self.workflow.actions.values())
        return ("done",) if step.form or not acted else ()

    def _is_named(self, step: str) -> bool:
        return any(name.startswith(f"{step}.") for name in self.read)

    def _takers(self, case: Case, here: State, action: Action) -> Iterator[str]:
        if action.auto is not None:
            yield "system"
        elif action.who is not None:
            yield "own" if is_theirs(self.workflow, action.who) else "person"
        elif action.step and action.step in case.runs and case.runs[action.step].outcome is None:
            yield "person"
        open_ = (step for name, step in here.steps.items() if name in case.runs and case.runs[name].outcome is None)
        rungs = (*here.ladder, *(rung for step in open_ for rung in step.ladder))
        if any(e.kind == "action" and e.args["action"] == action.name for rung in rungs for e in rung.does):
            yield "silence"

    # -- conditions

    def _holds(self, config: Config, action: Action) -> bool:
        """An auto that holds has moved already."""
        self.tried += 1
        if action.name in self.free:
            return self._might(config, action)
        return action.auto is None and self._is_true(config, action)

    def _is_true(self, config: Config, action: Action) -> bool:
        s = self._situation(config.case, config.sample)
        return all(s.test(condition) is True for condition in samples.asked_by(action))

    def _possible(self) -> frozenset[str]:
        """Actions that were never taken, though some value that no sample holds might let them."""
        actions = [action for action in self.workflow.actions.values() if action.name not in self.taken]
        configs = [*self.configs.values(), *self.moments.values()]
        return frozenset(
            action.name
            for action in actions
            if any(self._might(config, action) for config in configs) and not self._is_late(action)
        )

    def _is_late(self, action: Action) -> bool:
        """An auto that some samples made true, but an auto above moved first each time."""
        here = (moment for moment in self.moments.values() if moment.case.state in action.from_)
        return action.auto is not None and any(self._is_true(moment, action) for moment in here)

    def _might(self, config: Config, action: Action) -> bool:
        """An auto only if none above moves first, whatever the values are."""
        run, state = config.case.runs.get(action.step or ""), config.case.state
        open_ = action.step is None or (run is not None and run.outcome is None)
        if not (open_ and state in action.from_ and all(self.might_hold(config, c) for c in samples.asked_by(action))):
            return False
        above = itertools.takewhile(lambda a: a is not action, self._autos() if action.auto is not None else ())
        surely = (a for a in above if state in a.from_ and not self.reads_values(a))
        return not any(self._is_true(config, auto) for auto in surely)

    def _autos(self) -> list[Action]:
        return [action for action in self.workflow.actions.values() if action.auto is not None]

    def reads_values(self, action: Action) -> bool:
        return any(condition.names & self.values.keys() for condition in samples.asked_by(action))

    def might_hold(self, config: Config, condition: Condition) -> bool:
        """Whether it is true here, or unknown where nothing is known of the values but that they are (or are not)."""
        s = self._situation(config.case, config.sample)
        values = condition.names & self.values.keys()
        unknown = (_with(s.environment(condition), values, value) for value in (ANYTHING, None) if values)
        return s.test(condition) is True or any(condition.test(env) is not False for env in unknown)


def _with(env: dict[str, Any], names: Collection[str], value: Any) -> dict[str, Any]:
    for name in names:
        root, _, rest = name.partition(".")
        env[root] = {**(env.get(root) or {}), rest: value} if rest else value
    return env


def _enough(workflow: Definition) -> Iterator[tuple[str, tuple[Candidate, ...]]]:
    """For steps in which all sit: as many strangers as its votes need."""
    for step in workflow.steps.values():
        need = step.votes.need if step.votes is not None and isinstance(step.votes.need, int) else 1
        if any(kind.count == "all" for kind in step.seats):
            yield step.name, tuple(Candidate(PERSON + n) for n in range(1, need + 1))


class _Anything:
    """A value of which nothing is known but that it is there: whatever is asked of it, the condition is unknown."""

    def __eq__(self, other: object) -> bool:
        raise TypeError

    def __bool__(self) -> bool:
        raise TypeError

    __hash__ = None  # type: ignore[assignment]


ANYTHING = _Anything()
_CAUSES = {"silence": ("silence", None), "system": ("auto", None)}


def _end(s: Situation, step: str, outcome: str, by: str) -> None:
    """A task is done by everybody's part, so that its form is there to read; all else just ends."""
    who, run = (PERSON if by == "person" else None), s.case.runs.get(step)
    if outcome == "done" and who and run is not None:
        part = {"ballot": "for", "for": PERSON, "words": None, "digest": None}
        for seat in run.seats:
            s.emit("voted", {"step": step, "round": s.case.round, "seat": seat, **part}, PERSON)
    else:
        s.emit("ended", {"step": step, "round": s.case.round, "outcome": outcome}, who)
