"""Everything that is wrong in the files that somebody names, each told by the name that was given."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from siskop.engine import folder
from siskop.engine.load import load
from siskop.engine.reading import BY_PLACE, DefinitionError, DefinitionErrors

Found = tuple[dict[str, str], tuple[DefinitionError, ...]]
Look = Callable[[Path], Found]


def check(paths: Iterable[str]) -> list[DefinitionError]:
    """Errors and warnings. Of a folder all are told; of a file those in it and in what it needs to be understood."""
    found: dict[DefinitionError, None] = {}
    look = cache(_look)
    for given in paths:
        is_folder = os.path.isdir(given)  # noqa: PTH112  `Path.is_dir` raises for a name that is too long
        found |= dict.fromkeys(_of_folder(given, look) if is_folder else _of_file(given, look))
    return list(found)


def _look(path: Path) -> Found:
    """The texts of a folder, and what is wrong in them."""
    files, errors = folder.texts(path)
    try:
        found = load(files).warnings if files else ()
    except DefinitionErrors as refused:
        found = (*refused.errors, *refused.warnings)
    return files, tuple(sorted((*errors.found, *found), key=BY_PLACE))


def _of_folder(given: str, look: Look) -> list[DefinitionError]:
    faults = look(Path(given))[1]
    return [e if e.file == given else e.within(Path(given)) for e in faults]


def _of_file(given: str, look: Look) -> list[DefinitionError]:
    around, name = folder.place_of(Path(given))
    try:
        folder.text_of(Path(given))
        if not folder.is_definition(name):
            raise folder.Unreadable(f"This is no definition: {', '.join(folder.KINDS_OF_FILES)} of one folder are")
        files, faults = look(around)
        if folder.ROLES not in files:
            raise folder.Unreadable(f"Beside it stands no {folder.ROLES}; records/, lists/ and mails/ belong around it")
    except folder.Unreadable as why:
        return [DefinitionError(given, 1, "", str(why))]
    needed = folder.needed(name, files)
    about = (e for e in faults if e.file in needed)
    return [replace(e, file=given) if e.file == name else e.within(around) for e in about]
