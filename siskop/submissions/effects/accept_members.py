"""accept_members: the officer's yes to the proof of those who claimed the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.accounts import memberships
from siskop.submissions.effects import Deed


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    memberships.accept(deed.tx, deed.loaded.record_id)
