"""Writes docs/reference/errors.md from the code itself: `python -m propylon.project.error_reference [--check]`.

A code is found where it is raised: a call whose first two arguments are a dotted code and a sentence. The gateway's own
refusals are a table already (propylon.gateway.refusals), and come first.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from propylon.gateway.refusals import OTHER_FAULT, OTHER_REFUSAL, REFUSALS

_CODE = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,3}$")
_VALUE = re.compile(r"%[A-Z_]+\(.*?\)%")  # Envoy's
_PACKAGE = Path(__file__).resolve().parents[1]
PAGE = _PACKAGE.parents[1] / "docs" / "reference" / "errors.md"
_HEAD = """# Error codes

Every error answer carries one of these codes in `code`; the code is stable, the sentence may be reworded.
OAuth endpoints answer in the form of RFC 6749 instead. `{…}` stands for a value.
This page is written by `make docs`; do not edit it.

"""


@dataclass(frozen=True, slots=True, order=True)
class ErrorUse:
    """One place that raises a code. `room` is the package below `propylon`."""

    code: str
    kind: str
    message: str
    room: str


def error_uses(package: Path = _PACKAGE) -> list[ErrorUse]:
    """Every place that raises a code, sorted."""
    found: set[ErrorUse] = set()
    for file in sorted(package.rglob("*.py")):
        room = file.relative_to(package).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                found.update(_uses_of(node, room))
    return sorted(found)


def reference(uses: list[ErrorUse]) -> str:
    """The page."""
    by_room: dict[str, dict[str, list[ErrorUse]]] = defaultdict(lambda: defaultdict(list))
    for use in uses:
        by_room[use.code.partition(".")[0]][use.code].append(use)
    sections = []
    for room, codes in sorted(by_room.items()):
        rows = [
            f"| `{code}` | {_kinds(found)} | {'<br>'.join(sorted({_cell(use.message) for use in found}))} |"
            for code, found in sorted(codes.items())
        ]
        sections.append("\n".join([f"## {room}", "", "| code | kind | what it says |", "|---|---|---|", *rows, ""]))
    return _HEAD + "\n".join([_refusals_of_calls(), *sections])


def _refusals_of_calls() -> str:
    """What the gateway answers to calls of APIs by itself: the first row that fits counts."""
    rows = [
        f"| `{row.code}` | {row.status} | {'yes' if row.transient else ''} | {row.tpp_code} "
        f"| {_cell(_VALUE.sub('{…}', row.message))} |"
        for row in (*REFUSALS, OTHER_FAULT, OTHER_REFUSAL)
    ]
    head = ["| code | status | worth trying again | Berlin Group's code | what it says |", "|---|---|---|---|---|"]
    return "\n".join(["## Calls of APIs, refused by the gateway", "", *head, *rows, ""])


def _uses_of(call: ast.Call, room: str) -> Iterator[ErrorUse]:
    arguments = [*call.args, *(word.value for word in call.keywords if word.arg == "message")]
    if len(arguments) < 2 or not isinstance(arguments[0], ast.Constant):
        return
    code, message = arguments[0].value, _sentence(arguments[1])
    if isinstance(code, str) and _CODE.match(code) and " " in message:
        kinds = (word.value for word in call.keywords if word.arg == "kind")
        positional = (argument for argument in call.args if _kind(argument))
        yield ErrorUse(code, next((_kind(value) for value in (*kinds, *positional)), ""), message, room)


def _kind(value: ast.expr) -> str:
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id == "Kind":
        return value.attr.lower()
    return ""


def _sentence(value: ast.expr) -> str:
    """The text of a string or f-string, with `{…}` where a value goes."""
    match value:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_sentence(part) if isinstance(part, ast.Constant) else "{…}" for part in parts)
        case ast.BinOp(left=left, right=right):
            return _sentence(left) + _sentence(right)
    return ""


def _kinds(uses: list[ErrorUse]) -> str:
    return ", ".join(sorted({use.kind for use in uses if use.kind}))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def main() -> None:
    """Write the page, or with --check say whether it is current."""
    page = reference(error_uses())
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page)
    elif not PAGE.exists() or PAGE.read_text() != page:
        sys.exit("docs/reference/errors.md is not current. Run `make docs` and commit the page.")


if __name__ == "__main__":
    main()
