"""What was done, in a sentence, and what comes of it for others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from siskop.accounts import people
from siskop.base.db import reading
from siskop.base.i18n import gettext as _
from siskop.base.i18n import words
from siskop.engine.definition import Definition
from siskop.engine.effects import effects as effects_of
from siskop.submissions import definitions
from siskop.submissions.door import Outcome


def done(do: str, args: Mapping[str, Any]) -> str:
    """Of an act that decides nothing."""
    if do in ("assign", "consult"):
        name = people.names(reading(), [args["person"]]).get(args["person"], "")
        return _("Assigned to %(name)s.", name=name) if do == "assign" else _("%(name)s is asked.", name=name)
    return _DONE[do]()


_DONE = {
    "claim": lambda: _("The task is yours now."),
    "release": lambda: _("The task is given back; colleagues can take it."),
    "vacate": lambda: _("The task is free again."),
    "override": lambda: _("The check is overridden."),
    "recuse": lambda: _("You stood down. The task goes to somebody else."),
    "ask": lambda: _("The request is saved. The cooperative reads it when you return the submission."),
    "correction": lambda: _("The request is changed."),
    "resolve": lambda: _("The choice is kept."),
    "comment": lambda: _("The note is saved."),
}


def effects(definition: Definition, outcome: Outcome) -> Iterator[str]:
    """Each once, in their order."""
    found = (effect for event in outcome.events for effect in effects_of(definition, event))
    said = dict.fromkeys(_said(effect.kind, effect.args) for effect in found)
    yield from (text for text in said if text)


def _said(kind: str, args: Mapping[str, Any]) -> str:
    if kind == "start":
        flow = definitions.library(reading()).workflows.get(next((v for v in args.values() if isinstance(v, str)), ""))
        return _("Begun with it: %(workflow)s.", workflow=words(flow.label)) if flow else ""
    return _EFFECTS[kind]() if kind in _EFFECTS else ""


_EFFECTS = {
    "publish": lambda: _("It will stand in the public register."),
    "unpublish": lambda: _("It is taken out of the public register; its page stays and says so."),
    "mail": lambda: _("Mails tell those whom it concerns."),
    "accept_members": lambda: _("Whoever asked to act for it is accepted."),
    "end_members": lambda: _("Who acted for it acts for it no more."),
    "add_member": lambda: _("Whoever sent it in acts for it now."),
}
