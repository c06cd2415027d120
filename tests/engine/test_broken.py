"""The kept corpus of broken files: each is said at its line, by the wrong name, with the right one where there is one.

Cases are edits of the shipped files. What is expected comes from the edit, never from the program's answer.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from siskop.engine.load import DefinitionErrors, load, read_folder
from siskop.engine.reading import DefinitionError

HERE = Path(__file__).parent / "broken"
Case = dict[str, str]


@cache
def shipped() -> dict[str, str]:
    return read_folder(Path(__file__).parents[2] / "workflows")


def cases() -> list[Case]:
    """Those whose text still stands in the files: an edit of a shipped file may make one void, not wrong."""
    told = [
        {**case, "of": file.stem}
        for file in sorted(HERE.glob("*.yaml"))
        for case in YAML(typ="safe").load(file.read_text("utf-8"))
    ]
    return [case for case in told if case["find"] in shipped().get(case["file"], "")]


def edited(case: Case) -> tuple[dict[str, str], set[int]]:
    """The files with the edit, and the lines on which the error may be said."""
    text = shipped()[case["file"]]
    as_lines = f"\n{text}".find(f"\n{case['find']}\n")
    start = as_lines if as_lines >= 0 else text.index(case["find"])
    changed = text[:start] + text[start:].replace(case["find"], case["put"], 1)
    first = changed.count("\n", 0, start) + 1
    return {**shipped(), case["file"]: changed}, _lines(case, changed.splitlines(), first)


def _lines(case: Case, lines: list[str], first: int) -> set[int]:
    at = case.get("at", "")
    if at == "around":
        return {_around(lines, first)}
    if at == "second":
        return {first + 1}
    if at == "near":  # what does not close is noticed where the next thing stands, at the latest
        return set(range(first, first + 4))
    if at:
        return {n for n, line in enumerate(lines, 1) if line.startswith(at)}
    within = case["put"].find(case["name"])
    return {first + case["put"].count("\n", 0, within) if within >= 0 else first}


def _around(lines: list[str], line: int) -> int:
    """The line of what holds this one: above it, and less indented."""

    def indent(text: str) -> int:
        return len(text) - len(text.lstrip())

    inner = indent(lines[line - 1])
    return next(n for n in range(line - 1, 0, -1) if lines[n - 1].strip() and indent(lines[n - 1]) < inner)


def said_of(case: Case) -> list[DefinitionError]:
    files, _ = edited(case)
    try:
        return list(load(files, thorough=case["of"] == "design").warnings)
    except DefinitionErrors as refused:
        return list(refused.errors)


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case['file']}-{case['name']}-{case['put'].strip()[:30]}")
def test_what_is_broken_is_said_where_it_stands(case: Case) -> None:
    _, lines = edited(case)
    said = said_of(case)
    here = [e for e in said if e.file == case["file"] and e.line in lines]
    assert here, f"lines {lines}: " + "\n".join(map(str, said))
    named = [e for e in here if case["name"] in e.message or case["name"] in e.path.split(".")]
    assert named, "\n".join(map(str, here))
    if "near" in case:
        assert case["near"] in {e.near for e in named}, "\n".join(map(str, named))


def test_the_corpus_is_large_enough() -> None:
    assert len(cases()) >= 200
