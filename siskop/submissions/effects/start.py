"""start: another workflow begins on the same record, by the system; where one is open, that goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.submissions import door
from siskop.submissions.effects import Deed


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    door.start_by_itself(deed.tx, args["start"], deed.loaded.record_id)
