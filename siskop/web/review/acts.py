"""What may be decided now, and why not what may not: each act a button, all of them the engine's offers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from siskop.base.i18n import N_, ngettext, words
from siskop.base.i18n import gettext as _
from siskop.engine.case import Offer
from siskop.engine.definition import OUTCOMES, Action, Definition
from siskop.engine.people import asks_submitters
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


EFFECTS = {
    "publish": N_("It will stand in the public register."),
    "unpublish": N_("It is taken out of the public register; its page stays and says so."),
    "mail": N_("Mails tell those whom it concerns."),
    "accept_members": N_("Whoever asked to act for it is accepted."),
    "end_members": N_("Who acted for it acts for it no more."),
    "add_member": N_("Whoever sent it in acts for it now."),
}


@dataclass(frozen=True, slots=True)
class Act:
    """One button. `asks`: inputs that a page asks for first. `closed`: why not now, or ''. `tone`: primary plain
    refuse. `grave`: what comes of it that cannot be taken back."""

    do: str
    name: str
    label: str
    tone: str
    ballot: str = ""
    asks: tuple[str, ...] = ()
    closed: str = ""
    grave: str = ""


_ENDS = {"for": "passed", "against": "failed"}


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
    grave = (f"{act.label}: {act.grave}" for act in acts if act.grave)
    return Bar(_heading(view, acts), " ".join([reasons(acts), *grave]).strip(), tuple(acts))


def without_sending(view: View, closed: bool = False) -> list[Act]:
    """What the bar holds, open or closed, but for what sends the answers."""
    here, actions = bar(view), view.definition.actions
    found = [act for act in (here.acts if here else ()) if bool(act.closed) == closed]
    return [act for act in found if act.do != "act" or "valid_form" not in actions[act.name].needs]


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
    return replace(_act(offer, label, action.tone or "plain", offer.asks), grave=_grave(view, action))


def _grave(view: View, action: Action) -> str:
    """What is said beside the button, before it is pressed."""
    grave = ("unpublish", None) if view.kind.public else None, ("end_members", "others")
    found = [(effect.kind, effect.args.get("end_members")) for effect in action.does]
    return " ".join(_(EFFECTS[told[0]]) for told in grave if told and told in found)


def _follows(view: View, step: str, outcome: str) -> Action | None:
    """What happens by itself when the step alone has ended so."""
    ended = {step: {name: name == outcome for name in OUTCOMES}}
    here = (a for a in view.definition.actions.values() if view.state.name in a.from_ and a.auto is not None)
    return next((a for a in here if a.auto and step in str(a.auto.names) and a.auto.test(ended) is True), None)


def _ballots(view: View, offer: Offer) -> Iterator[Act]:
    """Each says what follows of it, of what it is where one may vote in several, and to whom the office is not their
    own what they answer; who sits alone does not abstain."""
    step = view.state.steps.get(offer.name)
    reason = step.votes.reason if step and step.votes else None
    alone = step is None or (len(step.seats) == 1 and step.seats[0].count == 1)
    several = sum(other.do == "vote" for other in view.offers) > 1
    where = step_words(view.definition, offer.name) if several else ""
    if step and not where and asks_submitters(view.definition, view.state, step):
        where = words(view.definition.label)
    for ballot, (label, tone) in BALLOTS.items():
        if ballot != "abstain" or not alone:
            after = _follows(view, offer.name, _ENDS[ballot]) if alone and ballot in _ENDS else None
            says = f"{_(label)}: {where}" if where else _(label)
            act = _act(offer, says, tone, ("reason",) if ballot == reason else (), ballot)
            yield replace(act, grave=f"{words(after.label)}. {told}" if after and (told := _grave(view, after)) else "")


def _with_one_primary(acts: list[Act]) -> list[Act]:
    """One filled button a page: the first open one that the file calls primary, else the first that refuses nothing."""
    ready = [act for act in acts if not act.closed and act.tone != "refuse"]
    chief = next((act for act in ready if act.tone == "primary"), ready[0] if ready else None)
    return [replace(act, tone="primary" if act is chief else "plain") if act.tone != "refuse" else act for act in acts]


def reasons(acts: list[Act]) -> str:
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
