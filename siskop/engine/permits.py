"""What a guard answers: a permit with what was found on the way, or one of the refusals."""

from __future__ import annotations

from dataclasses import dataclass

from siskop.engine.case import Command, Correction, Refusal, Run, Seat
from siskop.engine.people import Place

FINAL = Refusal("final", "This submission is finished.")
STALE = Refusal("stale", "Somebody changed this submission meanwhile. Look again and decide anew.")
LATE = Refusal("silence", "The deadline has passed, and with it the decision.")
NOT_NOW = Refusal("state", "This can't be done in the present state.")
STEP_CLOSED = Refusal("step", "This step is not open now.")
NO_CORRECTION = Refusal("needs", "Ask for at least one correction first.")
UNANSWERED = Refusal("unanswered", "Answer every requested correction before you send this again.")
FORM_INVALID = Refusal("needs", "Some answers are missing or need another look.")
CHECKS_FIRST = Refusal("when", "The automatic checks have not all passed.")
CONDITION = Refusal("when", "The conditions for this are not met.")
CANNOT_SIT = Refusal("seat", "This person can't do this. Choose somebody who may.")
BY_WHEN = Refusal("needs", "Say in how many days, from 0 to 365.")

GIVEN = frozenset({"attachment", "person", "form"})
"""Inputs that may come as arguments; the others are words."""


@dataclass(frozen=True, slots=True)
class Permit:
    """Yes. `asks`: inputs still missing. The rest is what was found on the way."""

    asks: tuple[str, ...] = ()
    place: Place | None = None
    run: Run | None = None
    seat: Seat | None = None
    correction: Correction | None = None


Answer = Permit | Refusal


def missing(needs: tuple[str, ...], command: Command) -> tuple[str, ...]:
    return tuple(n for n in needs if n not in command.words and not (n in GIVEN and command.args.get(n)))
