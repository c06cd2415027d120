"""What comes of a change by itself: steps end, actions follow, steps open. It never refuses."""

from __future__ import annotations

from collections.abc import Mapping

from siskop.engine import ladders, people, votes
from siskop.engine.case import Run
from siskop.engine.definition import Action, State, Step
from siskop.engine.ladders import Due
from siskop.engine.situation import Situation


class EndlessAutos(Exception):
    """A definition whose `auto` actions lead back to where they came from; exploring it at load finds that."""


def follow(s: Situation) -> None:
    """One change at a time until nothing changes: a certain end, else the first `auto`, else the first step to open."""
    entered: set[str] = set()
    while not s.state.final:
        if _end(s) or _auto(s, entered) or _open(s):
            continue
        return


def play_rungs(s: Situation) -> None:
    """Do the first rung that is due, with what follows, until none is."""
    while (due := ladders.first_due(s)) is not None:
        _fire(s, due)
        follow(s)


def move(s: Situation, action: Action, cause: str, by: int | None = None, **given: object) -> None:
    """Change the state, and settle the corrections: accepted by the office's move onwards, void when all is over."""
    to = s.definition.states[action.to]
    onwards = s.state.waits_for == "office" and to.waits_for != "submitter" and not s.is_own(action)
    step = action.step if cause == "person" else None
    _enter(s, to, by, {"action": action.name, "cause": cause, "step": step, "for": None, **given})
    for correction in s.case.corrections.values():
        if onwards and correction.status == "answered":
            set_correction(s, correction.id, "accepted")
        elif to.final and correction.status in ("open", "answered"):
            set_correction(s, correction.id, "cancelled")


def migrate(s: Situation, to: State, same: bool) -> None:
    """Go by the situation's definition from now on: where the state is the same, in it; else in `to`, in a new round.

    What was asked for by a step, or of a field, that is no more is cancelled: nobody could answer or withdraw it.
    """
    s.emit("migrated", {"from": s.case.behaviour, "to": s.definition.behaviour})
    if not same:
        _enter(s, to, None, {"action": "", "cause": "migrate", "step": None, "for": None})
    steps = {name for state in s.definition.states.values() for name in state.steps}
    for c in s.case.corrections.values():
        lost = to.final or c.field not in s.definition.form.fields or c.step not in steps
        if lost and c.status in ("open", "answered"):
            set_correction(s, c.id, "cancelled")


def _enter(s: Situation, to: State, by: int | None, how: Mapping[str, object]) -> None:
    ends = {"from": s.case.state, "to": to.name, "round": s.case.round + 1}
    s.emit("moved", {**how, **ends, "waits_for": to.waits_for, "office_days": _office_days(s)}, by, to.name)


def set_correction(
    s: Situation, number: int, status: str, by: int | None = None, words: Mapping[str, object] | None = None
) -> None:
    s.emit("correction", {"correction": number, "status": status, **(words or {"words": None, "digest": None})}, by)


def _office_days(s: Situation) -> int:
    """Days of the office's clock, all rounds together; it stands still while the case waits for the submitter."""
    since, today = s.case.office_since, s.facts.today
    if since is None:
        return s.case.office_days
    spent = s.facts.calendar.between(since, today) if s.definition.deadline_working else (today - since).days
    return s.case.office_days + spent


def _fire(s: Situation, due: Due) -> None:
    s.emit("rung", {"scope": due.scope, "n": due.n, "round": s.case.round})
    for effect in due.rung.does:
        if effect.kind == "end" and due.step is not None:
            s.emit("ended", {"step": due.step, "round": s.case.round, "outcome": effect.args["outcome"]})
        elif effect.kind == "action":
            move(s, s.definition.actions[effect.args["action"]], "silence")
            return


def _end(s: Situation) -> bool:
    for step, run in s.open_runs():
        outcome = _outcome(step, run)
        if outcome is not None:
            s.emit("ended", {"step": step.name, "round": run.round, "outcome": outcome})
            return True
    return False


def _outcome(step: Step, run: Run) -> str | None:
    """Of a vote as soon as it is certain; of a task when everybody has done their part."""
    if step.who is None:
        return None
    if step.votes is not None:
        ballots = ((votes.kind_of(step.seats, seat.name).name, seat.ballot) for seat in run.seats.values())
        return votes.tally(step.votes, ballots)
    return "done" if all(seat.acted is not None for seat in run.seats.values()) else None


def _auto(s: Situation, entered: set[str]) -> bool:
    for action in s.definition.actions.values():
        if action.auto is None or s.case.state not in action.from_ or s.blocked(action) is not None:
            continue
        if s.test(action.auto) is True and s.test(action.when) is True:
            if action.to in entered:
                raise EndlessAutos(f"{action.name}: back in {action.to} without anybody having acted")
            entered.add(action.to)
            move(s, action, "auto")
            return True
    return False


def _open(s: Situation) -> bool:
    """An unknown `when` opens a step (more eyes, not fewer), and so does a correction that it asked for."""
    over = {name for name, run in s.case.runs.items() if run.outcome is not None}
    for step in s.state.steps.values():
        if step.on_demand or step.name in s.case.runs or not over.issuperset(step.after):
            continue
        if step.name not in s.case.asked_in and s.test(step.when) is False:
            s.emit("ended", {"step": step.name, "round": s.case.round, "outcome": "skipped"})
        else:
            s.emit("opened", opening(s, step, people.seats_of(s, step)))
        return True
    return False


def opening(s: Situation, step: Step, seats: Mapping[str, object]) -> dict[str, object]:
    return {
        "step": step.name,
        "round": s.case.round,
        "check": step.check,
        "self_service": step.self_service,
        "seats": seats,
        "due": due_of(s, step, step.due_days),
    }


def due_of(s: Situation, step: Step, days: int | None) -> str | None:
    return None if days is None else s.facts.calendar.add(s.facts.today, days, step.due_working).isoformat()
