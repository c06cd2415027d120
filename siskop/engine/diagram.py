"""A workflow as a picture: an SVG drawn here, and Mermaid's text for whoever has a tool for that.

One state a row, in the order in which a submission meets them, ends last. An action to the next row is the line between
the two; all others leave at the right, where each has a lane of its own, so that no line ever crosses a word.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape

from siskop.engine.definition import Action, Definition, Role, State, Who, Words

BOX, LABELS, LANE, MARGIN = 140, 190, 12, 8  # widths in px
LINE, GAP, STUB = 16, 26, 18  # heights in px
WIDE, NARROW, NOTE = 24, 16, 27  # characters in a line of text: of an action, of a state, in small print

NOTED = ' font-size="11" class="note"'
SAID: Mapping[str, Words] = {
    "submitter": {"id": "menunggu pengirim", "en": "waits for the submitter"},
    "office": {"id": "menunggu kantor", "en": "waits for the office"},
    "final": {"id": "selesai", "en": "the end"},
    "current": {"id": "sekarang di sini", "en": "now here"},
    "auto": {"id": "otomatis", "en": "by itself"},
    "ladder": {"id": "bila tenggat lewat", "en": "when time is up"},
    "anyone": {"id": "siapa saja", "en": "anyone"},
    "sender": {"id": "pengirim", "en": "the submitter"},
    "author": {"id": "penulis isian", "en": "whoever wrote it"},
    "record_operator": {"id": "yang mewakili data ini", "en": "whoever acts for the record"},
    "assignee": {"id": "yang ditugasi", "en": "whoever has the task"},
    "did": {"id": "yang sudah menanganinya", "en": "whoever handled it before"},
    "title": {"id": "Alur", "en": "Workflow"},
    "begins": {"id": "Mulai", "en": "Begins"},
}


@dataclass(frozen=True, slots=True)
class Edge:
    """All actions from one state to another: their labels, and who takes each."""

    source: str
    target: str
    acts: tuple[tuple[str, str], ...]


def svg(
    definition: Definition, language: str, current: str | None = None, roles: Mapping[str, Role] | None = None
) -> str:
    """An `<svg class="diagram">` to stand in a page: colours are the text's own, classes let a theme do more.

    Its natural size is in px; what holds it scrolls. `roles` give the roles' labels.
    """
    return _Drawing(definition, language, current, tuple(edges(definition, language, roles or {}))).drawn()


def mermaid(
    definition: Definition, language: str, current: str | None = None, roles: Mapping[str, Role] | None = None
) -> str:
    """The same as Mermaid's stateDiagram-v2."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{_plain(_word(s.label, s.name, language))}" as s_{s.name}' for s in _states(definition)]
    lines += [f"    [*] --> s_{definition.initial}"]
    for edge in edges(definition, language, roles or {}):
        lines += [f"    s_{edge.source} --> s_{edge.target}: {_plain(f'{act} ({who})')}" for act, who in edge.acts]
    lines += [f"    s_{state.name} --> [*]" for state in _states(definition) if state.final]
    lines += [f"    classDef current stroke-width:4px\n    class s_{current} current"] if current else []
    return "\n".join(lines) + "\n"


def edges(definition: Definition, language: str, roles: Mapping[str, Role]) -> Iterator[Edge]:
    """From each state in the order of the picture, to each other state in the order of the file."""
    for source in _states(definition):
        for target in definition.states:
            acts = [a for a in definition.actions.values() if source.name in a.from_ and a.to == target]
            if acts:
                named = ((_word(a.label, a.name, language), _taken_by(source, a, language, roles)) for a in acts)
                yield Edge(source.name, target, tuple(named))


def _states(definition: Definition) -> list[State]:
    """By how many actions lead there from the first; ends come last, as in the file."""
    depth = {definition.initial: 0}
    for name in (queue := [definition.initial]):
        for action in definition.actions.values():
            if name in action.from_ and action.to not in depth:
                depth[action.to] = depth[name] + 1
                queue.append(action.to)
    return sorted(definition.states.values(), key=lambda s: (s.final, not s.final and depth.get(s.name, len(depth))))


def _word(words: Words, name: str, language: str) -> str:
    return words.get(language) or words.get("id") or name


def _plain(text: str) -> str:
    """What Mermaid reads as text: its own signs as codes."""
    return re.sub(r'["#;:{}\[\]<>]', lambda sign: f"#{ord(sign[0])};", text)


def _taken_by(state: State, action: Action, language: str, roles: Mapping[str, Role]) -> str:
    steps = state.steps
    step = steps.get(action.step or "")
    if action.auto is not None:
        read = dict.fromkeys(name.partition(".")[0] for name in sorted(action.auto.names))
        awaited = ", ".join(_word(steps[name].label, name, language) for name in read if name in steps)
        by = [f"{SAID['auto'][language]}: {awaited}" if awaited else SAID["auto"][language]]
    else:
        who = step.who if step is not None else action.who
        by = [_who(who, language, roles)] if who is not None else []
    rungs = (rung for ladder in (state.ladder, *(step.ladder for step in steps.values())) for rung in ladder)
    if any(e.kind == "action" and e.args["action"] == action.name for rung in rungs for e in rung.does):
        by.append(SAID["ladder"][language])
    return ", ".join(by)


def _who(who: Who, language: str, roles: Mapping[str, Role]) -> str:
    role = roles[who.role].label.get(language) if who.role and who.role in roles else who.role
    if who.relation is None or who.relation == "anyone":
        return role or SAID["anyone"][language]
    relation = {"submitter": "sender"}.get(who.relation, who.relation.partition(".")[0])
    return ", ".join(filter(None, (role, SAID[relation][language])))


# ------------------------------------------------------------------ drawing


@dataclass(slots=True)
class _Drawing:
    definition: Definition
    language: str
    current: str | None
    edges: tuple[Edge, ...]
    parts: list[str] = field(default_factory=list)
    left: dict[int, int] = field(default_factory=dict)  # by the edge's number: the height at which it leaves
    enters: dict[int, int] = field(default_factory=dict)

    def drawn(self) -> str:
        states, y = _states(self.definition), MARGIN
        self.parts.append(_dot(MARGIN + BOX // 2, y))
        y += GAP
        for state, below in zip(states, [*states[1:], None], strict=True):
            y = self._row(state, y)
            between = self._next_row(state.name, below.name) if below is not None else None
            y = self._straight(between, y) if between is not None else y + GAP
        width = self._lanes() + MARGIN
        label = _word(self.definition.label, self.definition.name, self.language)
        title, key = f"{SAID['title'][self.language]}: {label}", f"diagram-{self.definition.name}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" role="img" width="{width}" height="{y}"'
            f' viewBox="0 0 {width} {y}" font-family="system-ui, sans-serif" font-size="13" fill="currentColor"'
            f' aria-labelledby="{key}-title {key}-desc"><title id="{key}-title">{escape(title)}</title>'
            f'<desc id="{key}-desc">{escape(self._told())}</desc>{"".join(self.parts)}</svg>'
        )

    def _told(self) -> str:
        """The picture in sentences."""
        names = {s.name: _word(s.label, s.name, self.language) for s in self.definition.states.values()}
        first = f"{SAID['begins'][self.language]}: {names[self.definition.initial]}."
        here = f" {names[self.current]}: {SAID['current'][self.language]}." if self.current in names else ""
        ways = (f" {names[e.source]} → {names[e.target]}: {act} ({who})." for e in self.edges for act, who in e.acts)
        return first + here + "".join(ways)

    def _next_row(self, upper: str, lower: str) -> Edge | None:
        return next((e for e in self.edges if (e.source, e.target) == (upper, lower)), None)

    def _is_straight(self, edge: Edge) -> bool:
        order = [s.name for s in _states(self.definition)]
        return order.index(edge.target) == order.index(edge.source) + 1

    def _row(self, state: State, top: int) -> int:
        """The state's box with places at its right for what enters and leaves; its lower edge."""
        mark = "current" if state.name == self.current else None
        notes = [SAID[key][self.language] for key in (mark, "final" if state.final else state.waits_for) if key]
        words = textwrap.wrap(_word(state.label, state.name, self.language), NARROW)
        y = top + STUB // 2
        lanes = [(n, e) for n, e in enumerate(self.edges) if not self._is_straight(e)]
        for n in (n for n, e in lanes if e.target == state.name):
            self.enters[n] = y
            y += STUB
        for n, edge in ((n, e) for n, e in lanes if e.source == state.name):
            y = self._label(edge, MARGIN + BOX + 8, y + 2)
            self.left[n] = y
            y += STUB // 2
        height = max(y - top, (len(words) + len(notes)) * LINE + 16)
        kinds = " ".join(filter(None, ("state", "final" if state.final else state.waits_for, mark)))
        self.parts.append(f'<g class="{kinds}">{_box(top, height, state.final, mark is not None)}')
        first = top + (height - (len(words) + len(notes)) * LINE) // 2 + 12
        for n, text in enumerate([*words, *notes]):
            bold = ' font-weight="600"' if n < len(words) else NOTED
            self.parts.append(_text(MARGIN + BOX // 2, first + n * LINE, text, f' text-anchor="middle"{bold}'))
        self.parts.append("</g>")
        return top + height

    def _straight(self, edge: Edge, top: int) -> int:
        x = MARGIN + BOX // 2
        bottom = self._label(edge, x + 10, top + 4) + 12
        self.parts.append(_line(f"M{x} {top}V{bottom}", f"M{x} {bottom}l-4 -8h8z"))
        return bottom

    def _label(self, edge: Edge, x: int, y: int) -> int:
        """Each action, who takes it, and where a lane leads; the height under the last line."""
        names = {s.name: _word(s.label, s.name, self.language) for s in self.definition.states.values()}
        leads = "" if self._is_straight(edge) else f" →\u00a0{names[edge.target]}"
        for act, who in edge.acts:
            notes = textwrap.wrap(f"{who}{leads}", NOTE)
            for text, look in [(line, "") for line in textwrap.wrap(act, WIDE)] + [(line, NOTED) for line in notes]:
                y += LINE - 2
                self.parts.append(_text(x, y, text, look))
        return y + 4

    def _lanes(self) -> int:
        """Short ways run inside, long ones outside; the right edge of all."""
        taken: list[list[tuple[int, int]]] = []
        start = MARGIN + BOX
        for n in sorted(self.left, key=lambda n: abs(self.left[n] - self.enters[n])):
            low, high = sorted((self.left[n], self.enters[n]))
            free = (k for k, lane in enumerate(taken) if all(high < a or b < low for a, b in lane))
            k = next(free, len(taken))
            taken += [[]] if k == len(taken) else []
            taken[k].append((low, high))
            x, y, end = start + LABELS + k * LANE, self.left[n], self.enters[n]
            self.parts.append(_line(f"M{start} {y}H{x}V{end}H{start}", f"M{start} {end}l8 -4v8z"))
        return start + LABELS + max(len(taken) - 1, 0) * LANE


def _box(top: int, height: int, final: bool, current: bool) -> str:
    """An end has a second line around it, the current state a thick one."""
    rect = '<rect x="{}" y="{}" width="{}" height="{}" rx="6" fill="none" stroke="currentColor"{}/>'
    outer = rect.format(MARGIN, top, BOX, height, ' stroke-width="3"' if current else "")
    return outer + (rect.format(MARGIN + 4, top + 4, BOX - 8, height - 8, "") if final else "")


def _dot(x: int, y: int) -> str:
    line = _line(f"M{x} {y}V{y + GAP}", f"M{x} {y + GAP}l-4 -8h8z")
    return f'<g class="initial"><circle cx="{x}" cy="{y}" r="5"/>{line}</g>'


def _line(way: str, head: str) -> str:
    return f'<path class="edge" fill="none" stroke="currentColor" d="{way}"/><path class="head" d="{head}"/>'


def _text(x: int, y: int, text: str, more: str) -> str:
    return f'<text x="{x}" y="{y}"{more}>{escape(text)}</text>'
