"""The inbox: what is on my desk and what I may take, by when it is due."""

from __future__ import annotations

from collections import Counter

from flask import render_template, request

from siskop.accounts import people
from siskop.base.db import now, reading
from siskop.base.i18n import N_, ngettext
from siskop.base.i18n import gettext as _
from siskop.letters import shelf
from siskop.submissions import desk, seats
from siskop.submissions.desk import Item
from siskop.web import gate
from siskop.web.review import blueprint, heaps

PARAMETERS = {"q": "q", "area": "wilayah", "workflow": "alur", "cursor": "dari"}
TABS = {
    "mine": N_("My tasks"),
    "offered": N_("Not yet taken"),
    "acts": N_("Open to your role"),
    "waiting": N_("Waiting for the applicant"),
    "done": N_("Done this week"),
    "all": N_("Everything that is under way"),
}
GROUPS = {"overdue": N_("Late"), "week": N_("This week"), "later": N_("Later")}


@blueprint.get("")
def inbox() -> str:
    tx, here = reading(), gate.actor()
    chosen = {key: request.args.get(name, "")[:100] for key, name in PARAMETERS.items()}
    flows = heaps.watched(here)
    found = desk.inbox(tx, here, request.args.get("lihat", ""), desk.Filters(**chosen))
    return render_template(
        "review/inbox.html",
        desk=found,
        filters=chosen,
        filtered=any(chosen[key] for key in ("q", "area", "workflow")),
        tabs=[(tab, _(TABS[tab]), n) for tab, n in found.counts.items()],
        groups=GROUPS,
        letters=shelf.count_waiting(tx, here),
        names=people.names(tx, [item.person for item in found.items if item.person]),
        me=here,
        empty_seats=len(seats.vacancies(tx, flows)) if flows else 0,
        now=now(tx),
        round_words=round_words,
        check_words=check_words,
        due_words=due_words,
    )


def round_words(item: Item) -> str:
    """New, or which revision it is and what came back with it."""
    if item.revision <= 1:
        return _("New")
    said = _("Revision %(n)s", n=item.revision)
    if not item.answered:
        return said
    return f"{said}, {ngettext('%(n)s field answered', '%(n)s fields answered', item.answered)}"


def check_words(checks: Counter[str]) -> tuple[str, str, str | None]:
    """(tone, text, icon) of the one thing to know about the automatic checks."""
    if checks["running"]:
        return "none", _("Being checked"), "hourglass-split"
    if checks["failed"]:
        return "bad", ngettext("%(n)s failed", "%(n)s failed", checks["failed"]), None
    if checks["warned"]:
        return "warn", ngettext("%(n)s to look at", "%(n)s to look at", checks["warned"]), None
    if checks["passed"]:
        return "good", _("All passed"), None
    return "none", _("No checks"), "dash-circle"


def due_words(days: int | None) -> tuple[str, str]:
    """(tone, text): how far away the office's day is, in working days."""
    if days is None:
        return "", ""
    if days < 0:
        return "bad", ngettext("%(n)s working day late", "%(n)s working days late", -days)
    if days == 0:
        return "warn", _("today")
    return "warn" if days <= 2 else "", ngettext("%(n)s working day left", "%(n)s working days left", days)
