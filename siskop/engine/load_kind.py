"""Record kinds: fields, facts, badges, reminders, what is public."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from siskop.engine import lists
from siskop.engine.conditions import Kind, Scope
from siskop.engine.definition import (
    Badge,
    BadgeCase,
    Choice,
    Condition,
    Cure,
    Field,
    Privacy,
    Public,
    RecordKind,
    Reminder,
    Sending,
)
from siskop.engine.fields.registry import IN_A_ROW, TYPES
from siskop.engine.reading import NEVER, Node, each, mapped, optional, worded
from siskop.engine.shorthand import Folder, Place, ladder, span

PRIVACY = ("public", "internal", "personal")
WITHOUT_ADDRESS = ("letter_and_task", "task", "nothing")
TONES = ("good", "warn", "bad", "none", "info")
RESERVED = frozenset(["today", "round", "touched", "checks", "corrections", "conflicts", "did", "parent", "last"])
_RESERVED = dict.fromkeys(RESERVED, "a reserved name")
_FIELD_KEYS = "label help example privacy search filter of required"
TODAY: Scope = {"today": Kind("date")}


def kind(node: Node, folder: Folder) -> RecordKind:
    parts = node.keys("facts badges reminders public search", "record label display fields")
    name = parts["record"].text()
    found = fields(parts["fields"], folder) if "fields" in parts else {}
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
        label=worded(parts.get("label")),
        title=optional(shown.get("title"), lambda n: _shown(n, found, "text"), ""),
        fields=found,
        area=optional(shown.get("area"), lambda n: _shown(n, found, "area"), None),
        key=optional(shown.get("key"), lambda n: n.one_of(found, "field"), None),
        facts=facts,
        badges=tuple(mapped(parts.get("badges"), lambda b, n: _badge(b, n, known, found)).values()),
        reminders=mapped(parts.get("reminders"), lambda r, n: _reminder(r, n, known, place)),
        public=optional(parts.get("public"), _public, None),
        abbreviations=abbreviations,
        lists={name: rows for name, rows in folder.lists.items() if name in used},
    )


def _one_namespace(node: Node | None, taken: Mapping[str, str]) -> None:
    for name in node.named() if node is not None else ():
        if name in taken:
            cast(Node, node).fail(f"“{name}” is already {taken[name]}: one name means one thing", None, (name,))


def _shown(node: Node, found: Mapping[str, Field], type_: str) -> str:
    name = node.one_of({n for n, f in found.items() if f.type == type_}, f"field of type {type_}")
    if name in found and found[name].privacy != "public":
        node.fail(f"“{name}” is shown to everybody, so its privacy must be public")
    return name


def _abbreviations(node: Node, folder: Folder) -> str:
    name = node.one_of(folder.lists, "list")
    lists.has_columns(f"lists/{name}.csv", folder.lists.get(name, ()), ("short", "long"), node.errors)
    return name


# -- fields


def fields(node: Node, folder: Folder) -> dict[str, Field]:
    _one_namespace(node, _RESERVED)
    return mapped(node, lambda name, n: field(name, n, folder), True)


def field(name: str, node: Node, folder: Folder, column: bool = False, privacy: Privacy = "personal") -> Field:
    told = node.value.get("type") if isinstance(node.value, dict) else None
    type_ = TYPES.get(told) if isinstance(told, str) else None
    own = {} if type_ is None else type_.params
    parts = node.keys(" ".join((_FIELD_KEYS, *own)), "type label")
    if "type" in parts:
        parts["type"].one_of(IN_A_ROW if column else TYPES, "type of field")
    if "required" in parts and not column:
        parts["required"].fail("A form says what is required; here it stands only for columns of a list", None)
    params = {key: _param(parts[key], check) for key, check in own.items() if key in parts}
    if column and "required" in parts:
        params["required"] = parts["required"].flag()
    if type_ is not None and ("of" in parts) != (type_.kind == "list"):
        node.fail("A list says its columns with “of”; no other type has them")
    return Field(
        name=name,
        type=type_.name if type_ else "text",
        label=worded(parts.get("label")),
        help=worded(parts.get("help")),
        example=optional(parts.get("example"), lambda n: str(n.value), None),
        privacy=cast(
            Privacy, optional(parts.get("privacy"), lambda n: n.one_of(PRIVACY, "privacy class"), str(privacy))
        ),
        params=params,
        search=optional(parts.get("search"), Node.flag, False),
        filter=optional(parts.get("filter"), Node.flag, False),
        choices=_choices(type_.kind, parts, node, folder) if type_ and "list" in own else (),
        of=mapped(None if column else parts.get("of"), lambda c, n: field(c, n, folder, column=True), True),
    )


def _param(node: Node, check: Any) -> Any:
    wanted = check(node.value)
    if wanted is not None:
        node.fail(f"Here stands {wanted}")
    return tuple(node.value) if isinstance(node.value, list) else node.value


def _choices(kind_: str, parts: Mapping[str, Node], node: Node, folder: Folder) -> tuple[Choice, ...]:
    if "list" not in parts:
        node.fail("“list” is missing: which file of lists/ holds the choices")
        return ()
    name = parts["list"].one_of(folder.lists, "list")
    rows, file = folder.lists.get(name, ()), f"lists/{name}.csv"
    wanted = ("code", "level", "name") if kind_ == "area" else ("code", *lists.LABELS)
    if not lists.has_columns(file, rows, wanted, node.errors):
        return ()
    if kind_ != "area":
        lists.labels_there(file, rows, node.errors)
    return lists.choices(rows)


def scope_of(found: Mapping[str, Field]) -> Scope:
    """The fields as names of conditions."""
    return {name: _kind_of(f) for name, f in found.items()}


def _kind_of(f: Field) -> Kind:
    codes = frozenset(choice.code for choice in f.choices) if f.type != "area" else frozenset()
    return Kind(TYPES[f.type].kind, {c.name: _kind_of(c) for c in f.of.values()}, codes)


def speakable(found: Mapping[str, Field], privacy: tuple[str, ...]) -> set[str]:
    """Fields that a sentence may name. A list never: it may have columns of another privacy."""
    return {name for name, f in found.items() if f.privacy in privacy and TYPES[f.type].kind not in ("list", "file")}


# -- badges, reminders, public


def _badge(name: str, node: Node, scope: Scope, found: Mapping[str, Field]) -> Badge:
    parts = node.keys("", "label cases")
    cases = each(parts.get("cases"), lambda n: _badge_case(n, scope, found))
    if cases and not any(case.unknown for case in cases):
        parts["cases"].fail("The case “unknown” is missing: an unknown stays unknown")
    if cases and not any(case.when is None and not case.unknown for case in cases):
        parts["cases"].fail("The case “else” is missing")
    return Badge(name, worded(parts.get("label")), cases)


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
    parts = node.keys("cured_by send", "label when cause ladder")
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
        label=worded(parts.get("label")),
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
    parts = node.keys("", "path api label")
    names = [optional(parts.get(key), Node.text, "") for key in ("path", "api")]
    for key, name in zip(("path", "api"), names, strict=True):
        if name and not name.replace("-", "").isalnum():
            parts[key].fail("Here stands the first part of an address: letters, digits and -")
    return Public(names[0], names[1], worded(parts.get("label")))
