"""Strict YAML with positions: the parser's events become plain values and the line of every path.

YAML 1.2's core schema decides what a plain scalar is (`yes` and `on` are text). Refused with file and line: duplicate
keys, tags, anchors and aliases, keys that are not text, and a condition in `{…}` that lacks its quotes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

Path = tuple[str | int, ...]

DEEPEST = 30
LONGEST = 1_000_000  # characters in one file
MOST = 12_000  # values in one file; 400 fields with their texts are 5,000
MANY = 100  # faults in one file, after which nothing more is read
PATIENT = 100_000  # characters that the slow parser looks at
QUOTES = "A condition or text with a comma, a bracket or a quote needs quotes inside {…}"
_FLOW = ("flow mapping", "flow sequence", "flow context", "expected ','", "node content", "expected <block end>")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the YAML itself; `line` counts from 1."""

    line: int
    path: Path
    message: str
    syntax: bool = False  # nothing after it could be read


@dataclass(frozen=True, slots=True)
class Source:
    """One document of a file: its value (dict, list, str, int, float, bool, None) and where each path of it begins."""

    file: str
    value: Any
    lines: Mapping[Path, int] = field(default_factory=dict)
    blocks: Collection[Path] = ()  # texts written below their name (|)

    def line(self, path: Path) -> int:
        """The line of the path, or of the nearest thing around it that has one."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


@lru_cache(maxsize=100)
def read(file: str, text: str) -> tuple[list[Source], list[Fault]]:
    """All documents of one file, and all faults; where the YAML breaks off, what was whole before is still there."""
    if len(text) > LONGEST:
        return [], [Fault(1, (), f"The file is longer than {LONGEST:,} characters")]
    fast = _read(file, text, pure=False)
    # The C library stops at a colon inside `{hours: 08:00-16:00}`, which YAML 1.2 allows: then the slow parser looks.
    slow = len(text) <= PATIENT and any(fault.syntax for fault in fast[1])
    return _read(file, text, pure=True) if slow else fast


def _read(file: str, text: str, pure: bool) -> tuple[list[Source], list[Fault]]:
    documents: list[Source] = []
    reading = _Reading(iter(YAML(typ="safe", pure=pure).parse(text)))
    try:
        for event in reading.events:
            if isinstance(event, DocumentStartEvent):
                reading.lines, reading.blocks = {}, set()
                value = reading.node(next(reading.events), ())
                documents.append(Source(file, value, reading.lines, reading.blocks))
    except _TooMuch as much:
        reading.faults.append(much.fault)
    except YAMLError as error:
        reading.faults.append(_syntax(error))
    return documents, reading.faults


class _TooMuch(Exception):
    def __init__(self, line: int, said: str) -> None:
        self.fault = Fault(line, (), said)


@dataclass
class _Reading:
    """The parser's events become values; each takes those that belong to it."""

    events: Iterator[Event]
    lines: dict[Path, int] = field(default_factory=dict)
    blocks: set[Path] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    count: int = 0

    def node(self, event: Event, path: Path) -> Any:
        line = self._begins(event, path)
        self.count += 1
        if len(path) > DEEPEST:
            raise _TooMuch(line, f"Nested deeper than {DEEPEST} levels")
        if len(self.faults) >= MANY:
            raise _TooMuch(line, "So much is wrong above that the rest was not read")
        if self.count > MOST:
            raise _TooMuch(line, f"The file holds more than {MOST:,} values: divide it")
        if isinstance(event, MappingStartEvent):
            return self._mapping(event, path)
        if isinstance(event, SequenceStartEvent):
            return [self.node(inner, (*path, n)) for n, inner in enumerate(self._until(SequenceEndEvent))]
        if getattr(event, "style", None) == "|":
            self.blocks.add(path)
        return _scalar(event) if isinstance(event, ScalarEvent) else None

    def _begins(self, event: Event, path: Path) -> int:
        """The line; refuses what is magic."""
        line: int = event.start_mark.line + 1
        self.lines.setdefault(path, line)
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            self.faults.append(Fault(line, path, "Anchors (&) and aliases (*) are not used here: write the value out"))
        if tag := getattr(event, "tag", None):
            self.faults.append(Fault(line, path, f"Tags are not used here: {tag}. Write “not x” instead of “!x”"))
        return line

    def _until(self, end: type[Event]) -> Iterator[Event]:
        return takewhile(lambda event: not isinstance(event, end), self.events)

    def _mapping(self, start: MappingStartEvent, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in self._until(MappingEndEvent):
            line = self._begins(event, path)
            key = self._key(event, path, line)
            below = (*path, key)
            if key in found:
                self.faults.append(Fault(line, below, f"“{key}” stands here twice"))
            self.lines.setdefault(below, line)
            value = next(self.events)
            if start.flow_style and isinstance(value, ScalarEvent) and value.value == "" and value.implicit[0]:
                self.faults.append(Fault(line, below, f"{QUOTES}: “{key}” has no value"))
            found[key] = self.node(value, below)
        return found

    def _key(self, event: Event, path: Path, line: int) -> str:
        if isinstance(event, ScalarEvent):
            return str(event.value)
        self.node(event, path)
        self.faults.append(Fault(line, path, f"A name must be text. {QUOTES}"))
        return "?"


def _scalar(event: ScalarEvent) -> Any:
    text = str(event.value)
    if not event.implicit[0]:  # it stood in quotes, or in a block
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text) and len(text) < 20:
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) and len(text) < 40 else text


def _syntax(error: YAMLError) -> Fault:
    if not isinstance(error, MarkedYAMLError):
        return Fault(1, (), f"Not readable as YAML: {' '.join(str(error).split())[:200]}", syntax=True)
    mark = error.problem_mark or error.context_mark
    said = ", ".join(part for part in (error.context, error.problem) if part)
    hint = f". {QUOTES}" if any(word in said for word in _FLOW) else ""
    return Fault(mark.line + 1 if mark else 1, (), f"Not readable as YAML: {said}{hint}", syntax=True)
