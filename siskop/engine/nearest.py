"""The nearest right name to a wrong one, for messages."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(wrong: str, right: Iterable[str]) -> str | None:
    """The name of `right` that looks most like `wrong`, or None when nothing does."""
    if len(wrong) > 100:
        return None  # no name is so long
    by_plain = {name.casefold().replace("-", "_"): name for name in right}
    found = get_close_matches(wrong.casefold().replace("-", "_"), by_plain, n=1, cutoff=0.6)
    return by_plain[found[0]] if found else None
