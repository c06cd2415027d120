"""letter: written to those who act for the record, once for this event; it waits for its signer where its file names
one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop import letters
from siskop.submissions import definitions
from siskop.submissions.effects import Deed, mail


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    loaded, name = deed.loaded, args["letter"]
    kind = loaded.definition.kind
    own = {"link": f"/pengajuan/{loaded.number}", "parent": loaded.relatives.parent_title}
    letters.write(
        deed.tx,
        definitions.library(deed.tx),
        key=f"event:{loaded.id}:{deed.event.seq}:{name}",
        letter=name,
        record_id=loaded.record_id,
        values=mail.values(deed, 0, office=True) | own,
        area=loaded.merged.get(kind.area or "") or loaded.relatives.parent_area,
        submission_id=loaded.id,
    )
