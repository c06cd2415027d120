"""Record kinds: fields, facts, badges, reminders, what is public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from siskop.engine import lists
from siskop.engine.conditions import Kind, Scope
from siskop.engine.definition import (
    PLACEHOLDER,
    Badge,
    BadgeCase,
    ChildOf,
    Condition,
    Cure,
    Field,
    Public,
    RecordKind,
    Reminder,
    Rule,
    Sending,
)  # fmt: skip
from siskop.engine.fields.registry import UNASKED, type_of
from siskop.engine.load_fields import (
    ONCE,
    TAKEN,
    TODAY,
    fields,
    one_namespace,
    scope_of,
    speakable,
    surroundings,
    with_values,
)
from siskop.engine.reading import NEVER, Node, each, labelled, mapped, optional, worded
from siskop.engine.shorthand import Folder, Place, ladder, span

WITHOUT_ADDRESS = ("letter_and_task", "task", "nothing")
TONES = ("good", "warn", "bad", "none", "info")


def kind(node: Node, folder: Folder, kinds: Mapping[str, RecordKind]) -> RecordKind:
    """`kinds` are those known already, the parent's among them."""
    parts = node.keys("label child_of facts rules warnings badges reminders public search", "record display fields")
    name = parts["record"].text()
    found = fields(parts["fields"], folder) if "fields" in parts else {}
    child = optional(parts.get("child_of"), lambda n: _child_of(n, found, kinds), None)
    around = surroundings(found, child)
    if "fields" in parts:
        found = with_values(parts["fields"], found, around)
    place = Place(folder, name, found)
    scope = {**TODAY, **scope_of(found), **around}
    one_namespace(parts.get("facts"), dict.fromkeys(found, "a field") | TAKEN)
    facts: dict[str, Condition] = {}
    known = dict(scope)
    for fact, n in parts["facts"].declared(read=True).items() if "facts" in parts else ():
        facts[fact] = n.condition(known)
        known[fact] = Kind("boolean")
    shown = parts["display"].keys("area key", "title") if "display" in parts else {}
    spelling = parts["search"].keys("", "abbreviations").get("abbreviations") if "search" in parts else None
    abbreviations = optional(spelling, lambda n: _abbreviations(n, folder), None)
    seen = _Seen(found, "public" in parts)
    used = {abbreviations} | {f.params.get("list") for top in found.values() for f in (top, *top.of.values())}
    return RecordKind(
        name=name,
        label=labelled(node, parts, name),
        title=optional(shown.get("title"), lambda n: _title(n, seen, child), ""),
        fields=found,
        area=optional(shown.get("area"), lambda n: _shown(n, seen, "area"), None),
        key=optional(shown.get("key"), lambda n: n.one_of(found, "field"), None),
        facts=facts,
        badges=tuple(mapped(parts.get("badges"), lambda b, n: _badge(b, n, known, found)).values()),
        reminders=mapped(parts.get("reminders"), lambda r, n: _reminder(r, n, known, place)),
        public=optional(parts.get("public"), _public, None),
        abbreviations=abbreviations,
        lists={name: rows for name, rows in folder.lists.items() if name in used},
        child_of=child,
        rules=_rules(parts.get("rules"), found, scope),
        warnings=_rules(parts.get("warnings"), found, scope),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """A kind's fields, and whether everybody sees what its records are called by."""

    fields: Mapping[str, Field]
    public: bool

    def check(self, node: Node, name: str) -> None:
        if self.public and name in self.fields and self.fields[name].privacy != "public":
            node.fail(f"“{name}” is shown to everybody, so its privacy must be public")


def _shown(node: Node, seen: _Seen, type_: str) -> str:
    name = node.one_of({n for n, f in seen.fields.items() if f.type == type_}, f"field of type {type_}")
    seen.check(node, name)
    return name


def _title(node: Node, seen: _Seen, child: ChildOf | None) -> str:
    """A field, or a pattern over fields and {parent}."""
    if not isinstance(node.value, str) or "{" not in node.value:
        return _shown(node, seen, "text")
    plain = {name for name, f in seen.fields.items() if type_of(f).kind not in ("list", "file", "nothing")}
    allowed = plain | ({"parent"} if child else set())
    for name in PLACEHOLDER.findall(node.value):
        Node(node.source, node.errors, name, node.path).one_of(allowed, "field")
        seen.check(node, name)
    return node.text()


def _abbreviations(node: Node, folder: Folder) -> str:
    name = node.one_of(folder.lists, "list")
    lists.has_columns(f"lists/{name}.csv", folder.lists.get(name, ()), ("short", "long"), node.errors)
    return name


def _child_of(node: Node, found: Mapping[str, Field], kinds: Mapping[str, RecordKind]) -> ChildOf | None:
    parts = node.keys("period", "record")
    once = {name for name, f in found.items() if type_of(f).kind in (*ONCE, "choice")}
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
