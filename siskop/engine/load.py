"""From the files of one folder to a library of definitions, or to the list of everything that is wrong in them.

records/*.yaml and *.yaml hold record kinds and workflows (several documents a file); lists/*.csv choices, areas,
roles, holidays; mails/*.yaml what is written to people, letters/*.yaml what is printed, tasks/*.yaml what officers do.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from siskop.engine import flaws, lint, lists, load_letters
from siskop.engine.definition import Definition, Library, MailText, RecordKind
from siskop.engine.folder import HOLIDAYS, HOUSE, ROLES, homes, needed, read_folder
from siskop.engine.hashes import hashes
from siskop.engine.load_kind import kind
from siskop.engine.load_letters import PLACES, allowed
from siskop.engine.load_workflow import workflow
from siskop.engine.nearest import nearest
from siskop.engine.reading import DefinitionError, DefinitionErrors, Errors, Node, nodes_of
from siskop.engine.shorthand import Place, shaped

__all__ = ["PLACES", "DefinitionError", "DefinitionErrors", "load", "read_folder"]


def load(files: Mapping[str, str], thorough: bool = True) -> Library:
    """Resolved and checked; texts by path as `read_folder` gives them. Raises DefinitionErrors with all errors.

    What was in force once is read again without being `thorough`: cases run by it, whatever a newer check would say.
    """
    errors = Errors(thorough)
    library = _compiled(files, errors)
    errors.refuse()
    return dataclasses.replace(library, warnings=errors.all(warning=True))


def sound(files: Mapping[str, str]) -> tuple[Library, dict[str, DefinitionError]]:
    """What is right in a folder: its library without the workflows in which, or in what they need, there is an error.

    Beside it the first error of each of these, and of all under "". Raises DefinitionErrors if nothing can be read.
    """
    errors = Errors(thorough=False)
    library = _compiled(files, errors)
    wrong = {"": errors.all()[0]} if errors.all() else {}
    for name, file in homes(files).items() if wrong else ():
        around = needed(file, files)
        if (first := next((error for error in errors.all() if error.file in around), None)) is not None:
            wrong[name] = first
    return dataclasses.replace(library, workflows={n: w for n, w in library.workflows.items() if n not in wrong}), wrong


def _compiled(files: Mapping[str, str], errors: Errors) -> Library:
    tables = {_stem(f): lists.rows(f, text, errors) for f, text in files.items() if _is(f, "lists", ".csv")}
    nodes = [node for f, text in files.items() if f.endswith(".yaml") for node in nodes_of(f, text, errors)]
    mails, letters, tasks = (
        {_stem(n.source.file): n for n in nodes if _is(n.source.file, sort, ".yaml")}
        for sort in ("mails", "letters", "tasks")
    )
    house = letters.pop(_stem(HOUSE), None)
    documents = [n for n in nodes if n.source.file.count("/") == 0 or n.source.file.startswith("records/")]
    if ROLES not in files:
        errors.add(ROLES, 1, "The file is missing: it says which roles there are")
        errors.refuse()  # every role would be unknown
    if HOLIDAYS not in files:
        errors.add(HOLIDAYS, 1, "The file is missing: only Saturdays and Sundays count as holidays", warning=True)
    roles = lists.roles(ROLES, tables.get("roles", ()), errors)
    # What the files name is looked at before anything is read: reminders name the states of workflows.
    named = {n.peek("workflow"): n.peek("states") for n in documents if isinstance(n.peek("workflow"), str)}
    states = {name: frozenset(told if isinstance(told, dict) else ()) for name, told in named.items()}
    kind_nodes = [n for n in documents if not n.has("workflow")]
    kinds_told = {n.peek("record"): n for n in kind_nodes if isinstance(n.peek("record"), str)}
    starts = {n.peek("workflow"): str(n.peek("record")) for n in documents if isinstance(n.peek("workflow"), str)}
    named_here: dict[str, Collection[str]] = {
        "role": roles,
        "mail": mails,
        "letter": letters,
        "task": tasks,
        "record kind": kinds_told,
    }
    folder = Place(named_here, tables, states, kinds=kinds_told, starts=starts)
    at_home = load_letters.house(house, folder)
    folder = folder.naming({"notice": [at_home.notice] if at_home.notice else []})
    kinds = _kinds(kind_nodes, folder)
    workflows = _workflows(documents, folder, kinds)
    return Library(
        kinds=kinds,
        workflows=workflows,
        lists=tables,
        roles=roles,
        mails={name: _mail(name, node, folder, kinds) for name, node in mails.items()},
        letters=load_letters.letters(letters, at_home, folder, kinds),
        tasks={name: load_letters.task(name, node, folder, kinds) for name, node in tasks.items()},
        house=at_home,
        calendar=lists.calendar(HOLIDAYS, tables.get("holidays", ()), errors),
        digest=hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest(),
    )


def _is(file: str, folder: str, ending: str) -> bool:
    return PurePosixPath(file).parent.as_posix() == folder and file.endswith(ending)


def _stem(file: str) -> str:
    return PurePosixPath(file).stem


def _kinds(nodes: list[Node], folder: Place) -> dict[str, RecordKind]:
    """By name, in the order of the files; made in the order in which they belong to each other."""
    parents = {name: n.peek("child_of", "record") for n in nodes if isinstance(name := n.peek("record"), str)}
    found: dict[str, RecordKind] = {}
    homes: dict[str, Node] = {}

    def depth(node: Node) -> int:
        name, steps = node.peek("child_of", "record"), 0
        while isinstance(name, str) and steps <= len(parents):
            name, steps = parents.get(name), steps + 1
        return steps

    for node in sorted(nodes, key=depth):
        if not node.has("record"):
            names = {near: key for key in node.named() if (near := nearest(key, ("record", "workflow"))) is not None}
            near, key = next(iter(names.items()), (None, ""))
            said = "A document begins with “record: name” (a record kind) or “workflow: name”"
            node.fail(f"{said}; “{key}” is neither" if key else said, *[key] if key else (), near=near)
            continue
        made = kind(node, folder, found)
        lint.kind(node, made)
        first = homes.setdefault(made.name, node)
        if first is not node:
            node.fail(f"There are two record kinds “{made.name}”: the other is in {first.place()}", "record")
        found[made.name] = made
    return {name: found[name] for name in parents if name in found}


def _workflows(documents: list[Node], folder: Place, kinds: Mapping[str, RecordKind]) -> dict[str, Definition]:
    made: dict[str, tuple[Node, Definition]] = {}
    for node in documents:
        one = workflow(node, folder, kinds) if node.has("workflow") else None
        if one is not None and one.name in made:
            there = made[one.name][0].place()
            node.fail(f"There are two workflows “{one.name}”: the other is in {there}", "workflow")
        if one is not None:
            made[one.name] = (node, one)
    for node, one in made.values():
        known = _known(one, [w for _, w in made.values()])
        homes = {n.source.file for n in documents if not n.has("workflow") and n.peek("record") == one.record}
        lint.check(node, one, known)
        if node.errors.thorough and not node.errors.in_files({node.source.file, *homes}):
            flaws.check(node, one, known)
    return {name: _hashed(one) for name, (_, one) in made.items()}


def _known(one: Definition, all_: list[Definition]) -> frozenset[str]:
    """Fields that are never empty once sent in: required here, or wherever a record that must exist was begun."""
    above, elsewhere = one.kind.child_of, _everywhere(one.record, all_) if one.start_record == "existing" else set()
    parent = {f"parent.{name}" for name in _everywhere(above.record, all_)} if above is not None else set()
    return lint.never_empty(one, frozenset(elsewhere | parent))


def _everywhere(record: str, all_: list[Definition]) -> set[str]:
    """Fields that every beginning of such a record requires."""
    begin = [lint.never_empty(w, frozenset()) for w in all_ if w.record == record and w.start_record != "existing"]
    return {name for name in frozenset.intersection(*begin) if "." not in name} if begin else set()


def _hashed(one: Definition) -> Definition:
    behaviour, texts = hashes(one)
    return dataclasses.replace(one, behaviour=behaviour, texts=texts)


def _mail(name: str, node: Node, folder: Place, kinds: Mapping[str, RecordKind]) -> MailText:
    mail = shaped(MailText, node, folder, needed="why", name=name)
    if mail.gather and mail.obligatory:
        node.fail("What is obligatory does not wait for others: write “obligatory: false” too", "gather")
    places = allowed(folder.users.get(("mail", name), kinds), kinds)
    for key in ("subject", "body", "button", "why"):
        words = getattr(mail, key)
        if words:
            node.below(key).placeholders(words, places)
    return mail
