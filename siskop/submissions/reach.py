"""Which open tasks a person may take, as SQL: what `engine.people.place_for` says of each of them, for whole lists.

Steps whose seats ask for the same (a role by area, a relation, who is excluded) are one group; a group is one
condition. So are states from which a role may act beside the steps. A property test holds the lists against the engine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    column,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    table,
    true,
    tuple_,
)
from sqlalchemy.orm import aliased

from siskop.base.db import Tx
from siskop.engine.case import Actor
from siskop.engine.definition import Step, Who
from siskop.engine.people import RECUSED, office_who, who_of
from siskop.submissions import definitions
from siskop.submissions.tables import Event, Revision, Submission, Vote, WorkItem

Grants = tuple[tuple[str, str], ...]
Key = tuple[str, str, str]
"""(workflow, behaviour, step)"""
_ACTING = table("acting", column("record_id"), column("account_id"), schema="siskop")
_OTHER = aliased(WorkItem)


@dataclass(frozen=True, slots=True)
class Group:
    """Seats that ask for the same `who`: `kinds` by the name they came from ('' where a step has one kind only)."""

    who: Who
    seats: tuple[tuple[Key, str], ...]
    widened: tuple[tuple[Key, int, Who], ...] = ()  # rungs that open a step to more people, once they were done


def groups(tx: Tx) -> list[Group]:
    """Of every step in which something is open now, by the version that its submission runs on."""
    asked = select(Submission.workflow, Submission.behaviour, WorkItem.step).join(
        WorkItem, WorkItem.submission_id == Submission.id
    )
    seats: dict[Who, list[tuple[Key, str]]] = defaultdict(list)
    widened: dict[Who, list[tuple[Key, int, Who]]] = defaultdict(list)
    for workflow, behaviour, name in tx.execute(asked.where(WorkItem.status == "open").distinct()).all():
        key, definition = (workflow, behaviour, name), definitions.definition(workflow, behaviour, tx)
        for state in (state for state in definition.states.values() if name in state.steps):
            step = state.steps[name]
            for kind in step.seats:
                who = who_of(state, step, kind)
                seats[who].append((key, kind.name if len(step.seats) > 1 else ""))
                widened[who].extend(_widening(key, step))
    return [Group(who, tuple(found), tuple(widened[who])) for who, found in seats.items()]


def _widening(key: Key, step: Step) -> Iterator[tuple[Key, int, Who]]:
    for n, rung in enumerate(step.ladder):
        yield from ((key, n, effect.args["who"]) for effect in rung.does if effect.kind == "widen")


# ------------------------------------------------------------------ the two lists


def mine(found: Iterable[Group], actor: Actor) -> ColumnElement[bool]:
    """Open seats of the actor, and those of a principal that they may act in."""
    own = WorkItem.person == actor.id
    parts = [_of_principal(group, actor, p, held) for group in found for p, held in actor.principals.items()]
    return and_(WorkItem.status == "open", or_(own, and_(_free(actor.id), or_(*parts)) if parts else false()))


def offered(found: Iterable[Group], actor: Actor) -> ColumnElement[bool]:
    """Open seats that nobody has and the actor may take, for themselves or for a principal; and seats of others that a
    rung has opened to more people."""
    parts = [part for group in found for part in (_unnamed(group, actor), *_opened(group, actor))]
    return and_(WorkItem.status == "open", _free(actor.id), or_(*parts) if parts else false())


def acts(tx: Tx, actor: Actor) -> ColumnElement[bool] | None:
    """Submissions that the office has or had and that the actor may act on by a role, beside the steps, finished ones
    too; None where their roles have no such action."""
    roles, places = {role for role, _area in actor.grants}, defaultdict(list)
    states = select(Submission.workflow, Submission.behaviour, Submission.state).distinct()
    for workflow, behaviour, name in tx.execute(states).all() if roles else ():
        definition = definitions.definition(workflow, behaviour, tx)
        state, by_role = definition.states.get(name), definition.start.role is not None
        for action in definition.actions.values():
            if state and name in action.from_ and action.auto is None and action.who and action.who.role in roles:
                who = office_who(definition, state, action.who)
                places[who, by_role].append((workflow, behaviour, name))
    parts = [_may_act(who, by_role, found, actor) for (who, by_role), found in places.items()]
    return or_(*parts) if parts else None


def _may_act(who: Who, by_role: bool, places: list[Key], actor: Actor) -> ColumnElement[bool]:
    """What an office role began is the office's from its start."""
    place = tuple_(Submission.workflow, Submission.behaviour, Submission.state)
    had = or_(Submission.sent_at.is_not(None), Submission.waits_for == "office", _event(Event.type == "moved"))
    area = func.coalesce(Submission.area, "") if who.area else None
    fits = _fits(who, actor.id, actor.grants, area)
    return and_(place.in_(places), true() if by_role else had, ~_excluded(who, actor.id), fits)


def _of_principal(group: Group, actor: Actor, principal: int, held: Grants) -> ColumnElement[bool]:
    barred = or_(_barred(group.who, actor.id), _excluded(group.who, principal))
    fits = or_(_assigned(), _fits(group.who, principal, held))
    return and_(WorkItem.person == principal, _is_among(group.seats), ~barred, fits)


def _unnamed(group: Group, actor: Actor) -> ColumnElement[bool]:
    itself = _fits(group.who, actor.id, actor.grants)
    for_others = [
        and_(_free(p), _fits(group.who, p, held), ~_barred(group.who, p)) for p, held in actor.principals.items()
    ]
    barred = _barred(group.who, actor.id)
    return and_(WorkItem.person.is_(None), _is_among(group.seats), ~barred, or_(itself, *for_others))


def _opened(group: Group, actor: Actor) -> Iterator[ColumnElement[bool]]:
    for key, n, who in group.widened:
        rung = exists().where(
            Event.submission_id == WorkItem.submission_id,
            Event.type == "rung",
            Event.body["scope"].astext == f"step:{key[2]}",
            Event.body["n"].astext == str(n),
            Event.body["round"].astext.cast(BigInteger) == WorkItem.round,
        )
        barred = _barred(group.who, actor.id)
        area = Submission.area if who.area else None
        yield and_(_is_among([(key, "")]), rung, ~barred, _fits(who, actor.id, actor.grants, area))


def _is_among(seats: Iterable[tuple[Key, str]]) -> ColumnElement[bool]:
    by_kind: dict[str, list[Key]] = {}
    for key, kind in seats:
        by_kind.setdefault(kind, []).append(key)
    place = tuple_(Submission.workflow, Submission.behaviour, WorkItem.step)
    return or_(*(and_(place.in_(keys), _of_kind(kind)) for kind, keys in by_kind.items()))


def _of_kind(kind: str) -> ColumnElement[bool]:
    """`finance`, or `member-2` of `member`."""
    return or_(WorkItem.seat == kind, WorkItem.seat.regexp_match(f"^{kind}-[0-9]+$")) if kind else true()


def _free(account: int | None) -> ColumnElement[bool]:
    """Has no part in this run: no seat, and nobody acted for them; never two in a run."""

    def of_run(row: Any) -> tuple[ColumnElement[bool], ...]:
        return row.submission_id == WorkItem.submission_id, row.step == WorkItem.step, row.round == WorkItem.round

    seat = exists().where(*of_run(_OTHER), _OTHER.person == account, _OTHER.status != "withdrawn")
    return ~seat & ~exists().where(*of_run(Vote), Vote.principal == account)


# ------------------------------------------------------------------ who fits, who is excluded


def _fits(who: Who, account: int | None, held: Grants, area: Any = WorkItem.area) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    if who.role is not None:
        prefixes = [prefix for role, prefix in held if role == who.role]
        everywhere = area is None or "" in prefixes
        covered = [or_(area.is_(None), area.startswith(p, autoescape=True)) for p in prefixes if area is not None]
        parts.append(true() if everywhere and prefixes else or_(false(), *covered))
    if who.relation is not None:
        parts.append(_related(who.relation, account))
    return and_(true(), *parts)


def _excluded(who: Who, account: int | None) -> ColumnElement[bool]:
    return or_(false(), *(_related(word, account) for word in who.exclude))


def _barred(who: Who, account: int | None) -> ColumnElement[bool]:
    """Excluded, or holds what would exclude them: only from seats that are not theirs yet."""
    steps = [word.removeprefix("did.") for word in who.exclude if word.startswith("did.")]
    return or_(_excluded(who, account), _holds(account, _OTHER.step.in_(steps)))


def _related(word: str, account: int | None) -> ColumnElement[bool]:
    if word.startswith("did."):
        return _did(word.removeprefix("did."), account)
    if word.startswith(RECUSED):
        return _stood_down(word.removeprefix(RECUSED), account)
    return _RELATIONS[word](account)


def _holds(account: int | None, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    held = (_OTHER.submission_id == Submission.id, _OTHER.status == "open", _OTHER.person == account)
    return exists().where(*held, *where)


_RELATIONS: Mapping[str, Callable[[int | None], ColumnElement[bool]]] = {
    "submitter": lambda account: or_(
        and_(Submission.started_by.is_not(None), Submission.started_by == account),
        _event(Event.type == "submitted", Event.by == account),
    ),
    "author": lambda account: exists().where(
        Revision.submission_id == Submission.id, literal(account, BigInteger) == Revision.authors.any_()
    ),
    "record_operator": lambda account: exists().where(
        _ACTING.c.record_id == Submission.record_id, _ACTING.c.account_id == account
    ),
    "assignee": _holds,
    "anyone": lambda _account: true(),
}


def _did(name: str, account: int | None) -> ColumnElement[bool]:
    """Took the action, or acted in the step, for themselves or for somebody, or had it done for them."""
    step, acted_for = Event.body["step"].astext == name, Event.body["for"].astext == str(account)
    by = or_(Event.by == account, acted_for)
    return _event(
        or_(
            and_(Event.type == "moved", by, or_(Event.body["action"].astext == name, step)),
            and_(Event.type == "voted", by, step),
            and_(Event.type == "ended", Event.by == account, step),
        )
    )


def _stood_down(step: str, account: int | None) -> ColumnElement[bool]:
    was = Event.body["was"].astext
    who = or_(was == str(account), and_(was.is_(None), Event.by == account))
    body = Event.body
    return _event(Event.type == "seated", body["why"].astext == "recused", body["step"].astext == step, who)


def _event(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Event.submission_id == Submission.id, *where)


def _assigned() -> ColumnElement[bool]:
    """The seat's last change was that `manage` gave it to whoever has it: no role is asked then."""
    body = Event.body
    last = (
        select(body["why"].astext)
        .where(
            Event.submission_id == WorkItem.submission_id,
            Event.type == "seated",
            body["step"].astext == WorkItem.step,
            body["seat"].astext == WorkItem.seat,
            body["round"].astext.cast(BigInteger) == WorkItem.round,
        )
        .order_by(Event.seq.desc())
        .limit(1)
        .correlate(WorkItem)
        .scalar_subquery()
    )
    return last == "assigned"
