"""The review page: whose turn, what differs, what the checks found, what was said, and the bar of decisions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import render_template, request, url_for

from siskop.accounts import memberships, people
from siskop.base.db import reading
from siskop.base.i18n import format_date, words
from siskop.base.i18n import gettext as _
from siskop.engine.case import Actor
from siskop.engine.patch import Conflict
from siskop.files import store
from siskop.letters import shelf
from siskop.submissions import definitions, desk
from siskop.submissions.lines import step_words
from siskop.submissions.small_forms import Filled
from siskop.submissions.view import CheckView, View
from siskop.web import gate, history, standing, values
from siskop.web.review import acts, blueprint, inbox, steps, visit
from siskop.web.review.sheet import sheet
from siskop.web.values import Shown, shown

TONES = {"passed": "good", "warned": "warn", "failed": "bad", "overridden": "good", None: "none"}
RECENT = 10  # lines of history that stand open
WORST_FIRST = ("bad", "warn", "none", "good")
Evidence = tuple[str, str, str | None]
"""(label, value, the address where it stands)"""


@blueprint.get("/pengajuan/<number>")
def page(number: str) -> str:
    here, seen = visit.load(number)
    personal = gate.may("personal")
    fields = sheet(seen, personal, request.args.get("minta", ""))
    visit.looked_at(seen, here, list(fields.personal))
    return render_template(
        "review/page.html",
        view=seen,
        sheet=fields,
        bar=acts.bar(seen),
        checks=sorted(_checks(seen, here, personal), key=lambda item: WORST_FIRST.index(item["outcome"])),
        steps=steps.rows(seen, definitions.library(reading()).roles),
        letters=shelf.of_submission(reading(), seen.id, sent=False),
        filled=[_filled(seen, one, personal) for one in seen.forms],
        conflicts=[_conflict(seen, c, personal) for c in seen.conflicts if not seen.state.final],
        history=[*_now(seen), *(history.item(line, here) for line in reversed(seen.history))],
        picture=history.picture(seen.definition, seen.case.state),
        recent=RECENT,
        notes=[line for line in reversed(seen.history) if line.note and line.said],
        proofs=list(_proofs(seen, personal)) if _accepts(seen) else [],
        place=_place(here, number),
        public=values.record_path(seen.kind.name, seen.record_slug),
        standing=standing.of_record(seen.relatives.parent_id or seen.record_id),
        due=_due(seen),
        seats=[o for o in seen.offers if o.do in {"claim", "release"} and o.refusal is None],
        beside=[act for act in acts.every(seen) if act.do in acts.BESIDE and not act.closed],
        settles=lambda c, status: _settles(seen, str(c.id), status),
        step_label=lambda name: step_words(seen.definition, name),
    )


def _settles(seen: View, correction: str, status: str) -> bool:
    """Whether this reader may set the correction to `status` now."""
    asked = (o for o in seen.offers if o.do == "correction" and o.name == correction and o.args.get("status") == status)
    return any(offer.refusal is None for offer in asked)


def _checks(seen: View, here: Actor, personal: bool) -> Iterator[dict[str, Any]]:
    others = {record for check in seen.checks for record in _records(check)}
    newest = desk.newest_of(reading(), here, others) if others else {}
    for check in seen.checks:
        lines = [line for line in map(_sentence, check.evidence) if line]
        evidence: list[Evidence] = [(_("Also"), line, None) for line in lines[1:] if line != lines[0]]
        if check.outcome in {"failed", "warned"}:
            evidence += _evidence(seen, check, personal)
        found = (newest[record] for record in _records(check) if record in newest)
        yield {
            "outcome": TONES.get(check.outcome, "good"),
            "text": ": ".join([words(check.step.label), *lines[:1]]),
            "evidence": [*evidence, *((_("Compare"), other, url_for(".page", number=other)) for other in found)],
        }


def _records(check: CheckView) -> list[int]:
    """Other records that the check speaks of."""
    return [line["record"] for line in check.evidence if "record" in line]


def _sentence(line: Any) -> str:
    if line.get("words"):
        return words(line["words"])
    told = [(part.get("text"), part.get("params", {})) for part in (line, line.get("also")) if part]
    return ". ".join(_(text, **params) for text, params in told if text)


def _evidence(seen: View, check: CheckView, personal: bool) -> Iterator[Evidence]:
    """The fields that the check named."""
    names = dict.fromkeys(name for line in check.evidence for name in line.get("fields", ()))
    for name in names:
        field = seen.kind.fields.get(name)
        value = shown(field, seen.proposed.get(name), personal) if field else None
        if field:
            yield words(field.label), _plain(value), f"#f-{name}" if name in seen.proposed else None


def _plain(value: Shown | None) -> str:
    if value is None:
        return _("not filled in")
    if value.hidden:
        return _("personal, not shown to your role")
    return value.text


def _conflict(seen: View, conflict: Conflict, personal: bool) -> dict[str, Any]:
    field = seen.kind.fields[conflict.field]
    sides = {side: shown(field, getattr(conflict, side), personal) for side in ("base", "current", "proposed")}
    offer = seen.offer("resolve", conflict.field)
    may = offer is not None and offer.refusal is None
    return {"name": conflict.field, "label": words(field.label), "picked": conflict.picked, "may": may, **sides}


def _filled(seen: View, one: Filled, personal: bool) -> dict[str, Any]:
    """A small form as it was answered: of which step or action, by whom, when, and each answer."""
    rows = [
        (words(f.label), told)
        for name, f in one.form.fields.items()
        if (told := shown(f, one.values.get(name), personal)) is not None
    ]
    label = acts.label_of(seen.definition, one.name)
    return {"label": label, "who": seen.names.get(one.by or 0, ""), "at": one.at, "rows": rows}


def _now(seen: View) -> Iterator[dict[str, Any]]:
    """Where it stands comes before everything that happened."""
    if seen.turn.whose is not None:
        here = "you" if seen.turn.whose == "you" else "office"
        since = _("since %(date)s", date=format_date(seen.turn.since)) if seen.turn.since else ""
        yield {"text": seen.turn.heading, "when": since, "here": here}


def _accepts(seen: View) -> bool:
    """Whether the workflow has anything to do with who acts for the record."""
    does = {effect.kind for action in seen.definition.actions.values() for effect in action.does}
    return seen.definition.proof is not None or "accept_members" in does


def _proofs(seen: View, personal: bool) -> Iterator[dict[str, Any]]:
    """What shows that somebody acts for the record; the first publication is the office's yes to it."""
    tx = reading()
    rows = memberships.proofs(tx, seen.record_id)
    names = people.names(tx, [account for account, _status, _file in rows])
    for account, status, file_id in rows:
        file = store.get(tx, file_id) if file_id else None
        hidden = file is not None and not personal
        yield {"name": names.get(account, ""), "claimed": status == "claimed", "file": file, "hidden": hidden}


def _place(here: Actor, number: str) -> tuple[int, int, str | None]:
    """Where it lies on one's own desk: n (0: nowhere) of m, and the number of the next."""
    line = desk.line(reading(), here)
    at = line.index(number) + 1 if number in line else 0
    return at, len(line), line[at] if 0 < at < len(line) else None


def _due(seen: View) -> tuple[date, str] | None:
    """The day by which the office must act, and how far away it is."""
    until = seen.turn.until or seen.turn.office_until
    if until is None:
        return None
    days = definitions.library(reading()).calendar.between(seen.today, until)
    return until, inbox.due_words(days)[1]
