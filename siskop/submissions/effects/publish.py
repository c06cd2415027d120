"""publish: the changed fields of the last revision merge into the record as its next version. `set` adds values that
the file says; a case without a form publishes these alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from siskop.engine import form, outside
from siskop.jobs import queue
from siskop.register import publish
from siskop.submissions import answers, definitions, revisions, store
from siskop.submissions.effects import Deed

_IS_PUBLISHED = text("SELECT 1 FROM siskop.record_version WHERE revision_id = :revision")


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    tx, loaded, case = deed.tx, deed.loaded, deed.case
    since = store.names_since(loaded.definition)
    fields = {name: field for name, field in loaded.definition.kind.fields.items() if name not in since}
    kind = replace(loaded.definition.kind, fields=fields)  # nothing is registered under an old name
    around = answers.context(tx, loaded)
    said = outside.constants(loaded.definition.kind, args.get("set") or {}, loaded.merged, around)
    decided = {**dict.fromkeys(outside.hidden(loaded.definition, case, loaded.merged, around)), **said}
    proposed = form.answered(kind, loaded.proposed)
    picks = {field: side for field, (side, _) in case.resolutions.items()}
    published = publish.publish(
        tx,
        kind,
        loaded.record_id,
        revision_id=_revision(deed),
        answers={since.get(name, name): value for name, value in {**proposed, **decided}.items()},
        base=case.base,
        resolutions={since.get(n, n): side for n, side in {**picks, **dict.fromkeys(decided, "proposed")}.items()},
        published_at=loaded.now,
        event=(loaded.id, deed.event.seq),
        settle=lambda values: outside.settled(kind, values, around),
    )
    loaded.record_slug, loaded.proposed = published.slug, {**loaded.proposed, **said}
    revisions.name_record(tx, loaded, published=True)
    tell_relatives(deed)


def _revision(deed: Deed) -> int | None:
    """None when there is none, or it was published before: the case was reopened since, or its file publishes twice."""
    published = deed.tx.execute(_IS_PUBLISHED, {"revision": deed.case.revision}).first() is not None
    return None if published else deed.case.revision


def tell_relatives(deed: Deed) -> None:
    """A child's parent is worked out anew at once, under its lock; what may read this record's values, soon."""
    tx, loaded = deed.tx, deed.loaded
    child_of, parent = loaded.definition.kind.child_of, loaded.relatives.parent_id
    if child_of is not None and parent is not None:
        publish.refresh(tx, definitions.library(tx).kinds[child_of.record], parent, loaded.today)
        if child_of.period is not None:
            queue.put(tx, "refresh", f"refresh:children:{parent}", {"parent": parent}, "publishing")
    if publish.has_children(tx, loaded.record_id):
        queue.put(tx, "refresh", f"refresh:children:{loaded.record_id}", {"parent": loaded.record_id}, "publishing")
