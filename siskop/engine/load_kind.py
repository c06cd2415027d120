"""Record kinds: fields, facts, badges, reminders, what is public."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, cast

from siskop.engine import lists
from siskop.engine.conditions import Kind, Scope
from siskop.engine.definition import (
    PLACEHOLDER,
    Badge,
    BadgeCase,
    ChildOf,
    Choice,
    Condition,
    Cure,
    Field,
    Privacy,
    Public,
    RecordKind,
    Reminder,
    Rule,
    Sending,
)
from siskop.engine.fields.field_type import FieldType
from siskop.engine.fields.registry import IN_A_ROW, TYPES, UNASKED, type_of
from siskop.engine.reading import IDENTIFIER, NEVER, Node, each, labelled, mapped, optional, worded
from siskop.engine.shorthand import Folder, Place, ladder, span

PRIVACY = ("public", "internal", "personal")
WITHOUT_ADDRESS = ("letter_and_task", "task", "nothing")
TONES = ("good", "warn", "bad", "none", "info")
RESERVED = frozenset(["today", "round", "touched", "checks", "corrections", "conflicts", "did", "parent", "last"])
_RESERVED = dict.fromkeys(RESERVED, "a reserved name")
_FIELD_KEYS = "label help example privacy search filter of required unique was value"
_ONCE = frozenset({"text", "number", "date"})
"""Kinds of which a value can stand only once in the register."""
TODAY: Scope = {"today": Kind("date")}


def kind(node: Node, folder: Folder, kinds: Mapping[str, RecordKind]) -> RecordKind:
    """`kinds` are those known already, the parent's among them."""
    parts = node.keys("label child_of facts rules warnings badges reminders public search", "record display fields")
    name = parts["record"].text()
    found = fields(parts["fields"], folder) if "fields" in parts else {}
    child = optional(parts.get("child_of"), lambda n: _child_of(n, found, kinds), None)
    around = surroundings(found, child)
    if "fields" in parts:
        found = _with_values(parts["fields"], found, around)
    place = Place(folder, name, found)
    scope = {**TODAY, **scope_of(found)}
    _one_namespace(parts.get("facts"), dict.fromkeys(found, "a field") | _RESERVED)
    facts: dict[str, Condition] = {}
    known = dict(scope)
    for fact, n in parts["facts"].declared(read=True).items() if "facts" in parts else ():
        facts[fact] = n.condition(known)
        known[fact] = Kind("boolean")
    shown = parts["display"].keys("area key", "title") if "display" in parts else {}
    spelling = parts["search"].keys("", "abbreviations").get("abbreviations") if "search" in parts else None
    abbreviations = optional(spelling, lambda n: _abbreviations(n, folder), None)
    used = {abbreviations} | {f.params.get("list") for top in found.values() for f in (top, *top.of.values())}
    return RecordKind(
        name=name,
        label=labelled(node, parts, name),
        title=optional(shown.get("title"), lambda n: _title(n, found, child), ""),
        fields=found,
        area=optional(shown.get("area"), lambda n: _shown(n, found, "area"), None),
        key=optional(shown.get("key"), lambda n: n.one_of(found, "field"), None),
        facts=facts,
        badges=tuple(mapped(parts.get("badges"), lambda b, n: _badge(b, n, known, found)).values()),
        reminders=mapped(parts.get("reminders"), lambda r, n: _reminder(r, n, known, place)),
        public=optional(parts.get("public"), _public, None),
        abbreviations=abbreviations,
        lists={name: rows for name, rows in folder.lists.items() if name in used},
        child_of=child,
        rules=_rules(parts.get("rules"), found, {**scope, **around}),
        warnings=_rules(parts.get("warnings"), found, {**scope, **around}),
    )


def _one_namespace(node: Node | None, taken: Mapping[str, str]) -> None:
    for name in node.named() if node is not None else ():
        if name in taken:
            cast(Node, node).fail(f"“{name}” is already {taken[name]}: one name means one thing", None, (name,))


def _shown(node: Node, found: Mapping[str, Field], type_: str) -> str:
    name = node.one_of({n for n, f in found.items() if f.type == type_}, f"field of type {type_}")
    _everybody(node, name, found)
    return name


def _everybody(node: Node, name: str, found: Mapping[str, Field]) -> None:
    if name in found and found[name].privacy != "public":
        node.fail(f"“{name}” is shown to everybody, so its privacy must be public")


def _title(node: Node, found: Mapping[str, Field], child: ChildOf | None) -> str:
    """A field, or a pattern over fields and {parent}."""
    if not isinstance(node.value, str) or "{" not in node.value:
        return _shown(node, found, "text")
    plain = {name for name, f in found.items() if type_of(f).kind not in ("list", "file", "nothing")}
    allowed = plain | ({"parent"} if child else set())
    for name in PLACEHOLDER.findall(node.value):
        Node(node.source, node.errors, name, node.path).one_of(allowed, "field")
        _everybody(node, name, found)
    return node.text()


def _abbreviations(node: Node, folder: Folder) -> str:
    name = node.one_of(folder.lists, "list")
    lists.has_columns(f"lists/{name}.csv", folder.lists.get(name, ()), ("short", "long"), node.errors)
    return name


def _child_of(node: Node, found: Mapping[str, Field], kinds: Mapping[str, RecordKind]) -> ChildOf | None:
    parts = node.keys("period", "record")
    once = {name for name, f in found.items() if type_of(f).kind in (*_ONCE, "choice")}
    period = optional(parts.get("period"), lambda n: n.one_of(once, "field of one value"), None)
    name = optional(parts.get("record"), lambda n: n.one_of(kinds, "other record kind"), "")
    return ChildOf(name, period, kinds[name].fields) if name in kinds else None


def _rules(node: Node | None, found: Mapping[str, Field], scope: Scope) -> tuple[Rule, ...]:
    return tuple(mapped(node, lambda name, n: _rule(name, n, found, scope)).values())


def _rule(name: str, node: Node, found: Mapping[str, Field], scope: Scope) -> Rule:
    parts = node.keys("at", "holds message")
    holds = parts["holds"].condition(scope) if "holds" in parts else NEVER
    asked = [n for n, f in found.items() if f.type not in UNASKED]
    at = each(parts.get("at"), lambda n: n.one_of(asked, "field that is asked"))
    read = tuple(n for n in asked if n in holds.names)
    if "holds" in parts and holds is not NEVER and not (at or read):
        node.fail("“at” is missing: at which field the message stands")
    return Rule(name, holds, worded(parts.get("message")), at or read)


# -- fields


def fields(node: Node, folder: Folder) -> dict[str, Field]:
    _one_namespace(node, _RESERVED)
    return mapped(node, lambda name, n: field(name, n, folder), True)


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
    parts = node.keys(" ".join((_FIELD_KEYS, *own)), "type")
    if "type" in parts:
        parts["type"].one_of(among, "type of field")
    _fitting(node, parts, type_, column)
    params: dict[str, Any] = {key: _param(parts[key], check) for key, check in own.items() if key in parts}
    params |= {key: parts[key].flag() for key in ("required", "unique") if key in parts}
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
        choices=_choices(type_.kind, parts, node, folder) if type_ and "list" in own else (),
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
    if "unique" in parts and (column or type_.kind not in _ONCE or type_.name in UNASKED):
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


def _choices(kind_: str, parts: Mapping[str, Node], node: Node, folder: Folder) -> tuple[Choice, ...]:
    wanted = ("code", "level", "name") if kind_ == "area" else ("code", *lists.LABELS)
    fitting = [name for name, rows in folder.lists.items() if kind_ == "area" and rows and {*wanted} <= {*rows[0]}]
    if "list" in parts:
        name = parts["list"].one_of(folder.lists, "list")
    elif len(fitting) == 1:  # a folder that knows one list of areas need not say which
        name = fitting[0]
    else:
        if kind_ != "text":
            node.fail("“list” is missing: which file of lists/ holds the choices")
        return ()
    rows, file = folder.lists.get(name, ()), f"lists/{name}.csv"
    if not lists.has_columns(file, rows, wanted, node.errors):
        return ()
    if kind_ != "area":
        lists.labels_there(file, rows, node.errors)
    return lists.choices(rows)


def _with_values(node: Node, found: dict[str, Field], around: Scope) -> dict[str, Field]:
    """The fields, those that are computed with their expression: over the others, and the computed ones above them."""
    _former(node, found)
    scope = {**TODAY, **around, **scope_of({name: f for name, f in found.items() if f.type != "computed"})}
    for name, f in found.items():
        told = node.named()[name].value
        if f.type == "computed" and "value" in told and "as" in f.params:
            value = node.below(name).below("value").condition(scope, type_of(f).kind_of(f))
            found[name] = dataclasses.replace(f, value=value)
            scope[name] = _kind_of(f)
    return found


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


# -- badges, reminders, public


def _badge(name: str, node: Node, scope: Scope, found: Mapping[str, Field]) -> Badge:
    parts = {"cases": node} if isinstance(node.value, list) else node.keys("label", "cases")
    cases = each(parts.get("cases"), lambda n: _badge_case(n, scope, found))
    if cases and not any(case.unknown for case in cases):
        parts["cases"].fail("The case “unknown” is missing: an unknown stays unknown")
    if cases and not any(case.when is None and not case.unknown for case in cases):
        parts["cases"].fail("The case “else” is missing")
    return Badge(name, labelled(node, parts, name), cases)


def _badge_case(node: Node, scope: Scope, found: Mapping[str, Field]) -> BadgeCase:
    outer = node.named()
    special = next((key for key in ("else", "unknown") if key in outer), None)
    inner = outer[special] if special else node
    if special and len(outer) > 1:
        node.fail(f"“{special}” holds the whole case: {{{special}: {{label: …, tone: …}}}}")
    parts = inner.keys("why", "label tone" if special else "label tone when")
    why = worded(parts.get("why"))
    if why:
        parts["why"].placeholders(why, speakable(found, ("public",)))
    return BadgeCase(
        label=worded(parts.get("label")),
        tone=optional(parts.get("tone"), lambda n: n.one_of(TONES, "tone"), "none"),
        when=optional(parts.get("when"), lambda n: n.condition(scope), None) if not special else None,
        why=why,
        unknown=special == "unknown",
    )


def _reminder(name: str, node: Node, scope: Scope, place: Place) -> Reminder:
    parts = node.keys("label cured_by send", "when cause ladder")
    rungs = ladder(parts.get("ladder"), place, "mail letter task")
    if "ladder" in parts and [r.at.days for r in rungs] != sorted(r.at.days for r in rungs):
        parts["ladder"].fail("The rungs of a reminder stand in the order of their days")
    return Reminder(
        name=name,
        when=parts["when"].condition(scope) if "when" in parts else NEVER,
        cause=each(parts.get("cause"), lambda n: n.one_of(place.fields, "field")),
        ladder=rungs,
        cured_by=optional(parts.get("cured_by"), lambda n: _cure(n, place.folder), None),
        send=optional(parts.get("send"), _sending, Sending()),
        label=labelled(node, parts, name),
    )


def _cure(node: Node, folder: Folder) -> Cure:
    parts = node.keys("", "workflows in at_most")
    workflows = each(parts.get("workflows"), lambda n: n.one_of(folder.states, "workflow"))
    states = {state for workflow in workflows for state in folder.states.get(workflow, ())}
    within = each(parts.get("in"), lambda n: n.one_of(states, "state of these workflows"))
    days, _ = optional(parts.get("at_most"), span, (0, False))
    return Cure(workflows, within, timedelta(days=days))


def _sending(node: Node) -> Sending:
    parts = node.keys("days hours without_address")
    start, _, end = str(parts["hours"].value).partition("-") if "hours" in parts else ("08:00", "", "16:00")
    hours = [int(h[:-3]) for h in (start, end) if h.endswith(":00") and h[:-3].isdigit() and int(h[:-3]) <= 24]
    if len(hours) != 2 or hours[0] >= hours[1]:
        parts["hours"].fail("Here stands from when to when in full hours: 08:00-16:00")
        hours = [8, 16]
    days = optional(parts.get("days"), lambda n: n.one_of(("working", "all"), "sort of days"), "working")
    without = optional(parts.get("without_address"), lambda n: n.one_of(WITHOUT_ADDRESS, "way"), None)
    return Sending(days == "working", hours[0], hours[1], without)


def _public(node: Node) -> Public:
    parts = node.keys("label", "path api")
    names = [optional(parts.get(key), Node.text, "") for key in ("path", "api")]
    for key, name in zip(("path", "api"), names, strict=True):
        if name and not name.replace("-", "").isalnum():
            parts[key].fail("Here stands the first part of an address: letters, digits and -")
    return Public(names[0], names[1], labelled(node, parts, names[0]))
