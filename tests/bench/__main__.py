"""`make bench`: speed as ratios in one run, medians of rounds with their spread. Exits 1 when a bound does not hold."""

from __future__ import annotations

import sys

from siskop.submissions import handlers
from tests.bench import engine, mails, pages, perform, wakeups
from tests.bench.stage import ROUNDS, stage

assert handlers  # the kinds of jobs that a submission puts


def main() -> int:
    print(f"Medians of {ROUNDS} rounds (least and most of them).\n")
    with stage() as here:
        held = [perform.main(here), wakeups.main(here), mails.main(here)]
        pages.main(here)
    print("\nThe engine alone:")
    held.append(engine.main())
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
