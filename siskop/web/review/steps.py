"""The steps of the present state as a list: done, open, waiting for others, not needed; who sits where; a vote as it
stands. All of it is the case's own word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from siskop.base.i18n import gettext as _
from siskop.base.i18n import words
from siskop.engine.case import Run, Seat
from siskop.engine.definition import Role, Step, Votes
from siskop.engine.votes import kind_of
from siskop.submissions.lines import ballot_words, outcome_words
from siskop.submissions.view import View

TONES = {"passed": "good", "done": "good", "overridden": "good", "warned": "warn", "failed": "bad", "skipped": "none"}
BALLOTS = {"for": "good", "against": "bad", "abstain": "none"}


@dataclass(frozen=True, slots=True)
class Sitting:
    """One seat. `who` is ready to show; `marks` say what its ballot weighs; `tone`, `ballot`: '' while silent.
    `may_empty`: this reader may free it."""

    seat: str
    who: str
    marks: tuple[str, ...]
    tone: str
    ballot: str
    reason: str
    may_empty: bool


@dataclass(frozen=True, slots=True)
class Row:
    """`tone`: good warn bad none info you; `said`: how it stands. `tally`: a vote's need and its count so far."""

    name: str
    label: str
    tone: str
    said: str
    due: date | None = None
    seats: tuple[Sitting, ...] = ()
    tally: tuple[str, ...] = ()


def rows(view: View, roles: Mapping[str, Role]) -> list[Row]:
    """In the file's order; checks have a list of their own, and an opinion that nobody asked for is none."""
    runs = view.case.runs
    shown = (s for s in view.state.steps.values() if s.check is None and (not s.on_demand or s.name in runs))
    return [_row(view, step, runs.get(step.name), roles) for step in shown]


def _row(view: View, step: Step, run: Run | None, roles: Mapping[str, Role]) -> Row:
    if run is None:
        return Row(step.name, words(step.label), "none", _waits(view, step))
    is_open = run.outcome is None
    return Row(
        name=step.name,
        label=words(step.label),
        tone=TONES.get(run.outcome or "", "info"),
        said=outcome_words(run.outcome, step) if run.outcome else _("open"),
        due=run.due if is_open else None,
        seats=tuple(_sitting(view, step, run, x, roles) for x in run.seats.values() if is_open or x.acted),
        tally=tuple(_tally(step.votes, step, run)) if step.votes and len(run.seats) > 1 else (),
    )


def _waits(view: View, step: Step) -> str:
    before = [name for name in step.after if (run := view.case.runs.get(name)) is None or run.outcome is None]
    names = ", ".join(words(view.state.steps[name].label) for name in before)
    return _("waits for: %(steps)s", steps=names) if names else _("not yet open")


def _sitting(view: View, step: Step, run: Run, seat: Seat, roles: Mapping[str, Role]) -> Sitting:
    tone, ballot = "", ""
    if seat.ballot is not None and step.votes is not None:
        tone, ballot = BALLOTS[seat.ballot], ballot_words(seat.ballot)
    elif seat.acted is not None:
        tone, ballot = "good", _("done")
    assign = view.offer("assign", step.name)
    return Sitting(
        seat=seat.name,
        who=_who(view, seat, roles),
        marks=tuple(_marks(step, seat)),
        tone=tone,
        ballot=ballot,
        reason=view.ballot_reasons.get((run.step, seat.name), ""),
        may_empty=bool(assign and not assign.refusal and seat.person is not None and seat.acted is None),
    )


def choice(view: View, step: Step, seat: Seat) -> tuple[str, str]:
    """(its name, as people know it): which of the seats, what is special about it, and who has it."""
    number = list(view.case.runs[step.name].seats).index(seat.name) + 1
    label = seat.name.replace("_", " ").replace("-", " ") if len(step.seats) > 1 else _("Seat %(n)s", n=number)
    has = view.names.get(seat.person or 0) or _("nobody yet")
    return seat.name, f"{label}: {', '.join((has, *_special(step, seat)))}"


def _who(view: View, seat: Seat, roles: Mapping[str, Role]) -> str:
    if seat.person is None:
        role = roles.get(seat.role or "")
        return _("nobody yet, open to: %(role)s", role=words(role.label)) if role else _("nobody yet")
    name = view.names.get(seat.person, "")
    if seat.acted not in (None, seat.person):
        return _("%(deputy)s for %(principal)s", deputy=view.names.get(seat.acted or 0, ""), principal=name)
    return name


def _marks(step: Step, seat: Seat) -> Iterable[str]:
    kind = kind_of(step.seats, seat.name)
    if len(step.seats) > 1:
        yield kind.name.replace("_", " ")
    yield from _special(step, seat)


def _special(step: Step, seat: Seat) -> Iterable[str]:
    kind = kind_of(step.seats, seat.name)
    weight = step.votes.weights.get(kind.name, 1) if step.votes else 1
    if weight != 1:
        yield _("weighs %(n)s", n=weight)
    if step.votes and step.votes.veto == kind.name:
        yield _("nothing passes without this seat")


def _tally(votes: Votes, step: Step, run: Run) -> Iterable[str]:
    """The need, then the count; ballots are counted by their weight."""
    weights = [(seat.ballot, votes.weights.get(kind_of(step.seats, seat.name).name, 1)) for seat in run.seats.values()]
    total = sum(weight for _ballot, weight in weights)
    counted = {b: sum(weight for ballot, weight in weights if ballot == b) for b in (*BALLOTS, None)}
    if votes.need == "all":
        yield _("Needs all %(of)s in favour", of=total)
    elif votes.need == "majority":
        yield _("Needs more than half of %(of)s in favour", of=total)
    else:
        yield _("Needs %(n)s of %(of)s in favour", n=votes.need, of=total)
    yield _("%(n)s in favour", n=counted["for"])
    yield _("%(n)s against", n=counted["against"])
    if counted["abstain"]:
        yield _("%(n)s abstained", n=counted["abstain"])
    if run.outcome is None:
        yield _("%(n)s silent", n=counted[None])
