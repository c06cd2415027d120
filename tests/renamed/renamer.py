"""A folder of definitions with every name made meaningless; words, types and structure stay as they are.

Names are renamed where they are declared and wherever something refers to them: conditions, placeholders, rows of
lists. What is written is JSON, which is YAML. The structure's own words (keys, checks, effects, relations) stay.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from siskop.engine.load import PLACES, read_folder
from siskop.engine.load_letters import ABOVE
from siskop.engine.source import read

KNOWN_LISTS = frozenset({"roles", "holidays", "site", "mail-domains", "mail-rates"})
"""Lists that Python may know by name."""
ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "did": ("action", "step"),
    "checks": (),
    "corrections": (),
    "conflicts": (),
}
"""What stands after the dot of a reserved name in a condition; after any other it is a field or a column."""
OUTCOMES = frozenset({"passed", "failed", "done", "skipped", "lapsed"})
"""What stands after the dot of a step, beside the fields of its form."""
CONDITIONS = frozenset({"show_if", "required"})
Map = dict[str, Any]


class Names:
    """`names.field["kelurahan"]` and so on: the new name, made on first asking, never twice the same."""

    def __init__(self) -> None:
        self._taken = 0
        self.of: dict[str, dict[str, str]] = defaultdict(dict)

    def __getattr__(self, sort: str) -> Callable[[str], str]:
        return lambda name: self.new(sort, name)

    def new(self, sort: str, name: str) -> str:
        known = self.of[sort]
        if name not in known:
            self._taken += 1
            known[name] = f"q{self._taken:03}z"
        return known[name]

    def known(self, name: str, *sorts: str) -> str:
        """The name as it was declared in one of these, else itself."""
        return next((self.of[sort][name] for sort in sorts if name in self.of[sort]), name)


def rename(source: Path, target: Path) -> Names:
    """Writes the renamed copy of `source` into `target`; the names say what became of what."""
    files, names = read_folder(source), Names()
    documents = {file: [one.value for one in read(file, text)[0]] for file, text in files.items() if _yaml(file)}
    for one in (d for docs in documents.values() for d in docs if isinstance(d, dict)):
        _declare(one, names)
    lists = {file: text for file, text in files.items() if file.startswith("lists/")}
    for file, text in sorted(lists.items(), key=lambda pair: "legal_due" in pair[1]):  # codes before what names them
        _write(target, _list_file(file, names), _list(file, text, names))
    for file, docs in documents.items():
        made = [_document(file, d, names) for d in docs]
        text = "\n---\n".join(json.dumps(d, ensure_ascii=False, indent=1) for d in made)
        _write(target, _yaml_file(file, names), text + "\n")
    return names


def _yaml(file: str) -> bool:
    return file.endswith(".yaml")


def _stem(file: str) -> str:
    return PurePosixPath(file).stem


def _write(target: Path, file: str, text: str) -> None:
    (target / file).parent.mkdir(parents=True, exist_ok=True)
    (target / file).write_text(text, encoding="utf-8")


def _yaml_file(file: str, names: Names) -> str:
    folder, stem = file.rpartition("/")[0], _stem(file)
    if folder == "mails":
        stem = names.mail(stem)
    if folder == "tasks":
        stem = names.task(stem)
    if folder == "letters" and stem != "house":
        stem = names.letter(stem)
    return f"{folder}/{stem}.yaml".strip("/")


def _list_file(file: str, names: Names) -> str:
    stem = _stem(file)
    return file if stem in KNOWN_LISTS else f"lists/{names.list(stem)}.csv"


def _list(file: str, text: str, names: Names) -> str:
    rows = list(csv.DictReader(io.StringIO(text)))
    out = io.StringIO()
    if "legal_due" in rows[0]:  # a table of deadlines: its other columns are fields, with their values
        rows = [
            {names.known(column, "field"): names.known(value, "code") for column, value in row.items()} for row in rows
        ]
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        if _stem(file) == "roles":
            row["name"] = names.role(row["name"])
        elif "code" in row and "label_id" in row:
            row["code"] = names.code(row["code"])
        writer.writerow(row)
    return out.getvalue()


# ------------------------------------------------------------------ what is declared, before anything refers to it


def _declare(one: Map, names: Names) -> None:
    for field, told in one.get("fields", {}).items():
        names.field(field)
        for column in told.get("of", {}):
            names.field(column)
    for fact in one.get("facts", {}):
        names.field(fact)
    for group in one.get("periods", {}):
        names.group(group)
    for asked in one.get("forms", {}).values():
        for field in asked:
            names.field(field)
    for state, told in one.get("states", {}).items():
        names.state(state)
        for step in told.get("steps", {}):
            names.step(step)
    for action in one.get("actions", {}):
        names.action(action)


# ------------------------------------------------------------------ documents


def _document(file: str, one: Map, names: Names) -> Map:
    if file.startswith(("mails/", "tasks/")):
        return {key: _spoken(words, names) for key, words in one.items()}
    if file.startswith("letters/"):
        return _letter(one, names)
    return _workflow(one, names) if "workflow" in one else _kind(one, names)


def _letter(one: Map, names: Names) -> Map:
    places = PLACES | ABOVE | {"phone"}
    made = {key: _spoken(words, names, places) for key, words in one.items()}
    for key in ("basis", "copies"):
        if key in one:
            made[key] = [_spoken(words, names, places) for words in one[key]]
    if "series" in one:
        made["series"] = names.series(one["series"])
    if "notice" in one:
        made["notice"] = names.letter(one["notice"])
    return made | ({"sign": _who(one["sign"], names)} if "sign" in one else {})


def _kind(one: Map, names: Names) -> Map:
    made = dict(one) | {"record": names.kind(one["record"])}
    made["display"] = {key: _title(name, names) for key, name in one["display"].items()}
    made["fields"] = {names.field(name): _field(told, names) for name, told in one["fields"].items()}
    made["periods"] = {names.group(name): _periods(told, names) for name, told in one.get("periods", {}).items()}
    made["facts"] = {names.field(name): _condition(told, names) for name, told in one.get("facts", {}).items()}
    made["badges"] = {names.badge(name): _badge(told, names) for name, told in one.get("badges", {}).items()}
    reminders = one.get("reminders", {})
    made["reminders"] = {names.reminder(name): _reminder(told, names) for name, told in reminders.items()}
    for part in ("rules", "warnings"):
        made[part] = {names.rule(name): _rule(told, names) for name, told in one.get(part, {}).items()}
    if "child_of" in one:
        sorts = {"record": names.kind, "period": names.field}
        made["child_of"] = {key: sorts[key](name) for key, name in one["child_of"].items()}
    if "search" in one:
        made["search"] = {key: names.list(name) for key, name in one["search"].items()}
    if "public" in one:
        made["public"] = one["public"] | {key: names.new("path", one["public"][key]) for key in ("path", "api")}
    return made


def _periods(told: Map, names: Names) -> Map:
    sorts = {"of": names.kind, "deadlines": names.list, "known": names.field, "since": names.field}
    return {key: sorts[key](name) for key, name in told.items()}


def _title(told: str, names: Names) -> str:
    """A field's name, or a pattern with `{field}` and `{parent}`."""
    return _spoken({"": told}, names, frozenset({"parent"}))[""] if "{" in told else names.field(told)


def _rule(told: Map, names: Names) -> Map:
    return told | {"holds": _condition(told["holds"], names), "at": _each(told["at"], names.field)}


def _field(told: Map, names: Names) -> Map:
    made = dict(told)
    if "value" in told:
        made["value"] = _condition(told["value"], names)
    if "to" in told:
        made["to"] = names.kind(told["to"])
    if "list" in told:
        made["list"] = names.list(told["list"])
    if "of" in told:
        made["of"] = {names.field(name): _field(column, names) for name, column in told["of"].items()}
    return made


def _badge(told: Map, names: Names) -> Map:
    return told | {"cases": [_case(case, names) for case in told["cases"]]}


def _case(case: Map, names: Names) -> Map:
    made = {key: _case(inner, names) if key in ("unknown", "else") else inner for key, inner in case.items()}
    if "when" in case:
        made["when"] = _condition(case["when"], names)
    for key in made.keys() & {"label", "why"}:
        made[key] = _spoken(case[key], names, places=frozenset())
    if "next" in case:
        made["next"] = case["next"] | {"start": names.workflow(case["next"]["start"])}
    return made


def _reminder(told: Map, names: Names) -> Map:
    made = told | {"when": _condition(told["when"], names), "ladder": _ladder(told["ladder"], names)}
    if "cause" in told:
        made["cause"] = _each(told["cause"], lambda name: _condition(name, names))
    if "anchor" in told:
        made["anchor"] = _condition(told["anchor"], names)
    if "to" in told.get("send", {}):
        made["send"] = told["send"] | {"to": _who(told["send"]["to"], names)}
    if "cured_by" in told:
        cure = told["cured_by"]
        cured = {"workflows": _each(cure["workflows"], names.workflow), "in": _each(cure["in"], names.state)}
        made["cured_by"] = cure | cured
    return made


def _workflow(one: Map, names: Names) -> Map:
    made = dict(one) | {"workflow": names.workflow(one["workflow"]), "record": names.kind(one["record"])}
    made["start"] = one["start"] | {"who": _who(one["start"]["who"], names)}
    if "manage" in one:
        made["manage"] = _who(one["manage"], names)
    if "forms" in one:
        made["forms"] = {names.form(name): _small_form(asked, names) for name, asked in one["forms"].items()}
    made["form"] = {names.page(name): _page(told, names) for name, told in one["form"].items()}
    made["states"] = {names.state(name): _state(told, names) for name, told in one["states"].items()}
    made["actions"] = {names.action(name): _action(told, names) for name, told in one["actions"].items()}
    return made


def _small_form(asked: Map, names: Names) -> Map:
    return {names.field(name): _field(told, names) for name, told in asked.items()}


def _page(told: Map, names: Names) -> Map:
    made = told | {"fields": {names.field(name): _question(part, names) for name, part in told["fields"].items()}}
    return made | ({"show_if": _condition(told["show_if"], names)} if "show_if" in told else {})


def _question(part: Any, names: Names) -> Any:
    if not isinstance(part, dict):
        return part
    return {key: _condition(told, names) if key in CONDITIONS else told for key, told in part.items()}


def _state(told: Map, names: Names) -> Map:
    made = dict(told)
    if "edit" in told:
        made["edit"] = _who(told["edit"], names)
    if "ladder" in told:
        made["ladder"] = _ladder(told["ladder"], names)
    if "steps" in told:
        made["steps"] = {names.step(name): _step(step, names) for name, step in told["steps"].items()}
    return made


def _step(told: Map, names: Names) -> Map:
    made = dict(told)
    if "who" in told:
        made["who"] = _who(told["who"], names)
    if "after" in told:
        made["after"] = _each(told["after"], names.step)
    if "ladder" in told:
        made["ladder"] = _ladder(told["ladder"], names)
    if "when" in told:
        made["when"] = _condition(told["when"], names)
    if "form" in told:
        made["form"] = names.form(told["form"])
    if isinstance(told.get("seats"), dict):
        made["seats"] = {names.seat(name): _seat(seat, names) for name, seat in told["seats"].items()}
    if "veto" in told.get("votes", {}):
        made["votes"] = told["votes"] | {"veto": names.seat(told["votes"]["veto"])}
    if "with" in told:
        made["with"] = {key: _setting(key, value, names) for key, value in told["with"].items()}
    return made


def _seat(told: Any, names: Names) -> Any:
    return told | {"who": _who(told["who"], names)} if isinstance(told, dict) and "who" in told else told


def _setting(key: str, value: Any, names: Names) -> Any:
    if key == "holds":
        return _condition(value, names)
    return _each(value, names.field) if key in ("by", "shows") else value


def _action(told: Map, names: Names) -> Map:
    made = dict(told) | {"to": names.state(told["to"])}
    if "from" in told:
        made["from"] = _each(told["from"], names.state)
    if "step" in told:
        made["step"] = names.step(told["step"])
    if "who" in told:
        made["who"] = _who(told["who"], names)
    if "form" in told:
        made["form"] = names.form(told["form"])
    for key in ("auto", "when"):
        if key in told:
            made[key] = _condition(told[key], names)
    if "does" in told:
        made["does"] = [_effect(effect, names) for effect in told["does"]]
    return made


# ------------------------------------------------------------------ what refers


def _each(value: Any, new: Callable[[str], str]) -> Any:
    return [new(name) for name in value] if isinstance(value, list) else new(value)


def _who(told: Map, names: Names) -> Map:
    made = dict(told)
    if "role" in told:
        made["role"] = names.role(told["role"])
    if "relation" in told:
        made["relation"] = _excluded(told["relation"], names)
    if "area" in told:
        made["area"] = _condition(told["area"], names)
    if "exclude" in told:
        made["exclude"] = [_excluded(what, names) for what in told["exclude"]]
    return made


def _excluded(what: str, names: Names) -> str:
    head, dot, did = what.partition(".")
    return f"{head}.{names.known(did, 'action', 'step')}" if dot else what


def _ladder(rungs: list[Map], names: Names) -> list[Map]:
    return [rung | {"does": [_effect(effect, names) for effect in rung["does"]]} for rung in rungs]


def _effect(effect: Any, names: Names) -> Any:
    if isinstance(effect, str):
        return effect
    made = dict(effect)
    if "mail" in effect:
        made["mail"] = names.mail(effect["mail"])
    if "task" in effect:
        made["task"] = names.task(effect["task"])
    if "letter" in effect:
        made["letter"] = names.letter(effect["letter"])
    if "action" in effect:
        made["action"] = names.action(effect["action"])
    if "start" in effect:
        made["start"] = names.workflow(effect["start"])
    if isinstance(effect.get("publish"), dict):
        given = effect["publish"].get("set", {})
        made["publish"] = {"set": {names.field(name): _condition(told, names) for name, told in given.items()}}
    for key in ("to", "copy", "widen"):
        if isinstance(effect.get(key), dict):
            made[key] = _who(effect[key], names)
    return made


def _spoken(words: Any, names: Names, places: frozenset[str] = PLACES) -> Any:
    """Texts whose `{field}` is renamed; the places of every mail keep theirs."""
    if not isinstance(words, dict):
        return words

    def place(found: re.Match[str]) -> str:
        group, dot, part = found[1].partition(".")
        if dot:
            return f"{{{names.group(group)}.{part}}}"
        return found[0] if found[1] in places else f"{{{names.field(found[1])}}}"

    return {language: re.sub(r"\{([\w.]+)\}", place, text) for language, text in words.items()}


def _condition(source: Any, names: Names) -> Any:
    return ast.unparse(_Renamed(names).visit(ast.parse(source, mode="eval"))) if isinstance(source, str) else source


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: Names) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.known(node.id, "field", "step", "group"))

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """The functions are the language's own, whatever a field is called."""
        arguments: list[Any] = [self.visit(one) for one in node.args]
        return ast.Call(node.func, arguments, [])

    def visit_Attribute(self, node: ast.Attribute) -> ast.Attribute:
        of = node.value.id if isinstance(node.value, ast.Name) else ""
        is_told = of in self.names.of["group"] or (of in self.names.of["step"] and node.attr in OUTCOMES)
        kept = () if is_told else ATTRIBUTES.get(of, ("field",))
        return ast.Attribute(self.visit(node.value), self.names.known(node.attr, *kept))

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(self.names.known(node.value, "code") if isinstance(node.value, str) else node.value)
