"""task: somebody of the office is to do something about the record, once for this event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop import tasks
from siskop.submissions import definitions
from siskop.submissions.effects import Deed, mail


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    loaded, library = deed.loaded, definitions.library(deed.tx)
    kind = loaded.definition.kind
    tasks.open_named(
        deed.tx,
        library.tasks[args["task"]],
        args.get("to") or {},
        key=f"event:{loaded.id}:{deed.event.seq}:{args['task']}",
        values=mail.values(deed, 0, office=True) | {"name": loaded.title},
        stored=loaded.merged,
        record_id=loaded.record_id,
        today=loaded.today,
        calendar=library.calendar,
        phone=loaded.merged.get(kind.phone or ""),
        submission_id=loaded.id,
    )
