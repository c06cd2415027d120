"""publish: the changed fields of the last revision merge into the record as its next version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.engine import form
from siskop.register import publish
from siskop.submissions import answers, revisions
from siskop.submissions.effects import Deed


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    loaded = deed.loaded
    assert deed.case.revision is not None, "a workflow that publishes sends a form first: the loader holds it"
    hidden = dict.fromkeys(_hidden(deed))
    picks = {field: side for field, (side, _) in deed.case.resolutions.items()}
    published = publish.publish(
        deed.tx,
        loaded.definition.kind,
        loaded.record_id,
        revision_id=deed.case.revision,
        answers={**loaded.proposed, **hidden},
        base=deed.case.base,
        resolutions={**picks, **dict.fromkeys(hidden, "proposed")},
        published_at=loaded.now,
    )
    loaded.record_slug = published.slug
    revisions.name_record(deed.tx, loaded, published=True)


def _hidden(deed: Deed) -> list[str]:
    """Questions that do not apply to what the record will hold: one side may have said no where the other gave
    details."""
    loaded = deed.loaded
    asked = loaded.definition.form
    shown = form.visible(asked, loaded.answers, answers.context(loaded))
    return [name for name in asked.names() if name not in shown]
