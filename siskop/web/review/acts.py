"""The decision bar: what may be decided now, and why not what may not. All of it comes from the engine's offers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from siskop.base.i18n import gettext as _
from siskop.base.i18n import ngettext, words
from siskop.engine.case import Offer
from siskop.engine.definition import Step
from siskop.submissions.lines import step_words
from siskop.submissions.view import View

ORDER = ("primary", "plain", "refuse")


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
    found = [act for offer in view.offers for act in _acts(view, offer)]
    if not found:
        return None
    acts = sorted(_with_one_primary(found), key=lambda act: ORDER.index(act.tone))
    return Bar(_heading(view, acts), _reasons(acts), tuple(acts))


def _reasons(acts: list[Act]) -> str:
    """Why what is closed is closed: each reason once, after the acts that it closes."""
    closes = {act.closed: [other.label for other in acts if other.closed == act.closed] for act in acts if act.closed}
    return " ".join(f"{', '.join(labels)}: {why}" for why, labels in closes.items())


def label_of(view: View, do: str, name: str) -> str:
    """What was wanted, also when it is no longer offered."""
    action = view.definition.actions.get(name) if do == "act" else None
    return words(action.label) if action else step_words(view.definition, name)


def act_of(view: View, do: str, name: str, ballot: str = "") -> Act | None:
    """The button that leads to `do`: for a page that asks for words first."""
    acts = (act for offer in view.offers for act in (*_acts(view, offer), *_beside(view, offer)))
    return next((a for a in acts if (a.do, a.name, a.ballot) == (do, name, ballot)), None)


def open_corrections(view: View) -> int:
    return sum(c.status == "open" for c in view.corrections)


def beside(view: View) -> list[Act]:
    """What may be done about the work itself, not in the bar: all of it asks for something first."""
    return [act for offer in view.offers if offer.refusal is None for act in _beside(view, offer)]


def _acts(view: View, offer: Offer) -> list[Act]:
    if offer.do == "act":
        return [_action(view, offer)]
    if offer.do == "complete":
        step = _step(view, offer.name)
        text = _("Give the opinion: %(step)s") if step and step.on_demand else _("Done: %(step)s")
        label = text % {"step": step_words(view.definition, offer.name)}
        return [Act("complete", offer.name, label, "plain", asks=offer.asks, closed=_closed(offer))]
    return _ballots(view, offer) if offer.do == "vote" else []


def _action(view: View, offer: Offer) -> Act:
    action = view.definition.actions[offer.name]
    label, asked = words(action.label), open_corrections(view)
    if "correction" in action.needs and asked:
        label = ngettext("%(act)s with %(n)s correction", "%(act)s with %(n)s corrections", asked, act=label)
    return Act("act", offer.name, label, action.tone or "plain", asks=offer.asks, closed=_closed(offer))


def _ballots(view: View, offer: Offer) -> list[Act]:
    """With the step's name where one may vote in several."""
    step = _step(view, offer.name)
    reason = step.votes.reason if step and step.votes else None
    alone = step is None or (len(step.seats) == 1 and step.seats[0].count == 1)
    several = sum(other.do == "vote" for other in view.offers) > 1
    where = f": {step_words(view.definition, offer.name)}" if several else ""
    texts = {
        "for": (_("Approve"), "primary"),
        "against": (_("Do not approve"), "refuse"),
        "abstain": (_("Abstain"), "plain"),
    }
    return [
        Act("vote", offer.name, label + where, tone, ballot, ("reason",) * (ballot == reason), _closed(offer))
        for ballot, (label, tone) in texts.items()
        if ballot != "abstain" or not alone
    ]


def _beside(view: View, offer: Offer) -> list[Act]:
    labels = {
        "override": _("Override %(check)s", check=step_words(view.definition, offer.name)),
        "assign": _("Assign"),
        "consult": _("Ask for an opinion"),
        "recuse": _("Stand down"),
    }
    if offer.do not in labels:
        return []
    asks = {"override": ("reason",), "recuse": ("note",), "consult": ("person", "due")}.get(offer.do, ("person",))
    tone = "refuse" if offer.do == "override" else "plain"
    return [Act(offer.do, offer.name, labels[offer.do], tone, asks=asks, closed=_closed(offer))]


def _step(view: View, name: str) -> Step | None:
    return view.state.steps.get(name)


def _closed(offer: Offer) -> str:
    return _(offer.refusal.text, **offer.refusal.params) if offer.refusal else ""


def _with_one_primary(acts: list[Act]) -> list[Act]:
    """One filled button a page: the first open one that the file calls primary, else the first that refuses nothing."""
    ready = [act for act in acts if not act.closed and act.tone != "refuse"]
    chief = next((act for act in ready if act.tone == "primary"), ready[0] if ready else None)
    return [replace(act, tone="primary" if act is chief else "plain") if act.tone != "refuse" else act for act in acts]


def _heading(view: View, acts: list[Act]) -> str:
    if view.state.final:
        return _("This is finished.")
    asked, unsettled = open_corrections(view), sum(c.picked is None for c in view.conflicts)
    if unsettled:
        return ngettext("%(n)s field was changed on both sides.", "%(n)s fields were changed on both sides.", unsettled)
    if asked:
        return ngettext("%(n)s correction is open.", "%(n)s corrections are open.", asked)
    if all(act.closed for act in acts):
        return _("Nothing can be decided now.")
    return _("Ready to be decided.")
