"""Forms of a workflow: its pages over the kind's fields, and the small forms of steps."""

from __future__ import annotations

from collections.abc import Mapping

from siskop.engine.conditions import Scope
from siskop.engine.definition import Field, Form, Page, PageField
from siskop.engine.load_kind import TODAY, field, scope_of
from siskop.engine.reading import Node, optional, shown, worded
from siskop.engine.shorthand import Folder


def form(node: Node, fields: Mapping[str, Field]) -> Form:
    """A condition reads what was asked before it, so that no two questions wait for each other."""
    pages: list[Page] = []
    asked: dict[str, Field] = {}
    for name, part in node.declared().items():
        pages.append(_page(name, part, fields, asked))
    return Form(tuple(pages), asked)


def _page(name: str, node: Node, fields: Mapping[str, Field], asked: dict[str, Field]) -> Page:
    parts = node.keys("help show_if", "label fields")
    show_if = optional(parts.get("show_if"), lambda n: n.condition(_asked(asked)), None)
    found: list[PageField] = []
    for field_name, part in parts["fields"].named().items() if "fields" in parts else ():
        if field_name in asked:
            part.fail(f"“{field_name}” is asked twice")
        if field_name not in fields:
            Node(part.source, part.errors, field_name, part.path).one_of(fields, "field")
            continue
        found.append(_question(field_name, part, _asked(asked)))
        asked[field_name] = fields[field_name]
    label, help_ = worded(parts.get("label")), worded(parts.get("help"))
    return Page(name, label, tuple(found), help_, show_if)


def _asked(asked: Mapping[str, Field]) -> Scope:
    return {**TODAY, **scope_of(asked)}


def _question(name: str, node: Node, scope: Scope) -> PageField:
    if not isinstance(node.value, dict):
        if node.value not in ("required", "optional"):
            node.fail(f"Here stands required, optional, or {{show_if: …, required: …}}, not {shown(node.value)}")
        return PageField(name, required=node.value == "required")
    parts = node.keys("show_if required")
    needed = parts.get("required")
    always = needed is not None and needed.value is True
    return PageField(
        name=name,
        required=always,
        show_if=optional(parts.get("show_if"), lambda n: n.condition(scope), None),
        required_if=needed.condition(scope) if needed is not None and not isinstance(needed.value, bool) else None,
    )


def step_forms(node: Node | None, folder: Folder) -> dict[str, Form]:
    """Answers of a step's form stay in the office: internal, all required unless a field says otherwise."""
    found: dict[str, Form] = {}
    for name, part in node.declared().items() if node is not None else ():
        fields = {n: field(n, f, folder, column=True, privacy="internal") for n, f in part.declared().items()}
        questions = tuple(PageField(n, required=f.params.get("required", True) is True) for n, f in fields.items())
        found[name] = Form((Page(name, {}, questions),), fields)
    return found
