"""Record kinds: fields, facts, badges, reminders, what is public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from siskop.engine import lists, standing
from siskop.engine.conditions import Kind
from siskop.engine.definition import (
    PLACEHOLDER,
    Badge,
    BadgeCase,
    ChildOf,
    Condition,
    Cure,
    Field,
    Next,
    Periods,
    Public,
    RecordKind,
    Reminder,
    Rule,
    Sending,
)  # fmt: skip
from siskop.engine.fields.registry import UNASKED, type_of
from siskop.engine.load_fields import ONCE, TAKEN, fields, one_namespace, scope_of, speakable, surroundings, with_values
from siskop.engine.load_periods import group_of, periods
from siskop.engine.reading import NEVER, Node, each, labelled, mapped, optional
from siskop.engine.shorthand import Place, of_office, shaped, span

_AREA = "field of type area"


def kind(node: Node, folder: Place, kinds: Mapping[str, RecordKind]) -> RecordKind:
    """`kinds` are those known already, the parent's among them."""
    parts = node.keys(
        "label child_of periods facts rules warnings badges reminders public search", "record display fields"
    )
    name = parts["record"].name()
    found = fields(parts["fields"], folder) if "fields" in parts else {}
    child = optional(parts.get("child_of"), lambda n: _child_of(n, found, kinds), None)
    around = surroundings(found, child)
    if "fields" in parts:
        found = with_values(parts["fields"], found, around)
    asked = [n for n, f in found.items() if f.type not in UNASKED]
    scope = {**around, **scope_of(found)}
    names = {"field": found, "field that is asked": asked, _AREA: _of_type("area", found), "workflow": folder.starts}
    place = folder.naming(names, kind=name, fields=found, scope=scope)
    owed = mapped(parts.get("periods"), lambda p, n: periods(p, n, name, found, place), True)
    optional(parts.get("periods"), lambda n: one_namespace(n, dict.fromkeys(found, "a field") | TAKEN), None)
    scope |= {group: group_of(of) for group, of in owed.items()}
    place = replace(place, spoken=speakable(found, ("public",)) | standing.spoken(owed).keys())
    facts = _facts(parts["facts"], replace(place, scope=scope), owed) if "facts" in parts else {}
    knowing = replace(place, scope={**scope, **dict.fromkeys(facts, Kind("boolean"))}, acts="mail letter task")
    display = parts["display"].keys("area key phone", "title") if "display" in parts else {}
    abbreviations = optional(parts.get("search"), lambda n: _abbreviations(n, folder), None)
    used = {abbreviations} | {f.params.get("list") for top in found.values() for f in (top, *top.of.values())}
    rules, warnings = (mapped(parts.get(key), lambda r, n: _rule(r, n, place)) for key in ("rules", "warnings"))
    made = RecordKind(
        name=name,
        label=labelled(node, parts, name),
        title=optional(display.get("title"), lambda n: _title(n, found, child), ""),
        fields=found,
        area=optional(display.get("area"), lambda n: n.one_of(names[_AREA], _AREA), None),
        key=optional(display.get("key"), lambda n: n.one_of(found, "field"), None),
        facts=facts,
        badges=tuple(mapped(parts.get("badges"), lambda b, n: _badge(b, n, knowing)).values()),
        reminders=mapped(parts.get("reminders"), lambda r, n: _reminder(r, n, knowing)),
        public=optional(parts.get("public"), _public, None),
        phone=optional(display.get("phone"), lambda n: n.one_of(_of_type("phone", found), "field of type phone"), None),
        abbreviations=abbreviations,
        lists={name: rows for name, rows in folder.lists.items() if name in used},
        child_of=child,
        rules=tuple(rules.values()),
        warnings=tuple(warnings.values()),
        periods=owed,
    )
    for key, seen in (("area", made.area), *(("title", name) for name in made.title_fields())):
        if made.public and seen in found and found[seen].privacy != "public":
            node.fail(f"“{seen}” is shown to everybody, so its privacy must be public", "display", key)
    return made


def _facts(node: Node, place: Place, owed: Mapping[str, Periods]) -> dict[str, Condition]:
    """Each may read those above it."""
    one_namespace(node, dict.fromkeys(place.fields, "a field") | dict.fromkeys(owed, "a group of periods") | TAKEN)
    found: dict[str, Condition] = {}
    for name, part in node.declared(read=True).items():
        found[name] = part.condition({**place.scope, **dict.fromkeys(found, Kind("boolean"))})
    return found


def _of_type(type_: str, found: Mapping[str, Field]) -> set[str]:
    return {name for name, f in found.items() if f.type == type_}


def _title(node: Node, found: Mapping[str, Field], child: ChildOf | None) -> str:
    """A field, or a pattern over fields and {parent}."""
    if not isinstance(node.value, str) or "{" not in node.value:
        return node.one_of(_of_type("text", found), "field of type text")
    plain = {name for name, f in found.items() if type_of(f).kind not in ("list", "file", "nothing")}
    for name in PLACEHOLDER.findall(node.value):
        node.is_called(name, plain | ({"parent"} if child else set()), "field")
    return node.text()


def _abbreviations(node: Node, folder: Place) -> str | None:
    name = optional(node.keys("", "abbreviations").get("abbreviations"), lambda n: n.one_of(folder.lists, "list"), None)
    if name is None:
        return None
    lists.has_columns(f"lists/{name}.csv", folder.lists.get(name, ()), ("short", "long"), node.errors)
    return name


def _child_of(node: Node, found: Mapping[str, Field], kinds: Mapping[str, RecordKind]) -> ChildOf | None:
    parts = node.keys("period", "record")
    once = {name for name, f in found.items() if type_of(f).kind in (*ONCE, "choice")}
    period = optional(parts.get("period"), lambda n: n.one_of(once, "field of one value"), None)
    name = optional(parts.get("record"), lambda n: n.one_of(kinds, "other record kind"), "")
    return ChildOf(name, period, kinds[name].fields) if name in kinds else None


def _rule(name: str, node: Node, place: Place) -> Rule:
    rule = shaped(Rule, node, place, name=name)
    read = tuple(n for n in place.names["field that is asked"] if n in rule.holds.names)
    if rule.holds is not NEVER and not (rule.at or read):
        node.fail("“at” is missing: at which field the message stands")
    return replace(rule, at=rule.at or read)


# -- badges, reminders, public


def _badge(name: str, node: Node, place: Place) -> Badge:
    parts = {"cases": node} if isinstance(node.value, list) else node.keys("label", "cases")
    cases = each(parts.get("cases"), lambda n: _badge_case(n, place))
    if cases and not any(case.unknown for case in cases):
        parts["cases"].fail("The case “unknown” is missing: an unknown stays unknown")
    if cases and not any(case.when is None and not case.unknown for case in cases):
        parts["cases"].fail("The case “else” is missing")
    return Badge(name, labelled(node, parts, name), cases)


def _badge_case(node: Node, place: Place) -> BadgeCase:
    outer = node.named()
    special = next((key for key in ("else", "unknown") if key in outer), None)
    if special and len(outer) > 1:
        node.fail(f"“{special}” holds the whole case: {{{special}: {{label: …, tone: …}}}}")
    inner = outer[special] if special else node
    always: dict[str, Any] = {"when": None} if special else {}
    always["next"] = optional(inner.named().get("next"), lambda n: _next(n, place), None)
    always["unknown"] = special == "unknown"
    case = shaped(BadgeCase, inner, place, beside="next", needed="" if special else "when", **always)
    for key in ("label", "why"):
        if words := getattr(case, key):
            inner.below(key).placeholders(words, place.spoken)
    return case


def _next(node: Node, place: Place) -> Next:
    """What it starts is about such a record, or belongs to one."""
    way = shaped(Next, node, place, group=None)
    of = place.starts.get(way.start, place.kind)
    owed = place.kinds[place.kind].peek("periods")
    for name in owed if isinstance(owed, dict) else ():
        if place.kinds[place.kind].peek("periods", name, "of") == of:
            way = replace(way, group=name)
    if of != place.kind and (of not in place.kinds or place.kinds[of].peek("child_of", "record") != place.kind):
        node.fail(f"“{way.start}” is about “{of}”, which is neither “{place.kind}” nor a child of it", "start")
    return way


def _reminder(name: str, node: Node, place: Place) -> Reminder:
    parts = node.named()
    groups = {f"{group}.{name}" for group, kind in place.scope.items() for name in kind.members if kind.name == "group"}
    known = {name for name, kind in place.scope.items() if kind.name != "group"} - {"today"} | groups
    made = shaped(
        Reminder,
        node,
        place.naming({"field or fact": known}),
        beside="cured_by send anchor amnesty",
        name=name,
        anchor=optional(parts.get("anchor"), lambda n: n.condition(place.scope, "date"), None),
        amnesty=optional(parts.get("amnesty"), _day, None),
        cured_by=optional(parts.get("cured_by"), lambda n: _cure(n, place), None),
        send=optional(parts.get("send"), lambda n: _sending(n, place), Sending()),
    )
    for sort in (None, False, True):  # days; days and working days of a month; these are not compared with each other
        own = [r.at for r in made.ladder if (None if r.at.months is None else r.at.working) is sort]
        if (days := [(at.months or 0, at.days) for at in own]) != sorted(days):
            node.fail("The rungs of a reminder stand in the order of their days", "ladder")
    return made


def _day(node: Node) -> date | None:
    try:
        return date.fromisoformat(str(node.value))
    except ValueError:
        node.fail("Here stands a day: 2027-01-31")
        return None


def _cure(node: Node, place: Place) -> Cure:
    parts = node.keys("", "workflows in at_most")
    workflows = each(parts.get("workflows"), lambda n: n.one_of(place.states, "workflow"))
    states = {state for workflow in workflows for state in place.states.get(workflow, ())}
    within = each(parts.get("in"), lambda n: n.one_of(states, "state of these workflows"))
    days, _ = optional(parts.get("at_most"), span, (0, False))
    return Cure(workflows, within, timedelta(days=days))


def _sending(node: Node, place: Place) -> Sending:
    parts = node.named()
    nobody: dict[str, str] = {}
    start, _, end = (str(parts["hours"].value) if "hours" in parts else "08:00-16:00").partition("-")
    hours = [int(h[:-3]) for h in (start, end) if h.endswith(":00") and h[:-3].isdigit() and int(h[:-3]) <= 24]
    if len(hours) != 2 or hours[0] >= hours[1]:
        node.fail("Here stands from when to when in full hours: 08:00-16:00", "hours")
        hours = [8, 16]
    if "letter" in str(node.peek("without_address")) and not place.names["notice"]:
        node.fail("No letter carries a mail's words: letters/house.yaml has no “notice: <letter>”", "without_address")
    days = optional(parts.get("days"), lambda n: n.one_of(("working", "all"), "sort of days"), "working")
    return shaped(
        Sending,
        node,
        place,
        beside="days hours to",
        to=optional(parts.get("to"), lambda n: of_office(n, place), nobody),
        working_days=days == "working",
        from_hour=hours[0],
        until_hour=hours[1],
    )


def _public(node: Node) -> Public:
    parts = node.keys("label", "path api")
    path, api = (optional(parts.get(key), Node.text, "") for key in ("path", "api"))
    for key, name in (("path", path), ("api", api)):
        if name and not name.replace("-", "").isalnum():
            node.fail("Here stands the first part of an address: letters, digits and -", key)
    return Public(path, api, labelled(node, parts, path))
