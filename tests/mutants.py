"""What `make mutants` found: the share of changes to the engine that its tests did not notice, by file."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

DECIDING = ("decide", "votes", "people", "patch", "conditions")
MOST = 0.10
UNNOTICED = {0: "survived", 5: "untested", 33: "untested"}


def main() -> int:
    broken = []
    for file in sorted(Path("mutants/siskop/engine").glob("*.py.meta")):
        exits = json.loads(file.read_text())["exit_code_by_key"]
        found = Counter("unknown" if code is None else UNNOTICED.get(code, "killed") for code in exits.values())
        if not exits:
            continue
        left = found["survived"] + found["untested"]
        tried = len(exits) - found["unknown"]
        share = left / tried if tried else 1.0
        print(f"{file.name[:-8]:12} {len(exits):5} changes, {left:4} unnoticed: {100 * share:5.1f} %")
        for name, code in exits.items():
            if code in UNNOTICED:
                print(f"    {UNNOTICED[code]}: {name}")
        if file.name[:-8] in DECIDING and (share > MOST or found["unknown"]):
            broken.append(file.name[:-8])
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
