"""end_members: the claims that came with this case end. `others`: from now on only this case's submitters act for the
record, so everybody else's membership ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.accounts import memberships
from siskop.submissions.effects import Deed, concerned


def apply(deed: Deed, args: Mapping[str, Any]) -> None:
    if args.get("end_members") == "others":
        memberships.end_others(deed.tx, deed.loaded.record_id, deed.case.submitters)
    else:
        memberships.end_claims(deed.tx, deed.loaded.record_id, concerned(deed, args))
