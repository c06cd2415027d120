"""The desk of somebody in the office: what waits for them, what they may take, what waits for others, what is done.

Only reads. Every list begins from what was decided already (work items, the history), never from a rule of its own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, null, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from siskop.base.db import Tx, today
from siskop.base.i18n import words
from siskop.engine.calendar import midnight
from siskop.engine.case import Actor
from siskop.engine.definition import Choice, Definition, Library
from siskop.engine.fields import area as area_field
from siskop.submissions import definitions, reach
from siskop.submissions.lines import step_words
from siskop.submissions.tables import Correction, Event, Revision, StepRun, Submission, WorkItem

TABS = ("mine", "offered", "acts", "waiting", "done", "all")
PAGE = 30
FAR = date(9999, 12, 31)
Narrowing = tuple[str, str, int]
"""(code, label, count)"""


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the desk. `days`: working days until `due` (negative: late). `answered`: corrections that came back.
    `checks`: how many ended how (failed warned passed), the newest run of each; `running`: opened and not ended."""

    number: str
    title: str
    workflow: str
    area: str
    state: str
    since: datetime
    due: date | None
    days: int | None
    revision: int
    answered: int
    checks: Counter[str]
    person: int | None
    step: str  # of a task: its name and its label
    task: str


@dataclass(frozen=True, slots=True)
class Filters:
    """`area` is the beginning of an area's code, `workflow` a name; empty: all."""

    q: str = ""
    area: str = ""
    workflow: str = ""
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """`key`: overdue, week (by Sunday), later, undated."""

    key: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """One page of one tab. `areas` and `workflows` are those of the whole tab. `next`: a cursor."""

    tab: str
    counts: Mapping[str, int]
    groups: tuple[Group, ...]
    areas: tuple[Narrowing, ...]
    workflows: tuple[Narrowing, ...]
    next: str | None

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for group in self.groups for item in group.items)


# ------------------------------------------------------------------ who sees what


def visible_to(tx: Tx, actor: Actor, library: Library) -> ColumnElement[bool]:
    """What the actor may open in the office: ever on their desk or their role's, touched by them, theirs to act on or
    to run."""
    on_a_desk = exists().where(
        WorkItem.submission_id == Submission.id, or_(WorkItem.person.in_(_people(actor)), _offered(actor))
    )
    touched = exists().where(Event.submission_id == Submission.id, Event.by == actor.id)
    managed = and_(Submission.workflow.in_(_managed(actor, library)), Submission.sent_at.is_not(None))
    acts = reach.acts(tx, actor)
    return or_(on_a_desk, touched, managed, *(() if acts is None else (acts,)))


def sees(tx: Tx, actor: Actor, number: str) -> bool:
    clause = visible_to(tx, actor, definitions.library(tx))
    return tx.execute(select(true()).where(Submission.number == number, clause)).first() is not None


def newest_of(tx: Tx, actor: Actor, records: Iterable[int]) -> dict[int, str]:
    """The newest submission of each of these records that the actor may open."""
    clause = and_(Submission.record_id.in_(list(records)), visible_to(tx, actor, definitions.library(tx)))
    found = select(Submission.record_id, func.max(Submission.number)).where(clause).group_by(Submission.record_id)
    return {row[0]: row[1] for row in tx.execute(found)}


def tasks_in(tx: Tx, actor: Actor, numbers: Iterable[str]) -> dict[str, tuple[str, date | None]]:
    """The step of each of these submissions in which the actor may act now, and its day."""
    found = reach.groups(tx)
    rows = (
        select(Submission.number, WorkItem.step, WorkItem.due_on)
        .join(WorkItem, WorkItem.submission_id == Submission.id)
        .where(Submission.number.in_(list(numbers)), or_(reach.mine(found, actor), reach.offered(found, actor)))
        .order_by(WorkItem.id.desc())
    )
    return {number: (step, due) for number, step, due in tx.execute(rows)}


def manages(definition: Definition, actor: Actor) -> bool:
    who = definition.manage
    return who is not None and who.role is not None and any(role == who.role for role, _ in actor.grants)


def _managed(actor: Actor, library: Library) -> list[str]:
    return [name for name, definition in library.workflows.items() if manages(definition, actor)]


def _people(actor: Actor) -> list[int]:
    return [actor.id or 0, *actor.principals]


def _offered(actor: Actor) -> ColumnElement[bool]:
    """Work items of a role that the actor holds for their area."""
    grants = [*actor.grants, *(grant for held in actor.principals.values() for grant in held)]
    fits = [
        and_(
            WorkItem.role == role,
            or_(WorkItem.area.is_(None), WorkItem.area.startswith(area, autoescape=True)) if area else true(),
        )
        for role, area in grants
    ]
    return or_(*fits) if fits else false()


# ------------------------------------------------------------------ the tabs

_DUE = func.coalesce(WorkItem.due_on, Submission.due_on, FAR)


@dataclass(frozen=True, slots=True)
class _Tab:
    """Which rows, and by which day they are ordered."""

    where: ColumnElement[bool]
    day: Any
    items: bool  # whether rows are work items, or submissions


def _tabs(tx: Tx, actor: Actor, library: Library) -> dict[str, _Tab]:
    mine, found = WorkItem.person.in_(_people(actor)), reach.groups(tx)
    monday = (day := today(tx)) - timedelta(days=day.weekday())
    handled = exists().where(WorkItem.submission_id == Submission.id, mine)
    ended = func.date(func.timezone("Asia/Jakarta", WorkItem.ended_at))
    since, acts = func.date(Submission.state_at), reach.acts(tx, actor)
    tabs = {
        "mine": _Tab(reach.mine(found, actor), _DUE, True),
        "offered": _Tab(reach.offered(found, actor), _DUE, True),
        **({} if acts is None else {"acts": _Tab(acts, since, False)}),
        "waiting": _Tab(and_(Submission.waits_for == "submitter", handled), since, False),
        "done": _Tab(and_(WorkItem.status == "done", mine, WorkItem.ended_at >= midnight(monday)), ended, True),
    }
    if managed := _managed(actor, library):
        sent = and_(Submission.workflow.in_(managed), Submission.sent_at.is_not(None), ~Submission.final)
        tabs["all"] = _Tab(sent, func.coalesce(Submission.due_on, FAR), False)
    return tabs


def _from(tab: _Tab, *columns: Any) -> Select[Any]:
    chosen = select(*columns).select_from(Submission).where(tab.where)
    return chosen.join(WorkItem, WorkItem.submission_id == Submission.id) if tab.items else chosen


def inbox(tx: Tx, actor: Actor, tab: str = "mine", filters: Filters = Filters()) -> Desk:
    """One page of `tab`; an unknown tab, or one that is not the actor's, is "mine"."""
    library = definitions.library(tx)
    tabs = _tabs(tx, actor, library)
    tab = tab if tab in tabs else "mine"
    rows = _rows(tx, tabs[tab], filters, PAGE + 1)
    more = len(rows) > PAGE
    items = _items(tx, rows[:PAGE], library, dated=tab in ("mine", "offered", "all"))
    areas, flows = _choices(tx, tabs[tab], library)
    return Desk(
        tab=tab,
        counts={name: tx.execute(_from(found, func.count())).scalar_one() for name, found in tabs.items()},
        groups=_grouped(items, today(tx)),
        areas=areas,
        workflows=flows,
        next=f"{rows[PAGE - 1].day:%Y-%m-%d}.{rows[PAGE - 1].key}" if more else None,
    )


def line(tx: Tx, actor: Actor, limit: int = 100) -> list[str]:
    """Numbers of what is on the actor's own desk, in its order: for "next" and "3 of 7"."""
    tab = _tabs(tx, actor, definitions.library(tx))["mine"]
    return list(dict.fromkeys(row.number for row in _rows(tx, tab, Filters(), limit)))


def _rows(tx: Tx, tab: _Tab, filters: Filters, limit: int) -> list[Any]:
    key = WorkItem.id if tab.items else Submission.id
    person = WorkItem.person if tab.items else _holder()
    day = tab.day.label("day")
    step = (WorkItem.step if tab.items else null()).label("step")
    chosen = _from(tab, Submission, person.label("person"), key.label("key"), day, step, _revision(), _answered())
    if q := filters.q.strip():
        named = (column.icontains(q, autoescape=True) for column in (Submission.title, Submission.number))
        chosen = chosen.where(or_(*named))
    if filters.area:
        chosen = chosen.where(Submission.area.startswith(filters.area, autoescape=True))
    if filters.workflow:
        chosen = chosen.where(Submission.workflow == filters.workflow)
    if after := _cursor(filters.cursor):
        chosen = chosen.where(tuple_(tab.day, key) > tuple_(*after))
    return list(tx.execute(chosen.order_by(day, key).limit(limit)))


def _cursor(text: str) -> tuple[date, int] | None:
    day, _, key = text.partition(".")
    try:
        return date.fromisoformat(day), int(key)
    except ValueError:
        return None


def _revision() -> Any:
    sent = select(func.coalesce(func.max(Revision.number), 0)).where(Revision.submission_id == Submission.id)
    return sent.scalar_subquery().label("revision")


def _answered() -> Any:
    of = (Correction.submission_id == Submission.id, Correction.status == "answered")
    return select(func.count()).where(*of).scalar_subquery().label("answered")


def _holder() -> Any:
    held = (WorkItem.submission_id == Submission.id, WorkItem.status == "open", WorkItem.person.is_not(None))
    return select(func.min(WorkItem.person)).where(*held).scalar_subquery()


# ------------------------------------------------------------------ rows as a page shows them


def _items(tx: Tx, rows: list[Any], library: Library, dated: bool) -> list[Item]:
    checks, now = _checks(tx, rows), today(tx)
    items = []
    for row in rows:
        due = row.day if dated and row.day != FAR else None
        definition = definitions.definition(row.workflow, row.behaviour, tx)
        items.append(
            Item(
                number=row.number,
                title=row.title,
                workflow=words(definition.label),
                area=area_words(definition, row.area),
                state=words(definition.states[row.state].label),
                since=row.state_at,
                due=due,
                days=library.calendar.between(now, due) if due else None,
                revision=row.revision,
                answered=row.answered,
                checks=checks.get(row.id, Counter()),
                person=row.person,
                step=row.step or "",
                task=step_words(definition, row.step) if row.step else "",
            )
        )
    return items


def _checks(tx: Tx, rows: list[Any]) -> dict[int, Counter[str]]:
    """Counts over the newest run of every step that is a check."""
    runs = select(StepRun.submission_id, StepRun.step, StepRun.outcome).where(
        StepRun.submission_id.in_([row.id for row in rows])
    )
    newest = runs.ext(distinct_on(StepRun.submission_id, StepRun.step)).order_by(
        StepRun.submission_id, StepRun.step, StepRun.round.desc()
    )
    steps = {row.id: definitions.definition(row.workflow, row.behaviour, tx).steps for row in rows}
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for submission_id, step, outcome in tx.execute(newest):
        if step in steps[submission_id] and steps[submission_id][step].check:
            how = {None: "running", "failed": "failed", "warned": "warned"}.get(outcome, "passed")
            counted[submission_id][how] += 1
    return counted


def _grouped(items: Iterable[Item], day: date) -> tuple[Group, ...]:
    """Items come in the order of their days, those without one last."""
    sunday = day + timedelta(days=6 - day.weekday())

    def key(item: Item) -> str:
        if item.due is None:
            return "undated"
        return "overdue" if item.due < day else "week" if item.due <= sunday else "later"

    return tuple(Group(name, tuple(found)) for name, found in groupby(items, key))


def _choices(tx: Tx, tab: _Tab, library: Library) -> tuple[tuple[Narrowing, ...], tuple[Narrowing, ...]]:
    """What the tab may be narrowed to: the districts and workflows that occur in it, with their counts."""
    by = (Submission.workflow, Submission.area)
    areas, flows = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for workflow, area, n in tx.execute(_from(tab, *by, func.count()).group_by(*by)):
        definition = library.workflows.get(workflow)
        flows[workflow, words(definition.label) if definition else workflow] += n
        for district in area_path(definition, area)[:1] if definition else ():
            areas[district.code, words(district.label)] += n
    return _listed(areas), _listed(flows)


def _listed(found: Counter[tuple[str, str]]) -> tuple[Narrowing, ...]:
    return tuple(sorted(((code, label, n) for (code, label), n in found.items()), key=lambda row: row[1]))


def area_words(definition: Definition, code: str | None) -> str:
    """The leaf first: "Bambu Apus, Pamulang"."""
    return ", ".join(words(choice.label) for choice in reversed(area_path(definition, code)))


def area_path(definition: Definition, code: str | None) -> tuple[Choice, ...]:
    field = definition.kind.fields.get(definition.kind.area or "")
    return area_field.path(field, code) if field else ()


def running(tx: Tx) -> dict[str, list[tuple[str, int, bool]]]:
    """By workflow: (version's behaviour, submissions under way on it, whether it is the one in force)."""
    newest = {name: d.behaviour for name, d in definitions.library(tx).workflows.items()}
    counted = select(Submission.workflow, Submission.behaviour, func.count().label("n")).where(~Submission.final)
    found: dict[str, list[tuple[str, int, bool]]] = defaultdict(list)
    for row in tx.execute(counted.group_by(Submission.workflow, Submission.behaviour).order_by(Submission.behaviour)):
        found[row.workflow].append((row.behaviour[:12], row.n, row.behaviour == newest.get(row.workflow)))
    return found
