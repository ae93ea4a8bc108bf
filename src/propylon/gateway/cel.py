"""Expressions of CEL as Envoy's matchers take them: parsed, never as text. Only the few forms that the compiler writes.

Built without numbers; `numbered` gives each node the id that a parsed expression needs.
"""

from __future__ import annotations

from propylon.gateway.envoy_types import CEL_INPUT, CEL_MATCHER, Json, extension


def text(value: str) -> Json:
    return {"const_expr": {"string_value": value}}


def number(value: int) -> Json:
    return {"const_expr": {"int64_value": value}}


def path(first: str, *fields: str) -> Json:
    """`first.field.field`"""
    found: Json = {"ident_expr": {"name": first}}
    for field in fields:
        found = {"select_expr": {"operand": found, "field": field}}
    return found


def item(first: str, field: str, key: str) -> Json:
    """`first.field[key]`"""
    return _call("_[_]", path(first, field), text(key))


def same(left: Json, right: Json) -> Json:
    return _call("_==_", left, right)


def both(*parts: Json) -> Json:
    """`part && part`; a single one stands for itself."""
    found = parts[0]
    for part in parts[1:]:
        found = _call("_&&_", found, part)
    return found


def whole(value: Json) -> Json:
    """`int(value)`: of a time the seconds since 1970; an error for a text that is no whole number."""
    return _call("int", value)


def less(left: Json, right: Json) -> Json:
    """`left - right`"""
    return _call("_-_", left, right)


def at_most(left: Json, right: Json) -> Json:
    return _call("_<=_", left, right)


def holds(expression: Json) -> Json:
    """A predicate of Envoy's matchers. False, too, when the expression cannot be evaluated."""
    match = extension("cel", CEL_MATCHER, expr_match={"cel_expr_parsed": {"expr": numbered(expression)}})
    return {"single_predicate": {"input": extension("attributes", CEL_INPUT), "custom_match": match}}


def numbered(expression: Json) -> Json:
    """The same with ids, inner expressions first."""
    return _numbered(expression, 0)[0]


def _numbered(expression: Json, last: int) -> tuple[Json, int]:
    made: Json = {}
    for kind, body in expression.items():
        inner = dict(body)
        if "operand" in body:
            inner["operand"], last = _numbered(body["operand"], last)
        if "args" in body:
            arguments = []
            for argument in body["args"]:
                one, last = _numbered(argument, last)
                arguments.append(one)
            inner["args"] = arguments
        made[kind] = inner
    return {"id": last + 1, **made}, last + 1


def _call(function: str, *arguments: Json) -> Json:
    return {"call_expr": {"function": function, "args": list(arguments)}}
