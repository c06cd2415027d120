"""Whose turn it is: who has a submission, since when, by when. The first thing on any page about one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from siskop.base.db import Tx
from siskop.base.i18n import gettext as _
from siskop.base.i18n import words
from siskop.engine.case import Actor, Run
from siskop.submissions import definitions, sight
from siskop.submissions.lines import step_words
from siskop.submissions.store import Loaded


@dataclass(frozen=True, slots=True)
class Turn:
    """`whose`: you, office, submitter, system (automatic checks), or None when it is finished. `heading` is
    ready to show."""

    whose: str | None
    heading: str
    since: datetime | None
    until: date | None
    office_until: date | None


def turn_of(tx: Tx, loaded: Loaded, actor: Actor, names: Mapping[int, str], office_until: date | None) -> Turn:
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
    return _office(tx, loaded, actor, names, office_until)


def _office(tx: Tx, loaded: Loaded, actor: Actor, names: Mapping[int, str], office_until: date | None) -> Turn:
    runs = [run for run in loaded.case.runs.values() if run.outcome is None and run.seats]
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
    """Colleagues see the name; for the other side a person is the office. Of several seats none is named."""
    seat = next(iter(run.seats.values()))
    if seat.person and not sight.is_involved(loaded, actor):
        return names.get(seat.person, "") if len(run.seats) == 1 else ""
    role = definitions.library(tx).roles.get(seat.role or "")
    return words(role.label) if role else ""
