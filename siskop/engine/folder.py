"""The files of a folder of definitions, as texts; and one of them with all that it needs to be understood."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from siskop.engine.reading import Errors
from siskop.engine.source import LONGEST, read

ROLES, HOLIDAYS, HOUSE = "lists/roles.csv", "lists/holidays.csv", "letters/house.yaml"
KINDS_OF_FILES = ("records/*.yaml", "*.yaml", "lists/*.csv", "mails/*.yaml", "letters/*.yaml", "tasks/*.yaml")
_INNER = frozenset(kind.partition("/")[0] for kind in KINDS_OF_FILES if "/" in kind)
_BYTES = 4 * LONGEST


class Unreadable(Exception):
    """Why a file cannot be read, as a sentence."""


def read_folder(path: Path) -> dict[str, str]:
    """The texts of a folder's files by their path in it. Raises DefinitionErrors for what cannot be read."""
    files, errors = texts(path)
    errors.refuse()
    return files


def texts(folder: Path) -> tuple[dict[str, str], Errors]:
    """What can be read of a folder, and what cannot."""
    files: dict[str, str] = {}
    errors = Errors()
    for file in sorted(f for kind in KINDS_OF_FILES for f in folder.glob(kind)):
        name = file.relative_to(folder).as_posix()
        try:
            files[name] = text_of(file)
        except Unreadable as why:
            errors.add(name, 1, str(why))
    if not files and not errors.found:
        errors.add(str(folder), 1, f"No definitions here: {', '.join(KINDS_OF_FILES)}")
    return files, errors


def text_of(file: Path) -> str:
    """Raises Unreadable. Neither a pipe nor a device is opened, and nothing that is too long is read."""
    try:
        found = file.stat()
        if stat.S_ISDIR(found.st_mode):
            raise Unreadable("This is a folder, not a file")
        if not stat.S_ISREG(found.st_mode):
            raise Unreadable("This is no ordinary file")
        if found.st_size > _BYTES:
            raise Unreadable(f"The file is too long: {found.st_size:,} bytes; at most {_BYTES:,} are read")
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Unreadable("There is no such file") from None
    except UnicodeDecodeError as error:
        raise Unreadable(f"This is not text in UTF-8 (byte {error.start + 1}): save it as UTF-8") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise Unreadable(f"The file cannot be read: {why or error}") from None


def place_of(file: Path) -> tuple[Path, str]:
    """(folder, name in it) of a file; the folder as seen from where the file was named: “..” from within records/."""
    inner = file.absolute().parent.name
    if inner not in _INNER:
        return file.parent, file.name
    return file.parent.parent if file.parent.name else Path(".."), f"{inner}/{file.name}"


def is_definition(name: str) -> bool:
    return any(PurePath(name).match(kind) and name.count("/") == kind.count("/") for kind in KINDS_OF_FILES)


def needed(name: str, files: Mapping[str, str]) -> set[str]:
    """The files without which one cannot be understood: roles, and the kinds, lists and words that it names."""
    told = _told(files)
    homes = {d["record"]: file for file, documents in told.items() for d in documents if _is_kind(d)}
    found: set[str] = set()
    waiting = {name, ROLES, HOLIDAYS, HOUSE}
    while waiting:
        found |= waiting
        named = {pair for file in waiting for pair in _named(told.get(file))}
        waiting = {_FILE_OF[key].format(word) or homes.get(word, name) for key, word in named} - found
    return found


def homes(files: Mapping[str, str]) -> dict[str, str]:
    """The file of each workflow, as far as they can be read."""
    found = ((document, file) for file, documents in _told(files).items() for document in documents)
    return {str(document["workflow"]): file for document, file in found if "workflow" in document}


def _told(files: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """The documents of record kinds and workflows, by file."""
    spoken = ("mails/", "letters/", "tasks/")
    yaml = {file: text for file, text in files.items() if file.endswith(".yaml") and not file.startswith(spoken)}
    values = ((file, [source.value for source in read(file, text)[0]]) for file, text in yaml.items())
    return {file: [value for value in found if isinstance(value, dict)] for file, found in values}


_FILE_OF = {
    "mail": "mails/{}.yaml",
    "letter": "letters/{}.yaml",
    "task": "tasks/{}.yaml",
    "list": "lists/{}.csv",
    "deadlines": "lists/{}.csv",
    "abbreviations": "lists/{}.csv",
    "record": "",
    "to": "",
    "of": "",
}
"""By the keys that name something; a record kind stands in whatever file declares it."""


def _is_kind(document: dict[str, Any]) -> bool:
    return "workflow" not in document and isinstance(document.get("record"), str)


def _named(value: Any) -> Iterator[tuple[str, str]]:
    """(key, name) wherever a list, a mail or a record kind is named."""
    for key, part in value.items() if isinstance(value, dict) else ():
        if isinstance(part, str) and key in _FILE_OF:
            yield key, part
    if isinstance(value, dict | list):
        yield from (word for part in (value.values() if isinstance(value, dict) else value) for word in _named(part))
