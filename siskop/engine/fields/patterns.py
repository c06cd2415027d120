"""Patterns that a file may ask of a text: regular expressions that cannot run long, whatever is typed.

Python's matcher tries one way after the other. `steps` bounds how many ways there are for a text of LONGEST
characters: a repetition has as many as its bounds lie apart, parts one after the other multiply, and what stands in a
repetition multiplies with itself. So `(a+)+` is refused, and `(\\d{1,3}\\.){0,3}\\d{1,3}` is not.
"""

from __future__ import annotations

import importlib
import re
import warnings
from typing import Any

LONGEST = 200
MOST_STEPS = 10_000_000
WANTED = "a pattern (regular expression) of at most 200 characters, without \\1 and (?=…)"
BOUNDED = "a pattern that cannot run long: nothing repeated within a repetition, or bounded, as {1,3} instead of +"
_parser: Any = importlib.import_module("re._parser")  # the module that `re` itself reads patterns with


def pattern(setting: Any) -> str | None:
    """A setting's check: None, or what is wanted."""
    if not isinstance(setting, str) or not setting or len(setting) > LONGEST:
        return WANTED
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(setting)
            found = steps(_parser.parse(setting))
    except (re.error, FutureWarning, DeprecationWarning, RecursionError, OverflowError, ValueError):
        return WANTED
    return BOUNDED if found > MOST_STEPS else None


def steps(parts: Any) -> int:
    """The ways in which these parts can be tried, at most MOST_STEPS + 1. Raises ValueError for what is not known."""
    ways = 1
    for op, given in parts:
        ways = min(ways * _of_one(str(op), given), MOST_STEPS + 1)
    return ways


def _of_one(op: str, given: Any) -> int:
    if op in ("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT"):
        return 1
    if op == "SUBPATTERN":
        return steps(given[-1])
    if op == "BRANCH":
        return sum(steps(branch) for branch in given[1])
    if op in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most = int(given[0]), min(int(given[1]), LONGEST)
        inner = steps(given[2])
        return (max(most - least, 0) + 1) * (1 if inner == 1 else inner ** min(most, 24))
    raise ValueError(op)
