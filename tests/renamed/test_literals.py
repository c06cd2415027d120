"""No name of the shipped definitions stands in the code as a text, but where it is a word of the house itself."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from config import ROOT
from tests.renamed.renamer import Names, rename

SORTS = (
    "state",
    "role",
    "field",
    "mail",
    "task",
    "letter",
    "action",
    "step",
    "list",
    "workflow",
    "kind",
    "reminder",
    "badge",
    "page",
)
SEED = ("cli/seed.py", "cli/invented.py")
QUOTED = re.compile(r"""'([\w-]+)'|"([\w-]+)\"""")
OWN_WORDS = {
    "abbreviations": "a key of record kinds",
    "address": "of a mail",
    "whatsapp": "of a task",
    "back": "where a page about an error leads",
    "completeness": "a check",
    "cooperative": "a room of pages",
    "draft": "what a scenario expects of answers that were not sent",
    "dropped": "a mail that was no longer needed",
    "duplicates": "a check",
    "email": "an account's column, and a type of field",
    "head": "Alembic's newest revision",
    "kind": "a column of many tables",
    "kbli": "a type of field",
    "legal_number": "a type of field",
    "level": "of a line of the log, of an area",
    "months": "a function of conditions",
    "name": "a column of many tables",
    "nib": "a type of field",
    "nik": "a type of field",
    "nik_koperasi": "a type of field",
    "npwp": "a type of field",
    "people": "a word that a role may carry",
    "phone": "a type of field",
    "point": "a type of field",
    "publish": "an effect",
    "published": "a type of the register's log, and when that was",
    "post": "a form's method",
    "result": "of a mail, in the log of mails",
    "returned": "a mail that came back",
    "submit": "what a browser calls sending a form",
    "submitted": "an event",
    "unit": "a part of the number of a letter",
    "withdrawn": "a task that is no longer asked for",
}


def test_no_name_of_the_shipped_files_stands_in_the_code(tmp_path: Path) -> None:
    shipped = _shipped(rename(ROOT / "workflows", tmp_path))
    found: dict[str, list[str]] = defaultdict(list)
    for place, word in _words():
        if word in shipped and word not in OWN_WORDS:
            found[word].append(place)
    assert not found


def test_the_words_of_the_house_are_not_more_than_needed(tmp_path: Path) -> None:
    shipped, used = _shipped(rename(ROOT / "workflows", tmp_path)), {word for _place, word in _words()}
    assert not OWN_WORDS.keys() - (shipped & used)


def _shipped(names: Names) -> set[str]:
    return {name for sort in SORTS for name in names.of[sort]}


def _words() -> Iterator[tuple[str, str]]:
    """(place, word) of everything in code that could be a name: whole texts, and what is quoted inside them."""
    for path in sorted((ROOT / "siskop").rglob("*.py")):
        if not path.as_posix().endswith(SEED):
            yield from _of_python(path)
    templates = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]
    for path in sorted([*templates, *(ROOT / "siskop/web/static").glob("*.js")]):
        text = path.read_text("utf-8")
        parts = re.findall(r"\{[{%].*?[%}]\}", text, re.DOTALL) if path.suffix != ".js" else [text]
        yield from ((str(path), word) for part in parts for word in _quoted(part))


def _of_python(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            place = f"{path}:{node.lineno}"
            yield place, node.value
            yield from ((place, word) for word in _quoted(node.value))


def _quoted(text: str) -> Iterator[str]:
    return ("".join(found) for found in QUOTED.findall(text))
