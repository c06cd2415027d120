"""Workflows written by hand, and a case that is played: what the engine's tests stand on. No file, no loader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from siskop.engine.calendar import Calendar, day_of
from siskop.engine.case import SYSTEM, Actor, Candidate, Case, Command, Event, Facts, Offer, Refusal
from siskop.engine.decide import available, decide, start
from siskop.engine.definition import (
    Action,
    At,
    Condition,
    Definition,
    Effect,
    Field,
    Form,
    Page,
    PageField,
    RecordKind,
    Rung,
    SeatKind,
    State,
    Step,
    Votes,
    Who,
)
from siskop.engine.events import fold
from siskop.engine.ladders import wake
from siskop.engine.people import people_needed

OPERATOR, COLLEAGUE, VERIFIER, SECOND, HEAD, SPARE_HEAD, ADMIN, BOTH, STRANGER = 1, 2, 11, 12, 21, 22, 31, 41, 51
"""BOTH verifies and heads; COLLEAGUE acts for the record like OPERATOR."""

GRANTS: Mapping[int, tuple[tuple[str, str], ...]] = {
    VERIFIER: (("verifier", "36"),),
    SECOND: (("verifier", ""),),
    HEAD: (("head", ""),),
    SPARE_HEAD: (("head", ""),),
    ADMIN: (("administrator", ""),),
    BOTH: (("verifier", ""), ("head", "")),
}
NAMES = ("name", "area", "amount", "expires")
MONDAY = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)  # 09:00 in Jakarta


def when(names: str, test: Callable[[Mapping[str, Any]], bool | None]) -> Condition:
    """A condition without the language: `names` it reads, and what it says; unknown where a root is absent."""
    wanted = names.split()

    def missing(env: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(name for name in wanted if env.get(name.partition(".")[0]) is None)

    def safe(env: Mapping[str, Any]) -> bool | None:
        return None if missing(env) else test(env)

    return Condition(names, frozenset(wanted), safe, missing, safe)


def said(name: str) -> Condition:
    """`step.passed` and the like, in one word."""
    root, _, part = name.partition(".")
    return when(name, lambda env: env[root][part])


def by_name(*things: Any) -> dict[str, Any]:
    return {thing.name: thing for thing in things}


OPERATORS = Who(relation="record_operator")


def review_states(**changes: Any) -> dict[str, State]:
    """Draft, returned, submitted with two checks and one person, verified with a one-seat vote, three ends."""
    verification = Step(
        "verification",
        {},
        who=Who(role="verifier", area="area"),
        allocate="least_busy",
        after=("completeness", "duplicates"),
        due_days=5,
        ladder=(Rung(At(-1, working=True), (Effect("mail", {"mail": "due", "to": "assignee"}),)),),
    )
    approval = Step("approval", {}, who=Who(role="head", exclude=("did.verify",)), votes=Votes(1, reason="against"))
    nagging = (
        Rung(At(80, idle=True), (Effect("mail", {"mail": "expires", "to": "submitter"}),)),
        Rung(At(90, idle=True), (Effect("action", {"action": "withdraw"}),)),
    )
    states = by_name(
        State("draft", {}, {}, "submitter", edit=OPERATORS, ladder=nagging),
        State("returned", {}, {}, "submitter", edit=OPERATORS),
        State(
            "submitted",
            {},
            {},
            "office",
            steps=by_name(
                Step("completeness", {}, check="completeness"),
                Step("duplicates", {}, check="duplicates"),
                verification,
            ),
        ),
        State("verified", {}, {}, "office", steps=by_name(approval)),
        State("published", {}, {}, final=True),
        State("rejected", {}, {}, final=True),
        State("withdrawn", {}, {}, final=True),
    )
    return states | changes


def review_actions() -> dict[str, Action]:
    published = (Effect("publish"), Effect("mail", {"mail": "published", "to": "operators"}))
    return by_name(
        Action("submit", {}, ("draft", "returned"), "submitted", who=OPERATORS, needs=("valid_form",)),
        Action("return", {}, ("submitted",), "returned", step="verification", needs=("correction",)),
        Action("verify", {}, ("submitted",), "verified", step="verification", when=said("checks.passed")),
        Action("reject", {}, ("submitted",), "rejected", step="verification", needs=("reason",)),
        Action("publish", {}, ("verified",), "published", auto=said("approval.passed"), does=published),
        Action("back", {}, ("verified",), "submitted", auto=said("approval.failed")),
        Action("withdraw", {}, ("draft", "returned", "submitted"), "withdrawn", who=OPERATORS),
    )


def review(states: dict[str, State] | None = None, actions: dict[str, Action] | None = None) -> Definition:
    """Our main road: sent in, checked, verified, approved, published; returned with corrections on the way."""
    types = {"name": "text", "area": "text", "amount": "integer", "expires": "date"}
    fields = {name: Field(name, types[name], {}) for name in NAMES}
    return Definition(
        name="review",
        label={},
        record="thing",
        kind=RecordKind("thing", {}, "name", fields, area="area"),
        start=OPERATORS,
        prefill=None,
        manage=Who(role="administrator"),
        deadline_days=10,
        deadline_working=True,
        form=Form((Page("all", {}, tuple(PageField(name) for name in NAMES)),), fields),
        forms={},
        states=states or review_states(),
        actions=actions or review_actions(),
        behaviour="b1",
    )


def panel(*kinds: SeatKind, votes: Votes, **more: Any) -> Definition:
    """Sent in, then one vote of several, which decides."""
    step = Step("panel", {}, who=Who(role="member", exclude=("did.submit",)), seats=kinds, votes=votes, **more)
    states = by_name(
        State("draft", {}, {}, "submitter", edit=OPERATORS),
        State("open", {}, {}, "office", steps=by_name(step)),
        State("granted", {}, {}, final=True),
        State("refused", {}, {}, final=True),
    )
    actions = by_name(
        Action("submit", {}, ("draft",), "open", who=OPERATORS, needs=("valid_form",)),
        Action("grant", {}, ("open",), "granted", auto=said("panel.passed")),
        Action("refuse", {}, ("open",), "refused", auto=said("panel.failed")),
    )
    return review(states, actions)


def member(n: int, role: str = "member") -> Actor:
    return Actor(100 + n, ((role, ""),))


@dataclass
class Play:
    """A case on its way. `do` performs for an account and fails the test when refused; `refused` wants a refusal."""

    definition: Definition = field(default_factory=review)
    now: datetime = MONDAY
    answers: dict[str, Any] = field(default_factory=lambda: {"name": "A", "area": "36.74", "amount": 5})
    operators: frozenset[int] = frozenset({OPERATOR, COLLEAGUE})
    pools: dict[str, tuple[Candidate, ...]] = field(
        default_factory=lambda: {"verification": (Candidate(VERIFIER, 3), Candidate(SECOND, 5), Candidate(BOTH, 9))}
    )
    conflicts: frozenset[str] = frozenset()
    current: int = 0
    calendar: Calendar = field(default_factory=Calendar)
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)
    parent: dict[str, Any] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)
    grants: Mapping[int, tuple[tuple[str, str], ...]] = field(default_factory=lambda: GRANTS)
    deputies: Mapping[int, frozenset[int]] = field(default_factory=dict)  # deputy: for whom
    events: list[Event] = field(default_factory=list)
    revision: int = 0
    folded: Case | None = None
    starter: int = OPERATOR

    def __post_init__(self) -> None:
        begun = start(self.definition, self.actor(self.starter), 7, 0, self.facts(Command("start")))
        assert not isinstance(begun, Refusal), begun
        self.events += begun

    @property
    def case(self) -> Case:
        if self.folded is None or self.folded.seq != len(self.events):
            self.folded = fold(self.events)
        return self.folded

    def actor(self, who: int | Actor | None) -> Actor:
        if isinstance(who, Actor):
            return who
        if who is None:
            return SYSTEM
        relations = frozenset({"record_operator"}) if who in self.operators else frozenset()
        principals = {n: self.grants.get(n, ()) for n in self.deputies.get(who, ())}
        return Actor(who, self.grants.get(who, ()), relations, principals)

    def pool(self, step: str) -> tuple[Candidate, ...] | None:
        return self.pools.get(step)

    def facts(self, command: Command, **changes: Any) -> Facts:
        needed = people_needed(self.definition, self.case, command) if self.events else ()
        fresh = {"revision": 500 + self.revision, "number": self.revision + 1, "digest": "d", "authors": [OPERATOR]}
        person = command.args.get("person") if command.do == "assign" else None
        facts = Facts(
            now=self.now,
            today=day_of(self.now),
            calendar=self.calendar,
            answers=self.answers,
            pools={name: pool for name in needed if (pool := self.pool(name)) is not None},
            operators=self.operators,
            conflicts=self.conflicts,
            current=self.current,
            forms=self.forms,
            parent=self.parent,
            last=self.last,
            form_valid=True,
            fresh=fresh,
            named=self.actor(person) if isinstance(person, int) else None,
        )
        return replace(facts, **changes)

    def ask(self, who: int | Actor | None, do: str, name: str = "", **args: Any) -> tuple[Event, ...] | Refusal:
        words = {kind: {"id": 900, "digest": "w"} for kind in args.pop("words", "").split()}
        command = Command(do, name, args, words)
        return decide(self.definition, self.case, self.actor(who), command, self.facts(command))

    def do(self, who: int | Actor | None, do: str, name: str = "", **args: Any) -> list[str]:
        """The types of the events that came of it."""
        answer = self.ask(who, do, name, **args)
        assert not isinstance(answer, Refusal), answer
        assert [e.seq for e in answer] == list(range(self.case.seq + 1, self.case.seq + 1 + len(answer)))
        assert all(e.at == self.now for e in answer)
        self.events += answer
        self.revision += sum(e.type == "submitted" for e in answer)
        return [e.type for e in answer]

    def refused(self, who: int | Actor | None, do: str, name: str = "", **args: Any) -> str:
        """The code of the refusal."""
        before = self.case
        answer = self.ask(who, do, name, **args)
        assert isinstance(answer, Refusal), [e.type for e in answer]
        assert self.case == before
        return answer.code

    def offers(self, who: int | Actor) -> tuple[Offer, ...]:
        command = Command("look")
        return available(self.definition, self.case, self.actor(who), self.facts(command, fresh=None, form_valid=None))

    def may(self, who: int | Actor) -> set[tuple[str, str]]:
        return {(o.do, o.name) for o in self.offers(who) if o.refusal is None}

    def wake(self) -> datetime | None:
        return wake(self.definition, self.case, self.facts(Command("tick")))

    def later(self, days: float) -> Play:
        self.now += timedelta(days=days)
        return self

    def check(self, step: str, outcome: str = "passed") -> list[str]:
        return self.do(None, "check", step, round=self.case.round, outcome=outcome)

    # ------------------------------------------------------------------ the stretches of the road

    def sent(self) -> Play:
        self.do(OPERATOR, "act", "submit")
        return self

    def checked(self) -> Play:
        self.sent()
        self.check("completeness")
        self.check("duplicates")
        return self

    def verified(self) -> Play:
        self.checked()
        self.do(VERIFIER, "act", "verify")
        return self

    def published(self) -> Play:
        self.verified()
        self.do(HEAD, "vote", "approval", ballot="for")
        return self


def wib(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=7)
