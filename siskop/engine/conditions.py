"""Conditions: a small subset of Python's expressions, checked against the names of their place, compiled to closures.

Three-valued: an absent value (None) makes what hangs on it unknown (None); `x is None` is always known. Nothing is
evaluated as Python code: `ast` reads, and only the node types below exist. A compiled condition never raises, whatever
the environment holds.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NoReturn

from siskop.engine.condition_functions import FUNCTIONS, settled
from siskop.engine.definition import Condition
from siskop.engine.nearest import nearest

Env = Mapping[str, Any]
Run = Callable[[Env], Any]

LONGEST = 1000  # characters
MOST_PARTS = 200  # nodes of the syntax tree
DEEPEST = 25
_NEVER = (TypeError, ValueError, ArithmeticError, AttributeError, LookupError)
COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt,
    ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a name: number text boolean date span choice choices area file list group.

    `members` are the columns of a list or the parts of a group (`approval.passed`); `codes` what a choice may be;
    `least` and `most` the bounds of a number.
    """

    name: str
    members: Mapping[str, Kind] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()
    least: float | None = None
    most: float | None = None


Scope = Mapping[str, Kind]
"""The names that may stand in a condition at one place, with their types."""

NUMBER, TEXT, BOOLEAN, DATE = (Kind(name) for name in ("number", "text", "boolean", "date"))
_TEXTS = frozenset({"text", "choice", "area"})


class ConditionError(Exception):
    """What is wrong in a condition; `near` is the nearest right name, if there is one."""

    def __init__(self, message: str, near: str | None = None) -> None:
        super().__init__(message)
        self.message, self.near = message, near


def compile_condition(source: str, scope: Scope, wants: str = "boolean") -> Condition:
    """The condition over `scope`; `wants` is the type it must have. Raises ConditionError."""
    made = _Compiler(scope)
    kind, run = made.build(_parse(source))
    if kind.name != wants and not {kind.name, wants} <= _TEXTS:
        raise ConditionError(f"“{source}” is a {kind.name}, but a {wants} is needed here")
    needed = tuple(sorted(made.names - made.optional))

    def value(env: Env) -> Any:
        try:
            return run(env)
        except _NEVER:
            return None

    def test(env: Env) -> bool | None:
        try:
            found = run(env)
            return None if found is None else bool(found)
        except _NEVER:
            return None

    def missing(env: Env) -> tuple[str, ...]:
        return tuple(name for name in needed if looked_up(name, env) is None)

    return Condition(source, frozenset(made.names), test, missing, value, frozenset(made.optional))


def _parse(source: str) -> ast.expr:
    if len(source) > LONGEST:
        raise ConditionError(f"A condition may have {LONGEST} characters; this one has {len(source)}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f" (at character {error.offset})" if isinstance(error, SyntaxError) and error.offset else ""
        raise ConditionError(f"“{source}” is not a condition{where}: {_why(source)}") from None
    if sum(1 for _ in ast.walk(tree)) > MOST_PARTS:
        raise ConditionError(f"A condition may have {MOST_PARTS} parts; make it shorter or use a fact")
    return tree


def _why(source: str) -> str:
    for wrong, right in (("&&", "and"), ("||", "or"), ("!", "not"), ("===", "=="), ("<>", "!=")):
        if wrong in source.replace("!=", ""):
            return f"write “{right}” instead of “{wrong}”"
    if re.search(r"(?<![!<>=])=(?!=)", source):
        return "write == to compare"
    if last := re.search(r"(\band|\bor|\bnot|\bin|\bis|[-+*/%<>=])\s*$", source):
        return f"something is missing after “{last[1]}”"
    uneven = source.count("(") != source.count(")") or source.count("[") != source.count("]")
    return "a bracket has no other half" if uneven else "see docs/definitions.md"


def looked_up(name: str, env: Any) -> Any:
    """What a dotted name stands for."""
    return _lookup(name.split("."), env)


def _lookup(parts: list[str], env: Any) -> Any:
    for part in parts:
        env = env.get(part) if isinstance(env, Mapping) else None
    return env


def _day(value: Any) -> Any:
    """Values of another record (parent, last) come as they are kept."""
    return date.fromisoformat(value) if isinstance(value, str) else value


class _Compiler:
    """Builds (type, closure) for each node; collects the names that are read."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.names: set[str] = set()
        self.optional: set[str] = set()
        self.depth = 0
        self.row: tuple[str, Kind] | None = None  # the name of the row inside any(… for …), and its columns

    def build(self, node: ast.expr) -> tuple[Kind, Run]:
        if self.depth > DEEPEST:
            raise ConditionError(f"A condition may be {DEEPEST} levels deep")
        method = getattr(self, f"_{type(node).__name__.lower()}", self._foreign)
        self.depth += 1
        kind, run = method(node)
        self.depth -= 1
        return kind, run

    def _constant(self, node: ast.Constant) -> tuple[Kind, Run]:
        value = node.value
        if value is None:
            raise ConditionError("None stands only behind “is” or “is not”")
        kinds: dict[type, Kind] = {bool: BOOLEAN, int: NUMBER, float: NUMBER, str: TEXT}
        return kinds[type(value)] if type(value) in kinds else self._foreign(node), lambda env: value

    def _foreign(self, node: ast.expr) -> NoReturn:
        raise ConditionError(f"“{ast.unparse(node)}” is not part of the language of conditions")

    def _name(self, node: ast.Name) -> tuple[Kind, Run]:
        name = node.id
        if name in ("true", "false") and name not in self.scope:
            return BOOLEAN, lambda env: name == "true"
        if self.row and name == self.row[0]:
            raise ConditionError(f"“{name}” is a row: name one of its columns, {name}.…")
        kind = self._named(name, self.scope, name)
        if kind.name == "group":
            raise ConditionError(f"“{name}” has parts: {', '.join(f'{name}.{part}' for part in kind.members)}")
        self.names.add(name)
        return kind, lambda env: env.get(name)

    def _named(self, name: str, among: Mapping[str, Kind], shown: str) -> Kind:
        if name not in among:
            raise ConditionError(f"“{shown}” is not known here", nearest(name, among))
        return among[name]

    def _attribute(self, node: ast.Attribute) -> tuple[Kind, Run]:
        dotted = ast.unparse(node)
        root, _, rest = dotted.partition(".")
        if not isinstance(node.value, ast.Name):
            raise ConditionError(f"“{dotted}”: a name has at most one dot")
        if self.row and root == self.row[0]:
            kind = self._named(rest, self.row[1].members, dotted)
        else:
            kind = self._named(rest, self._group(root, dotted), dotted)
            self.names.add(dotted)
        parts = [root, rest]
        if kind.name == "date":
            return kind, lambda env: _day(_lookup(parts, env))
        return kind, lambda env: _lookup(parts, env)

    def _group(self, root: str, dotted: str) -> Mapping[str, Kind]:
        whole = self._named(root, self.scope, root)
        if whole.name != "group":
            hint = "; ask of its rows, as in any(row.column … for row in list)" if whole.name == "list" else ""
            raise ConditionError(f"“{dotted}”: “{root}” has no parts{hint}")
        return whole.members

    def _boolop(self, node: ast.BoolOp) -> tuple[Kind, Run]:
        runs = tuple(self._truth(part) for part in node.values)
        stop = isinstance(node.op, ast.Or)
        return BOOLEAN, lambda env: settled(stop, (part(env) for part in runs))

    def _truth(self, node: ast.expr) -> Run:
        kind, run = self.build(node)
        if kind.name != "boolean":
            said = f"“{ast.unparse(node)}” is a {kind.name}"
            raise ConditionError(f"{said}, not true or false: compare it with something")
        return run

    def _unaryop(self, node: ast.UnaryOp) -> tuple[Kind, Run]:
        if isinstance(node.op, ast.Not):
            return BOOLEAN, _known(operator.not_, self._truth(node.operand))
        kind, number = self.build(node.operand)
        if not isinstance(node.op, ast.USub) or kind.name != "number":
            self._no(node)
        return NUMBER, _known(operator.neg, number)

    def _no(self, node: ast.expr, why: str = "") -> NoReturn:
        raise ConditionError(f"“{ast.unparse(node)}” does not fit together{why}")

    def _binop(self, node: ast.BinOp) -> tuple[Kind, Run]:
        act = _ARITHMETIC.get(type(node.op))
        (a_kind, a), (b_kind, b) = self.build(node.left), self.build(node.right)
        result = _arithmetic_kind(type(node.op), a_kind.name, b_kind.name)
        if act is None or result is None:
            self._no(node, f": a {a_kind.name} and a {b_kind.name}" if act else "")
        if a_kind.name == b_kind.name == "date":
            return result, _known(lambda x, y: (x - y).days, a, b)
        return result, _known(act, a, b)

    def _ifexp(self, node: ast.IfExp) -> tuple[Kind, Run]:
        """`a if c else b`, of one type; unknown where the test is."""
        test, (a_kind, a), (b_kind, b) = self._truth(node.test), self.build(node.body), self.build(node.orelse)
        if a_kind.name != b_kind.name and not {a_kind.name, b_kind.name} <= _TEXTS:
            said = f"“{ast.unparse(node.body)}” ({a_kind.name}) and “{ast.unparse(node.orelse)}” ({b_kind.name})"
            raise ConditionError(f"{said} are of two types: “… if … else …” is one or the other")
        if a_kind.name not in (*_TEXTS, "number", "boolean", "date", "span"):
            self._no(node)

        def run(env: Env) -> Any:
            found = test(env)
            return None if found is None else a(env) if found else b(env)

        return Kind(a_kind.name if a_kind.name == b_kind.name else "text"), run

    def _compare(self, node: ast.Compare) -> tuple[Kind, Run]:
        sides = [node.left, *node.comparators]
        tests = [self._pair(*pair) for pair in zip(sides, node.ops, sides[1:], strict=False)]
        if len(tests) == 1:
            return BOOLEAN, tests[0]
        return BOOLEAN, lambda env: settled(False, (test(env) for test in tests))

    def _pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Run:
        if isinstance(op, ast.Is | ast.IsNot):
            return self._absent(left, right, isinstance(op, ast.Is))
        if isinstance(op, ast.In | ast.NotIn):
            return self._within(left, right, isinstance(op, ast.In))
        (a_kind, a), (b_kind, b) = self.build(left), self.build(right)
        self._comparable(left, a_kind, op, right, b_kind)
        return _known(COMPARE[type(op)], a, b)

    def _absent(self, left: ast.expr, right: ast.expr, wanted: bool) -> Run:
        if not (isinstance(right, ast.Constant) and right.value is None):
            raise ConditionError(f"Behind “is” stands only None; write == instead: “{ast.unparse(right)}”")
        if not isinstance(left, ast.Name | ast.Attribute):
            raise ConditionError(f"Only a name can be None, not “{ast.unparse(left)}”")
        _, run = self.build(left)
        self.optional.add(ast.unparse(left))
        return lambda env: (run(env) is None) is wanted

    def _within(self, left: ast.expr, right: ast.expr, wanted: bool) -> Run:
        a_kind, a = self.build(left)
        if isinstance(right, ast.List | ast.Tuple):
            allowed = self._listed(left, a_kind, right.elts)
            return _known(lambda x: (x in allowed) is wanted, a)
        b_kind, b = self.build(right)
        if b_kind.name != "choices" or a_kind.name not in ("text", "choice"):
            self._no(ast.Compare(left, [ast.In()], [right]))
        self._known_codes(left, b_kind)
        return _known(lambda x, y: (x in y) is wanted, a, b)

    def _listed(self, left: ast.expr, kind: Kind, items: list[ast.expr]) -> frozenset[Any]:
        values = []
        for item in items:
            if not isinstance(item, ast.Constant) or item.value is None:
                raise ConditionError(f"In a list stand only texts and numbers, not “{ast.unparse(item)}”")
            item_kind, _ = self.build(item)
            self._comparable(left, kind, ast.Eq(), item, item_kind)
            values.append(item.value)
        return frozenset(values)

    def _comparable(self, left: ast.expr, a: Kind, op: ast.cmpop, right: ast.expr, b: Kind) -> None:
        said = f"“{ast.unparse(left)}” ({a.name}) and “{ast.unparse(right)}” ({b.name})"
        equal_only = isinstance(op, ast.Eq | ast.NotEq)
        if a.name in _TEXTS and b.name in _TEXTS:
            self._known_codes(left, b)
            self._known_codes(right, a)
            if not equal_only:
                raise ConditionError(f"{said} have no order")
        elif a.name != b.name or a.name not in ("number", "date", "boolean"):
            raise ConditionError(f"{said} cannot be compared")
        elif a.name == "boolean" and not equal_only:
            raise ConditionError(f"{said} have no order")

    @staticmethod
    def _known_codes(node: ast.expr, kind: Kind) -> None:
        if kind.codes and isinstance(node, ast.Constant) and (said := str(node.value)) not in kind.codes:
            raise ConditionError(f"“{said}” is not one of the choices", nearest(said, kind.codes))

    def _call(self, node: ast.Call) -> tuple[Kind, Run]:
        name = ast.unparse(node.func)
        if name not in FUNCTIONS:
            raise ConditionError(f"There is no function “{name}”", nearest(name, FUNCTIONS))
        if node.keywords or not node.args:
            raise ConditionError(f"“{ast.unparse(node)}”: {name}(…) takes values, and no names with “=”")
        if len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
            return self._over_rows(name, node.args[0])
        parts = [self.build(part) for part in node.args]
        found = FUNCTIONS[name].for_types(tuple(kind.name for kind, _ in parts))
        if found is None or (name == "date" and not _is_date(node.args[0])):
            raise ConditionError(f"“{ast.unparse(node)}”: {FUNCTIONS[name].takes}")
        result, act = found
        return Kind(result), _known(act, *(run for _, run in parts))

    def _over_rows(self, name: str, node: ast.GeneratorExp) -> tuple[Kind, Run]:
        part = node.generators[0]
        if self.row or len(node.generators) > 1 or part.is_async or not isinstance(part.target, ast.Name):
            raise ConditionError(f"{name}(… for row in list) has one “for”, and none within another")
        rows_kind, rows = self.build(part.iter)
        if rows_kind.name != "list":
            raise ConditionError(f"“{ast.unparse(part.iter)}” is a {rows_kind.name}, not a list of rows")
        row = part.target.id
        if row in self.scope:
            raise ConditionError(f"“{row}” is already a name here: call the row otherwise")
        self.row = (row, rows_kind)
        kind, inner = self.build(node.elt)
        wanted = [self._truth(test) for test in part.ifs]
        self.row = None
        if kind.name not in FUNCTIONS[name].rows:
            said = f"{name}(… for {row} in …): “{ast.unparse(node.elt)}” is a {kind.name}"
            raise ConditionError(f"{said}. {FUNCTIONS[name].takes}")
        result, over = FUNCTIONS[name].rows[kind.name]

        def run(env: Env) -> Any:
            found = rows(env)
            if found is None:
                return None
            looked = [(settled(False, (test(at) for test in wanted)), at) for at in ({**env, row: x} for x in found)]
            return over([inner(at) if takes else None for takes, at in looked if takes is not False])

        return Kind(result), run


def _known(act: Callable[..., Any], *runs: Run) -> Run:
    """What `act` makes of the values; unknown where one of them is."""

    def run(env: Env) -> Any:
        values = [part(env) for part in runs]
        return None if None in values else act(*values)

    return run


def _is_date(node: ast.expr) -> bool:
    """Whether a day is written out."""
    try:
        return isinstance(node, ast.Constant) and bool(date.fromisoformat(str(node.value)))
    except ValueError:
        return False


def _arithmetic_kind(op: type[ast.operator], a: str, b: str) -> Kind | None:
    if a == b == "number":
        return NUMBER
    if a == "date" and b == "span" and op in (ast.Add, ast.Sub):
        return DATE
    return NUMBER if a == b == "date" and op is ast.Sub else None
