"""publish: the changed fields of the last revision merge into the record as its next version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.register import publish
from siskop.submissions import revisions
from siskop.submissions.effects import Deed


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    loaded = deed.loaded
    assert deed.case.revision is not None, "a workflow that publishes sends a form first: the loader holds it"
    published = publish.publish(
        deed.tx,
        loaded.definition.kind,
        loaded.record_id,
        revision_id=deed.case.revision,
        answers=loaded.proposed,
        base=deed.case.base,
        resolutions={field: side for field, (side, _) in deed.case.resolutions.items()},
        published_at=loaded.now,
    )
    loaded.record_slug = published.slug
    revisions.name_record(deed.tx, loaded, published=True)
