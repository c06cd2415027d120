"""A case without a house around it: invented people, a clock, a record and its draft in memory, for scenarios and play.

What the door does with a database is done here with values; every rule is the engine's own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from siskop.engine import form, outside, patch
from siskop.engine.calendar import WIB, Calendar, day_of
from siskop.engine.case import SYSTEM, Actor, Candidate, Case, Command, Event, Facts, Offer, Refusal
from siskop.engine.decide import available, decide, start
from siskop.engine.definition import EMPTY, Definition, Effect, Field, Form, State, Step, Who
from siskop.engine.effects import effects
from siskop.engine.events import evolve
from siskop.engine.hashes import same_state
from siskop.engine.ladders import wake
from siskop.engine.people import area_of, covers, people_needed, who_of
from siskop.engine.prefill import prefill

MEDIA = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
LOOK = Command("look")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=WIB)
"""When it begins, where nobody says it."""
WAITS = "waits"
"""Told of a check: it does not answer yet."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented. `stands_in`: for whom, from the first to the last day."""

    id: int
    grants: tuple[tuple[str, str], ...] = ()
    operator: bool = False
    load: int = 0
    stands_in: tuple[tuple[str, date, date], ...] = ()


@dataclass(slots=True)
class Rehearsal:
    """One case on its way. `record` are the values registered now (none at version 0)."""

    definition: Definition
    people: dict[str, Person]
    now: datetime
    calendar: Calendar = field(default_factory=Calendar)
    record: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0
    parent: Mapping[str, Any] = field(default_factory=dict)
    last: Mapping[str, Any] = field(default_factory=dict)
    reported: Mapping[str, Collection[int]] = field(default_factory=dict)  # by group of periods
    fixed: Mapping[str, Any] = field(default_factory=dict)
    draft: dict[str, Any] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)  # outcomes of checks, by step
    case: Case | None = None
    events: list[Event] = field(default_factory=list)
    said: list[tuple[Effect, list[str]]] = field(default_factory=list)  # effects outside, with who gets the mail
    told_of: int = 0  # how many of these an expectation has met
    seen: dict[str, str] = field(default_factory=dict)  # who looked: the basis of what they saw
    problems: tuple[form.Problem, ...] = ()  # of the form that was last sent or filled in
    _base: Mapping[str, Any] = field(default_factory=dict)
    _proposed: Mapping[str, Any] = field(default_factory=dict)
    _forms: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _authors: set[int] = field(default_factory=set)

    # ------------------------------------------------------------------ what is known

    @property
    def begun(self) -> Case:
        if self.case is None:
            raise ValueError("nobody has started yet")
        return self.case

    @property
    def today(self) -> date:
        return day_of(self.now)

    @property
    def answers(self) -> dict[str, Any]:
        """What the record would hold after this submission."""
        resolved = self.case.resolutions if self.case is not None else {}
        picks = {name: resolved.get(name, (patch.PROPOSED, 0))[0] for name in self._proposed}
        return patch.merge(self._base, self.record, self._proposed, picks).values

    @property
    def operators(self) -> frozenset[int]:
        return frozenset(p.id for p in self.people.values() if p.operator)

    @property
    def state(self) -> State:
        return self.definition.states[self.begun.state]

    def name_of(self, person: int | None, otherwise: str = "system") -> str:
        return next((name for name, p in self.people.items() if p.id == person), otherwise)

    def actor(self, name: str | None) -> Actor:
        if name is None:
            return SYSTEM
        person = self.people[name]
        principals = {
            self.people[other].id: self.people[other].grants
            for other, first, last in person.stands_in
            if first <= self.today <= last
        }
        relations = frozenset({"record_operator"} if person.operator else ())
        return Actor(person.id, person.grants, relations, principals, name=name)

    def candidates(self, who: Who) -> Iterator[Person]:
        """Everybody who holds the role for the record's area now; nobody where no role is asked for."""
        area = area_of(who, self.answers, self.parent)
        return (p for p in self.people.values() if who.role is not None and covers(p.grants, who.role, area))

    def offers(self, name: str) -> tuple[Offer, ...]:
        return available(self.definition, self.begun, self.actor(name), self.facts())

    def wake(self) -> datetime | None:
        return wake(self.definition, self.begun, self.facts())

    def context(self) -> form.Context:
        return form.Context(self.today, self.record, self.parent, self.last, self.fixed, found=anything)

    def environment(self) -> dict[str, Any]:
        """What facts and badges of the record read."""
        kind = self.definition.kind
        return outside.environment(kind, self.record, self.today, self.parent, self.last, reported=self.reported)

    def conflicts(self) -> frozenset[str]:
        if self.case is None or self.case.base == self.version or not self._proposed:
            return frozenset()
        proposed = form.answered(self.definition.kind, self._proposed)
        return frozenset(c.field for c in patch.merge(self._base, self.record, proposed, {}).conflicts)

    def unresolved(self) -> tuple[str, ...]:
        return patch.unresolved(self.conflicts(), self.begun.resolutions, self.version)

    def facts(self, command: Command = LOOK, sent: Mapping[str, Any] | None = None, valid: bool | None = None) -> Facts:
        known = Facts(self.now, self.today, self.calendar, self.answers, operators=self.operators, parent=self.parent)
        known = replace(known, conflicts=self.conflicts(), current=self.version, form_valid=valid, fresh=sent)
        return replace(known, forms=self._forms, last=self.last, pools=dict(self._pools(command)))

    def _pools(self, command: Command) -> Iterator[tuple[str, tuple[Candidate, ...]]]:
        for name in people_needed(self.definition, self.case, command) if self.case is not None else ():
            state = next(s for s in self.definition.states.values() if name in s.steps)
            fit = self.candidates(who_of(state, state.steps[name]))
            yield name, tuple(Candidate(p.id, p.load) for p in fit)

    # ------------------------------------------------------------------ what somebody does

    def start(self, name: str, fixed: Mapping[str, Any] = EMPTY) -> Refusal | None:
        """`fixed` are answers that the start settles. Who begins something new acts for it, unless a role begins it."""
        self._base, self.fixed = self.record, fixed or self.fixed
        account = {"name": name, "email": f"{name}@siskop.example"}
        asked, source = self.definition.form, self.definition.prefill
        self.draft = prefill(asked, source, record=self.record, last=self.last, account=account)
        self._read(asked, self.draft)
        refusal = self._take(start(self.definition, self.actor(name), 1, self.version, self.facts()))
        founds = not self.version and self.definition.kind.child_of is None and self.definition.start.role is None
        if refusal is None and founds:
            self.people[name] = replace(self.people[name], operator=True)
        return refusal

    def fill(self, name: str, raws: Mapping[str, Any]) -> Refusal | None:
        refusal = self.perform(name, Command("edit"))
        if refusal is None:
            self.draft |= raws
            self._authors.add(self.people[name].id)
            self._read(self.definition.form, self.draft)
        return refusal

    def filled(self) -> Mapping[str, Any]:
        """What the draft holds, as far as it can be taken: typed, taken over, worked out."""
        return form.accept(self.definition.form, self.draft, self.context()).values

    def perform(self, name: str | None, command: Command, raw: Mapping[str, Any] | None = None) -> Refusal | None:
        """`raw` are the answers of the small form that comes with the command; its problems are left in `problems`."""
        forms, proposed = self._forms, self._proposed
        if raw is not None and not self._fill_small(command.name, raw):
            return Refusal("needs", "Some answers are missing or need another look.")
        action = self.definition.actions.get(command.name) if command.do == "act" else None
        sends = action is not None and "valid_form" in action.needs and self.begun.state in action.from_
        sent = self._freeze() if sends else None
        basis = self.seen.pop(name, None) if name is not None else None
        command = replace(command, args={**command.args, "form": raw is not None, "basis": basis})
        facts = self.facts(command, sent, sent is not None if sends else None)
        refusal = self._take(decide(self.definition, self.begun, self.actor(name), command, facts))
        if refusal is not None:
            self._forms, self._proposed = forms, proposed
        return refusal

    def confirm(self, name: str) -> Refusal | None:
        """Every doubt about what is filled in: yes, it is right."""
        tokens = [p.sure for p in self.problems if p.sure is not None]
        return self.fill(name, {"_sure": [*self.draft.get("_sure", ()), *tokens]})

    def look(self, name: str) -> None:
        self.seen[name] = self.begun.basis()

    def migrate(self, newer: Definition, state: str) -> Refusal | None:
        before, self.definition = self.definition, newer
        same = state == self.begun.state and same_state(before, newer, state)
        refusal = self.perform(None, Command("migrate", state, {"same": same}))
        if refusal is not None:
            self.definition = before
        return refusal

    def change_record(self, values: Mapping[str, Any]) -> None:
        """Somebody else publishes."""
        self.record, self.version = {**self.record, **values}, self.version + 1

    def _read(self, asked: Form, raw: Mapping[str, Any]) -> form.Clean | None:
        read = form.accept(asked, raw, self.context())
        self.problems = read.problems
        return read if isinstance(read, form.Clean) else None

    def _freeze(self) -> Mapping[str, Any] | None:
        """The body of `submitted`, if the answers may be sent."""
        read = self._read(self.definition.form, self.draft)
        if read is None:
            return None
        number = self.begun.revisions + 1
        self._proposed = {name: read.values.get(name) for name in self.definition.form.names()}
        body = {"revision": number, "number": number, "digest": "", "authors": sorted(self._authors)}
        return {**body, "behaviour": self.definition.behaviour}

    def _fill_small(self, name: str, raw: Mapping[str, Any]) -> bool:
        asked = self.definition.form_of(name)
        read = self._read(asked, raw) if asked is not None else None
        if read is not None:
            self._forms = {**self._forms, name: read.values}
        return asked is None or read is not None

    # ------------------------------------------------------------------ what comes of it

    def _take(self, answer: tuple[Event, ...] | Refusal) -> Refusal | None:
        if isinstance(answer, Refusal):
            return answer
        for event in answer:
            self.case = evolve(self.case, event)
            self.events.append(event)
            if event.type == "moved":
                self._forms = {}
            for effect in effects(self.definition, event):
                if effect.kind != "check":
                    self.said.append((effect, self._receivers(event, effect)))
                    self._apply(effect)
        return None

    def _apply(self, effect: Effect) -> None:
        involved = self.begun.submitters | {self.begun.starter}
        if effect.kind == "publish":
            self._publish(effect.args.get("set", {}))
        elif effect.kind in ("accept_members", "add_member"):
            self._operate(lambda p: p.operator or p.id in involved)
        elif effect.args.get("end_members") == "others":
            self._operate(lambda p: p.operator and p.id in involved)
        elif effect.kind == "end_members" and not self.version:
            self._operate(lambda p: False)

    def _operate(self, may: Callable[[Person], bool]) -> None:
        """Who acts for the record from now on."""
        self.people = {name: replace(p, operator=may(p)) for name, p in self.people.items()}

    def _publish(self, constants: Mapping[str, Any]) -> None:
        kind, around = self.definition.kind, self.context()
        hidden = dict.fromkeys(outside.hidden(self.definition, self.begun, self.answers, around))
        decided = hidden | outside.constants(kind, constants, self.answers, around)
        picks = {name: side for name, (side, _) in self.begun.resolutions.items()}
        mine = form.answered(kind, self._proposed) | decided
        merged = patch.merge(self._base, self.record, mine, picks | dict.fromkeys(decided, patch.PROPOSED)).values
        self.record, self.version = outside.settled(kind, merged, around), self.version + 1

    def _receivers(self, event: Event, effect: Effect) -> list[str]:
        found: set[int] = set()
        for to in (effect.args.get("to"), effect.args.get("copy")) if effect.kind == "mail" else ():
            if isinstance(to, Mapping):
                found |= {p.id for p in self.candidates(Who(role=to.get("role"), area=to.get("area")))}
            else:
                found |= set(outside.reached(to or "", self.begun, event, self.operators))
        return sorted(map(self.name_of, found))

    # ------------------------------------------------------------------ time and the system's own work

    def run_checks(self) -> None:
        """Every open check answers: as it was told, by its condition, else it passes."""
        before, steps = self.begun.round, self.state.steps
        for name, run in list(self.begun.runs.items()):
            is_due = name in steps and run.check and run.outcome is None and self.told.get(name) != WAITS
            if is_due and self.begun.round == before:
                outcome = self.told.pop(name, None) or self._finding(steps[name])
                self.perform(None, Command("check", name, {"round": before, "outcome": outcome}))

    def _finding(self, step: Step) -> str:
        if step.check == "completeness":
            read = outside.complete(self.definition, self.answers, replace(self.context(), record=self.answers))
            return "passed" if all(p.sure for p in getattr(read, "problems", ())) else "failed"
        if step.check == "condition":
            return outside.verdict(step, self.definition.kind, self.answers, self.context())
        return "passed"

    def advance(self, to: datetime, *, awake: bool = True) -> None:
        """Time passes; the system wakes whenever something is due, unless it sleeps."""
        while awake and self.case is not None and (due := self.wake()) is not None and due <= to:
            self.now = max(self.now, due)
            before = self.case.seq
            self.perform(None, Command("tick"))
            self.run_checks()
            if self.case.seq == before:
                break
        self.now = max(self.now, to)

    def after(self, days: int, working: bool) -> datetime:
        return self.now + timedelta(days=(self.calendar.add(self.today, days, working) - self.today).days)


def anything(kind: str, typed: str) -> dict[str, Any]:
    """A reference to whatever was typed: it is there, under that name."""
    return {"id": 1, "slug": typed, "title": typed}


def raw_of(f: Field, told: Any) -> Any:
    """What a file says as it is typed: the name of a file stands for the file; numbers and truths are as written."""
    if f.type in ("file", "image") and isinstance(told, str):
        media = MEDIA.get(told.rpartition(".")[2].lower(), "application/octet-stream")
        return {"id": sum(map(ord, told)), "name": told, "type": media, "size": 1000}
    if f.type == "files":
        return [raw_of(replace(f, type="file"), one) for one in (told if isinstance(told, list) else [told])]
    if isinstance(told, bool):
        return "yes" if told else "no"
    return str(told) if isinstance(told, int | float) else told
