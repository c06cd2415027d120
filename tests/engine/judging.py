"""A second opinion on every command: a ledger kept by other, simpler means, and what it says must have been so.

Nothing here asks the engine whether something was right. It reads the events, the files' values and the facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations_with_replacement, product
from typing import Any

from siskop.engine.case import Actor, Command, Event, Facts
from siskop.engine.definition import Action, Definition, SeatKind, State, Step, Votes, Who
from tests.engine.inventing import DECIDING, kleene
from tests.engine.wandering import World

BALLOTS = ("for", "against", "abstain")
GOOD = ("passed", "warned", "overridden", "skipped")
THEIRS = ("submitter", "author", "record_operator")


# ------------------------------------------------------------------ votes, by trying every way they could go on


def final(votes: Votes, ballots: list[tuple[str, str]]) -> str:
    """A vote in which everybody has spoken."""
    weight: Counter[str] = Counter()
    for kind, ballot in ballots:
        weight[ballot] += votes.weights.get(kind, 1)
        if kind == votes.veto and ballot == "against":
            return "failed"
    yes, no = weight["for"], weight["against"]
    by_rule = {"majority": yes > no, "all": yes > 0 and no == 0}
    passed = yes >= votes.need if isinstance(votes.need, int) else by_rule[votes.need]
    return "passed" if passed else "failed"


def certain(votes: Votes, cast: list[tuple[str, str | None]]) -> str | None:
    """What every completion of the vote comes to, if they all agree. Seats of one kind are as good as each other."""
    spoken = [(kind, ballot) for kind, ballot in cast if ballot is not None]
    silent = Counter(kind for kind, ballot in cast if ballot is None)
    ways = [combinations_with_replacement([(kind, b) for b in BALLOTS], n) for kind, n in silent.items()]
    ends = set()
    for rest in product(*ways):
        ends.add(final(votes, [*spoken, *(one for part in rest for one in part)]))
        if len(ends) > 1:
            return None
    return ends.pop()


def kind_of(step: Step, seat: str) -> SeatKind:
    of = (k for k in step.seats if seat == k.name or seat.startswith(f"{k.name}-"))
    return step.seats[0] if step.on_demand else next(of)


# ------------------------------------------------------------------ the ledger


@dataclass
class Chair:
    person: int | None
    area: str | None
    acted: int | None = None
    ballot: str | None = None
    assigned: bool = False


@dataclass
class Open:
    """A step in this round."""

    chairs: dict[str, Chair] = field(default_factory=dict)
    due: date | None = None
    outcome: str | None = None
    widened: list[Who] = field(default_factory=list)


@dataclass
class Judge:
    """`seen` are the features that this case met; pairs of them are written “one × other”."""

    state: str = ""
    round: int = 0
    senders: set[int] = field(default_factory=set)
    authors: set[int] = field(default_factory=set)
    did: dict[str, set[int]] = field(default_factory=dict)
    stood_down: dict[str, set[int]] = field(default_factory=dict)
    runs: dict[str, Open] = field(default_factory=dict)
    corrections: dict[int, list[str]] = field(default_factory=dict)  # id: [field, step, status]
    asked_by_step: set[str] = field(default_factory=set)
    picked: dict[str, int] = field(default_factory=dict)  # field in conflict: the version it was picked at
    begun: bool = False
    entered: date | None = None
    seen: set[str] = field(default_factory=set)

    # what is so now
    definition: Definition | None = None
    facts: Facts | None = None

    def __call__(self, world: World, actor: Actor, command: Command, facts: Facts, events: tuple[Event, ...]) -> None:
        """Every event of one command, judged by what was so before it; then whether anything was left undone."""
        self.definition, self.facts = world.definition, facts
        if command.do in ("tick", "check") and self.is_asked and self._overdue():
            self.seen.add("corrections × silence")
        before: Event | None = None
        for event in events:
            assert event.to_state in self.definition.states or event.type == "migrated"
            if event.type not in ("migrated", "commented") and command.do != "migrate":
                assert not self.here.final or event.type != "moved" or event.body["action"] in self._reopenings(), event
            getattr(self, f"_{event.type}")(event, event.body, actor, command, before)
            before = event
            assert self.state == event.to_state
        if command.do not in ("edit", "comment"):
            self._nothing_left()
        if command.do == "migrate":
            self._nothing_lost()

    def begin(self, world: World) -> Judge:
        self.definition = world.definition
        started = world.events[0]
        self.state, self.senders = started.body["state"], {started.by} if started.by else set()
        return self

    @property
    def here(self) -> State:
        assert self.definition is not None
        return self.definition.states[self.state]

    # ------------------------------------------------------------------ what people may

    def related(self, person: int, word: str) -> bool:
        assert self.facts is not None
        if word.startswith("did."):
            return person in self.did.get(word[4:], set())
        if word == "assignee":
            chairs = [c for run in self.runs.values() if run.outcome is None for c in run.chairs.values()]
            return any(chair.person == person for chair in chairs)
        held = {"submitter": self.senders, "author": self.authors, "record_operator": self.facts.operators}
        return word == "anyone" or person in held.get(word, ())

    def area(self, who: Who) -> str | None:
        assert self.facts is not None
        return None if who.area is None else str(self.facts.answers.get(who.area) or "")

    def covered(self, grants: Any, who: Who, area: str | None) -> bool:
        return who.role is None or any(r == who.role and (area is None or area.startswith(a)) for r, a in grants)

    def separate(self, person: int, step: Step, kind: SeatKind | None = None, *, new: bool = False) -> None:
        """Nobody sits in an office's step who sent it in, wrote it, acts for it, stood down, or is excluded by name."""
        assert step.who is not None
        words = [*step.who.exclude, *(kind.who.exclude if kind and kind.who else ())]
        if self.here.waits_for == "office" and not step.self_service:
            words += THEIRS
        for word in words:
            assert not self.related(person, word), f"{person} is {word} and sits in {step.name}"
            other = self.runs.get(word.removeprefix("did."))
            held = {c.person for c in other.chairs.values()} if new and other and other.outcome is None else set()
            assert person not in held, f"{person} has a seat in {word} and gets one in {step.name}"
        assert not step.recuse or person not in self.stood_down.get(step.name, set()), f"{person} stood down"

    def fits(self, actor: Actor, principal: int, step: Step, seat: str) -> bool:
        """Whether the seat could be theirs: nobody's or the principal's own, by role; or by a rung that widened it."""
        run, kind = self.runs[step.name], kind_of(step, seat)
        chair = run.chairs[seat]
        assert chair.acted is None
        grants = actor.grants if principal == actor.id else actor.principals.get(principal, ())
        who = kind.who or step.who
        assert who is not None
        by_role = self.covered(grants, who, chair.area) and (not who.relation or self.related(principal, who.relation))
        if chair.person == principal and (by_role or chair.assigned):
            return True
        if chair.person is None and by_role:
            return True
        return principal == actor.id and any(self.covered(actor.grants, w, self.area(w)) for w in run.widened)

    def sits(self, actor: Actor, principal: int, step: Step, seat: str) -> None:
        assert actor.id is not None
        run = self.runs[step.name]
        assert run.outcome is None
        for person in {actor.id, principal}:
            self.separate(person, step, kind_of(step, seat))
        for chair in (c for name, c in run.chairs.items() if name != seat):
            assert not {actor.id, principal} & {chair.acted, chair.person if chair.acted else None}, "twice in a run"
            assert principal != chair.person, "two seats in a run"
        assert self.fits(actor, principal, step, seat), (actor, principal, step, run)
        if principal != actor.id:
            own = [c for c in run.chairs.values() if c.person == actor.id and c.acted is None]
            assert not own, "whoever has a seat of their own acts for nobody else"
            self.seen |= {"deputies"}
        elif run.chairs[seat].person == actor.id and any(c.person in actor.principals for c in run.chairs.values()):
            self.seen.add("deputy × own seat")

    # ------------------------------------------------------------------ what holds everything up

    @property
    def is_asked(self) -> bool:
        return any(status == "open" for _, _, status in self.corrections.values())

    @property
    def is_contested(self) -> bool:
        assert self.facts is not None
        return any(self.picked.get(name) != self.facts.current for name in self.facts.conflicts)

    def is_own(self, action: Action) -> bool:
        assert self.definition is not None
        who = action.who
        if who is None or who.role is not None or who.relation is None:
            return False
        if who.relation.startswith("did."):
            done = self.definition.actions.get(who.relation[4:])
            return done is not None and done.who is not None and done.who.role is None and done.who.relation in THEIRS
        return who.relation in THEIRS

    def free(self, action: Action | None = None) -> bool:
        """Whether it may be decided now."""
        assert self.definition is not None
        if action and (self.definition.states[action.to].waits_for == "submitter" or self.is_own(action)):
            return True
        return not self.is_asked and not self.is_contested

    def value(self, name: str) -> Any:
        """What a condition sees under a name."""
        assert self.facts is not None and self.definition is not None
        root, _, part = name.partition(".")
        if root in ("round", "touched"):
            return getattr(self, {"round": "round", "touched": "begun"}[root])
        if root == "last":
            return self.facts.last.get(part)
        if root == "checks":
            checks = [self.runs[n].outcome if n in self.runs else None for n, s in self.here.steps.items() if s.check]
            return all(o in GOOD for o in checks) if part == "passed" else "failed" in checks
        if root in self.here.steps:
            run = self.runs.get(root)
            outcome = run.outcome if run else None
            if part == "score":
                filled = run is not None and outcome and any(c.acted for c in run.chairs.values())
                return self.facts.forms.get(root, {}).get("score") if filled else None
            return {"warned": "passed", "overridden": "passed"}.get(outcome or "", outcome) == part
        if root == "today":
            return self.facts.today.isoformat()
        return self.facts.answers.get(root)

    def holds(self, source: str) -> bool | None:
        return kleene(source, self.value)

    def _when(self, action: Action) -> bool:
        return action.when is None or self.holds(action.when.source) is True

    def _auto(self) -> Iterator[Action]:
        assert self.definition is not None
        for action in self.definition.actions.values():
            if action.auto is None or self.state not in action.from_:
                continue
            found, also = self.holds(action.auto.source), self.holds(action.when.source) if action.when else True
            if found is None or (found and also is None):
                self.seen.add("unknown × auto")
            if found is True and also is True and self.free(action):
                yield action

    def _opens(self) -> Iterator[Step]:
        for step in self.here.steps.values():
            over = all(n in self.runs and self.runs[n].outcome for n in step.after)
            if step.name not in self.runs and not step.on_demand and over:
                yield step

    def _skips(self, step: Step) -> bool:
        is_false = step.when is not None and self.holds(step.when.source) is False
        if is_false and step.name in self.asked_by_step:
            self.seen.add("corrections × when")
        return is_false and step.name not in self.asked_by_step

    def _tally(self, step: Step) -> str | None:
        run = self.runs[step.name]
        if step.votes is None:
            return "done" if all(c.acted is not None for c in run.chairs.values()) else None
        return certain(step.votes, [(kind_of(step, n).name, c.ballot) for n, c in run.chairs.items()])

    def _nothing_left(self) -> None:
        """Whatever had to come of it has come."""
        if self.here.final:
            assert not any(s in ("open", "answered") for _, _, s in self.corrections.values())
            return
        assert next(self._auto(), None) is None
        assert next(self._opens(), None) is None
        for name, run in self.runs.items():
            step = self.here.steps.get(name)
            if step is not None and step.who is not None and run.outcome is None:
                assert self._tally(step) is None, (step, run)

    def _nothing_lost(self) -> None:
        assert self.definition is not None
        steps = {name for state in self.definition.states.values() for name in state.steps}
        for asked, step, status in self.corrections.values():
            known = asked in self.definition.form.fields and step in steps
            assert known or status in ("accepted", "cancelled"), "nobody could answer or withdraw it"

    def _reopenings(self) -> list[str]:
        assert self.definition is not None
        found = [a for a in self.definition.actions.values() if self.state in a.from_]
        assert all(a.who and a.who.role and "reason" in a.needs for a in found)
        return [a.name for a in found]

    # ------------------------------------------------------------------ events, one by one

    def _edited(self, event: Event, body: Any, actor: Actor, command: Command, before: Event | None) -> None:
        assert self.here.edit is not None and actor.id is not None
        assert self.related(actor.id, self.here.edit.relation or "anyone")

    def _submitted(self, event: Event, body: Any, actor: Actor, command: Command, before: Event | None) -> None:
        assert not self.is_asked, "sent again with an unanswered correction"
        self.senders |= {event.by} if event.by else set()
        self.authors |= set(body["authors"])
        self.picked = {}

    def _commented(self, event: Event, body: Any, actor: Actor, command: Command, before: Event | None) -> None:
        assert set(body) == {"code", "words", "digest"}

    def _moved(self, event: Event, body: Any, actor: Actor, command: Command, before: Event | None) -> None:
        assert self.definition is not None
        assert (body["from"], body["to"], body["round"]) == (self.state, event.to_state, self.round + 1)
        if body["cause"] != "migrate":
            self._rightly(self.definition.actions[body["action"]], event, actor, command, before)
        people = {n for n in (event.by, body["for"]) if n is not None}
        for name in (body["action"], body["step"]) if people else ():
            if name:
                self.did[name] = self.did.get(name, set()) | people
        self.state, self.round, self.runs, self.begun = body["to"], self.round + 1, {}, False
        self.entered = self.facts.today if self.facts else None

    def _rightly(self, action: Action, event: Event, actor: Actor, command: Command, before: Event | None) -> None:
        assert self.state in action.from_ and event.to_state == action.to
        assert self._when(action), f"{action.name} although its condition does not hold"
        assert self.free(action), f"{action.name} over an open correction or conflict"
        cause = event.body["cause"]
        if cause == "auto":
            assert next(self._auto()) is action, "the first true one in the order of the file"
        elif cause == "silence":
            assert before is not None and before.type == "rung"
            assert not set(action.needs) - {"correction"}
            self.seen.add("silence")
        else:
            assert action.auto is None and actor.id == event.by
            for need in action.needs:
                assert (
                    need == "valid_form"
                    or need in command.words
                    or command.args.get(need)
                    or (need == "correction" and self.is_asked)
                )
            assert not action.form or command.args.get("form")
            if action.step:
                self._by_step(action, event, actor)
            else:
                self._by_who(action, actor)

    def _by_step(self, action: Action, event: Event, actor: Actor) -> None:
        assert action.step is not None
        step, principal = self.here.steps[action.step], event.body["for"]
        chairs = {n: c for n, c in self.runs[step.name].chairs.items() if c.acted is None}
        seat = next((n for n, c in chairs.items() if c.person == principal), None)
        seat = seat or next(n for n, c in chairs.items() if c.person is None)
        self.sits(actor, principal, step, seat)

    def _by_who(self, action: Action, actor: Actor) -> None:
        who = action.who
        assert who is not None and actor.id is not None
        assert self.covered(actor.grants, who, self.area(who))
        assert who.relation is None or self.related(actor.id, who.relation)
        words = [*who.exclude]
        if self.here.waits_for != "submitter" and not self.is_own(action) and who.relation != "anyone":
            words += THEIRS
        assert not any(self.related(actor.id, word) for word in words), (actor, action)

    def _overdue(self) -> bool:
        """Whether silence would have decided something by now (twice the days: weekends may lie between)."""
        assert self.facts is not None
        ladders = [(self.entered, self.here.ladder)]
        ladders += [(r.due, self.here.steps[n].ladder) for n, r in self.runs.items() if r.outcome is None and r.due]
        rungs = [(day, rung) for day, ladder in ladders if day for rung in ladder]
        rungs = [(day, rung) for day, rung in rungs if any(effect.kind in DECIDING for effect in rung.does)]
        return any(self.facts.today > day + timedelta(days=2 * rung.at.days + 1) for day, rung in rungs)

    def _opened(self, event: Event, body: Any, actor: Actor, command: Command, before: Event | None) -> None:
        step = self.here.steps[body["step"]]
        assert body["round"] == self.round
        if step.on_demand:
            assert command.do == "consult"
        else:
            assert next(self._auto(), None) is None, "autos come before openings"
            assert next(self._opens()) is step and not self._skips(step)
        self.asked_by_step.discard(step.name)
        chairs = {name: Chair(s["person"], s["area"]) for name, s in body["seats"].items()}
        people = [c.person for c in chairs.values() if c.person is not None]
        assert len(people) == len(set(people))
        self.runs[step.name] = Open(chairs, date.fromisoformat(body["due"]) if body["due"] else None)
        for name, chair in chairs.items():
            if chair.person is not None:
                self.separate(chair.person, step, kind_of(step, name), new=True)
        if step.allocate or any(k.count == "all" for k in step.seats):
            assert self.facts is not None
            assert step.name in self.facts.pools or not step.who, f"nobody asked who could sit in {step.name}"

    def _ended(self, event: Event, body: Any, actor: Actor, command: Command, before: Event | None) -> None:
        step, outcome = self.here.steps[body["step"]], body["outcome"]
        run = self.runs.setdefault(step.name, Open())
        if outcome == "skipped":
            assert self._skips(step) and not run.chairs
        elif step.check:
            assert command.do == "check" or (outcome == "overridden" and event.by == actor.id)
            assert actor.system or self._manages(actor)
        elif before is not None and before.type == "rung":
            assert self.free()
            self.seen.add("silence")
        else:
            assert outcome == self._tally(step), (step, run, outcome)
        run.outcome = outcome
        if event.by is not None:
            self.did[step.name] = self.did.get(step.name, set()) | {event.by}
            self.begun = self.begun or self.here.waits_for == "office"

    def _manages(self, actor: Actor) -> bool:
        assert self.definition is not None and actor.id is not None
        who = self.definition.manage
        return (
            who is not None
            and self.covered(actor.grants, who, None)
            and not any(self.related(actor.id, word) for word in THEIRS)
        )

    def _voted(self, event: Event, body: Any, actor: Actor, command: Command, before: Event | None) -> None:
        step = self.here.steps[body["step"]]
        assert self.free(), "a ballot over an open correction or conflict"
        self.sits(actor, body["for"], step, body["seat"])
        assert step.votes is None or body["ballot"] != step.votes.reason or body["words"]
        self.seen |= {"votes"} if step.votes else set()
        chair = self.runs[step.name].chairs[body["seat"]]
        chair.person, chair.acted, chair.ballot = chair.person or body["for"], actor.id, body["ballot"]
        self.did[step.name] = self.did.get(step.name, set()) | {actor.id or 0, body["for"]}
        self.begun = self.begun or self.here.waits_for == "office"

    def _seated(self, event: Event, body: Any, actor: Actor, command: Command, before: Event | None) -> None:
        step, why, person = self.here.steps[body["step"]], body["why"], body["person"]
        run = self.runs[step.name]
        if why == "consulted":
            self._consulted(event, actor, step)
            return
        chair = run.chairs[body["seat"]]
        assert chair.acted is None and chair.person == body["was"]
        if person is not None:
            kind = kind_of(step, body["seat"])
            self.separate(person, step, kind, new=person != body["was"])
            assert all(person not in (c.person, c.acted) for c in run.chairs.values() if c is not chair), "two seats"
        if why == "claimed":
            self.sits(actor, person, step, body["seat"])
            self.seen |= {"deputy × claim"} if person != actor.id else set()
        elif why == "released":
            assert chair.person == actor.id
        elif why in ("assigned", "vacated"):
            assert self._manages(actor)
        elif why == "recused":
            assert step.recuse and chair.person in (None, actor.id)
            self.stood_down[step.name] = self.stood_down.get(step.name, set()) | {actor.id or 0}
            self.seen |= {"recusal"} | ({"recusal × all"} if kind_of(step, body["seat"]).count == "all" else set())
        elif why == "struck":
            kind = kind_of(step, body["seat"])
            assert kind.count == "all" and sum(kind_of(step, n) is kind for n in run.chairs) > 1
            del run.chairs[body["seat"]]
            return
        chair.person, chair.assigned = person, why == "assigned"
        self.begun = self.begun or (why == "claimed" and self.here.waits_for == "office")

    def _consulted(self, event: Event, actor: Actor, step: Step) -> None:
        body = event.body
        assert step.on_demand and self.facts is not None
        self.separate(body["person"], step, new=True)
        assert body["person"] in {c.id for c in self.facts.pools[step.name]}
        run = self.runs[step.name]
        assert all(body["person"] not in (c.person, c.acted) for c in run.chairs.values())
        run.chairs[body["seat"]] = Chair(body["person"], body["area"])
        run.outcome, self.begun = None, self.begun or self.here.waits_for == "office"
        self.seen.add("opinions")

    def _asked(self, event: Event, body: Any, actor: Actor, command: Command, before: Event | None) -> None:
        step = self.here.steps[body["step"]]
        assert self.here.waits_for == "office" and actor.id is not None
        self.separate(actor.id, step)
        assert self.runs[step.name].outcome is None and not step.on_demand
        self.corrections[body["correction"]] = [body["field"], body["step"], "open"]
        self.asked_by_step.add(body["step"])
        self.seen.add("corrections")
        self.begun = True

    def _correction(self, event: Event, body: Any, actor: Actor, command: Command, before: Event | None) -> None:
        correction = self.corrections[body["correction"]]
        if actor.id is not None and event.by is not None:
            involved = any(self.related(actor.id, word) for word in THEIRS)
            step = self.here.steps.get(correction[1])
            own = step is not None and step.self_service
            assert body["status"] != "cancelled" or own or not involved, "nobody cancels what was asked of themselves"
        if body["status"] == "answered":
            assert self.here.waits_for == "submitter"
        if body["status"] == "accepted":
            assert correction[2] == "answered" and event.by is None
        correction[2] = body["status"]
        if event.by is not None and self.here.waits_for == "office":
            self.begun = True

    def _resolved(self, event: Event, body: Any, actor: Actor, command: Command, before: Event | None) -> None:
        assert actor.id is not None and not any(self.related(actor.id, word) for word in THEIRS)
        assert (
            self.facts is not None and body["field"] in self.facts.conflicts and body["version"] == self.facts.current
        )
        self.picked[body["field"]] = body["version"]
        self.seen.add("conflicts")
        self.begun = self.begun or self.here.waits_for == "office"

    def _rung(self, event: Event, body: Any, actor: Actor, command: Command, before: Event | None) -> None:
        assert actor.system and self.definition is not None
        sort, _, name = body["scope"].partition(":")
        ladder = self.here.steps[name].ladder if sort == "step" else self.definition.states[name].ladder
        rung = ladder[body["n"]]
        for effect in rung.does:
            if effect.kind == "widen":
                self.runs[name].widened.append(effect.args["who"])
            if effect.kind == "end":
                assert self.free(), "silence decides nothing over an open correction"

    def _migrated(self, event: Event, body: Any, actor: Actor, command: Command, before: Event | None) -> None:
        assert actor.system and body["from"] != body["to"]
        self.seen |= {"migration"} | ({"corrections × migration"} if self.is_asked else set())
