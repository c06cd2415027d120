"""The fields of a record kind or a small form, and what conditions see of them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping
from typing import Any, cast

from siskop.engine import lists
from siskop.engine.conditions import Kind, Scope
from siskop.engine.definition import ChildOf, Choice, Field, Privacy
from siskop.engine.fields.field_type import FieldType
from siskop.engine.fields.registry import IN_A_ROW, TYPES, UNASKED, type_of
from siskop.engine.reading import IDENTIFIER, Node, each, labelled, mapped, optional, worded
from siskop.engine.shorthand import Folder

AREAS = ("code", "level", "name")
PRIVACY = ("public", "internal", "personal")
RESERVED = frozenset(["today", "round", "touched", "checks", "corrections", "conflicts", "did", "parent", "last"])
TAKEN = dict.fromkeys(RESERVED, "a reserved name")
_FIELD_KEYS = "label help example privacy search filter of required unique was value"
ONCE = frozenset({"text", "number", "date"})
"""Kinds of which a value can stand only once in the register."""
TODAY: Scope = {"today": Kind("date")}


def fields(node: Node, folder: Folder) -> dict[str, Field]:
    one_namespace(node, TAKEN)
    return mapped(node, lambda name, n: field(name, n, folder), True)


def one_namespace(node: Node | None, taken: Mapping[str, str]) -> None:
    for name in node.named() if node is not None else ():
        if name in taken:
            cast(Node, node).fail(f"“{name}” is already {taken[name]}: one name means one thing", None, (name,))


def field(
    name: str,
    node: Node,
    folder: Folder,
    among: Collection[str] = tuple(TYPES),
    *,
    column: bool = False,
    privacy: Privacy = "personal",
) -> Field:
    """`column`: of a list or of a small form, where “required” stands beside the type."""
    told = node.value.get("type") if isinstance(node.value, dict) else None
    type_ = TYPES.get(told) if isinstance(told, str) else None
    own = {} if type_ is None else type_.params
    known = own or ({key for one in TYPES.values() for key in one.params} if type_ is None else ())
    parts = node.keys(" ".join((_FIELD_KEYS, *known)), "type")
    if "type" in parts:
        parts["type"].one_of(among, "type of field")
    _fitting(node, parts, type_, column)
    params: dict[str, Any] = {key: _param(parts[key], check) for key, check in own.items() if key in parts}
    params |= {key: parts[key].flag() for key in ("required", "unique") if key in parts}
    if type_ is not None and "list" in own:
        params["list"] = _list(type_, parts, node, folder)
    if "to" in own:
        optional(parts.get("to"), lambda n: n.one_of(folder.kinds, "record kind"), "")
    found = Field(
        name=name,
        type=type_.name if type_ else "text",
        label=labelled(node, parts, name),
        help=worded(parts.get("help")),
        example=optional(parts.get("example"), lambda n: str(n.value), None),
        privacy=cast(Privacy, parts["privacy"].one_of(PRIVACY, "privacy class")) if "privacy" in parts else privacy,
        params={key: value for key, value in params.items() if value is not None},
        search=optional(parts.get("search"), Node.flag, False),
        filter=optional(parts.get("filter"), Node.flag, False),
        choices=_choices(type_, params["list"], node, folder) if type_ and params.get("list") else (),
        of=mapped(parts.get("of"), lambda c, n: _column(c, n, folder), True) if told == "list" else {},
        was=each(parts.get("was"), _old_name),
    )
    _former(parts.get("of"), found.of)
    _pattern(parts, found)
    return found


def _column(name: str, node: Node, folder: Folder) -> Field:
    return field(name, node, folder, IN_A_ROW, column=True)


def _fitting(node: Node, parts: Mapping[str, Node], type_: FieldType | None, column: bool) -> None:
    """Keys that belong to some types only."""
    if "required" in parts and not column:
        parts["required"].fail("A form says what is required; here it stands only for columns of a list", None)
    if type_ is None:
        return
    for key, owner in (("of", "list"), ("value", "computed")):
        if (key in parts) != (type_.name == owner):
            node.fail(f"“{key}” belongs to the type {owner}, which needs it; no other type has it")
    for key in ("as", "to"):
        if key in type_.params and key not in parts:
            node.fail(f"“{key}” is missing")
    if "unique" in parts and (column or type_.kind not in ONCE or type_.name in UNASKED):
        parts["unique"].fail("Only a text, a number or a date of the record itself can stand once in the register")
    least, most = (optional(parts.get(key), lambda n: n.value, None) for key in ("min", "max"))
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        parts["max"].fail(f"“max” ({most}) is smaller than “min” ({least})")


def _param(node: Node, check: Any) -> Any:
    wanted = check(node.value)
    if wanted is not None:
        node.fail(f"Here stands {wanted}")
        return None
    return tuple(node.value) if isinstance(node.value, list) else node.value


def _old_name(node: Node) -> str:
    name = node.text()
    if name and not IDENTIFIER.fullmatch(name):
        node.fail(f"“{name}” is no name of a field")
    return name


def _former(node: Node | None, found: Mapping[str, Field]) -> None:
    """An old name leads to one field, and is none of today's."""
    owners: dict[str, str] = {}
    for name, f in found.items() if node is not None else ():
        for was in f.was:
            if was in found or owners.setdefault(was, name) != name:
                other = "a field now" if was in found else f"the old name of “{owners[was]}” too"
                cast(Node, node).fail(f"“{was}” is {other}", None, (name, "was"))


def _pattern(parts: Mapping[str, Node], found: Field) -> None:
    shape = found.params.get("pattern")
    if shape and found.example is None:
        parts["pattern"].fail("A pattern needs an “example”: people read it where their text does not fit")
    elif shape and not re.fullmatch(shape, str(found.example)):
        parts["example"].fail("The example does not fit the pattern")


def _list(type_: FieldType, parts: Mapping[str, Node], node: Node, folder: Folder) -> str | None:
    """The list that is named; a folder that knows one list of areas need not say which."""
    if "list" in parts:
        return parts["list"].one_of(folder.lists, "list")
    areas = [name for name, rows in folder.lists.items() if rows and {*AREAS} <= {*rows[0]}]
    if type_.kind == "area" and len(areas) == 1:
        return areas[0]
    if type_.kind != "text":
        node.fail("“list” is missing: which file of lists/ holds the choices")
    return None


def _choices(type_: FieldType, name: str, node: Node, folder: Folder) -> tuple[Choice, ...]:
    rows, file = folder.lists.get(name, ()), f"lists/{name}.csv"
    wanted = AREAS if type_.kind == "area" else ("code", *lists.LABELS)
    if not lists.has_columns(file, rows, wanted, node.errors):
        return ()
    if type_.kind != "area":
        lists.labels_there(file, rows, node.errors)
    return lists.choices(rows)


def with_values(node: Node, found: dict[str, Field], around: Scope) -> dict[str, Field]:
    """The fields, those that are computed with their expression: over the others, and the computed ones above them."""
    _former(node, found)
    scope = {**TODAY, **around, **scope_of({name: f for name, f in found.items() if f.type != "computed"})}
    for name, f in found.items():
        told = node.value[name]
        if f.type == "computed" and "value" in told and "as" in f.params:
            value = node.below(name).below("value").condition(scope, type_of(f).kind_of(f))
            found[name] = dataclasses.replace(f, value=value)
            _keeps_quiet(node.below(name).below("value"), found, found[name])
            scope[name] = _kind_of(f)
    return found


def _keeps_quiet(node: Node, found: Mapping[str, Field], computed: Field) -> None:
    """What is worked out from something personal tells of it."""
    read = (name.removeprefix("last.").partition(".")[0] for name in (computed.value.names if computed.value else ()))
    personal = min((n for n in read if n in found and found[n].privacy == "personal"), default=None)
    if personal and computed.privacy != "personal":
        node.fail(f"“{personal}” is personal, so what is worked out from it must be personal too")


# -- what conditions see


def scope_of(found: Mapping[str, Field]) -> Scope:
    """The fields as names of conditions."""
    return {name: _kind_of(f) for name, f in found.items() if f.type != "explanation"}


def surroundings(found: Mapping[str, Field], child: ChildOf | None) -> Scope:
    """parent.x of a kind that belongs to another, and last.x: the period before, or what is registered now."""
    groups = {"last": found} | ({"parent": child.fields} if child else {})
    return {name: Kind("group", scope_of(members)) for name, members in groups.items()}


def _kind_of(f: Field) -> Kind:
    codes = frozenset(choice.code for choice in f.choices) if type_of(f).kind in ("choice", "choices") else frozenset()
    kind_ = type_of(f).kind_of(f)
    bounds = (f.params.get("min"), f.params.get("max")) if kind_ == "number" else (None, None)
    return Kind(kind_, scope_of(f.of), codes, *bounds)


def speakable(found: Mapping[str, Field], privacy: tuple[str, ...]) -> set[str]:
    """Fields that a sentence may name. A list never: it may have columns of another privacy."""
    silent = ("list", "file", "nothing")
    return {name for name, f in found.items() if f.privacy in privacy and type_of(f).kind not in silent}
