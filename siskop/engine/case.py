"""Run-time values of the engine: a submission as it sees it, who acts, what they ask, what is known, what happened.

Instants are aware datetimes in UTC; days are dates in Asia/Jakarta; people are account ids (int), None is the system.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from siskop.engine.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `body` holds ids, codes and salted digests, never a value or a word that somebody wrote.

    The bodies by type (all keys always there):
    started     {workflow, behaviour, record, base, state}
    edited      {}                                        (once per hand-over of the pen and day, not per key)
    submitted   {revision, number, digest, authors: [int], behaviour}   (a draft follows the newest version until here)
    moved       {action ("" of a migration), from, to, cause: person|auto|silence|migrate, step: str|None,
                 for: int|None (whose part), round: int (the new one), waits_for, office_days: int (of the office's
                 clock, spent so far)}, and where the action asked for them {person: int, attachment: a file's id}
    opened      {step, round, check: str|None, self_service, seats: {seat: {person: int|None, role, area}},
                 due: "YYYY-MM-DD"|None}
    ended       {step, round, outcome}
    voted       {step, round, seat, ballot, for: int, words: int|None, digest}    (a completed task is a ballot for)
    seated      {step, round, seat, was: int|None, person: int|None, why: claimed released assigned vacated recused
                 struck consulted}    (consulted: a seat that is new, with {role, area, due: "YYYY-MM-DD"|None};
                 a run that had ended is open again; assigned to whom the seat is not for: with {outside: true})
    asked       {correction: int, field, step, for: int (whose part; older ones lack it), words: int|None, digest}
    correction  {correction: int, status, words: int|None, digest}
    resolved    {field, side: proposed|current, version: int}
    rung        {scope: "state:<name>"|"idle:<state>"|"step:<name>", n: int, round: int}    (idle: until the next edit)
    migrated    {from, to}
    commented   {code: comment|note|reason, words: int, digest}
    """

    type: str
    to_state: str
    body: Mapping[str, Any]
    by: int | None = None
    seq: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    name: str
    person: int | None
    role: str | None = None
    area: str | None = None
    ballot: str | None = None
    acted: int | None = None
    assigned: bool = False  # by `manage`, perhaps outside the step's `who`


@dataclass(frozen=True, slots=True)
class Run:
    step: str
    round: int
    opened_at: datetime | None
    check: str | None = None
    seats: Mapping[str, Seat] = field(default_factory=dict)
    due: date | None = None
    outcome: str | None = None  # passed failed warned done skipped lapsed overridden; None: open


@dataclass(frozen=True, slots=True)
class Correction:
    id: int
    field: str
    step: str
    round: int
    status: str  # open answered accepted cancelled
    asked_by: int | None
    sent: bool = False  # a move to a state that waits for the submitter came after it


@dataclass(frozen=True)  # without slots: so `evolve` copies it quickly
class Case:
    """A submission, folded from its events. `round` counts `moved`; `runs` are those of the current round."""

    workflow: str
    behaviour: str
    record: int
    state: str
    seq: int = 0
    round: int = 0
    base: int = 0
    revision: int | None = None
    revisions: int = 0
    starter: int | None = None
    submitters: frozenset[int] = frozenset()
    authors: frozenset[int] = frozenset()
    runs: Mapping[str, Run] = field(default_factory=dict)
    corrections: Mapping[int, Correction] = field(default_factory=dict)
    resolutions: Mapping[str, tuple[str, int]] = field(default_factory=dict)  # field: (side, current version then)
    did: Mapping[str, frozenset[int]] = field(default_factory=dict)  # action or step: people, over the whole case
    recused: Mapping[str, frozenset[int]] = field(default_factory=dict)  # step: who stood down, over the whole case
    named: int | None = None  # whom the action into this state chose for its first step of people
    asked_in: frozenset[str] = frozenset()  # steps that asked: they open in the next office round whatever `when` says
    rungs: frozenset[tuple[str, int, int]] = frozenset()  # (scope, n, round)
    entered_at: datetime | None = None
    edited_at: datetime | None = None
    editor: int | None = None
    touched: bool = False  # a person of the office has begun in this round
    office_days: int = 0  # days of the office's clock spent in earlier rounds
    office_since: date | None = None
    sent_at: datetime | None = None

    def basis(self, behaviour: str | None = None) -> str:
        """The token of what a decision rests on: two that differ mean that somebody changed the case in between."""
        return f"{self.round}.{self.revision or 0}.{(behaviour or self.behaviour)[:12]}"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `relations` are those that hold for this case's record (record_operator); the engine knows submitter,
    author, assignee.

    `grants` are (role, area prefix) valid today; `principals` are accounts for whom this one is deputy today, with
    their grants.
    """

    id: int | None = None
    grants: tuple[tuple[str, str], ...] = ()
    relations: frozenset[str] = frozenset()
    principals: Mapping[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    system: bool = False
    name: str = ""


SYSTEM = Actor(system=True)


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody asks.

    `do` is one of: act vote complete claim release recuse consult ask correction resolve edit comment · assign vacate
    override · check tick migrate. `name` is the action (act), the step (vote, complete, claim, release, recuse,
    consult, assign, vacate, override, check), the field (ask, resolve), the correction's id (correction), the state to
    go on in (migrate), or comment | note (comment). `args`: ballot, seat, person, outcome, round, status, side, step,
    form (True: it was filled in; its values are in `Facts.forms`), attachment (a file's id), due (days, for consult),
    same (True, for migrate: `hashes.same_state` says that nothing changes there, so no new round), basis (the token of
    what the actor saw). `words` says that an input of words was given: its kinds (reason, comment, answer …) with the
    id and digest under which they are kept.
    """

    do: str
    name: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # kind: {id: int, digest: str}

    def lacks(self, *inputs: str) -> tuple[str, ...]:
        """Those of the inputs that were not given."""
        return tuple(n for n in inputs if n not in self.words and not (n in _ARGUMENTS and self.args.get(n)))


_ARGUMENTS = frozenset({"attachment", "person", "form"})
"""Inputs that may come as arguments; the others are words."""


@dataclass(frozen=True, slots=True)
class Candidate:
    id: int
    load: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that `decide` may know beside the case.

    `pools` maps a step's name to those who may sit in it, already filtered by SQL for role, area and operators of the
    record; `operators` act for the record now. `forms` are the answers of small forms in this round by step or action,
    the one that comes with the command among them; `parent` and `last` the current values of the parent record and of
    the period before (of a record without parent: those now registered). `fresh` (for a submit) is the body of
    `submitted`: {revision, number, digest, authors, behaviour}. `named` is whom the command names, as an actor.
    """

    now: datetime
    today: date
    calendar: Calendar
    answers: Mapping[str, Any] = field(default_factory=dict)  # the record's current values under the case's answers
    pools: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)
    operators: frozenset[int] = frozenset()
    conflicts: frozenset[str] = frozenset()  # fields changed on both sides, by the record's row now
    current: int = 0  # the record's version now
    form_valid: bool | None = None  # None: not asked
    fresh: Mapping[str, Any] | None = None
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parent: Mapping[str, Any] = field(default_factory=dict)
    last: Mapping[str, Any] = field(default_factory=dict)
    named: Actor | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: `code` for programs, `text` (English msgid) with `params` for people.

    Codes: final stale silence state step seat excluded not_yours corrections conflicts when unknown needs taken
    unanswered.
    """

    code: str
    text: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A seat somebody may act from: `principal` is whose part they take (their own, unless they are a deputy)."""

    seat: Seat
    principal: int


@dataclass(frozen=True, slots=True)
class Permit:
    """What a guard answers where it does not refuse. `asks`: inputs still missing. The rest was found on the way."""

    asks: tuple[str, ...] = ()
    place: Place | None = None
    run: Run | None = None
    seat: Seat | None = None
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One act as a page shows it: possible (`refusal` None), with the inputs it asks for; or not, with the reason."""

    do: str
    name: str
    asks: tuple[str, ...] = ()  # reason comment attachment ballot
    refusal: Refusal | None = None
    step: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)  # what belongs into the command beside the inputs asked for
