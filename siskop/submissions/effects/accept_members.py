"""accept_members: the officer's yes to the proof of those who claimed the record. `submitter`: of this case's only.

Without more it means those who founded the record; on one that was registered before, a claim that somebody else made
meanwhile is no part of this case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.accounts import memberships
from siskop.submissions.effects import Deed, concerned


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    memberships.accept(deed.tx, deed.loaded.record_id, concerned(deed, args))
