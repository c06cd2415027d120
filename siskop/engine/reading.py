"""Walking through a file's values with their positions: a `Node` knows where it stands and collects what is wrong.

A getter that fails notes an error and answers something harmless, so that one look finds all errors of a folder.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from operator import attrgetter
from pathlib import PurePath
from typing import Any, TypeVar

from siskop.engine.conditions import ConditionError, Scope, compile_condition
from siskop.engine.contradictions import impossible
from siskop.engine.definition import PLACEHOLDER, Condition, Words
from siskop.engine.nearest import nearest
from siskop.engine.source import Path, Source, read

T = TypeVar("T")
LANGUAGES = ("id", "en")
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
NEVER = Condition("false", frozenset(), lambda env: False, lambda env: (), lambda env: False)
"""What stands where a condition could not be read; the load fails anyway."""


BY_PLACE = attrgetter("file", "line", "path", "message")


@dataclass(frozen=True, slots=True)
class DefinitionError:
    """One finding, readable alone. `path` is dotted; `near` is the nearest right name of that place.

    A `warning` keeps nothing from being loaded."""

    file: str
    line: int
    path: str
    message: str
    near: str | None = None
    warning: bool = False

    def __str__(self) -> str:
        hint = f". Did you mean “{self.near}”?" if self.near else ""
        sort = "warning: " if self.warning else ""
        return f"{self.file}:{self.line}: {sort}{self.path or '(file)'}: {self.message}{hint}"

    def within(self, folder: PurePath) -> DefinitionError:
        """The same, its file told from where the folder is."""
        return replace(self, file=str(folder / self.file))

    def plain(self) -> dict[str, str | int | None]:
        """For programs."""
        told = asdict(self)
        told["severity"] = "warning" if told.pop("warning") else "error"
        return told


class Errors:
    """Collects; the same error at the same place counts once."""

    def __init__(self, thorough: bool = True) -> None:
        self.found: dict[DefinitionError, None] = {}
        self.unlabelled: dict[str, dict[tuple[int, str], None]] = {}  # line and path of what has no label, by file
        self.thorough = thorough  # whether to look for faults of the design too

    def add(
        self, file: str, line: int, message: str, path: Path = (), near: str | None = None, *, warning: bool = False
    ) -> None:
        self.found[DefinitionError(file, line, ".".join(map(str, path)), message, near, warning)] = None

    def in_files(self, files: Collection[str]) -> bool:
        return any(e.file in files and not e.warning for e in self.found)

    def all(self, warning: bool = False) -> tuple[DefinitionError, ...]:
        """The errors (or the warnings) in the order of file and line."""
        beside = (_unlabelled(file, sorted(places)) for file, places in self.unlabelled.items() if warning)
        return tuple(sorted((*(e for e in self.found if e.warning is warning), *beside), key=BY_PLACE))

    def refuse(self) -> None:
        """Raises DefinitionErrors if there is an error; warnings alone are none."""
        if self.all():
            raise DefinitionErrors(self.all(), self.all(warning=True))


def _unlabelled(file: str, places: list[tuple[int, str]]) -> DefinitionError:
    """One warning for a file, however much in it has no label."""
    line, path = places[0]
    if len(places) == 1:
        return DefinitionError(file, line, path, "“label” is missing: people read the name instead", warning=True)
    told = ", ".join(f"{path or 'the document'} (line {line})" for line, path in places)
    return DefinitionError(
        file, line, "", f"{len(places)} labels are missing: people read the names instead of {told}", warning=True
    )


class DefinitionErrors(Exception):
    """Every error of the files, in the order of file and line; `warnings` are what else was noticed."""

    def __init__(self, errors: tuple[DefinitionError, ...], warnings: tuple[DefinitionError, ...] = ()) -> None:
        self.errors, self.warnings = errors, warnings
        super().__init__("\n".join(map(str, errors)))


@dataclass(frozen=True, slots=True)
class Node:
    """A value at a place. `path` is from the root of its document."""

    source: Source
    errors: Errors
    value: Any
    path: Path = ()

    def fail(self, message: str, *at: str | int, near: str | None = None, warning: bool = False) -> None:
        """Notes what is wrong here, or at the path `at` from here."""
        path = (*self.path, *at)
        self.errors.add(self.source.file, self.source.line(path), message, path, near, warning=warning)

    def warn(self, message: str, *at: str | int) -> None:
        self.fail(message, *at, warning=True)

    def below(self, key: str | int) -> Node:
        return Node(self.source, self.errors, self.value[key], (*self.path, key))

    def place(self) -> str:
        """Where it stands, for a message elsewhere."""
        return f"{self.source.file}:{self.source.line(self.path)}"

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def peek(self, *keys: str) -> Any:
        """The value there, or None, whatever stands there: for looking ahead."""
        found = self.value
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    # -- shapes

    def keys(self, known: str, required: str = "") -> Mapping[str, Node]:
        """A mapping with these keys only (words in one string); those that stand there."""
        names = known.split() + required.split()
        found = self.named()
        meant = {key: nearest(key, names) for key in found if key not in names}
        for key, near in meant.items():
            self.fail(f"“{key}” is not known here; known are {', '.join(sorted(names))}", key, near=near)
        for key in required.split():
            if key not in found and key not in meant.values():
                self._lacks(key, found)
        return {key: node for key, node in found.items() if key in names}

    def _lacks(self, key: str, found: Mapping[str, Node]) -> None:
        """A key that must stand here; often it is there, but indented too far."""
        within = next((name for name, node in found.items() if node.has(key)), None)
        if within is None:
            self.fail(f"“{key}” is missing")
        else:
            self.fail(f"“{key}” belongs one level higher: beside “{within}”, not in it", within, key)

    def named(self) -> Mapping[str, Node]:
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            self.fail(f"Here stands a mapping (name: value), not {shown(self.value)}")
            return {}
        return {key: self.below(key) for key in self.value}

    def declared(self, read: bool = False) -> Mapping[str, Node]:
        """A mapping whose keys are new names; `read`: conditions name them, so Python's own words cannot be used."""
        found = self.named()
        for key in found:
            if read and keyword.iskeyword(key):
                self.fail(f"“{key}” has a meaning in conditions: choose another name", key)
            elif not IDENTIFIER.fullmatch(key) or len(key) > 60:
                self.fail(f"“{key}” is no name: letters, digits and _, not beginning with a digit", key)
        return found

    def items(self) -> Iterator[Node]:
        """The entries of a list; a single value is a list of one."""
        if self.value is None:
            return iter(())
        if isinstance(self.value, list):
            return (self.below(n) for n in range(len(self.value)))
        return iter((self,))

    # -- values

    def text(self) -> str:
        if isinstance(self.value, str) and self.value.strip():
            return self.value.strip()
        self.fail(f"Here stands a text, not {shown(self.value)}")
        return ""

    def name(self) -> str:
        """The name of a document."""
        found = self.text()
        if found and self.errors.thorough and not _NAME.fullmatch(found):
            self.fail(f"{shown(found)} is no name: letters, digits, _ and -")
        return found

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.fail(f"Here stands true or false, not {shown(self.value)}")
        return self.value is True

    def whole(self, least: int = 0) -> int:
        if isinstance(self.value, int) and not isinstance(self.value, bool) and self.value >= least:
            return self.value
        self.fail(f"Here stands a whole number from {least}, not {shown(self.value)}")
        return least

    def one_of(self, names: Collection[str], what: str) -> str:
        """A reference to one of the names; the first error to look for in a definition."""
        if isinstance(self.value, str) and self.value in names:
            return self.value
        near = nearest(self.value, names) if isinstance(self.value, str) else None
        few = f"; there are {', '.join(sorted(names))}" if near is None and 0 < len(names) <= 12 else ""
        self.fail(f"There is no {what} {shown(self.value)}{few}", near=near)
        return self.value if isinstance(self.value, str) else ""

    def is_called(self, name: str, names: Collection[str], what: str) -> bool:
        """Whether a name that stands here, itself or in a text, is one of the names."""
        return replace(self, value=name).one_of(names, what) in names

    def words(self) -> Words:
        """A text in every language."""
        found = self.keys("", " ".join(LANGUAGES))
        return {language: node.text() for language, node in found.items()}

    def placeholders(self, words: Words, allowed: Collection[str]) -> None:
        for language in words:
            path, text = (*self.path, language), str(self.value[language])
            for found in PLACEHOLDER.finditer(text):
                if found[1] not in allowed:
                    line = self.source.line(path)
                    if path in self.source.blocks:  # its lines follow the one with the name
                        line += 1 + text.count("\n", 0, found.start())
                    near = nearest(found[1], allowed)
                    said = f"“{found[0]}” may not stand here: it is unknown, not for these readers, or no plain text"
                    self.errors.add(self.source.file, line, said, path, near)

    def condition(self, scope: Scope, wants: str = "boolean") -> Condition:
        source = str(self.value).lower() if isinstance(self.value, bool) else self.text()
        if not source:
            return NEVER
        try:
            made = compile_condition(source, scope, wants)
        except ConditionError as error:
            self.fail(error.message, near=error.near)
            return NEVER
        if self.errors.thorough and (why := impossible(source, scope)):
            self.fail(why)
        return made


def nodes_of(file: str, text: str, errors: Errors) -> Iterator[Node]:
    """The documents of a YAML file."""
    sources, faults = read(file, text)
    for fault in faults:
        errors.add(file, fault.line, fault.message, fault.path)
    if not sources and not faults:
        errors.add(file, 1, "The file is empty")
    return (Node(source, errors, source.value) for source in sources)


def shown(value: Any) -> str:
    """A value as it can stand in a message."""
    if isinstance(value, str):
        return f"“{value[:60]}”"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return str(value).lower() if isinstance(value, bool) else "nothing" if value is None else str(value)


def optional(node: Node | None, read: Callable[[Node], T], default: T) -> T:
    return default if node is None else read(node)


def labelled(node: Node, parts: Mapping[str, Node], name: str) -> Words:
    """The label, or where there is none (a warning) one made of the name: “book_year” is “Book year”."""
    if "label" in parts:
        return parts["label"].words()
    place = (node.source.line(node.path), ".".join(map(str, node.path)))
    node.errors.unlabelled.setdefault(node.source.file, {})[place] = None
    return dict.fromkeys(LANGUAGES, name.replace("_", " ").strip().capitalize())


def each(node: Node | None, read: Callable[[Node], T]) -> tuple[T, ...]:
    """Every entry of a list that may be absent."""
    return () if node is None else tuple(read(one) for one in node.items())


def mapped(node: Node | None, read: Callable[[str, Node], T], read_by_conditions: bool = False) -> dict[str, T]:
    """Every entry of a mapping of new names that may be absent."""
    return {} if node is None else {name: read(name, one) for name, one in node.declared(read_by_conditions).items()}
