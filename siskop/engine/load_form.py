"""Forms of a workflow: its pages over the kind's fields, and the small forms of steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from siskop.engine.definition import OUTCOMES, Field, Form, Page, PageField, RecordKind
from siskop.engine.fields.registry import TYPES, UNASKED, type_of
from siskop.engine.load_fields import field, scope_of, surroundings
from siskop.engine.reading import Node, mapped, shown
from siskop.engine.shorthand import Place, shaped


def form(node: Node, kind: RecordKind, place: Place) -> Form:
    """A condition reads what was asked before it, so that no two questions wait for each other."""
    asked: dict[str, Field] = {}
    beside = replace(place, fields=kind.fields, scope=surroundings(kind.fields, kind.child_of))
    pages = tuple(mapped(node, lambda name, n: _page(name, n, asked, beside)).values())
    rules, warnings = (tuple(r for r in rules if asked.keys() & set(r.at)) for rules in (kind.rules, kind.warnings))
    asking = [c for p in pages for c in (p.show_if, *(c for f in p.fields for c in (f.show_if, f.required_if))) if c]
    conditions = [*asking, *(rule.holds for rule in (*rules, *warnings))]
    computed = _computed(kind, asked, {name for condition in conditions for name in condition.names})
    read = {name for c in (*conditions, *(f.value for f in computed if f.value)) for name in c.names}
    return Form(pages, asked, rules, warnings, _beside(kind, asked, read), computed)


def _page(name: str, node: Node, asked: dict[str, Field], beside: Place) -> Page:
    def here() -> Place:
        return replace(beside, scope={**beside.scope, **scope_of(asked)})

    before, found = here(), list[PageField]()
    fields = node.named().get("fields")
    for field_name, part in fields.named().items() if fields is not None else ():
        if field_name in asked:
            part.fail(f"“{field_name}” is asked twice")
        if part.is_called(field_name, beside.fields, "field"):
            found.append(_question(beside.fields[field_name], part, here()))
            asked[field_name] = beside.fields[field_name]
    return shaped(Page, node, before, needed="fields", name=name, fields=tuple(found))


def _question(asked: Field, node: Node, place: Place) -> PageField:
    if not isinstance(node.value, dict):
        if node.value not in ("required", "optional"):
            node.fail(f"Here stands required, optional, or {{show_if: …, required: …}}, not {shown(node.value)}")
        if node.value == "required" and asked.type in UNASKED:
            node.fail(f"A field of type {asked.type} is not answered, so it cannot be required; write optional")
        return PageField(asked.name, required=node.value == "required")
    for key in ("required", "required_if", "copy", "prefill") if asked.type in UNASKED else ():
        if key in node.value:
            node.fail(f"A field of type {asked.type} is not answered", key)
    if node.has("required") and node.has("required_if"):
        node.fail("Say “required” or “required_if”, not both", "required_if")
    told, given = node.peek("required"), dict[str, Any]()
    if told is not None and not isinstance(told, bool):  # the short way to say it
        given = {"required_if": node.below("required").condition(place.scope)}
    found = shaped(PageField, node, place, "required", name=asked.name, required=told is True, **given)
    of_account = (found.prefill or "").partition(".")[2]
    if of_account and asked.type not in ("text", of_account):
        node.fail(f"“{found.prefill}” fills a text, not a field of type {asked.type}", "prefill")
    return found


def _computed(kind: RecordKind, asked: Mapping[str, Field], names: set[str]) -> tuple[Field, ...]:
    """The computed fields that are shown, or read, or that these rest on; a field rests on those above it."""
    needed = names | asked.keys()
    for f in reversed([*kind.fields.values()]):
        if f.value is not None and f.name in needed:
            needed |= f.value.names
    return tuple(f for f in kind.fields.values() if f.value is not None and f.name in needed)


def _beside(kind: RecordKind, asked: Mapping[str, Field], names: set[str]) -> dict[str, Field]:
    """The fields that are read but not asked here, by their dotted names in a fixed order."""
    groups = {"": kind.fields, "last": kind.fields, "parent": kind.child_of.fields if kind.child_of else {}}
    found = {}
    for dotted in sorted(names - asked.keys()):
        group, _, name = dotted.rpartition(".")
        f = groups.get(group, {}).get(name)
        if f is not None and (group or f.type != "computed"):
            found[dotted] = f
    return found


def step_form(name: str, node: Node, place: Place) -> Form:
    fields = mapped(node, lambda n, part: _answer(n, part, place), read_by_conditions=True)
    for taken in fields.keys() & {*OUTCOMES}:
        node.fail(f"“{taken}” is how a step ends: call the answer otherwise", taken)
    needed = {n: f.params.get("required", type_of(f).name != "explanation") is True for n, f in fields.items()}
    return Form((Page(name, {}, tuple(PageField(n, required=must) for n, must in needed.items())),), fields)


def _answer(name: str, node: Node, place: Place) -> Field:
    """It stays in the office: internal, and required, unless the file says otherwise."""
    found = field(name, node, place, TYPES.keys() - {"computed"}, column=True)
    return found if node.peek("privacy") else replace(found, privacy="internal")
