"""unpublish: the record's publication is withdrawn; its page stays and says so. Why, the submission tells.

What it belongs to no longer counts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.register import publish
from siskop.submissions.effects import Deed
from siskop.submissions.effects.publish import tell_relatives


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    publish.unpublish(deed.tx, deed.loaded.definition.kind, deed.loaded.record_id, deed.loaded.now)
    tell_relatives(deed)
