"""The sentences of a scenario: what may be said of whom, read strictly, and what each does to the case."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from siskop.engine.calendar import WIB
from siskop.engine.case import Command, Refusal
from siskop.engine.definition import Definition, Field, Library
from siskop.engine.expectations import LOOKS, VALUES, Look, compared, known_effects
from siskop.engine.fields.field_type import Bad, Context
from siskop.engine.fields.registry import type_of
from siskop.engine.guard import ANSWERABLE
from siskop.engine.reading import Node, optional, shown
from siskop.engine.rehearsal import MONDAY, WAITS, Person, Rehearsal, anything, raw_of
from siskop.engine.shorthand import span
from siskop.engine.votes import BALLOTS

Act = Callable[[Rehearsal], Refusal | None]
WORDS = ("reason", "comment", "note", "attachment")
_OF_STEPS = ("vote", "complete", "claim", "release", "recuse", "consult", "assign", "vacate", "override")
WORD: Mapping[str, Any] = {"id": 1, "digest": ""}


class Otherwise(Exception):
    """What is expected in this line of the file is not so."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence. `because`: it must be refused, with this code ("": any)."""

    line: int
    sentence: str
    act: Act  # raises Otherwise, and ValueError for what cannot be done at all
    because: str | None = None
    at_once: bool = False  # the system's checks do not come before it


@dataclass(slots=True)
class Scene:
    """What sentences may name: the workflow's parts (the last definition is the newest), people, answers."""

    library: Library
    definitions: list[Definition]
    people: dict[str, Person]
    answers: dict[str, Any]

    @property
    def definition(self) -> Definition:
        return self.definitions[-1]

    # -- people, values, days

    def read_people(self, node: Node) -> dict[str, Person]:
        named = node.declared()
        for name in named:
            self.people.setdefault(name, Person(len(self.people) + 1))
        return {name: self.person(self.people[name].id, part) for name, part in named.items()}

    def person(self, number: int, node: Node) -> Person:
        """One grant, relation or principal, or a list of them."""
        made = Person(number)
        for part in node.items():
            given = part.keys("role area relation deputy_of from until load")
            if "role" in given:
                area = str(given["area"].value) if "area" in given else ""
                made = replace(made, grants=(*made.grants, (given["role"].one_of(self.library.roles, "role"), area)))
            if "relation" in given:
                operator = given["relation"].one_of(("record_operator", "anyone"), "relation") == "record_operator"
                made = replace(made, operator=operator)
            if "deputy_of" in given:
                days = optional(given.get("from"), self.day, date.min), optional(given.get("until"), self.day, date.max)
                whom = given["deputy_of"].one_of(self.people, "person")
                made = replace(made, stands_in=(*made.stands_in, (whom, *days)))
            made = replace(made, load=optional(given.get("load"), Node.whole, made.load))
        return made

    def day(self, node: Node) -> date:
        return self.instant(node).date()

    def instant(self, node: Node) -> datetime:
        try:
            found = datetime.fromisoformat(str(node.value))
        except ValueError:
            node.fail(f"{shown(node.value)} is no day; write 2026-03-02, or “2026-03-02 10:00”")
            return MONDAY
        at = found.time() if ":" in str(node.value) else MONDAY.time()
        return datetime.combine(found.date(), at, WIB)

    def raws(self, node: Node | None, fields: Mapping[str, Field], what: str = "field") -> dict[str, Any]:
        """Answers as somebody types them."""
        told = node.named() if node is not None else {}
        return {n: self.raw(fields[n], part) for n, part in told.items() if part.is_called(n, fields, what)}

    def raw(self, field: Field, node: Node) -> Any:
        if field.of and isinstance(node.value, list):
            return [self.raws(row, field.of, "column") for row in node.items()]
        return raw_of(field, node.value)

    def values(self, node: Node | None, fields: Mapping[str, Field]) -> dict[str, Any]:
        """Values as the register holds them, told as somebody types them."""
        found: dict[str, Any] = {}
        for name, raw in self.raws(node, fields).items():
            field = fields[name]
            field = replace(field, type=field.params["as"]) if field.type == "computed" else field
            try:
                if not type_of(field).empty(raw):
                    found[name] = type_of(field).accept(field, raw, Context(MONDAY.date(), found=anything))
            except Bad as bad:
                assert node is not None
                node.fail(str(bad), name)
        return found

    # -- sentences

    def line(self, node: Node) -> Line:
        at = node.source.line(node.path)
        told = node.named() if isinstance(node.value, dict) else {str(node.value): replace(node, value=None)}
        if len(told) != 1 or not isinstance(node.value, dict | str):
            node.fail("A step is one sentence, like “siti does: submit”")
            return Line(at, "", _nothing)
        ((sentence, part),) = told.items()
        if sentence in ALONE:
            return Line(at, sentence, ALONE[sentence](self, part), at_once=sentence == "system checks")
        who, _, verb = sentence.partition(" ")
        if not part.is_called(who, self.people, "person"):
            return Line(at, sentence, _nothing)
        if verb == "cannot":
            return self.cannot(at, sentence, who, part)
        spoken = f"{sentence}: {part.value}" if isinstance(part.value, str | int) else sentence
        return Line(at, spoken, self.act(who, verb, part))

    def act(self, who: str, verb: str, node: Node) -> Act:
        known = node.is_called(verb, [*VERBS, "cannot"], "verb")
        return VERBS[verb](self, who, node) if known and verb in VERBS else _nothing

    def cannot(self, at: int, sentence: str, who: str, node: Node) -> Line:
        told = dict(node.value) if isinstance(node.value, dict) else {"do": node.value}
        because = str(told.pop("because", ""))
        inner = replace(node, value=told)
        verb = next((key for key in told if key in VERBS and "do" not in told), None)
        if verb is None:
            return Line(at, f"{sentence} {told.get('do')}", self.act(who, "does", inner), because)
        return Line(at, f"{sentence} {verb}", self.act(who, verb, inner.below(verb)), because)

    def expectations(self, node: Node) -> Iterator[tuple[int, str, Any]]:
        for what, part in node.keys(" ".join(LOOKS)).items():
            wanted = part.value
            if what in VALUES:
                wanted = {**dict.fromkeys(part.named()), **self.values(part, self.definition.kind.fields)}
            else:
                self.known(part, LOOKS[what])
            yield part.source.line(part.path), what, wanted

    def known(self, node: Node, look: Look) -> None:
        """Whether the names in what is expected exist. Mails alone may stand in a list too."""
        if look.keys is not None and (look.keys != "mail" or isinstance(node.value, dict)):
            for name, part in node.named().items():
                if part.is_called(name, self.names(look.keys), look.keys):
                    self.known(part, replace(look, keys=look.inner, inner=None))
        elif look.values is not None:
            for part in node.items():
                part.one_of(self.names(look.values), look.values)

    def names(self, what: str) -> Collection[str]:
        """The names that there are of a sort; `what` is also the word for it in errors."""
        steps = {name for d in self.definitions for name in d.steps}
        kind = self.definition.kind
        return {
            "state": {n for d in self.definitions for n in d.states},
            "side": {"submitter", "office", "nobody"},
            "step": steps,
            "person": {*self.people, "nobody"},
            "field": kind.fields,
            "action or step": steps | {n for d in self.definitions for n in d.actions},
            "action, step or act": self.acts(steps),
            "effect": {e for d in self.definitions for e in known_effects(d)},
            "mail": self.library.mails,
            "fact": kind.facts,
            "badge": {badge.name for badge in kind.badges},
        }[what]

    def acts(self, steps: set[str]) -> set[str]:
        """What may be offered: by its name, as “claim approval”, or only as “edit”."""
        actions, fields = {n for d in self.definitions for n in d.actions}, {*self.definition.form.fields}
        about = {"act": actions, **dict.fromkeys(_OF_STEPS, steps), "ask": fields, "resolve": fields}
        told = {f"{do} {name}" for do, names in about.items() for name in names}
        return steps | actions | told | {*about, "edit", "comment", "correction"}


def _nothing(stage: Rehearsal) -> None:
    return None


# ------------------------------------------------------------------ what people do

Verb = Callable[[Scene, str, Node], Act]


def _starts(scene: Scene, who: str, node: Node) -> Act:
    """`siti starts: {period: …}`: answers that the start settles."""
    fixed = scene.values(node, scene.definition.kind.fields)
    return lambda stage: stage.start(who, fixed)


def _fills(scene: Scene, who: str, node: Node) -> Act:
    """Without answers of its own: all that are given."""
    raws = scene.raws(node, scene.definition.form.fields) if node.value is not None else dict(scene.answers)
    return lambda stage: stage.fill(who, raws)


def _doing(do: str, key: str = "step") -> Verb:
    """What concerns a step or an action. Without `do` the name says which: an action, a vote, a task."""

    def parse(scene: Scene, who: str, node: Node) -> Act:
        inputs = " ".join((*WORDS, *_INPUTS, "form"))
        parts = node.keys(inputs, key) if isinstance(node.value, dict) else {key: node}
        sort = "step" if do else "action or step"
        name = parts[key].one_of(scene.names(sort), sort) if key in parts else ""
        words = {kind: WORD for kind in WORDS if kind in parts}
        args = {part: read(scene, parts[part]) for part, read in _INPUTS.items() if part in parts}
        raw = _small_form(scene, name, parts["form"]) if "form" in parts else None
        return lambda stage: stage.perform(who, Command(do or _way(stage, name), name, args, words), raw)

    return parse


_INPUTS: Mapping[str, Callable[[Scene, Node], Any]] = {
    "person": lambda scene, node: scene.people.get(node.one_of(scene.people, "person"), Person(0)).id,
    "ballot": lambda scene, node: node.one_of(BALLOTS, "ballot"),
    "seat": lambda scene, node: str(node.value),
    "due": lambda scene, node: node.whole(),
}


def _way(stage: Rehearsal, name: str) -> str:
    step = stage.state.steps.get(name)
    vote = "vote" if step is not None and step.votes is not None else "complete"
    return "act" if name in stage.definition.actions else vote


def _small_form(scene: Scene, name: str, node: Node) -> Mapping[str, Any]:
    asked = scene.definition.form_of(name)
    if asked is None:
        node.fail(f"“{name}” has no form")
    return scene.raws(node, asked.fields if asked is not None else {})


def _about(command: Callable[[Rehearsal, str, Any], Command]) -> Verb:
    """What concerns answers of the form: `{field: words}`, a field, or several."""

    def parse(scene: Scene, who: str, node: Node) -> Act:
        fields = scene.definition.form.fields
        told = node.named() if isinstance(node.value, dict) else {str(part.value): part for part in node.items()}
        about = [(name, part.value) for name, part in told.items() if part.is_called(name, fields, "field")]
        return lambda stage: next(filter(None, (stage.perform(who, command(stage, *one)) for one in about)), None)

    return parse


def _correction(status: str, **words: Mapping[str, Any]) -> Verb:
    """Of the field's newest one."""

    def command(stage: Rehearsal, field: str, said: Any) -> Command:
        number = max((n for n, c in stage.begun.corrections.items() if c.field == field), default=0)
        return Command("correction", str(number), {"status": status}, words)

    return _about(command)


def _says(code: str) -> Verb:
    return lambda scene, who, node: lambda stage: stage.perform(who, Command("comment", code, {}, {code: WORD}))


VERBS: Mapping[str, Verb] = {
    "starts": _starts,
    "fills": _fills,
    "confirms": lambda scene, who, node: lambda stage: stage.confirm(who),
    "looks": lambda scene, who, node: lambda stage: stage.look(who),
    "does": _doing("", "do"),
    **{f"{do}s": _doing(do) for do in _OF_STEPS},
    "asks": _about(lambda stage, field, said: Command("ask", field, {}, {"correction": WORD})),
    "answers": _correction("answered", answer=WORD),
    "reopens": _correction("open"),
    "cancels": _correction("cancelled"),
    "resolves": _about(lambda stage, field, side: Command("resolve", field, {"side": side})),
    "comments": _says("comment"),
    "notes": _says("note"),
}


# ------------------------------------------------------------------ what happens beside people


def _expect(scene: Scene, node: Node) -> Act:
    expected = tuple(scene.expectations(node))

    def compare(stage: Rehearsal) -> None:
        for line, what, wanted in expected:
            if (wrong := compared(stage, what, wanted)) is not None:
                raise Otherwise(line, wrong)
        stage.told_of = len(stage.said)

    return compare


def _checks(scene: Scene, node: Node) -> Act:
    known = scene.names("step")
    told = {
        name: part.one_of(ANSWERABLE | {WAITS}, "outcome")
        for name, part in node.named().items()
        if part.is_called(name, known, "step")
    }

    def tell(stage: Rehearsal) -> None:
        stage.told = {**{n: o for n, o in stage.told.items() if o != WAITS}, **told}

    return tell


def _passes(scene: Scene, node: Node) -> Act:
    days, working = span(node)
    return lambda stage: stage.advance(stage.after(days, working))


def _comes(awake: bool) -> Callable[[Scene, Node], Act]:
    def parse(scene: Scene, node: Node) -> Act:
        instant = scene.instant(node)
        return lambda stage: stage.advance(instant, awake=awake)

    return parse


def _record(scene: Scene, node: Node) -> Act:
    values = {**dict.fromkeys(node.named()), **scene.values(node, scene.definition.kind.fields)}
    return lambda stage: stage.change_record(values)


def _people(scene: Scene, node: Node) -> Act:
    changed = scene.read_people(node)
    return lambda stage: stage.people.update(changed)


def _migrates(scene: Scene, node: Node) -> Act:
    parts = node.keys("", "workflow to")
    name = parts["workflow"].one_of(scene.library.workflows, "workflow") if "workflow" in parts else ""
    newer = scene.library.workflows.get(name, scene.definition)
    scene.definitions.append(newer)
    state = parts["to"].one_of(newer.states, "state") if "to" in parts else ""
    return lambda stage: stage.migrate(newer, state)


ALONE: Mapping[str, Callable[[Scene, Node], Act]] = {
    "expect": _expect,
    "system checks": _checks,
    "system sleeps": _comes(False),
    "system migrates": _migrates,
    "record changes": _record,
    "people change": _people,
    "wait": _passes,
    "on": _comes(True),
}
