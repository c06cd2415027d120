"""From the files of one folder to a library of definitions, or to the list of everything that is wrong in them.

records/*.yaml and *.yaml hold record kinds and workflows (several documents a file); lists/*.csv choices, areas,
roles, holidays; mails/*.yaml what is written to people.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from siskop.engine import flaws, lint, lists
from siskop.engine.definition import Definition, Library, MailText, RecordKind, Words
from siskop.engine.folder import HOLIDAYS, ROLES, read_folder
from siskop.engine.hashes import hashes
from siskop.engine.load_fields import speakable
from siskop.engine.load_kind import kind
from siskop.engine.load_workflow import workflow
from siskop.engine.nearest import nearest
from siskop.engine.reading import DefinitionError, DefinitionErrors, Errors, Node, optional
from siskop.engine.shorthand import Folder
from siskop.engine.source import read

__all__ = ["PLACES", "DefinitionError", "DefinitionErrors", "load", "read_folder"]

PLACES = frozenset(["title", "number", "link", "name", "state", "due", "count", "reason"])
"""Placeholders of every mail, beside the record's own fields that are not personal."""

_TEXTS_OF_MAILS = ("subject", "body", "button", "why")


def load(files: Mapping[str, str], thorough: bool = True) -> Library:
    """Resolved and checked; texts by path as `read_folder` gives them. Raises DefinitionErrors with all errors.

    What was in force once is read again without being `thorough`: cases run by it, whatever a newer check would say.
    """
    errors = Errors(thorough)
    tables = {_stem(f): lists.rows(f, text, errors) for f, text in files.items() if _is(f, "lists", ".csv")}
    nodes = list(_nodes(files, errors))
    mails = {_stem(n.source.file): n for n in nodes if _is(n.source.file, "mails", ".yaml")}
    documents = [n for n in nodes if n.source.file.count("/") == 0 or n.source.file.startswith("records/")]
    if ROLES not in files:
        errors.add(ROLES, 1, (), "The file is missing: it says which roles there are")
        errors.refuse()  # every role would be unknown
    if HOLIDAYS not in files:
        errors.add(HOLIDAYS, 1, (), "The file is missing: only Saturdays and Sundays count as holidays", warning=True)
    folder = Folder(
        roles=lists.roles(ROLES, tables.get("roles", ()), errors),
        mails=frozenset(mails),
        lists=tables,
        states=_states(documents),
        kinds=frozenset(_parents(documents)),
    )
    kinds = _kinds(documents, folder)
    workflows = _workflows(documents, folder, kinds)
    library = Library(
        kinds=kinds,
        workflows=workflows,
        lists=tables,
        roles=folder.roles,
        mails={name: _mail(name, node, folder, kinds) for name, node in mails.items()},
        calendar=lists.calendar(HOLIDAYS, tables.get("holidays", ()), errors),
        digest=hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest(),
    )
    errors.refuse()
    return dataclasses.replace(library, warnings=errors.all(warning=True))


def _is(file: str, folder: str, ending: str) -> bool:
    return PurePosixPath(file).parent.as_posix() == folder and file.endswith(ending)


def _stem(file: str) -> str:
    return PurePosixPath(file).stem


def _nodes(files: Mapping[str, str], errors: Errors) -> Iterator[Node]:
    for file, text in files.items():
        if not file.endswith(".yaml"):
            continue
        sources, faults = read(file, text)
        for fault in faults:
            errors.add(file, fault.line, fault.path, fault.message)
        if not sources and not faults:
            errors.add(file, 1, (), "The file is empty")
        yield from (Node(source, errors, source.value) for source in sources)


def _states(documents: list[Node]) -> dict[str, frozenset[str]]:
    """The states of each workflow, looked at before anything is checked: reminders name them."""
    found: dict[str, frozenset[str]] = {}
    for node in documents:
        told = node.value if isinstance(node.value, dict) else {}
        name, states = told.get("workflow"), told.get("states")
        if isinstance(name, str):
            found[name] = frozenset(states) if isinstance(states, dict) else frozenset()
    return found


def _parents(documents: list[Node]) -> dict[str, str | None]:
    """The record kinds with the kind that each belongs to, looked at before anything is checked."""
    found: dict[str, str | None] = {}
    for node in documents:
        told = node.value if isinstance(node.value, dict) else {}
        above = told.get("child_of")
        parent = above.get("record") if isinstance(above, dict) else None
        if isinstance(told.get("record"), str) and "workflow" not in told:
            found[told["record"]] = parent if isinstance(parent, str) else None
    return found


def _kinds(documents: list[Node], folder: Folder) -> dict[str, RecordKind]:
    """By name, in the order of the files; made in the order in which they belong to each other."""
    nodes = [node for node in documents if not (isinstance(node.value, dict) and "workflow" in node.value)]
    parents, found = _parents(nodes), dict[str, RecordKind]()

    def depth(node: Node) -> int:
        name, steps = node.value.get("record") if isinstance(node.value, dict) else None, 0
        while isinstance(name, str) and (name := parents.get(name)) is not None and steps < len(parents):
            steps += 1
        return steps

    for node in sorted(nodes, key=depth):
        if not isinstance(node.value, dict) or "record" not in node.value:
            names = {near: key for key in node.named() if (near := nearest(key, ("record", "workflow"))) is not None}
            near, key = next(iter(names.items()), (None, ""))
            said = "A document begins with “record: name” (a record kind) or “workflow: name”"
            node.fail(f"{said}; “{key}” is neither" if key else said, near, (key,) if key else ())
            continue
        made = kind(node, folder, found)
        lint.kind(node, made)
        if made.name in found:
            node.fail(f"There are two record kinds “{made.name}”", None, ("record",))
        found[made.name] = made
    return {name: found[name] for name in parents if name in found}


def _workflows(documents: list[Node], folder: Folder, kinds: Mapping[str, RecordKind]) -> dict[str, Definition]:
    made: dict[str, tuple[Node, Definition]] = {}
    for node in documents:
        if isinstance(node.value, dict) and "workflow" in node.value:
            one = workflow(node, folder, kinds)
            if one is not None and one.name in made:
                node.fail(f"There are two workflows “{one.name}”", None, ("workflow",))
            if one is not None:
                made[one.name] = (node, one)
    for node, one in made.values():
        known = _known(one, [w for _, w in made.values()])
        lint.check(node, one, known)
        if node.errors.thorough and not node.errors.in_files(_homes(documents, node, one)):
            flaws.check(node, one, known)
    return {name: _hashed(one) for name, (_, one) in made.items()}


def _homes(documents: list[Node], node: Node, one: Definition) -> set[str]:
    """The files that a workflow is made of: its own and its record kind's."""
    kinds = (n for n in documents if isinstance(n.value, dict) and "workflow" not in n.value)
    return {node.source.file, *(n.source.file for n in kinds if n.value.get("record") == one.record)}


def _known(one: Definition, all_: list[Definition]) -> frozenset[str]:
    """Fields that are never empty once sent in: required here, or wherever a record that must exist was begun."""
    begin = [lint.certain(w.form) for w in all_ if w.record == one.record and w.start_record != "existing"]
    elsewhere = frozenset.intersection(*begin) if begin and one.start_record == "existing" else frozenset()
    return lint.never_empty(one, elsewhere)


def _hashed(one: Definition) -> Definition:
    behaviour, texts = hashes(one)
    return dataclasses.replace(one, behaviour=behaviour, texts=texts)


def _mail(name: str, node: Node, folder: Folder, kinds: Mapping[str, RecordKind]) -> MailText:
    parts = node.keys("obligatory", " ".join(_TEXTS_OF_MAILS))
    users = [kinds[k] for k in sorted(folder.mail_users.get(name, kinds)) if k in kinds]
    fields = [speakable(k.fields, ("public", "internal")) for k in users]
    allowed = PLACES | (set.intersection(*fields) if fields else set())
    texts: dict[str, Words] = {key: parts[key].words() if key in parts else {} for key in _TEXTS_OF_MAILS}
    for key, words in texts.items():
        if key in parts:
            parts[key].placeholders(words, allowed)
    return MailText(
        name=name,
        subject=texts["subject"],
        body=texts["body"],
        button=texts["button"],
        why=texts["why"],
        obligatory=optional(parts.get("obligatory"), Node.flag, True),
    )
