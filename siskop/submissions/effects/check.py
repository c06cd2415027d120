"""A check was opened: a job runs it. The key names step and round, so a check is queued once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.jobs import queue
from siskop.submissions.effects import Deed


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    step, round_ = args["step"], args["round"]
    payload = {"submission": deed.loaded.id, "step": step, "round": round_}
    queue.put(deed.tx, "check", f"check:{deed.loaded.id}:{step}:{round_}", payload, queue="checks", priority=3)
