"""The fields of a record kind or a small form, and what conditions see of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from siskop.engine import lists
from siskop.engine.conditions import Kind, Scope
from siskop.engine.definition import ChildOf, Choice, Field
from siskop.engine.fields.field_type import FieldType, Param
from siskop.engine.fields.registry import IN_A_ROW, TYPES, UNASKED, type_of
from siskop.engine.reading import IDENTIFIER, Node, each, mapped
from siskop.engine.shorthand import Place, shaped

AREAS = ("code", "level", "name")
RESERVED = ("today", "round", "touched", "checks", "corrections", "conflicts", "did", "parent", "last")
TAKEN = dict.fromkeys(RESERVED, "a reserved name")
_KEYS = "example of required unique was value"
ONCE = frozenset({"text", "number", "date"})
"""Kinds of which a value can stand only once in the register."""


def fields(node: Node, place: Place) -> dict[str, Field]:
    one_namespace(node, TAKEN)
    return mapped(node, lambda name, n: field(name, n, place), True)


def one_namespace(node: Node, taken: Mapping[str, str]) -> None:
    for name in node.named().keys() & taken.keys():
        node.fail(f"“{name}” is already {taken[name]}: one name means one thing", name)


def field(name: str, node: Node, place: Place, among: Collection[str] = tuple(TYPES), *, column: bool = False) -> Field:
    """`column`: of a list or of a small form, where “required” stands beside the type."""
    parts = node.named()
    told = node.peek("type")
    type_ = TYPES.get(told) if isinstance(told, str) else None
    own = {} if type_ is None else type_.params
    known = own or ({key for one in TYPES.values() for key in one.params} if type_ is None else ())
    if "type" in parts:
        parts["type"].one_of(among, "type of field")
    _fitting(node, parts, type_, among, column)
    params = {key: _param(parts[key], check) for key, check in own.items() if key in parts}
    params |= {key: parts[key].flag() for key in ("required", "unique") if key in parts}
    if type_ is not None and "list" in own:
        params["list"] = _list(type_, parts, node, place)
    if "to" in own and "to" in parts:
        parts["to"].one_of(place.names["record kind"], "record kind")
    found = shaped(
        Field,
        node,
        place,
        beside=" ".join((_KEYS, *known)),
        needed="type",
        name=name,
        type=type_.name if type_ else "text",
        example=str(parts["example"].value) if "example" in parts else None,
        params={key: value for key, value in params.items() if value is not None},
        choices=_choices(type_, params["list"], node, place) if type_ and params.get("list") else (),
        of=mapped(parts.get("of") if told == "list" else None, lambda c, n: _column(c, n, place), True),
        was=each(parts.get("was"), _old_name),
        value=None,
    )
    if "of" in parts:
        _former(parts["of"], found.of)
    _pattern(parts, found)
    return found


def _column(name: str, node: Node, place: Place) -> Field:
    return field(name, node, place, IN_A_ROW, column=True)


def _fitting(
    node: Node, parts: Mapping[str, Node], type_: FieldType | None, among: Collection[str], column: bool
) -> None:
    """Keys that belong to some types only."""
    if "required" in parts and not column:
        parts["required"].fail("A form says what is required; here it stands only for columns of a list")
    if type_ is None or type_.name not in among:
        return
    for key, owner in (("of", "list"), ("value", "computed")):
        if (key in parts) != (type_.name == owner):
            node.fail(f"“{key}” belongs to the type {owner}, which needs it; no other type has it")
    for key in ("as", "to"):
        if key in type_.params and key not in parts:
            node.fail(f"“{key}” is missing")
    if "unique" in parts and (column or type_.kind not in ONCE or type_.name in UNASKED):
        parts["unique"].fail("Only a text, a number or a date of the record itself can stand once in the register")
    least, most = node.peek("min"), node.peek("max")
    numbers, days = (all(isinstance(x, sort) for x in (least, most)) for sort in (int | float, str))
    if (numbers or (days and "today" not in (least, most))) and least > most:
        parts["max"].fail(f"“max” ({most}) is smaller than “min” ({least})")


def _param(node: Node, check: Param) -> Any:
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


def _former(node: Node, found: Mapping[str, Field]) -> None:
    """An old name leads to one field, and is none of today's."""
    owners: dict[str, str] = {}
    for name, was in ((name, was) for name, f in found.items() for was in f.was):
        if was in found or owners.setdefault(was, name) != name:
            other = "a field now" if was in found else f"the old name of “{owners[was]}” too"
            node.fail(f"“{was}” is {other}", name, "was")


def _pattern(parts: Mapping[str, Node], found: Field) -> None:
    shape = found.params.get("pattern")
    if shape and found.example is None:
        parts["pattern"].fail("A pattern needs an “example”: people read it where their text does not fit")
    elif shape and not re.fullmatch(shape, str(found.example)):
        parts["example"].fail("The example does not fit the pattern")


def _list(type_: FieldType, parts: Mapping[str, Node], node: Node, place: Place) -> str | None:
    """The list that is named; a folder that knows one list of areas need not say which."""
    if "list" in parts:
        return parts["list"].one_of(place.lists, "list")
    areas = [name for name, rows in place.lists.items() if rows and {*AREAS} <= {*rows[0]}]
    if type_.kind == "area" and len(areas) == 1:
        return areas[0]
    if type_.kind != "text":
        node.fail("“list” is missing: which file of lists/ holds the choices")
    return None


def _choices(type_: FieldType, name: str, node: Node, place: Place) -> tuple[Choice, ...]:
    rows, file = place.lists.get(name, ()), f"lists/{name}.csv"
    wanted = AREAS if type_.kind == "area" else ("code", *lists.LABELS)
    if not lists.has_columns(file, rows, wanted, node.errors):
        return ()
    (lists.areas_told if type_.kind == "area" else lists.labels_there)(file, rows, node.errors)
    return lists.choices(rows)


def with_values(node: Node, found: dict[str, Field], around: Scope) -> dict[str, Field]:
    """The fields, those that are computed with their expression: over the others, and the computed ones above them."""
    _former(node, found)
    scope = {**around, **scope_of({name: f for name, f in found.items() if f.type != "computed"})}
    for name, f in found.items():
        if f.type == "computed" and "value" in node.value[name] and "as" in f.params:
            told = node.below(name).below("value")
            found[name] = replace(f, value=told.condition(scope, type_of(f).kind_of(f)))
            _keeps_quiet(told, found, found[name])
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
    """Today, parent.x of a kind that belongs to another, and last.x: the period before, or what is registered now."""
    groups = {"last": found} | ({"parent": child.fields} if child else {})
    return {"today": Kind("date")} | {name: Kind("group", scope_of(members)) for name, members in groups.items()}


def _kind_of(f: Field) -> Kind:
    codes = frozenset(choice.code for choice in f.choices) if type_of(f).kind in ("choice", "choices") else frozenset()
    kind_ = type_of(f).kind_of(f)
    bounds = (f.params.get(key) if kind_ == "number" else None for key in ("min", "max"))
    least, most = (bound if bound != "today" else None for bound in bounds)
    return Kind(kind_, scope_of(f.of), codes, least, most)


def speakable(found: Mapping[str, Field], privacy: tuple[str, ...]) -> set[str]:
    """Fields that a sentence may name. A list never: it may have columns of another privacy."""
    silent = ("list", "file", "nothing")
    return {name for name, f in found.items() if f.privacy in privacy and type_of(f).kind not in silent}
