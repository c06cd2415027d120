"""How the values of a file are read: by the classes of `definition`, and the short ways of writing by hand.

`5 working days` `10 days` `10d` `5wd` · `-1wd` `0d` `80d idle` `next month, 5th working day` ·
`publish` and `{mail: x, to: y}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cache
from types import NoneType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from siskop.engine.conditions import Scope
from siskop.engine.definition import At, Condition, Effect, Field, Rung, Who, Words
from siskop.engine.lists import Rows
from siskop.engine.reading import NEVER, Node, labelled, shown

T = TypeVar("T")
RELATIONS = frozenset({"anyone", "submitter", "author", "record_operator", "assignee"})
RECIPIENTS = frozenset({"submitter", "operators", "assignee"})
EFFECTS = "mail letter task start publish accept_members end_members"
"""Effects of a workflow that have settings; the last three, and `PLAIN`, also stand without."""
PLAIN = frozenset({"publish", "unpublish", "accept_members", "end_members", "add_member"})
_OF_WHOM = {"accept_members": "submitter", "end_members": "others"}
_DAYS = re.compile(r"(\d{1,4})\s*(wd|d|working days?|days?)")
_AT = re.compile(r"([+-]?\d{1,4})(wd|d)(\s+idle)?")
_OF_MONTH = re.compile(r"(?:next month|in (\d{1,2}) months), ([1-9]\d?)(?:st|nd|rd|th) (working )?day")


@dataclass(frozen=True, slots=True)
class Place:
    """What is known at a place of a file: of its folder, within it of its record kind, and of its workflow."""

    names: Mapping[str, Collection[str]]  # what may be named here, by what it is: "role"
    lists: Mapping[str, Rows]
    states: Mapping[str, frozenset[str]]  # of each workflow
    users: dict[tuple[str, str], set[str]] = field(default_factory=dict)  # of ("mail", name): kinds, as they are found
    kinds: Mapping[str, Node] = field(default_factory=dict)  # the record kinds, for looking ahead
    starts: Mapping[str, str] = field(default_factory=dict)  # the record kind of each workflow
    kind: str = ""
    fields: Mapping[str, Field] = field(default_factory=dict)
    spoken: Collection[str] = ()  # what badges may name
    known: Scope = field(default_factory=dict)  # what every condition sees: fields, parent, last, today
    scope: Scope = field(default_factory=dict)  # what the conditions here see
    acts: str = EFFECTS  # the effects that have settings
    idle: bool = False  # whether rungs may count from the last edit

    def naming(self, names: Mapping[str, Collection[str]], **changes: Any) -> Place:
        return replace(self, names={**self.names, **names}, **changes)


# -- by the classes


def shaped(cls: Callable[..., T], node: Node, place: Place, beside: str = "", needed: str = "", **given: Any) -> T:
    """A value of the class out of a mapping: what is given, and of the rest what stands there, read by its type.

    An attribute without a default must be there, but for the label of what has a name. `beside` and `needed` are keys
    that may and must stand there too.
    """
    parts = {key: part for key, part in _parts(cls).items() if part.attribute not in given}
    must = {key for key, part in parts.items() if part.needed}.union(needed.split())
    found = node.keys(" ".join((*(parts.keys() - must), beside)), " ".join(must))
    if "name" in given and "label" in parts:
        given["label"] = labelled(node, found, given["name"])
        del parts["label"]
    return cls(
        **given, **{p.attribute: p.read(found.get(k), place) for k, p in parts.items() if k in found or p.needed}
    )


@dataclass(frozen=True, slots=True)
class _Part:
    attribute: str
    type: Any
    needed: bool

    def read(self, node: Node | None, place: Place) -> Any:
        if node is not None:
            return _reader(self.type)(node, place)
        return () if get_origin(self.type) is tuple else _BLANK.get(self.type, "")


_BLANK: Mapping[Any, Any] = {Condition: NEVER, Words: {}, At: At(0)}
"""What stands for something that is missing; the load fails anyway."""


@cache
def _parts(cls: Any) -> dict[str, _Part]:
    """By the keys of the file."""
    types = get_type_hints(cls, include_extras=True)
    optional = {f.name for f in fields(cls) if f.default is not MISSING or f.default_factory is not MISSING}
    optional |= {"label"} if "name" in types else set()
    return {name.rstrip("_"): _Part(name, type_, name not in optional) for name, type_ in types.items()}


@cache
def _reader(type_: Any) -> Callable[[Node, Place], Any]:
    inner = [part for part in get_args(type_) if part is not NoneType]
    if get_origin(type_) is Annotated:
        closed = [name for name in _literals(inner[0]) if name]
        return lambda node, place: node.one_of(closed or place.names[inner[1]], inner[-1])
    if get_origin(type_) is tuple:
        one = _reader(inner[0])
        return lambda node, place: tuple(one(part, place) for part in node.items())
    return _READERS.get(type_) or _reader(inner[0])


def _literals(type_: Any) -> list[str]:
    args = get_args(type_)
    return [*args] if get_origin(type_) is Literal else [name for part in args for name in _literals(part)]


# -- by hand


def span(node: Node) -> tuple[int, bool]:
    """(days, whether working days)"""
    match = _DAYS.fullmatch(str(node.value).strip()) if isinstance(node.value, str) else None
    if match is None:
        node.fail(f"{shown(node.value)} is no span of time; write “5 working days” or “10d”")
        return 0, True
    return int(match[1]), match[2].startswith("w")


def moment(node: Node, place: Place) -> At:
    if isinstance(node.value, str) and (month := _OF_MONTH.fullmatch(" ".join(node.value.split()))):
        return At(int(month[2]), month[3] is not None, months=int(month[1] or 1))
    match = _AT.fullmatch(str(node.value).strip()) if isinstance(node.value, str) else None
    if match is None:
        node.fail(f"{shown(node.value)} is no moment; write “14d”, “-1wd”, “80d idle” or “next month, 5th working day”")
        return At(0)
    if match[3] and not place.idle:
        node.fail("“idle” counts from the last edit: it stands only in the ladder of a state that can be edited")
    return At(int(match[1]), match[2] == "wd", match[3] is not None)


def who(node: Node, place: Place) -> Who:
    found = shaped(Who, node, place)
    if not node.named().keys() & {"role", "relation"}:
        node.fail("Say who: a role, a relation, or both")
    return found


def effect(node: Node, place: Place) -> Effect:
    plain = PLAIN if "publish" in place.acts else frozenset[str]()
    if isinstance(node.value, str):
        return Effect(node.one_of(plain, "effect"))
    acts = place.acts.split()
    parts = node.keys(f"{place.acts} to copy")
    kinds = [kind for kind in acts if kind in parts]
    if len(kinds) != 1:
        node.fail(f"Say one thing that is done: {', '.join((*acts, *sorted(plain.difference(acts))))}")
        return Effect("nothing")
    return Effect(kinds[0], _settings(kinds[0], parts, node, place))


def _settings(kind: str, parts: Mapping[str, Node], node: Node, place: Place) -> dict[str, Any]:
    own = parts[kind]
    if kind in ("mail", "letter", "task"):
        place.users.setdefault((kind, own.one_of(place.names[kind], kind)), set()).add(place.kind)
    if kind == "mail":
        if "to" not in parts:
            node.fail("“to” is missing: who gets this mail")
    elif "copy" in parts or ("to" in parts and kind != "task"):
        node.fail(f"“{kind}” has no recipient to name")
    elif "to" in parts:
        return {kind: own.text(), "to": of_office(parts["to"], place)}
    if kind == "widen":
        return {"who": who(own, place)}
    if kind == "end":
        return {"outcome": own.one_of(("lapsed", "done", "passed", "failed"), "outcome")}
    if kind == "publish":
        return {"set": _settings_of(own.keys("", "set").get("set"), place)}
    known = {"action": (place.names.get("action", ()), "action"), "start": (place.states, "workflow")}
    known |= {effect: ((whom,), "choice of members") for effect, whom in _OF_WHOM.items()}
    if kind in known:
        return {kind: own.one_of(*known[kind])}
    return {kind: own.text()} | {key: recipient(parts[key], place) for key in ("to", "copy") if key in parts}


def _settings_of(node: Node | None, place: Place) -> dict[str, Condition]:
    """What a publication sets: an expression for each field, or the code of a choice as it is."""
    found: dict[str, Condition] = {}
    for name, part in node.named().items() if node is not None else ():
        kind = place.known.get(name) if part.is_called(name, place.fields, "field") else None
        if kind is not None and kind.name not in ("text", "number", "boolean", "date", "choice", "area"):
            part.fail(f"“{name}” is a {kind.name}: only a form can fill it")
        elif kind is not None:
            code = repr(part.value) if part.value in kind.codes else str(part.value)
            found[name] = replace(part, value=code).condition(place.known, kind.name)
    return found


def recipient(node: Node, place: Place) -> str | dict[str, str]:
    if isinstance(node.value, str):
        return node.one_of(RECIPIENTS, "recipient")
    return of_office(node, place)


def of_office(node: Node, place: Place) -> dict[str, str]:
    sorts = {"role": "role", "area": "field of type area"}
    parts = node.keys("area", "role")
    return {key: parts[key].one_of(place.names[what], what) for key, what in sorts.items() if key in parts}


_READERS: Mapping[Any, Callable[[Node, Place], Any]] = {
    str: lambda node, _: node.text(),
    bool: lambda node, _: node.flag(),
    Words: lambda node, _: node.words(),
    Condition: lambda node, place: node.condition(place.scope),
    At: moment,
    Who: who,
    Effect: effect,
    Rung: lambda node, place: shaped(Rung, node, place),
}
