"""A workflow played at random, with invented people and answers: what is never reached, where work waits or gets stuck.

Chance comes in as `dice`, so that the same seed gives the same play.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any, Protocol, TypeVar

from siskop.engine.case import Command, Offer
from siskop.engine.definition import Definition, Field, Library
from siskop.engine.fields.field_type import Bad, Context
from siskop.engine.fields.registry import UNASKED, UPLOADED, type_of
from siskop.engine.rehearsal import MEDIA, MONDAY, Person, Rehearsal, raw_of
from siskop.engine.samples import beside, conditions

T = TypeVar("T")
MOST_TURNS = 150
"""A case that is not over after so many acts goes round for ever, as far as anybody waiting is concerned."""

PATIENT = 5
"""After so many tries answers are chosen by what the rules across fields read."""

PAUSES = (0, 0, 0, 1, 1, 2, 3, 5, 8, 20)  # days between two acts
OUTCOMES = (*["passed"] * 8, "warned", "failed")
WEIGHTS: Mapping[str, float] = {
    "act": 1, "vote": 1, "complete": 1, "resolve": 1, "correction": 1, "override": 0.5, "ask": 0.1,
    "claim": 0.1, "consult": 0.1, "release": 0.05, "recuse": 0.05, "assign": 0.02, "vacate": 0.02,
}  # fmt: skip
WORDS = {kind: {"id": 1, "digest": ""} for kind in ("reason", "comment", "note", "attachment", "correction", "answer")}


class Dice(Protocol):
    """What `random.Random` has."""

    def random(self) -> float: ...
    def choice(self, seq: Sequence[T]) -> T: ...
    def choices(self, population: Sequence[T], weights: Sequence[float]) -> list[T]: ...
    def sample(self, population: Sequence[T], k: int) -> list[T]: ...


@dataclass(slots=True)
class Report:
    """`waits`: days that each state lasted and each step was open. `stuck`: where and why, how often."""

    cases: int
    ended: Counter[str] = field(default_factory=Counter)
    states: set[str] = field(default_factory=set)
    actions: set[str] = field(default_factory=set)
    waits: dict[str, list[int]] = field(default_factory=dict)
    stuck: Counter[str] = field(default_factory=Counter)

    def lines(self, definition: Definition) -> Iterator[str]:
        ended = ", ".join(f"{name} {n}" for name, n in self.ended.most_common())
        yield f"{definition.name}: {self.cases} cases; ended: {ended or 'none'}"
        yield f"  states never reached: {', '.join(n for n in definition.states if n not in self.states) or 'none'}"
        yield f"  actions never taken: {', '.join(n for n in definition.actions if n not in self.actions) or 'none'}"
        longest = sorted(((median(days), name, len(days)) for name, days in self.waits.items()), reverse=True)
        yield "  where work waits, median days: " + ", ".join(f"{name} {days:g} ({n}×)" for days, name, n in longest)
        yield f"  stuck: {sum(self.stuck.values()) or 'none'}"
        yield from (f"    {n}× {why}" for why, n in self.stuck.most_common())


def play(definition: Definition, library: Library, dice: Dice, cases: int) -> Report:
    report = Report(cases)
    for _ in range(cases):
        stage = _begin(definition, library, dice)
        _count(report, stage, _one(stage, dice))
    return report


# ------------------------------------------------------------------ one case


def _begin(definition: Definition, library: Library, dice: Dice) -> Rehearsal:
    stage = Rehearsal(definition, dict(_people(definition, library.roles)), MONDAY, library.calendar)
    child, fields = definition.kind.child_of, definition.kind.fields
    before = definition.start_record == "existing" or (definition.start_record == "any" and dice.random() < 0.5)
    if before:
        stage.record, stage.version = _values(stage, dice, fields), 1
    stage.last = stage.record
    if child is not None:
        stage.parent = _values(stage, dice, child.fields)
        stage.fixed = _values(stage, dice, {child.period: fields[child.period]} if child.period is not None else {})
        stage.last = _values(stage, dice, fields) if before else stage.record
    return stage


def _people(definition: Definition, roles: Iterable[str]) -> Iterator[tuple[str, Person]]:
    """Two who act for the record, a stranger, and of each role three more than the most seats or votes of a step."""
    steps = definition.steps.values()
    counts = (*(kind.count for s in steps for kind in s.seats), *(s.votes.need for s in steps if s.votes is not None))
    most = max((n for n in counts if isinstance(n, int)), default=1)
    names = ["operator 1", "operator 2", "anyone", *(f"{role} {n}" for role in roles for n in range(1, most + 4))]
    for number, name in enumerate(names, 1):
        role = name.rpartition(" ")[0] if number > 3 else ""
        yield name, Person(number, ((role, ""),) if role else (), operator=number < 3)


def _one(stage: Rehearsal, dice: Dice) -> str | None:
    """Play until it is over. Why it is stuck, if it is."""
    if all(stage.start(name) is not None for name in dice.sample(list(stage.people), len(stage.people))):
        return "nobody may start it"
    for _ in range(MOST_TURNS):
        _answer_checks(stage, dice)
        possible, wake = list(_possible(stage)), stage.wake()
        if stage.state.final and (not possible or dice.random() < 0.9):  # an end may be reopened
            return None
        if not possible and wake is None:
            return f"in {stage.begun.state}: {_why(stage)}"
        if wake is not None and (not possible or dice.random() < 0.05):
            stage.advance(wake)
            continue
        why = _take(stage, dice, *_chosen(stage, dice, possible))
        if why is not None:
            return why
        _pass_time(stage, dice)
    return f"not over after {MOST_TURNS} acts, last in {stage.begun.state}"


def _chosen(stage: Rehearsal, dice: Dice, possible: list[tuple[str, Offer]]) -> tuple[str, Offer]:
    """First what, then by whom: a large office does not make small acts likelier."""
    ways: dict[tuple[str, str, str], list[tuple[str, Offer]]] = {}
    for name, offer in possible:
        ways.setdefault((offer.do, offer.name, _status(offer)), []).append((name, offer))
    weights = [_weight(stage, able[0][1]) for able in ways.values()]
    return dice.choice(dice.choices(list(ways.values()), weights)[0])


def _pass_time(stage: Rehearsal, dice: Dice) -> None:
    """The system answers at once; days go by, and now and then somebody else publishes."""
    _answer_checks(stage, dice)
    stage.advance(stage.now + timedelta(days=dice.choice(PAUSES)))
    if stage.version and dice.random() < 0.03:
        name = dice.choice(stage.definition.form.names())
        stage.change_record(_values(stage, dice, {name: stage.definition.form.fields[name]}))


def _answer_checks(stage: Rehearsal, dice: Dice) -> None:
    for _ in range(5):
        stage.told = {name: dice.choice(OUTCOMES) for name, step in stage.state.steps.items() if step.check}
        stage.run_checks()


def _possible(stage: Rehearsal) -> Iterator[tuple[str, Offer]]:
    """Who could do what that moves it; words, the pen, and second thoughts do not."""
    settled = [("resolve", field) for field in stage.conflicts() - set(stage.unresolved())]
    for name in stage.people:
        for offer in stage.offers(name):
            moves = offer.do in WEIGHTS and _status(offer) != "open" and (offer.do, offer.name) not in settled
            if moves and offer.refusal is None:
                yield name, offer


def _status(offer: Offer) -> str:
    return str(offer.args.get("status", ""))


def _weight(stage: Rehearsal, offer: Offer) -> float:
    """Giving up is rare, so is taking back what was asked, and asking still more."""
    action = stage.definition.actions.get(offer.name) if offer.do == "act" else None
    if action is not None and action.who is not None and action.who.role is None:
        return 0.05 if stage.definition.states[action.to].final else 1
    if offer.do == "ask":
        return WEIGHTS["ask"] / (1 + sum(c.status == "open" for c in stage.begun.corrections.values()))
    return 0.1 if _status(offer) == "cancelled" else WEIGHTS[offer.do]


def _take(stage: Rehearsal, dice: Dice, name: str, offer: Offer) -> str | None:
    action = stage.definition.actions.get(offer.name) if offer.do == "act" else None
    if action is not None and "valid_form" in action.needs and not _filled(stage, dice, name):
        lacking = ", ".join(dict.fromkeys(p.field for p in stage.problems))
        return f"in {stage.begun.state}: no invented answers were accepted for {lacking}"
    given = {
        "ballot": dice.choice(("for", "for", "for", "against", "abstain")),
        "side": dice.choice(("proposed", "current")),
        "person": stage.people[dice.choice(list(stage.people))].id,
        **offer.args,
    }
    answered = [name for name, field in stage.definition.form.fields.items() if field.type not in UNASKED]
    about = dice.choice(answered) if offer.do == "ask" else offer.name
    words = {kind: word for kind, word in WORDS.items() if offer.do != "act" or kind in offer.asks}
    small = stage.definition.form_of(offer.name)
    raw = _raws(stage, dice, small.fields) if small is not None else None
    # somebody who is excluded may have been chosen: then nothing happens
    stage.perform(name, Command(offer.do, about, given, words), raw)
    return None


def _filled(stage: Rehearsal, dice: Dice, name: str) -> bool:
    """Whether answers were found that the form takes: what it did not like is answered anew, again and again.

    In the end most numbers are as small as may be: sums that must agree then do.
    """
    asked = stage.definition.form
    for turn in range(60):
        wrong = {p.field for p in stage.problems} if turn else set(asked.fields)
        if turn > PATIENT:
            wrong |= {read for rule in asked.rules if wrong.intersection(rule.at) for read in rule.holds.names}
        again = {n: f for n, f in asked.fields.items() if n in wrong or dice.random() < 0.05}
        numbers = (f for f in again.values() if type_of(f).kind == "number" and f.type not in (*UNASKED, "year"))
        least = {f.name: str(f.params.get("min", 0)) for f in numbers if turn > PATIENT and dice.random() < 0.8}
        if stage.fill(name, _raws(stage, dice, again) | least) is None and any(p.sure for p in stage.problems):
            stage.confirm(name)
        if not stage.problems:
            return True
    return False


def _why(stage: Rehearsal) -> str:
    """What everybody hears who would act."""
    offers = (offer for name in stage.people for offer in stage.offers(name))
    heard = {f"{offer.do} {offer.name}: {offer.refusal.code}" for offer in offers if offer.refusal is not None}
    return "nobody may do anything" + (f" ({'; '.join(sorted(heard))})" if heard else "")


# ------------------------------------------------------------------ invented answers


def _raws(stage: Rehearsal, dice: Dice, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Where a condition compares with a number, it goes one way or the other with its neighbours."""
    numbers = sorted(str(int(n)) for n in beside(conditions(stage.definition)).near())
    return {n: _raw(f, dice, stage.context(), numbers) for n, f in fields.items() if f.type not in UNASKED}


def _values(stage: Rehearsal, dice: Dice, fields: Mapping[str, Field]) -> dict[str, Any]:
    raws = _raws(stage, dice, fields)
    return {n: type_of(f).accept(f, raws[n], stage.context()) for n, f in fields.items() if raws.get(n) is not None}


def _raw(f: Field, dice: Dice, context: Context, numbers: Sequence[str]) -> Any:
    """Something that the type takes: chosen among everything that people type; None if nothing fits."""
    if f.of:
        rows = range(f.params.get("min", 1) + (dice.random() < 0.3))
        found = [{name: _raw(column, dice, context, numbers) for name, column in f.of.items()} for _ in rows]
        days = {name: found[0][name] for name, column in f.of.items() if column.type == "date"}
        return [{**row, **days} for row in found]  # days that go together once do so in every row
    tried = [choice.code for choice in f.choices] or _typed(f, dice, context.today, numbers)
    for raw in [*dice.sample(tried, min(len(tried), 50)), f.example]:
        try:
            if raw is not None and type_of(f).accept(f, raw, context) is not None:
                return raw
        except Bad:
            continue
    return None


def _typed(f: Field, dice: Dice, today: date, numbers: Sequence[str]) -> list[Any]:
    days = [(today + timedelta(days=n)).isoformat() for n in (-4000, -400, -30, 0, 30, 400)]
    digits = ["".join(dice.choice("0123456789") for _ in range(n)) for n in (5, 13, 15, 16)]
    if f.type in UPLOADED:
        return [raw_of(f, f"{f.name}.{ending}") for ending in MEDIA]
    names = ["a@b.example", "https://b.example/", "0812-3456-7890", "-6.3, 106.7"]
    return ["Melati", "yes", "no", "0", "1", "9", "60", "1000000", "2024", *numbers, *days, *digits, *names]


# ------------------------------------------------------------------ counting


def _count(report: Report, stage: Rehearsal, why: str | None) -> None:
    (report.stuck if why is not None else report.ended)[why or stage.begun.state] += 1
    report.states.update({stage.definition.initial, *(e.to_state for e in stage.events)})
    report.actions.update(e.body["action"] for e in stage.events if e.type == "moved")
    since: dict[str, datetime] = {}
    for event in stage.events:
        at, step = event.at or stage.now, str(event.body.get("step"))
        for name in list(since):
            if event.type == "moved" or (event.type == "ended" and name == step):
                report.waits.setdefault(name, []).append((at - since.pop(name)).days)
        if event.type in ("started", "moved"):
            since[event.to_state] = at
        elif event.type == "opened" and not event.body["check"]:
            since[step] = at
