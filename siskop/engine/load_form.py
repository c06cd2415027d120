"""Forms of a workflow: its pages over the kind's fields, and the small forms of steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, cast

from siskop.engine.conditions import Scope
from siskop.engine.definition import Condition, Field, Form, Page, PageField, RecordKind
from siskop.engine.fields.registry import TYPES, UNASKED, type_of
from siskop.engine.load_fields import TODAY, field, scope_of, surroundings
from siskop.engine.reading import Node, labelled, optional, shown, worded
from siskop.engine.shorthand import Folder

COPY = ("keep", "ask", "clear")
PREFILL = ("record", "last", "account.name", "account.email")


def form(node: Node, kind: RecordKind) -> Form:
    """A condition reads what was asked before it, so that no two questions wait for each other."""
    pages: list[Page] = []
    asked: dict[str, Field] = {}
    around = {**TODAY, **surroundings(kind.fields, kind.child_of)}
    for name, part in node.declared().items():
        pages.append(_page(name, part, kind.fields, asked, around))
    rules, warnings = ([r for r in rules if asked.keys() & set(r.at)] for rules in (kind.rules, kind.warnings))
    conditions = [*_conditions(pages), *(rule.holds for rule in (*rules, *warnings))]
    computed = _computed(kind, asked, {name for condition in conditions for name in condition.names})
    read = {name for c in (*conditions, *(f.value for f in computed if f.value)) for name in c.names}
    return Form(tuple(pages), asked, tuple(rules), tuple(warnings), _beside(kind, asked, read), computed)


def _page(name: str, node: Node, fields: Mapping[str, Field], asked: dict[str, Field], around: Scope) -> Page:
    parts = node.keys("label help show_if", "fields")
    show_if = optional(parts.get("show_if"), lambda n: n.condition({**around, **scope_of(asked)}), None)
    found: list[PageField] = []
    for field_name, part in parts["fields"].named().items() if "fields" in parts else ():
        if field_name in asked:
            part.fail(f"“{field_name}” is asked twice")
        if field_name not in fields:
            Node(part.source, part.errors, field_name, part.path).one_of(fields, "field")
            continue
        found.append(_question(fields[field_name], part, {**around, **scope_of(asked)}))
        asked[field_name] = fields[field_name]
    return Page(name, labelled(node, parts, name), tuple(found), worded(parts.get("help")), show_if)


def _question(asked: Field, node: Node, scope: Scope) -> PageField:
    if not isinstance(node.value, dict):
        if node.value not in ("required", "optional"):
            node.fail(f"Here stands required, optional, or {{show_if: …, required: …}}, not {shown(node.value)}")
        if node.value == "required" and asked.type in UNASKED:
            node.fail(f"A field of type {asked.type} is not answered, so it cannot be required; write optional")
        return PageField(asked.name, required=node.value == "required")
    parts = node.keys("show_if required copy prefill")
    for key in ("required", "copy", "prefill") if asked.type in UNASKED else ():
        if key in parts:
            parts[key].fail(f"A field of type {asked.type} is not answered")
    needed = parts.get("required")
    copy = optional(parts.get("copy"), lambda n: n.one_of(COPY, "way to copy"), "keep")
    prefill = optional(parts.get("prefill"), lambda n: n.one_of(PREFILL, "source of answers"), None)
    if prefill in PREFILL[2:] and asked.type not in ("text", prefill[8:]):
        parts["prefill"].fail(f"“{prefill}” fills a text, not a field of type {asked.type}")
    return PageField(
        name=asked.name,
        required=needed is not None and needed.value is True,
        show_if=optional(parts.get("show_if"), lambda n: n.condition(scope), None),
        required_if=needed.condition(scope) if needed is not None and not isinstance(needed.value, bool) else None,
        copy=cast(Literal["keep", "ask", "clear"], copy),
        prefill=prefill,
    )


def _conditions(pages: list[Page]) -> Iterator[Condition]:
    for page in pages:
        for part in page.fields:
            yield from (c for c in (part.show_if, part.required_if) if c is not None)
        if page.show_if is not None:
            yield page.show_if


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


def step_forms(node: Node | None, folder: Folder) -> dict[str, Form]:
    """Answers of a step's form stay in the office: internal, all required unless a field says otherwise."""
    found: dict[str, Form] = {}
    among = TYPES.keys() - {"computed"}
    for name, part in node.declared().items() if node is not None else ():
        fields = {
            n: field(n, f, folder, among, column=True, privacy="internal") for n, f in part.declared(read=True).items()
        }
        questions = tuple(
            PageField(n, required=f.params.get("required", type_of(f).name != "explanation") is True)
            for n, f in fields.items()
        )
        found[name] = Form((Page(name, {}, questions),), fields)
    return found
