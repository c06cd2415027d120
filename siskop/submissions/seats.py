"""Who could sit in a step; and open seats that nobody can take: nobody holds the role for the area today, or
whoever does is excluded, or has a seat there already. Whether somebody may sit is the engine's word; the database only
leaves out what is surely fine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text

from siskop.accounts import people
from siskop.base.db import Tx
from siskop.base.i18n import words
from siskop.engine import sitting
from siskop.engine.case import Actor, Command, Facts, Permit, Place, Run
from siskop.engine.definition import State, Step
from siskop.engine.people import excluded, place_for, refused, seated, who_of
from siskop.engine.situation import Situation
from siskop.engine.votes import kind_of
from siskop.submissions import definitions, desk, door, store
from siskop.submissions.lines import step_words
from siskop.submissions.store import Loaded


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who may be named. `load`: open tasks; `fits`: one of those it is for."""

    account: int
    name: str
    load: int
    fits: bool


@dataclass(frozen=True, slots=True)
class Vacancy:
    """`holder`: who has the seat but may not act in it now. `holders`: how many hold the role for the area today."""

    number: str
    title: str
    workflow: str
    step: str
    role: str
    area: str
    due: date | None
    holder: str
    holders: int
    managed_by: str  # the role that may assign it, or ''


_LOADS = text("SELECT person, count(*) AS n FROM siskop.work_item WHERE status = 'open' GROUP BY person")
_DOUBTFUL = text(f"""
SELECT s.number, s.title, s.workflow, w.step, w.seat, w.role, w.area, w.due_on, w.person, fit.holders
FROM siskop.work_item w JOIN siskop.submission s ON s.id = w.submission_id
CROSS JOIN LATERAL (
  SELECT count(DISTINCT a.id) AS holders, count(DISTINCT a.id) FILTER (WHERE a.id = w.person) AS own
  FROM siskop.account a JOIN siskop.role_grant g ON g.account_id = a.id AND g.role = w.role AND {people.VALID}
  WHERE a.active AND (w.area IS NULL OR starts_with(w.area, g.area))) fit
WHERE w.status = 'open' AND s.workflow = ANY(:workflows) AND CASE WHEN w.person IS NULL THEN fit.holders <= (
    SELECT count(DISTINCT p.id) FROM (
      SELECT e.by AS id FROM siskop.event e WHERE e.submission_id = s.id
      UNION SELECT m.account_id FROM siskop.membership m WHERE m.record_id = s.record_id AND m.status <> 'ended'
      UNION SELECT o.person FROM siskop.work_item o WHERE o.submission_id = s.id
      UNION SELECT v.principal FROM siskop.vote v WHERE v.submission_id = s.id) p)
  ELSE fit.own = 0 END
ORDER BY w.due_on NULLS LAST, w.id""")  # noqa: S608
"""Where more people hold the role than ever had to do with the case, one of them is free."""


def fitting(tx: Tx, number: str, state: State, step: Step) -> list[Choice]:
    """Everybody who holds the step's role for its area, is not excluded and was not asked yet, least busy first."""
    loaded, s = _situation(tx, number)
    who, run = who_of(state, step), s.case.runs.get(step.name)
    taken = seated(run) if run else set()
    found = [c for c in people.candidates(tx, who, loaded.area_for(who)) if excluded(s, c.id, who) is None]
    names = people.names(tx, [c.id for c in found])
    return [Choice(c.id, names[c.id], c.load, True) for c in found if c.id not in taken]


def assignable(tx: Tx, number: str, step: str, seat: str, by: Actor) -> list[Choice]:
    """To whom the seat may be given, by the engine's word: those it is for, then others of the office; by load."""
    loaded, s = _situation(tx, number)
    manager, of, roles = door.related(loaded, by), s.state.steps[step], definitions.library(tx).roles
    who = who_of(s.state, of, kind_of(of.seats, seat))
    loads = {row.person: row.n for row in tx.execute(_LOADS)}
    found = [
        Choice(a.id, a.name, loads.get(a.id, 0), fits)
        for a in _around(tx, loaded, people.staff(tx))
        if a.id and ((fits := refused(s, a, who) is None) or "desk" in people.may_words(a.grants, roles))
        if isinstance(sitting.assign(s, manager, Command("assign", step, {"person": a.id, "seat": seat})), Permit)
    ]
    return sorted(found, key=lambda one: (not one.fits, one.load, one.account))


def _situation(tx: Tx, number: str) -> tuple[Loaded, Situation]:
    loaded = store.load(tx, number)
    return loaded, Situation(loaded.definition, loaded.case, door.facts_for(tx, loaded, Actor(), Command("look")))


def vacancies(tx: Tx, workflows: Iterable[str], most: int = 200) -> list[Vacancy]:
    """Of these workflows, soonest due first; at most `most` doubtful seats are looked at."""
    rows = tx.execute(_DOUBTFUL, {"workflows": list(workflows)}).fetchmany(most)
    staff = people.staff(tx) if rows else []
    found: list[Vacancy] = []
    seen: dict[str, tuple[Loaded, Facts]] = {}
    for row in rows:
        if row.number not in seen:
            loaded = store.load(tx, row.number)
            seen[row.number] = loaded, door.facts_for(tx, loaded, Actor(), Command("look"))
        loaded, facts = seen[row.number]
        run = loaded.case.runs.get(row.step)
        if run is not None and not _somebody(loaded, facts, run, row.seat, _around(tx, loaded, staff)):
            found.append(_vacancy(tx, loaded, row))
    return found


def _around(tx: Tx, loaded: Loaded, staff: list[Actor]) -> list[Actor]:
    """The staff, and whoever the record brings along: a step may be open to them."""
    known = {actor.id for actor in staff}
    others = sorted({*loaded.operators, *loaded.case.submitters, *loaded.case.authors} - known)
    return [door.related(loaded, actor) for actor in (*staff, *(Actor(id=account) for account in others))]


def _somebody(loaded: Loaded, facts: Facts, run: Run, seat: str, actors: Iterable[Actor]) -> bool:
    s = Situation(loaded.definition, loaded.case, facts)
    return any(isinstance(place_for(s, actor, run, seat), Place) for actor in actors)


def _vacancy(tx: Tx, loaded: Loaded, row: Any) -> Vacancy:
    definition, roles = loaded.definition, definitions.library(tx).roles
    manage = (definition.manage.role if definition.manage else None) or ""
    return Vacancy(
        number=row.number,
        title=row.title,
        workflow=words(definition.label),
        step=step_words(definition, row.step),
        role=words(roles[row.role].label) if row.role in roles else "",
        area=desk.area_words(definition, row.area),
        due=row.due_on,
        holder=people.names(tx, [row.person]).get(row.person, "") if row.person else "",
        holders=row.holders,
        managed_by=words(roles[manage].label) if manage in roles else "",
    )
