"""mail: to whom this concerns, once for this event. `to` and `copy` are a relation, `operators`, or {role, area}.

The link is where the reader must go: the first asked field, the public page, the review page, or the submission.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import text

from siskop.accounts import memberships, people
from siskop.base import i18n
from siskop.base.db import settings
from siskop.engine.definition import Who
from siskop.engine.fields.registry import TYPES
from siskop.mail import outbox
from siskop.submissions.effects import Deed

_REASON = text("SELECT text FROM siskop.words WHERE id = :id")


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    receivers = dict(r for key in ("copy", "to") if args.get(key) for r in _receivers(deed, args[key]))
    for account_id, office in receivers.items():
        _queue(deed, args["mail"], account_id, office)


def _receivers(deed: Deed, to: Any) -> Iterator[tuple[int, bool]]:
    """(account, whether it is of the office)"""
    loaded, case = deed.loaded, deed.case
    if isinstance(to, Mapping):
        area = loaded.answers.get(to["area"]) if to.get("area") else None
        who = Who(role=to.get("role"), area=to.get("area"))
        yield from ((c.id, True) for c in people.candidates(deed.tx, who, area, set()))
    elif to in ("operators", "record_operator"):
        yield from ((a, False) for a in memberships.operators(deed.tx, loaded.record_id))
    elif to == "submitter":
        yield from ((a, False) for a in sorted(case.submitters or {p for p in [case.starter] if p}))
    elif to == "author":
        yield from ((a, False) for a in sorted(case.authors))
    elif to == "assignee":
        scope = str(deed.event.body.get("scope", "")).removeprefix("step:") or deed.event.body.get("step")
        runs = [run for run in case.runs.values() if run.outcome is None and (not scope or run.step == scope)]
        yield from ((s.person, True) for run in runs for s in run.seats.values() if s.person)


def _queue(deed: Deed, mail: str, account_id: int, office: bool) -> None:
    loaded, event = deed.loaded, deed.event
    language = people.language(deed.tx, account_id)
    with i18n.speaking(language):
        values = _values(deed, office, language)
    outbox.queue(
        deed.tx,
        key=f"event:{loaded.id}:{event.seq}:{mail}:{account_id}",
        mail=mail,
        to_account=account_id,
        values=values,
        submission_id=loaded.id,
        record_id=loaded.record_id,
        why=f"event:{event.type}:{event.body.get('action') or event.body.get('scope') or ''}",
    )


def _values(deed: Deed, office: bool, language: str) -> dict[str, str]:
    loaded, case = deed.loaded, deed.case
    kind = loaded.definition.kind
    shown = {
        f.name: TYPES[f.type].plain(f, loaded.answers[f.name], language)
        for f in kind.fields.values()
        if f.privacy != "personal" and loaded.answers.get(f.name) is not None
    }
    state = loaded.definition.states[case.state]
    asked = [c for c in case.corrections.values() if c.status == "open"]
    return {
        **shown,
        "title": str(loaded.answers.get(kind.title) or ""),
        "number": loaded.number,
        "link": _link(deed, office, bool(asked), language),
        "state": i18n.words(state.public_label or state.label),
        "due": i18n.format_date(_due(deed)) if _due(deed) else "",
        "count": str(len(asked)),
        "reason": _reason(deed),
    }


def _link(deed: Deed, office: bool, asked: bool, language: str) -> str:
    loaded, base = deed.loaded, settings().base_url.rstrip("/") + ("/en" if language == "en" else "")
    state = loaded.definition.states[deed.case.state]
    public = loaded.definition.kind.public
    if office:
        return f"{base}/kantor/pengajuan/{loaded.number}"
    if asked and state.waits_for == "submitter":
        return f"{base}/pengajuan/{loaded.number}/perbaikan"
    published = any(
        e.kind == "publish"
        for a in loaded.definition.actions.values()
        if a.name == deed.event.body.get("action")
        for e in a.does
    )
    if published and public and loaded.record_slug:
        return f"{base}/{public.path}/{loaded.record_slug}"
    return f"{base}/pengajuan/{loaded.number}"


def _due(deed: Deed) -> Any:
    dues = [run.due for run in deed.case.runs.values() if run.outcome is None and run.due]
    return min(dues) if dues else None


def _reason(deed: Deed) -> str:
    """The words that came with the act, if it was refused with a reason."""
    said = deed.event.body.get("words")
    return str(deed.tx.execute(_REASON, {"id": said}).scalar() or "") if isinstance(said, int) else ""
