"""Letters and the house that writes them, from letters/*.yaml; and what words for people may name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from siskop.engine import standing
from siskop.engine.definition import House, LetterText, RecordKind, TaskText
from siskop.engine.load_fields import speakable
from siskop.engine.reading import Node
from siskop.engine.shorthand import Place, shaped, span

PLACES = frozenset(["title", "number", "link", "name", "state", "due", "count", "reason"])
"""Placeholders of every mail and letter, beside the record's own fields that are not personal."""
ABOVE = frozenset({"parent"})
"""In a letter also the title of what the record belongs to."""
NUMBER = re.compile(r"\{(code|seq|unit|month|roman_month|year|series)(?::0([1-9]))?\}")
_LAYOUT = re.compile(r"[a-z][a-z0-9_-]*")


def allowed(
    users: Iterable[str], kinds: Mapping[str, RecordKind], privacy: tuple[str, ...] = ("public", "internal")
) -> frozenset[str]:
    """What a text that goes out about records of these kinds may name."""
    of = [kinds[name] for name in sorted(users) if name in kinds]
    fields = [speakable(kind.fields, privacy) | standing.spoken(kind.periods).keys() for kind in of]
    return PLACES.union(set.intersection(*fields) if fields else ())


def task(name: str, node: Node, folder: Place, kinds: Mapping[str, RecordKind]) -> TaskText:
    parts = node.named()
    days, working = span(parts["due"]) if "due" in parts else (None, True)
    made = shaped(TaskText, node, folder, beside="due", name=name, due_days=days, due_working=working)
    places = allowed(folder.users.get(("task", name), kinds), kinds)
    for key in ("label", "body", "whatsapp"):
        if node.has(key):
            node.below(key).placeholders(getattr(made, key), places)
    return made


def house(node: Node | None, folder: Place) -> House:
    if node is None:
        return House()
    found = shaped(House, node, folder, needed="head city unit")
    for key in ("answer", "closing", "genuine"):
        if words := getattr(found, key):
            node.below(key).placeholders(words, {"link", "phone"})
    _number(node, found.number)
    return found


def letters(
    nodes: Mapping[str, Node], at_home: House, folder: Place, kinds: Mapping[str, RecordKind]
) -> dict[str, LetterText]:
    areas = {name for kind in kinds.values() for name, f in kind.fields.items() if f.type == "area"}
    place = folder.naming({"field of type area": areas, "relation or did.…": ()})
    found = {name: _letter(name, node, place, kinds) for name, node in nodes.items()}
    series: dict[str, str] = {}
    for name, one in found.items():
        same = (one.number or at_home.number).replace("{code}", one.code).replace("{series}", one.series)
        if series.setdefault(same, one.series) != one.series:
            nodes[name].fail(
                f"Its numbers would be those of the series “{series[same]}”: give it another code", "series"
            )
    return found


def _letter(name: str, node: Node, folder: Place, kinds: Mapping[str, RecordKind]) -> LetterText:
    made = shaped(LetterText, node, folder, name=name)
    reminding = {kind.name for kind in kinds.values() if kind.reminders} or set(kinds)
    users = folder.users.get(("letter", name), reminding)  # one that nobody names may carry a reminder's words
    places = allowed(users, kinds) | ABOVE
    for key in ("subject", "body", "to", "enclosure"):
        if words := getattr(made, key):
            node.below(key).placeholders(words, places)
    for key in ("basis", "copies"):
        for part, words in zip(node.below(key).items() if node.has(key) else (), getattr(made, key), strict=True):
            part.placeholders(words, places)
    if made.public:
        node.below("public").placeholders(made.public, _for_everybody(users, kinds))
    if made.number is not None:
        _number(node, made.number)
    if not _LAYOUT.fullmatch(made.layout):
        node.fail("Here stands the name of a file in templates/letters, without .typ", "layout")
    return made


def _for_everybody(users: Iterable[str], kinds: Mapping[str, RecordKind]) -> frozenset[str]:
    """Public fields; the title of what everybody can find."""
    seen = all(kinds[name].public for name in users if name in kinds)
    return allowed(users, kinds, ("public",)) - PLACES | ({"title"} if seen else set())


def _number(node: Node, pattern: str) -> None:
    """No two letters of a series and year may get one number."""
    at = ("number",) if node.has("number") else ()
    if set("{}") & set(NUMBER.sub("", pattern)):
        node.fail("Known in a number are {code} {seq} {seq:03} {unit} {series} {month} {roman_month} {year}", *at)
    for part in ("seq", "year"):
        if part not in (found[1] for found in NUMBER.finditer(pattern)):
            node.fail(f"A number without “{{{part}}}” would come twice", *at)
