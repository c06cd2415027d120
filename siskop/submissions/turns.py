"""Whose turn it is: who has a submission, since when, by when. The first thing on any page about one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from siskop.base.db import Tx
from siskop.base.i18n import gettext as _
from siskop.base.i18n import words
from siskop.engine.case import Actor, Offer, Run
from siskop.engine.people import asks_submitters
from siskop.submissions import definitions, sight
from siskop.submissions.lines import step_words
from siskop.submissions.store import Loaded


@dataclass(frozen=True, slots=True)
class Turn:
    """`whose`: you, office, submitter, others (who act for the record), system (automatic checks), or None when it is
    finished. `heading` is ready to show."""

    whose: str | None
    heading: str
    since: datetime | None
    until: date | None
    office_until: date | None


def turn_of(
    tx: Tx,
    loaded: Loaded,
    actor: Actor,
    names: Mapping[int, str],
    offers: Iterable[Offer],
    *,
    office_until: date | None,
) -> Turn:
    case, state = loaded.case, loaded.definition.states[loaded.case.state]
    if state.final:
        return Turn(None, words(state.public_label or state.label), case.entered_at, None, None)
    if state.waits_for != "office":
        by_operators = loaded.definition.start.relation == "record_operator"
        yours = sight.is_own(loaded, actor) or (by_operators and actor.id in loaded.operators)
        heading = _("Your turn") if yours else _("The applicant's turn")
        return Turn("you" if yours else "submitter", heading, case.entered_at, None, None)
    if any(run.check and run.outcome is None for run in case.runs.values()):
        return Turn("system", _("The office's turn: automatic checks"), case.entered_at, None, office_until)
    runs = [run for run in loaded.case.runs.values() if run.outcome is None and run.seats]
    asked = [run for run in runs if asks(loaded, run.step)]
    may = {offer.name for offer in offers if offer.do in ("vote", "complete") and offer.refusal is None}
    own = next((run for run in asked if run.step in may), None)
    if own is not None:
        heading = _("Your turn: %(step)s", step=step_words(loaded.definition, own.step))
        return Turn("you", heading, own.opened_at, own.due, office_until)
    if asked and len(asked) == len(runs):
        heading = _("The turn of those who act for it: %(step)s", step=step_words(loaded.definition, asked[0].step))
        return Turn("others", heading, asked[0].opened_at, asked[0].due, office_until)
    return _office(tx, loaded, actor, names, [run for run in runs if run not in asked], office_until=office_until)


def asks(loaded: Loaded, step: str) -> bool:
    """Whether a step of the present state is for people of the submitter's side."""
    state = loaded.definition.states[loaded.case.state]
    return step in state.steps and asks_submitters(loaded.definition, state, state.steps[step])


def _office(
    tx: Tx,
    loaded: Loaded,
    actor: Actor,
    names: Mapping[int, str],
    runs: list[Run],
    *,
    office_until: date | None,
) -> Turn:
    if not runs:
        return Turn("office", _("The office's turn"), loaded.case.entered_at, None, office_until)
    own = [r for r in runs if any(seat.person == actor.id and seat.acted is None for seat in r.seats.values())]
    if own:
        return Turn("you", _("Your turn"), own[0].opened_at, own[0].due, office_until)
    waited = [run for run in runs if not (step := loaded.definition.steps.get(run.step)) or not step.on_demand]
    runs = waited or runs  # nothing waits for an opinion
    steps = ", ".join(step_words(loaded.definition, run.step) for run in runs)
    heading = _("The office's turn: %(step)s", step=steps)
    whom = _whom(tx, loaded, actor, names, runs[0]) if len(runs) == 1 else ""
    since, due = runs[0].opened_at, min((run.due for run in runs if run.due), default=None)
    known = f"{heading}, {whom}" if whom and whom != steps else heading
    return Turn("office", known, since, due, office_until)


def _whom(tx: Tx, loaded: Loaded, actor: Actor, names: Mapping[int, str], run: Run) -> str:
    """Colleagues see the name; for the other side a person is the office. Of several seats or roles
    none is named."""
    seat = next(iter(run.seats.values()))
    if len({one.role for one in run.seats.values()}) > 1:
        return ""
    if seat.person and not sight.is_involved(loaded, actor):
        return names.get(seat.person, "") if len(run.seats) == 1 else ""
    role = definitions.library(tx).roles.get(seat.role or "")
    return words(role.label) if role else ""
