"""Who is here, the submission they came for, and how far its draft is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from flask import abort, redirect, url_for

from siskop.accounts import memberships
from siskop.base.db import reading
from siskop.base.errors import NotFound
from siskop.engine import form
from siskop.engine.calendar import day_of
from siskop.engine.case import Actor, Offer
from siskop.engine.definition import Form, Page
from siskop.engine.fields.registry import UNASKED
from siskop.engine.form import Clean, Problem, Problems
from siskop.submissions import view
from siskop.submissions.view import CorrectionView, View
from siskop.web import gate

WAITING = ("open", "answered")


@dataclass
class Visit:
    """What is concluded from the draft is worked out once."""

    me: Actor
    view: View

    @property
    def number(self) -> str:
        return self.view.number

    @property
    def form(self) -> Form:
        return self.view.definition.form

    @property
    def from_desk(self) -> bool:
        """Begun from the desk of the office, to which this person goes back."""
        return self.view.definition.start.role is not None and not self.view.is_operator and gate.may("desk")

    @cached_property
    def judged(self) -> Clean | Problems:
        return form.accept(self.form, self.view.draft, self.view.context)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.judged.problems

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """Those on which something is asked now."""
        shown = self.judged.shown
        return tuple(p for p in self.form.pages if any(part.name in shown for part in p.fields))

    def asking(self, page: Page) -> list[str]:
        """The fields of a page that are to be answered now."""
        fields, known = self.form.fields, self.view.context.fixed
        shown = [part.name for part in page.fields if part.name in self.judged.shown and part.name not in known]
        return [name for name in shown if fields[name].type not in UNASKED]

    def page(self, name: str) -> Page:
        for page in self.form.pages:
            if page.name == name:
                return page
        raise NotFound()

    @cached_property
    def asked(self) -> Mapping[str, Sequence[CorrectionView]]:
        """What the office asked in this round and is not settled yet, by field."""
        found: dict[str, list[CorrectionView]] = {}
        for correction in self.view.corrections:
            if correction.status in WAITING:
                found.setdefault(correction.field, []).append(correction)
        return found

    @property
    def unanswered(self) -> list[str]:
        """Fields in the form's order."""
        names = self.form.names()
        return [n for n in names if any(c.status == "open" for c in self.asked.get(n, ()))]

    @cached_property
    def proof(self) -> int | None:
        return memberships.proof(reading(), self.me.id, self.view.record_id) if self.me.id else None

    @property
    def needs_proof(self) -> bool:
        """Where the file asks for it, whoever begins shows once that they act for the record."""
        return self.view.definition.proof is not None and (self.view.needs_proof or self.proof is not None)

    @property
    def send(self) -> Offer | None:
        """The act that hands the form in: the one of this state that needs it valid."""
        actions = self.view.definition.actions
        return next((o for o in self.view.offers if o.do == "act" and "valid_form" in actions[o.name].needs), None)

    @property
    def ready(self) -> bool:
        return not self.problems and not self.unanswered and not self.view.needs_proof

    @property
    def kept_until(self) -> date | None:
        """The day on which an untouched draft ends by itself."""
        edited = self.view.case.edited_at or self.view.case.entered_at or self.view.now
        ends = [
            rung.at.days
            for rung in self.view.state.ladder
            if rung.at.idle and any(e.kind == "action" for e in rung.does)
        ]
        return day_of(edited) + timedelta(days=min(ends)) if ends else None


def load(number: str) -> Visit:
    """For those outside the office who may see it: who acts for the record, and who began it."""
    me = gate.actor()
    seen = view.load(reading(), number, me)
    own = {seen.case.starter, *seen.case.submitters, *seen.case.authors}
    if not seen.is_operator and me.id not in own:
        raise NotFound()
    return Visit(me, seen)


def editing(number: str) -> Visit:
    """The same, where the form is open to this person now; else its status page says why not."""
    found = load(number)
    if not found.view.editable:
        abort(redirect(url_for("cooperative.status", number=number), 303))
    return found
