"""A workflow as a picture: an SVG drawn here, and Mermaid's text for whoever has a tool for that.

One state a row, in the order in which a submission meets them, ends last. An action to the next row is the line between
the two; all others leave at the right, where each has a lane of its own, so that no line ever crosses a word.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from siskop.engine.definition import Action, Definition, Role, State, Who, Words

BOX, LABELS, LANE, MARGIN = 140, 190, 12, 8  # widths in px
LINE, GAP, STUB = 16, 26, 18  # heights in px
WIDE, NARROW, NOTE = 24, 16, 27  # characters in a line of text: of an action, of a state, in small print
MIDDLE, RIGHT = MARGIN + BOX // 2, MARGIN + BOX  # of a state's box

NOTED = ' font-size="11" class="note"'
SAID: Mapping[str, Words] = {
    "waits": {"id": "menunggu", "en": "waits for"},
    "office": {"id": "kantor", "en": "the office"},
    "final": {"id": "selesai", "en": "the end"},
    "current": {"id": "sekarang di sini", "en": "now here"},
    "auto": {"id": "otomatis", "en": "by itself"},
    "ladder": {"id": "bila tenggat lewat", "en": "when time is up"},
    "anyone": {"id": "siapa saja", "en": "anyone"},
    "submitter": {"id": "pengirim", "en": "the submitter"},
    "author": {"id": "penulis isian", "en": "whoever wrote it"},
    "record_operator": {"id": "yang mewakili data ini", "en": "whoever acts for the record"},
    "assignee": {"id": "yang ditugasi", "en": "whoever has the task"},
    "did": {"id": "yang sudah menanganinya", "en": "whoever handled it before"},
    "title": {"id": "Alur", "en": "Workflow"},
    "begins": {"id": "Mulai", "en": "Begins"},
}


@dataclass(frozen=True, slots=True)
class Edge:
    """All actions from one state to another: what each is called, and who takes it."""

    source: State
    target: State
    acts: tuple[tuple[str, str], ...]


def svg(
    definition: Definition, language: str, current: str | None = None, roles: Mapping[str, Role] | None = None
) -> str:
    """An `<svg class="diagram">` to stand in a page: colours are the text's own, classes let a theme do more.

    Its natural size is in px; what holds it scrolls. `roles` give the roles' labels.
    """
    drawing = _Drawing(definition, language, current, roles or {})
    height, width = drawing.rows(), drawing.lines() + MARGIN
    title, key = f"{SAID['title'][language]}: {definition.label[language]}", f"diagram-{definition.name}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" role="img" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" font-family="system-ui, sans-serif" font-size="13" fill="currentColor"'
        f' aria-labelledby="{key}-title {key}-desc"><title id="{key}-title">{escape(title)}</title>'
        f'<desc id="{key}-desc">{escape(drawing.told())}</desc>{"".join(drawing.parts)}</svg>'
    )


def mermaid(
    definition: Definition, language: str, current: str | None = None, roles: Mapping[str, Role] | None = None
) -> str:
    """The same as Mermaid's stateDiagram-v2."""
    states = _states(definition)
    lines = ["stateDiagram-v2", *(f'    state "{_plain(s.label[language])}" as s_{s.name}' for s in states)]
    lines += [f"    [*] --> s_{definition.initial}"]
    for edge in _edges(definition, language, roles or {}):
        way = f"    s_{edge.source.name} --> s_{edge.target.name}: "
        lines += [way + _plain(f"{act} ({who})") for act, who in edge.acts]
    lines += [f"    s_{state.name} --> [*]" for state in states if state.final]
    lines += [f"    classDef current stroke-width:4px\n    class s_{current} current"] if current else []
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """What Mermaid reads as text: its own signs as codes."""
    return re.sub(r'["#;:{}\[\]<>]', lambda sign: f"#{ord(sign[0])};", text)


def _states(definition: Definition) -> list[State]:
    """By how many actions lead there from the first; ends come last, as in the file."""
    depth = {definition.initial: 0}
    for name in (queue := [definition.initial]):
        for action in definition.actions.values():
            if name in action.from_ and action.to not in depth:
                depth[action.to] = depth[name] + 1
                queue.append(action.to)
    return sorted(definition.states.values(), key=lambda s: (s.final, not s.final and depth.get(s.name, len(depth))))


def _edges(definition: Definition, language: str, roles: Mapping[str, Role]) -> Iterator[Edge]:
    """From each state in the order of the picture, to each other state in the order of the file."""
    for source in _states(definition):
        for target in definition.states.values():
            acts = [a for a in definition.actions.values() if source.name in a.from_ and a.to == target.name]
            named = tuple((a.label[language], _taken_by(source, a, language, roles)) for a in acts)
            yield from [Edge(source, target, named)] if named else []


def _taken_by(state: State, action: Action, language: str, roles: Mapping[str, Role]) -> str:
    steps = state.steps
    step = steps.get(action.step or "")
    who = action.who if step is None else step.who
    by = [_who(who, language, roles)] if who is not None else []
    if action.auto is not None:
        read = dict.fromkeys(name.partition(".")[0] for name in sorted(action.auto.names))
        awaited = ", ".join(steps[name].label[language] for name in read if name in steps)
        by = [": ".join(filter(None, (SAID["auto"][language], awaited)))]
    if any(e.kind == "action" and e.args["action"] == action.name for e in state.rung_effects()):
        by.append(SAID["ladder"][language])
    return ", ".join(by)


def _who(who: Who, language: str, roles: Mapping[str, Role]) -> str:
    role = roles[who.role].label[language] if who.role and who.role in roles else who.role
    relation = SAID[(who.relation or "anyone").partition(".")[0]][language]
    return role or relation if who.relation in (None, "anyone") else ", ".join(filter(None, (role, relation)))


# ------------------------------------------------------------------ drawing


class _Drawing:
    """`rows` first, then `lines`: these run between the heights at which the rows let edges out and in."""

    def __init__(self, definition: Definition, language: str, current: str | None, roles: Mapping[str, Role]) -> None:
        self.language, self.current = language, current
        self.said = {key: words[language] for key, words in SAID.items()}
        self.states, self.edges = _states(definition), tuple(_edges(definition, language, roles))
        below = dict(zip(self.states, self.states[1:], strict=False))
        self.down = {edge.source: edge for edge in self.edges if below.get(edge.source) is edge.target}
        self.aside = [edge for edge in self.edges if self.down.get(edge.source) is not edge]
        self.parts: list[str] = []
        self.leaves: dict[Edge, int] = {}
        self.enters: dict[Edge, int] = {}

    def told(self) -> str:
        """The picture in sentences."""
        names = {s.name: s.label[self.language] for s in self.states}
        first = f"{self.said['begins']}: {next(iter(names.values()))}."
        here = f" {names[self.current]}: {self.said['current']}." if self.current in names else ""
        ways = (
            f" {edge.source.label[self.language]} → {edge.target.label[self.language]}: {act} ({who})."
            for edge in self.edges
            for act, who in edge.acts
        )
        return first + here + "".join(ways)

    def rows(self) -> int:
        """The height of all."""
        y = MARGIN + GAP
        self.parts.append(f'<g class="initial"><circle cx="{MIDDLE}" cy="{MARGIN}" r="5"/>{_down(MARGIN, y)}</g>')
        for state in self.states:
            y = self._row(state, y)
            edge = self.down.get(state)
            bottom = self._label(edge, MIDDLE + 10, y + 4) + 12 if edge is not None else y + GAP
            self.parts += [_down(y, bottom)] if edge is not None else []
            y = bottom
        return y

    def _row(self, state: State, top: int) -> int:
        """The state's box with places at its right for what enters and leaves; its lower edge."""
        y = top + STUB // 2
        for edge in (e for e in self.aside if e.target is state):
            self.enters[edge] = y
            y += STUB
        for edge in (e for e in self.aside if e.source is state):
            self.leaves[edge] = self._label(edge, RIGHT + 8, y + 2, f" →\u00a0{edge.target.label[self.language]}")
            y = self.leaves[edge] + STUB // 2
        side, here = "final" if state.final else state.waits_for or "", state.name == self.current
        kinds = " ".join(filter(None, ("state", side, "current" if here else "")))
        words = textwrap.wrap(state.label[self.language], NARROW)
        notes = [self.said["current"]] if here else []
        notes += [self.said["final"] if state.final else f"{self.said['waits']} {self.said[side]}"] if side else []
        tall = (len(words) + len(notes)) * LINE
        height = max(y - top, tall + 16)
        self.parts.append(f'<g class="{kinds}">{_box(top, height, state.final, here)}')
        looks = [' font-weight="600"'] * len(words) + [NOTED] * len(notes)
        for n, (text, look) in enumerate(zip([*words, *notes], looks, strict=True)):
            y = top + (height - tall) // 2 + 12 + n * LINE
            self.parts.append(_text(MIDDLE, y, text, f' text-anchor="middle"{look}'))
        self.parts.append("</g>")
        return top + height

    def _label(self, edge: Edge, x: int, y: int, leads: str = "") -> int:
        """Each action, who takes it, and where a lane leads; the height under the last line."""
        for act, who in edge.acts:
            lines = [(line, "") for line in textwrap.wrap(act, WIDE)]
            for line, look in [*lines, *((line, NOTED) for line in textwrap.wrap(f"{who}{leads}", NOTE))]:
                y += LINE - 2
                self.parts.append(_text(x, y, line, look))
        return y + 4

    def lines(self) -> int:
        """Short ways run inside, long ones outside; the right edge of all."""
        taken: list[list[tuple[int, int]]] = []
        for edge in sorted(self.aside, key=lambda e: abs(self.leaves[e] - self.enters[e])):
            y, end = self.leaves[edge], self.enters[edge]
            low, high = sorted((y, end))
            lane = next((k for k, ways in enumerate(taken) if all(high < a or b < low for a, b in ways)), len(taken))
            taken += [[]] if lane == len(taken) else []
            taken[lane].append((low, high))
            x = RIGHT + LABELS + lane * LANE
            self.parts.append(_line(f"M{RIGHT} {y}H{x}V{end}H{RIGHT}", f"M{RIGHT} {end}l8 -4v8z"))
        return RIGHT + LABELS + max(len(taken) - 1, 0) * LANE


def _box(top: int, height: int, final: bool, current: bool) -> str:
    """An end has a second line around it, the current state a thick one."""
    rect = '<rect x="{}" y="{}" width="{}" height="{}" rx="6" fill="none" stroke="currentColor"{}/>'
    outer = rect.format(MARGIN, top, BOX, height, ' stroke-width="3"' if current else "")
    return outer + (rect.format(MARGIN + 4, top + 4, BOX - 8, height - 8, "") if final else "")


def _down(top: int, bottom: int) -> str:
    return _line(f"M{MIDDLE} {top}V{bottom}", f"M{MIDDLE} {bottom}l-4 -8h8z")


def _line(way: str, head: str) -> str:
    return f'<path class="edge" fill="none" stroke="currentColor" d="{way}"/><path class="head" d="{head}"/>'


def _text(x: int, y: int, text: str, more: str) -> str:
    return f'<text x="{x}" y="{y}"{more}>{escape(text)}</text>'
