"""mail: to whom this concerns, once for this event. `to` and `copy` are a relation, `operators`, or {role, area}.

The link is where the reader must go: the first asked field, the public page, the review page, or the submission.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import text

from siskop.accounts import memberships, people
from siskop.engine import outside, standing
from siskop.engine.case import Actor
from siskop.engine.definition import Who
from siskop.mail import outbox, placeholders
from siskop.submissions import definitions, sight
from siskop.submissions.effects import Deed

_REASON = text("SELECT text FROM siskop.words WHERE id = :id")


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    mail = definitions.library(deed.tx).mails[args["mail"]]
    receivers = dict(r for key in ("copy", "to") if args.get(key) for r in _receivers(deed, args[key]))
    for account_id, office in receivers.items():
        outbox.queue(
            deed.tx,
            key=f"event:{deed.loaded.id}:{deed.event.seq}:{mail.name}:{account_id}",
            mail=mail,
            to_account=account_id,
            values=values(deed, account_id, office),
            submission_id=deed.loaded.id,
            record_id=deed.loaded.record_id,
        )


def _receivers(deed: Deed, to: Any) -> Iterator[tuple[int, bool]]:
    """(account, whether it is of the office)"""
    loaded = deed.loaded
    if isinstance(to, Mapping):
        who = Who(role=to.get("role"), area=to.get("area"))
        yield from ((c.id, True) for c in people.candidates(deed.tx, who, loaded.area_for(who), set()))
    else:
        operators = memberships.operators(deed.tx, loaded.record_id)
        yield from ((a, to == "assignee") for a in outside.reached(to, deed.case, deed.event, operators))


def values(deed: Deed, account_id: int, office: bool) -> dict[str, Any]:
    """Whoever began without a right in the record reads nothing in a mail that they do not see on their page."""
    loaded, case = deed.loaded, deed.case
    loaded = loaded if office else sight.seen_by(deed.tx, loaded, Actor(id=account_id))
    state = loaded.definition.states[case.state]
    asked = [c for c in case.corrections.values() if c.status == "open" and (office or c.sent)]
    return {
        **placeholders.of_record(loaded.definition.kind, loaded.merged),
        **standing.told(loaded.definition.kind, loaded.merged, loaded.today, loaded.relatives.reported),
        "title": loaded.title,
        "number": loaded.number,
        "link": _path(deed, office, bool(asked)),
        "state": state.public_label or state.label,
        "due": _due(deed),
        "count": len(asked),
        "reason": _reason(deed),
    }


def _path(deed: Deed, office: bool, asked: bool) -> str:
    loaded = deed.loaded
    state = loaded.definition.states[deed.case.state]
    public = loaded.definition.kind.public
    action = loaded.definition.actions.get(deed.event.body.get("action") or "")
    if office:
        return f"/kantor/pengajuan/{loaded.number}"
    if asked and state.waits_for == "submitter":
        return f"/pengajuan/{loaded.number}/perbaikan"
    if public and loaded.record_slug and action and any(effect.kind == "publish" for effect in action.does):
        return f"/{public.path}/{loaded.record_slug}"
    return f"/pengajuan/{loaded.number}"


def _due(deed: Deed) -> Any:
    dues = [run.due for run in deed.case.runs.values() if run.outcome is None and run.due]
    return min(dues) if dues else None


def _reason(deed: Deed) -> str:
    """The words that came with the act, if it was taken with a reason."""
    said = [e.body["words"] for e in deed.batch if e.type == "commented" and e.body["code"] == "reason"]
    return str(deed.tx.execute(_REASON, {"id": said[0]}).scalar() or "") if said else ""
