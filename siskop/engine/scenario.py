"""Scenarios: what should happen to one submission, told day by day in YAML, and run on the engine alone.

A file holds several documents; one without `scenario` says what is given in all that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from siskop.engine.case import Refusal
from siskop.engine.definition import Library
from siskop.engine.expectations import story
from siskop.engine.folder import Unreadable, text_of
from siskop.engine.form import Problem
from siskop.engine.load import DefinitionErrors, read_folder, sound
from siskop.engine.reading import DefinitionError, Errors, Node, each, nodes_of
from siskop.engine.rehearsal import MONDAY, Rehearsal
from siskop.engine.sentences import Line, Otherwise, Scene

Libraries = dict[Path, tuple[Library, dict[str, DefinitionError]]]
"""As `load.sound` tells of each folder."""

GIVEN = "workflow folder people record parent last periods answers before today"


@dataclass(frozen=True, slots=True)
class Scenario:
    """Told in `file` from `line` on; `begin` sets the scene anew for each run."""

    file: str
    line: int
    name: str
    lines: tuple[Line, ...]
    begin: Callable[[], Rehearsal]


@dataclass(frozen=True, slots=True)
class Failure:
    """Where it went otherwise; `story` is what happened up to there."""

    file: str
    line: int
    scenario: str
    message: str
    story: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(
            [f"{self.file}:{self.line}: {self.scenario}: {self.message}", *(f"    {s}" for s in self.story)]
        )


def run(scenario: Scenario) -> Failure | None:
    """None: all happened as told."""
    stage = scenario.begin()
    for line in scenario.lines:
        at, wrong = _go(line, stage)
        if wrong is not None:
            return Failure(scenario.file, at, scenario.name, wrong, tuple(story(stage)))
    return None


def _go(line: Line, stage: Rehearsal) -> tuple[int, str | None]:
    """What went otherwise, and where that is told."""
    if stage.case is not None and not line.at_once:
        stage.run_checks()
    try:
        wrong = _unlike(line, line.act(stage), stage)
    except Otherwise as otherwise:
        return otherwise.line, str(otherwise)
    except ValueError as error:
        return line.line, f"“{line.sentence}”: {error}"
    return line.line, wrong and f"“{line.sentence}” {wrong}"


def _unlike(line: Line, refusal: Refusal | None, stage: Rehearsal) -> str | None:
    if refusal is None:
        return None if line.because is None else "was done, but should have been refused"
    if line.because is None:
        lacking = [_at(p) for p in stage.problems if refusal.code == "needs"]
        return " ".join([f"was refused because: {refusal.code}: {refusal.text % dict(refusal.params)}", *lacking])
    if line.because not in ("", refusal.code):
        return f"was refused because: {refusal.code}, not because: {line.because}"
    return None


def _at(problem: Problem) -> str:
    cell = "" if problem.row is None else f", row {problem.row + 1}, {problem.column}"
    return f"({problem.field}{cell}: {problem.text % dict(problem.params)})"


# ------------------------------------------------------------------ reading a file


def files_of(path: Path) -> list[Path]:
    """The scenario files of a folder; a file is its own."""
    return sorted(path.glob("*.yaml")) if path.is_dir() else [path]


def read_file(path: Path, libraries: Libraries) -> tuple[Scenario, ...]:
    """All scenarios of a file; `libraries` keeps the definitions of folders that were read. Raises DefinitionErrors.

    Definitions are those of the folder above a folder `tests`, else of the file's own; `folder:` names another.
    """
    errors = Errors()
    try:
        text = text_of(path)
    except Unreadable as why:
        errors.add(str(path), 1, str(why))
        text = ""
    errors.refuse()
    given: dict[str, Node] = {}
    found: list[Scenario] = []
    for node in nodes_of(str(path), text, errors):
        if isinstance(node.value, dict) and not node.has("scenario"):
            given = dict(node.keys(GIVEN))
            continue
        parts = {**given, **node.keys(GIVEN, "scenario steps")}
        scene = _scene(path, parts, node, given, libraries)
        if scene is not None:
            found.append(_told(scene, parts, node))
    if not found and not errors.all():
        errors.add(str(path), 1, "There is no scenario in this file")
    errors.refuse()
    return tuple(found)


def _scene(
    path: Path, parts: Mapping[str, Node], node: Node, given: Mapping[str, Node], libraries: Libraries
) -> Scene | None:
    folder = path.parent.parent if path.resolve().parent.name == "tests" else path.parent
    if "folder" in parts:
        folder = path.parent / parts["folder"].text()
    if "workflow" not in parts:
        node.fail("“workflow” is missing: which one this is about")
        return None
    named = parts["workflow"]
    try:
        library, wrong = libraries[folder] = libraries.get(folder) or sound(read_folder(folder))
    except DefinitionErrors as refused:
        named.fail(f"The definitions in {folder} are not right: {refused.errors[0]}")
        return None
    name = str(named.value)
    if name not in library.workflows and (error := wrong.get(name) or wrong.get("")):
        named.fail(f"The definitions in {folder} are not right: {error}")
    elif named.is_called(name, library.workflows, "workflow"):
        return _scene_of(library, name, given, parts)
    return None


def _scene_of(library: Library, name: str, given: Mapping[str, Node], parts: Mapping[str, Node]) -> Scene:
    scene = Scene(library, [library.workflows[name]], {}, {})
    for told in (given, parts):
        scene.people |= scene.read_people(told["people"]) if "people" in told else {}
        scene.answers |= scene.raws(told.get("answers"), scene.definition.form.fields)
    return scene


def _told(scene: Scene, parts: Mapping[str, Node], node: Node) -> Scenario:
    first, people, library = scene.definition, dict(scene.people), scene.library
    kind = first.kind
    record, last = (scene.values(parts.get(key), kind.fields) for key in ("record", "last"))
    above = library.kinds[kind.child_of.record].fields if kind.child_of is not None else {}
    parent = scene.values(parts.get("parent"), above)
    now = scene.instant(parts["today"]) if "today" in parts else MONDAY

    owed = parts["periods"].keys(" ".join(kind.periods)) if "periods" in parts else {}
    reported = {group: [year.whole() for year in told.items()] for group, told in owed.items()}

    def begin() -> Rehearsal:
        version = 1 if record else 0
        return Rehearsal(first, dict(people), now, library.calendar, record, version, parent, last or record, reported)

    name = parts["scenario"].text() if "scenario" in parts else ""
    lines = (*each(parts.get("before"), scene.line), *each(parts.get("steps"), scene.line))
    return Scenario(node.source.file, node.source.line(("scenario",)), name, lines, begin)
