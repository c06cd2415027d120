"""add_member: whoever sent the case acts for the record from now on, claimed or not: the office has decided so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.accounts import memberships
from siskop.submissions.effects import Deed


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    for account in sorted(deed.case.submitters):
        memberships.grant(deed.tx, account, deed.loaded.record_id)
