"""One act on one stage: played in peace, then cut short and repeated as often as wanted; what is wrong, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from types import TracebackType
from typing import Self

from sqlalchemy import text

from siskop.base.db import unit_of_work
from siskop.base.errors import Refusal
from siskop.jobs import drain
from siskop.jobs.queue import QUEUES
from tests.faults.consistency import faults
from tests.faults.deaths import Act, Stage
from tests.faults.picture import differences, forget_gaps, taken, without_jobs
from tests.faults.scenes import LEASE_OVER
from tests.worlds import World

NEVER = 1_000_000
Again = Callable[[], bool]
"""Repeats the act as those would who were cut short; True when it was refused, for it is done already."""


class Trial:
    """`steps`: the act commits more than once on its way, so between old and new there is something else. `looks`: it
    may be done twice by whoever wants to, so who was cut short looks first."""

    def __init__(self, world: World, act: Act, again: Again, *, steps: bool = False, looks: bool = False) -> None:
        self.world, self.act, self.again = world, act, again
        self.steps, self.looks = steps, looks
        self.old = taken()
        forget_gaps(world)
        self.stage = Stage(world)

    def __enter__(self) -> Self:
        self.stage.restore()
        assert not self.stage.killed_at(NEVER, self.act)
        self.new = taken()
        if not self.looks:
            self.again()
        assert whole() == []
        self.end = taken()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stage.close()

    def dies_at(self, n: int) -> bool:
        """False when the act was over before its n-th point."""
        self.stage.restore()
        return self.stage.killed_at(n, self.act)

    def problems(self) -> list[str]:
        """After a death: what is not whole, then, after the repetition, what is missing or there twice."""
        found, done = self._left_behind()
        return found or self._repeated(done)

    def in_a_row(self) -> Iterator[tuple[int, list[str]]]:
        """(point, problems) of an act in one transaction: the next attempt, which dies a point later, repeats it.

        The database is put back only after a death that came when all was done.
        """
        n = 1
        self.stage.restore()
        while self.stage.killed_at(n, self.act):
            found, done = self._left_behind()
            if done and not found:
                found = self._repeated(done)
                self.stage.restore()
            yield n, found
            n += 1
        yield n, self._repeated(done=True)

    def _left_behind(self) -> tuple[list[str], bool]:
        """What a death left that it should not have, and whether the act was done by then."""
        found, state = whole(), taken()
        done = without_jobs(state) == without_jobs(self.new)
        if not (self.steps or done or without_jobs(state) == without_jobs(self.old)):
            found += ["neither the old state nor the new one", *differences(self.old, state)]
        forget_gaps(self.world)
        return found, done

    def _repeated(self, done: bool) -> list[str]:
        found = []
        if not (done and self.looks) and self.again() and not done:
            found += ["the repetition was refused though nothing had been done"]
        return found + whole() + differences(self.end, taken()) + self._letters()

    def _letters(self) -> list[str]:
        """Each letter arrived once; one whose fate was unknown, perhaps once more, under its own name."""
        arrived = Counter(
            str(message_from_bytes(mail.content or b"", policy=policy.default)["Message-ID"])
            for mail in self.world.mails.mails
        )
        with unit_of_work() as tx:
            sent = tx.execute(text("SELECT message_id, uncertain_count FROM siskop.mail WHERE status = 'accepted'"))
            known = {row.message_id: row.uncertain_count for row in sent}
        news = {name for name in known if name not in self.stage.letters}
        found = [f"{name} arrived {n} times" for name, n in arrived.items() if n > 1 + known.get(name, 0)]
        return found + [f"{name} never arrived" for name in sorted(news) if not arrived[name]]


def whole() -> list[str]:
    with unit_of_work() as tx:
        return faults(tx)


def by_hand(act: Act) -> Again:
    def again() -> bool:
        try:
            act()
        except Refusal:
            return True
        return False

    return again


def by_worker(world: World) -> Again:
    """The dead worker's lease runs out, and another one does whatever is due, the mails of it included."""

    def again() -> bool:
        world.move_clock(LEASE_OVER)
        while sum(drain.drain(name, worker="next") for name in QUEUES):
            pass
        return False

    return again
