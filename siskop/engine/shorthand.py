"""The short ways of writing in the files, normalised by hand: spans of days, moments, people, effects, rungs.

`5 working days` `10 days` `10d` `5wd` · `-1wd` `0d` `80d idle` · `publish` and `{mail: x, to: y}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from siskop.engine.conditions import Scope
from siskop.engine.definition import At, Condition, Effect, Field, Role, Rung, Who
from siskop.engine.lists import Rows
from siskop.engine.reading import Node, each, optional, shown

RELATIONS = frozenset({"anyone", "submitter", "author", "record_operator", "assignee"})
RECIPIENTS = frozenset({"submitter", "operators", "assignee"})
CHECKS = frozenset({"completeness", "duplicates", "condition"})
EFFECTS = "mail letter task start publish accept_members end_members"
"""Effects of a workflow that have settings; the last three, and `PLAIN`, also stand without."""
PLAIN = frozenset({"publish", "unpublish", "accept_members", "end_members", "add_member"})
_OF_WHOM = {"accept_members": "submitter", "end_members": "others"}
_DAYS = re.compile(r"(\d{1,4})\s*(wd|d|working days?|days?)")
_AT = re.compile(r"([+-]?\d{1,4})(wd|d)(\s+idle)?")


@dataclass(slots=True)
class Folder:
    """The names that one folder declares, known before any reference is looked at; and who uses which mail."""

    roles: Mapping[str, Role] = field(default_factory=dict)
    mails: frozenset[str] = frozenset()
    lists: Mapping[str, Rows] = field(default_factory=dict)
    states: Mapping[str, frozenset[str]] = field(default_factory=dict)  # workflow: its states
    kinds: frozenset[str] = frozenset()  # record kinds
    mail_users: dict[str, set[str]] = field(default_factory=dict)  # mail: record kinds


@dataclass(frozen=True, slots=True)
class Place:
    """What references may name at this place of a file: the kind's fields, and the workflow's own names."""

    folder: Folder
    kind: str
    fields: Mapping[str, Field]
    did: frozenset[str] = frozenset()  # actions and steps
    actions: frozenset[str] = frozenset()
    known: Scope = field(default_factory=dict)  # what every condition of the workflow sees: fields, parent, last, today


def span(node: Node) -> tuple[int, bool]:
    """(days, whether working days)"""
    match = _DAYS.fullmatch(str(node.value).strip()) if isinstance(node.value, str) else None
    if match is None:
        node.fail(f"{shown(node.value)} is no span of time; write “5 working days” or “10d”")
        return 0, True
    return int(match[1]), match[2].startswith("w")


def moment(node: Node) -> At:
    match = _AT.fullmatch(str(node.value).strip()) if isinstance(node.value, str) else None
    if match is None:
        node.fail(f"{shown(node.value)} is no moment; write “14d”, “-1wd” (working days before) or “80d idle”")
        return At(0)
    return At(int(match[1]), match[2] == "wd", match[3] is not None)


def who(node: Node, place: Place) -> Who:
    parts = node.keys("role relation area exclude")
    if not parts.keys() & {"role", "relation"}:
        node.fail("Say who: a role, a relation, or both")
    return Who(
        role=optional(parts.get("role"), lambda n: n.one_of(place.folder.roles, "role"), None),
        relation=optional(parts.get("relation"), lambda n: _relation(n, place, RELATIONS), None),
        area=optional(parts.get("area"), lambda n: area(n, place), None),
        exclude=each(parts.get("exclude"), lambda n: _relation(n, place, RELATIONS - {"anyone"})),
    )


def area(node: Node, place: Place) -> str:
    """A field of the record, or of its parent: `parent.…`."""
    above = place.known["parent"].members if "parent" in place.known else {}
    own = {name for name, f in place.fields.items() if f.type == "area"}
    return node.one_of(own | {f"parent.{n}" for n, kind in above.items() if kind.name == "area"}, "field of type area")


def _relation(node: Node, place: Place, relations: frozenset[str]) -> str:
    return node.one_of(relations | {f"did.{name}" for name in place.did}, "relation or did.…")


def effect(node: Node, place: Place, acts: str) -> Effect:
    """`acts` are the kinds with settings that are known at this place (mail, letter …)."""
    if isinstance(node.value, str):
        return Effect(node.one_of(PLAIN if "publish" in acts else (), "effect"))
    parts = node.keys(f"{acts} to copy")
    kinds = [kind for kind in acts.split() if kind in parts]
    if len(kinds) != 1:
        plain = sorted(PLAIN.difference(acts.split())) if "publish" in acts else ()
        node.fail(f"Say one thing that is done: {', '.join((*acts.split(), *plain))}")
        return Effect("nothing")
    return Effect(kinds[0], _settings(kinds[0], parts, node, place))


def _settings(kind: str, parts: Mapping[str, Node], node: Node, place: Place) -> dict[str, Any]:
    own = parts[kind]
    if kind == "mail":
        mail = own.one_of(place.folder.mails, "mail")
        place.folder.mail_users.setdefault(mail, set()).add(place.kind)
        if "to" not in parts:
            node.fail("“to” is missing: who gets this mail")
    elif parts.keys() & {"copy"} or ("to" in parts and kind != "task"):
        node.fail(f"“{kind}” has no recipient to name")
    if kind == "widen":
        return {"who": who(own, place)}
    if kind == "end":
        return {"outcome": own.one_of({"lapsed", "done", "passed", "failed"}, "outcome")}
    if kind == "publish":
        return {"set": _settings_of(own.keys("", "set").get("set"), place)}
    known = {"action": (place.actions, "action"), "start": (place.folder.states, "workflow")}
    known |= {effect: ((whom,), "choice of members") for effect, whom in _OF_WHOM.items()}
    if kind in known:
        return {kind: own.one_of(*known[kind])}
    return {kind: own.text()} | {key: recipient(parts[key], place) for key in ("to", "copy") if key in parts}


def _settings_of(node: Node | None, place: Place) -> dict[str, Condition]:
    """What a publication sets: an expression for each field, or the code of a choice as it is."""
    found: dict[str, Condition] = {}
    for name, part in node.named().items() if node is not None else ():
        kind = place.known.get(Node(part.source, part.errors, name, part.path).one_of(place.fields, "field"))
        if kind is not None and kind.name not in ("text", "number", "boolean", "date", "choice", "area"):
            part.fail(f"“{name}” is a {kind.name}: only a form can fill it")
        elif kind is not None:
            code = repr(part.value) if part.value in kind.codes else str(part.value)
            found[name] = Node(part.source, part.errors, code, part.path).condition(place.known, kind.name)
    return found


def recipient(node: Node, place: Place) -> str | dict[str, str]:
    if isinstance(node.value, str):
        return node.one_of(RECIPIENTS, "recipient")
    parts = node.keys("area", "role")
    found = {"role": parts["role"].one_of(place.folder.roles, "role")} if "role" in parts else {}
    return found | ({"area": area(parts["area"], place)} if "area" in parts else {})


def ladder(node: Node | None, place: Place, acts: str, idle: bool = False) -> tuple[Rung, ...]:
    return each(node, lambda n: _rung(n, place, acts, idle))


def _rung(node: Node, place: Place, acts: str, idle: bool) -> Rung:
    parts = node.keys("", "at does")
    if not parts.keys() >= {"at", "does"}:
        return Rung(At(0), ())
    at = moment(parts["at"])
    if at.idle and not idle:
        parts["at"].fail("“idle” counts from the last edit: it stands only in the ladder of a state that can be edited")
    return Rung(at, tuple(effect(n, place, acts) for n in parts["does"].items()))
