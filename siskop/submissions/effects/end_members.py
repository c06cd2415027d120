"""end_members: claims on a record end when its first submission is rejected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.accounts import memberships
from siskop.submissions.effects import Deed


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    memberships.end_claims(deed.tx, deed.loaded.record_id)
