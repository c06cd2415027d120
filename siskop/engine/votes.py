"""What a vote has come to. Early: as soon as nothing that is still possible could change it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from siskop.engine.definition import SeatKind, Votes

PASSED, FAILED = "passed", "failed"
BALLOTS = ("for", "against", "abstain")


def tally(votes: Votes, seats: Iterable[tuple[str, str | None]]) -> str | None:
    """`seats` are (kind, ballot or None while silent). Answers passed, failed, or None: not certain yet.

    For ≥ need and no veto seat silent passes; a veto seat against, or for + silent < need, fails. `majority` and `all`
    count those who did not abstain, so a vote in which all abstain fails. A number never shrinks.
    """
    weight: dict[str | None, int] = {"for": 0, "against": 0, "abstain": 0, None: 0}
    veto: set[str | None] = set()
    for kind, ballot in seats:
        weight[ballot] += votes.weights.get(kind, 1)
        if kind == votes.veto:
            veto.add(ballot)
    need = _need(votes, weight["for"] + weight["against"] + weight[None])
    if "against" in veto or weight["for"] + weight[None] < need:
        return FAILED
    return PASSED if weight["for"] >= need and None not in veto else None


def kind_of(kinds: Sequence[SeatKind], seat: str) -> SeatKind:
    """The kind that a seat's name came from: `finance`, or `member-2` of `member`."""
    return next((k for k in kinds if k.name == seat or seat.rpartition("-")[0] == k.name), kinds[0])


def _need(votes: Votes, counted: int) -> int:
    if votes.need == "majority":
        return counted // 2 + 1
    if votes.need == "all":
        return max(counted, 1)
    return votes.need
