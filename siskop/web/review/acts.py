"""What may be decided now, and why not what may not: each act a button, all of them the engine's offers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from siskop.base.i18n import N_, ngettext, words
from siskop.base.i18n import gettext as _
from siskop.engine.case import Offer
from siskop.engine.definition import Definition
from siskop.submissions.lines import step_words
from siskop.submissions.view import View

ORDER = ("primary", "plain", "refuse")
BALLOTS = {
    "for": (N_("Approve"), "primary"),
    "against": (N_("Do not approve"), "refuse"),
    "abstain": (N_("Abstain"), "plain"),
}
BESIDE = {
    "override": (N_("Override %(step)s"), ("reason",)),
    "assign": (N_("Assign"), ("person",)),
    "consult": (N_("Ask for an opinion"), ("person", "due")),
    "recuse": (N_("Stand down"), ("note",)),
}
"""What may be done about the work itself: never in the bar, and all of it asks for something first."""


@dataclass(frozen=True, slots=True)
class Act:
    """One button. `asks`: inputs that a page asks for first. `closed`: why not now, or ''. `tone`: primary plain
    refuse."""

    do: str
    name: str
    label: str
    tone: str
    ballot: str = ""
    asks: tuple[str, ...] = ()
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    heading: str
    reason: str
    acts: tuple[Act, ...]


def bar(view: View) -> Bar | None:
    """None where this reader has nothing to decide here."""
    found = [act for act in every(view) if act.do not in BESIDE]
    if not found:
        return None
    acts = sorted(_with_one_primary(found), key=lambda act: ORDER.index(act.tone))
    return Bar(_heading(view, acts), _reasons(acts), tuple(acts))


def every(view: View) -> Iterator[Act]:
    """All that is offered to this reader, also what is closed now."""
    for offer in view.offers:
        if offer.do == "act":
            yield _action(view, offer)
        elif offer.do == "complete":
            step = view.state.steps.get(offer.name)
            text = _("Give the opinion: %(step)s") if step and step.on_demand else _("Done: %(step)s")
            yield _act(offer, text % {"step": step_words(view.definition, offer.name)}, "plain", offer.asks)
        elif offer.do == "vote":
            yield from _ballots(view, offer)
        elif offer.do in BESIDE:
            text, asks = BESIDE[offer.do]
            label = _(text, step=step_words(view.definition, offer.name))
            yield _act(offer, label, "refuse" if offer.do == "override" else "plain", asks)


def label_of(definition: Definition, name: str) -> str:
    """Of an action or a step, also where it is no longer offered."""
    action = definition.actions.get(name)
    return words(action.label) if action else step_words(definition, name)


def _open_corrections(view: View) -> int:
    return sum(c.status == "open" for c in view.corrections)


def _act(offer: Offer, label: str, tone: str, asks: tuple[str, ...], ballot: str = "") -> Act:
    closed = _(offer.refusal.text, **offer.refusal.params) if offer.refusal else ""
    return Act(offer.do, offer.name, label, tone, ballot, asks, closed)


def _action(view: View, offer: Offer) -> Act:
    action = view.definition.actions[offer.name]
    label, asked = words(action.label), _open_corrections(view)
    if "correction" in action.needs and asked:
        label = ngettext("%(act)s with %(n)s correction", "%(act)s with %(n)s corrections", asked, act=label)
    return _act(offer, label, action.tone or "plain", offer.asks)


def _ballots(view: View, offer: Offer) -> Iterator[Act]:
    """With the step's name where one may vote in several; who sits alone does not abstain."""
    step = view.state.steps.get(offer.name)
    reason = step.votes.reason if step and step.votes else None
    alone = step is None or (len(step.seats) == 1 and step.seats[0].count == 1)
    several = sum(other.do == "vote" for other in view.offers) > 1
    where = f": {step_words(view.definition, offer.name)}" if several else ""
    for ballot, (label, tone) in BALLOTS.items():
        if ballot != "abstain" or not alone:
            yield _act(offer, _(label) + where, tone, ("reason",) if ballot == reason else (), ballot)


def _with_one_primary(acts: list[Act]) -> list[Act]:
    """One filled button a page: the first open one that the file calls primary, else the first that refuses nothing."""
    ready = [act for act in acts if not act.closed and act.tone != "refuse"]
    chief = next((act for act in ready if act.tone == "primary"), ready[0] if ready else None)
    return [replace(act, tone="primary" if act is chief else "plain") if act.tone != "refuse" else act for act in acts]


def _reasons(acts: list[Act]) -> str:
    """Why what is closed is closed: each reason once, after the acts that it closes."""
    closes = {act.closed: [other.label for other in acts if other.closed == act.closed] for act in acts if act.closed}
    return " ".join(f"{', '.join(labels)}: {why}" for why, labels in closes.items())


def _heading(view: View, acts: list[Act]) -> str:
    if view.state.final:
        return _("This is finished.")
    asked, unsettled = _open_corrections(view), sum(c.picked is None for c in view.conflicts)
    if unsettled:
        return ngettext("%(n)s field was changed on both sides.", "%(n)s fields were changed on both sides.", unsettled)
    if asked:
        return ngettext("%(n)s correction is open.", "%(n)s corrections are open.", asked)
    if all(act.closed for act in acts):
        return _("Nothing can be decided now.")
    return _("Ready to be decided.")
