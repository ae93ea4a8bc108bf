"""Ways to break the engine `propylon.oauth` while it is loaded: its functions get other code, its tables other rows.

The rules are found, not listed: whatever refuses (a `raise`, or a sentence that is returned) is left out, and so is
each half of a condition before it. A rule that is added tomorrow has its mutants without anybody writing them.
"""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, MappingProxyType, ModuleType
from typing import Any

import propylon.oauth
from propylon.oauth.policy import TYPES, ProfilePolicy

ROOM = Path(str(propylon.oauth.__file__)).parent
# Words for people and records without rules.
WITHOUT_RULES = {"documentation", "error_table", "errors", "metadata", "records", "attempts", "__init__"}
# Where a refusal is a sentence that is returned.
ANSWERS_IN_WORDS = {"client_authentication", "redirect_uris"}


@dataclass(frozen=True)
class Mutant:
    """`module` and `function` (of the module, dotted inside a class) say which tests can notice; `apply` breaks it."""

    breaks: str
    module: str
    function: str
    apply: Callable[[], bool]

    @property
    def place(self) -> str:
        return f"{self.module}:{self.function}"


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the engine that has rules."""
    for file in sorted(ROOM.rglob("*.py")):
        if file.stem not in WITHOUT_RULES:
            yield ".".join(("propylon.oauth", *file.relative_to(ROOM).with_suffix("").parts)), file


def found_mutants() -> Iterator[Mutant]:
    names: Counter[str] = Counter()
    for module, file in modules():
        for function, node in _functions(ast.parse(file.read_text())):
            for says, change in _changes(file.stem, node):
                name = f"{file.stem}.{function}: {says}"
                names[name] += 1
                again = f" ({names[name]})" if names[name] > 1 else ""
                yield Mutant(name + again, module, function, _recoded(module, file, change))


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{each.name}", each) for each in node.body if isinstance(each, ast.FunctionDef))


_Place = tuple[int, int, type[ast.AST]]


def _place(node: ast.AST) -> _Place:
    return node.lineno, node.col_offset, type(node)  # type: ignore[attr-defined]


def _changes(stem: str, function: ast.FunctionDef) -> Iterator[tuple[str, Callable[[ast.AST], ast.AST | None]]]:
    """What a change is called, and how it changes a node (None: not this one)."""
    if function.name == stem and not any(isinstance(node, ast.Raise) for node in ast.walk(function)):
        yield "asks nothing", _instead(function.body[-1], ast.Pass())
    for node in ast.walk(function):
        if isinstance(node, ast.Raise) and node.exc is not None:
            yield f"lets pass: {_short(node.exc)}", _instead(node, ast.Pass())
        if isinstance(node, ast.If | ast.IfExp) and isinstance(node.test, ast.BoolOp):
            for operand in node.test.values:
                yield f"does not ask: {_short(operand)}", _without(node.test, operand)
        if stem in ANSWERS_IN_WORDS and isinstance(node, ast.Return) and node.value is not None:
            for words in _sentences(node.value):
                yield f"lets pass: {_short(words)}", _instead(words, ast.Constant(""))


def _sentences(node: ast.AST) -> Iterator[ast.AST]:
    """Each whole: the pieces of an f-string are none."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and " " in str(node.value)):
        yield node
        return
    for inner in ast.iter_child_nodes(node):
        yield from _sentences(inner)


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:87]}…"


def _instead(old: ast.AST, new: ast.AST) -> Callable[[ast.AST], ast.AST | None]:
    place = _place(old)
    return lambda node: copy.deepcopy(new) if getattr(node, "lineno", 0) and _place(node) == place else None


def _without(condition: ast.BoolOp, operand: ast.expr) -> Callable[[ast.AST], ast.AST | None]:
    place, left_out = _place(condition), condition.values.index(operand)

    def change(node: ast.AST) -> ast.AST | None:
        if not isinstance(node, ast.BoolOp) or _place(node) != place:
            return None
        left = [value for number, value in enumerate(node.values) if number != left_out]
        return left[0] if len(left) == 1 else ast.BoolOp(node.op, left)

    return change


class _Changer(ast.NodeTransformer):
    def __init__(self, change: Callable[[ast.AST], ast.AST | None]) -> None:
        self.change = change

    def visit(self, node: ast.AST) -> Any:
        changed = self.change(node)
        return self.generic_visit(node) if changed is None else ast.copy_location(changed, node)


def _recoded(module: str, file: Path, change: Callable[[ast.AST], ast.AST | None]) -> Callable[[], bool]:
    def apply() -> bool:
        tree = _Changer(change).visit(ast.parse(file.read_text()))
        return recode(importlib.import_module(module), ast.fix_missing_locations(tree))

    return apply


def rewritten(module: str, old: str, new: str) -> Callable[[], bool]:
    """The text `old`, which stands once in the module, is `new` instead."""

    def apply() -> bool:
        loaded = importlib.import_module(module)
        text = inspect.getsource(loaded)
        return text.count(old) == 1 and recode(loaded, ast.parse(text.replace(old, new)))

    return apply


def recode(module: ModuleType, tree: ast.Module) -> bool:
    """Every function of the module gets the code that the tree has for it; whether anything changed.

    Whoever imported a function has it still: it is the same one.
    """
    code = compile(tree, str(module.__file__), "exec")
    wanted = {inner.co_qualname: inner for inner in _codes(code)}
    changed = False
    for function in _live_functions(module):
        fresh = wanted.get(function.__qualname__)
        if fresh is not None and _text(fresh) != _text(function.__code__):
            function.__code__ = fresh
            changed = True
    return changed


def _codes(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _codes(each)


def _text(code: CodeType) -> tuple[Any, ...]:
    inner = tuple(_text(each) if isinstance(each, CodeType) else (type(each), repr(each)) for each in code.co_consts)
    return code.co_code, code.co_names, inner


def _live_functions(module: ModuleType) -> Iterator[FunctionType]:
    for value in list(vars(module).values()):
        owner = getattr(value, "__module__", "")
        if owner != module.__name__:
            continue
        for each in (value, *(vars(value).values() if isinstance(value, type) else ())):
            function = inspect.unwrap(each.fget if isinstance(each, property) else each)
            if isinstance(function, FunctionType):
                yield function


def forget_caches() -> None:
    """What `lru_cache` remembers was found by other code."""
    for module, _ in modules():
        for value in vars(importlib.import_module(module)).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def watch_functions(ran: Callable[[str], object]) -> None:
    """From now on each function of the engine says when it runs: `module:function`."""
    for module, file in modules():
        loaded = importlib.import_module(module)
        vars(loaded)["__ran__"] = ran
        tree = ast.parse(file.read_text())
        for name, function in _functions(tree):
            function.body.insert(0, ast.parse(f"__ran__({module + ':' + name!r})").body[0])
        recode(loaded, ast.fix_missing_locations(tree))


# ── tables ──


def table_mutants() -> Iterator[Mutant]:
    """A rule is left out of the order of one grant type or endpoint; a row of the policy asks for less."""
    for module, name, decider in TUPLES:
        loaded = importlib.import_module(module)
        table = getattr(loaded, name)
        for key, rules in table.items() if hasattr(table, "items") else [("", table)]:
            for rule in rules:
                says = f"{name}{f' of {key}' if key else ''}: without {rule.__name__}"
                yield Mutant(says, module, decider, _left_out(loaded, name, key, rule))
    for type_, facts in TYPES.items():
        for profile, policy in facts.profiles.items():
            for field, weaker in _weaker(policy):
                says = f"policy of {type_} {profile}: {field} is {_said(weaker)}"
                yield Mutant(says, "propylon.oauth.policy", "", _row(policy, field, weaker))


TUPLES: tuple[tuple[str, str, str], ...] = (
    ("propylon.oauth.token_request", "RULES", "decide"),
    ("propylon.oauth.token_request", "CALLER_RULES", "check_caller"),
    ("propylon.oauth.authorization_request", "SHOWN_RULES", "check_authorization"),
    ("propylon.oauth.authorization_request", "REDIRECTED_RULES", "check_authorization"),
    ("propylon.oauth.token_request", "BEFORE_PASSWORD", "check_before_password"),
    ("propylon.oauth.backchannel_request", "BACKCHANNEL_RULES", "check_backchannel"),
)


def constant(module: str, name: str, value: object) -> Callable[[], bool]:
    """A bound of the module's own is another. Who imported it still has the old one."""

    def apply() -> bool:
        loaded = importlib.import_module(module)
        changes = getattr(loaded, name) != value
        setattr(loaded, name, value)
        return changes

    return apply


def _left_out(loaded: ModuleType, name: str, key: str, rule: object) -> Callable[[], bool]:
    def apply() -> bool:
        table = getattr(loaded, name)
        rules = tuple(each for each in (table[key] if key else table) if each is not rule)
        setattr(loaded, name, MappingProxyType({**table, key: rules}) if key else rules)
        return True

    return apply


def _weaker(policy: ProfilePolicy) -> Iterator[tuple[str, Any]]:
    for field in ("requires_pkce", "requires_par", "rotates_refresh_tokens", "binds_tokens", "needs_service_account"):
        if getattr(policy, field):
            yield field, False
    if len(policy.auth_methods) and policy.auth_methods != ("none",):
        yield "auth_methods", (*policy.auth_methods, "none")
    for grant in ("client_credentials", "password", "implicit"):
        if grant not in policy.grants:
            yield "grants", policy.grants | {grant}
    for field, least in (("listener", "ANY"), ("certificate", "NONE"), ("redirect_rule", "NATIVE")):
        present = getattr(policy, field)
        if present is not type(present)[least] and present.name != "NONE":
            yield field, type(present)[least]


def _said(value: Any) -> str:
    return ", ".join(sorted(value)) if isinstance(value, frozenset | tuple) else str(getattr(value, "value", value))


def _row(policy: ProfilePolicy, field: str, weaker: Any) -> Callable[[], bool]:
    def apply() -> bool:
        object.__setattr__(policy, field, weaker)
        return True

    return apply
