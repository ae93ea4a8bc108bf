"""Every action that the code can write to the event log, found in the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import propylon

PACKAGE = Path(propylon.__file__).parent
Function = ast.FunctionDef | ast.AsyncFunctionDef


class UnreadableActionError(Exception):
    """The action of an event is written in a way that nobody can read off the code."""


class EventScan:
    """Follows `action=` of each `record_event` back to texts: through parameters, f-strings and either-or."""

    def __init__(self, package: Path = PACKAGE) -> None:
        self._trees = {file: ast.parse(file.read_text()) for file in sorted(package.rglob("*.py"))}
        self._calls = [
            (file, function, call)
            for file, tree in self._trees.items()
            for function in [None, *_functions(tree)]
            for call in _own_calls(function or tree)
        ]

    def actions(self) -> set[str]:
        found: set[str] = set()
        for file, function, call in self._calls:
            for word in call.keywords:
                if _name_of(call) == "record_event" and word.arg == "action":
                    found |= self._texts(word.value, function, file)
        return found

    def _texts(self, value: ast.expr, function: Function | None, file: Path) -> set[str]:
        match value:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.IfExp(body=one, orelse=other):
                return self._texts(one, function, file) | self._texts(other, function, file)
            case ast.JoinedStr(values=parts):
                each = [self._texts(part, function, file) for part in parts]
                return {"".join(texts) for texts in product(*each)}
            case (
                ast.FormattedValue(value=inner)
                | ast.Attribute(attr="value", value=inner)
                | ast.Call(func=ast.Name(id="str"), args=[inner])
            ):
                return self._texts(inner, function, file)
            case ast.Attribute(attr=member) if member.isupper():  # of an enumeration: its texts are its names
                return {member.lower()}
            case ast.Name(id=name):
                return self._texts_of_name(name, function, file)
        raise UnreadableActionError(f"{file.relative_to(PACKAGE)}:{value.lineno}: {ast.unparse(value)}")

    def _texts_of_name(self, name: str, function: Function | None, file: Path) -> set[str]:
        if function is not None:
            parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
            if name in {*parameters, *(each.arg for each in function.args.kwonlyargs)}:
                return self._texts_of_callers(name, parameters, function, file)
        found: set[str] = set()
        for node in ast.walk(function or self._trees[file]):
            if isinstance(node, ast.Assign) and any(name in _targets(target) for target in node.targets):
                found |= self._texts(_assigned(node, name), function, file)
        if found or function is None:
            return found
        return self._texts_of_name(name, None, file)  # a constant of the module

    def _texts_of_callers(self, name: str, parameters: list[str], function: Function, file: Path) -> set[str]:
        """Of a name that begins with an underscore, in its own file; else anywhere."""
        found: set[str] = set()
        for where, caller, call in self._calls:
            if _name_of(call) != function.name or (function.name.startswith("_") and where != file):
                continue
            given = {word.arg: word.value for word in call.keywords}
            given |= dict(zip(parameters, call.args, strict=False))
            if name in given:
                found |= self._texts(given[name], caller, where)
        return found


def _functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def _own_calls(node: ast.AST) -> Iterator[ast.Call]:
    """Without those of functions inside."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child
        if not isinstance(child, Function):
            yield from _own_calls(child)


def _name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _targets(target: ast.expr) -> list[str]:
    return [each.id for each in ast.walk(target) if isinstance(each, ast.Name)]


def _assigned(node: ast.Assign, name: str) -> ast.expr:
    """`a, b = 1, 2` gives each its own."""
    target = node.targets[0]
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        return next(
            value
            for place, value in zip(target.elts, node.value.elts, strict=True)
            if isinstance(place, ast.Name) and place.id == name
        )
    return node.value
