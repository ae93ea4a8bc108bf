"""Every variable that the code reads is on the settings page, and the page names no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import propylon

PACKAGE = Path(propylon.__file__).parent
PAGE = PACKAGE.parents[1] / "docs" / "reference" / "settings.md"
# Between a supervisor and its own children; nobody sets them by hand.
INTERNAL = {"PROPYLON_SUPERVISOR_PID", "PROPYLON_START_GATE"}
VARIABLE = re.compile(r"^(PROPYLON_[A-Z0-9_]+|DATABASE_URL)$")


def variables_read() -> set[str]:
    """Names given to `environ.get(…)`, `environ[…]`, `environ.pop(…)` and `getenv(…)`."""
    found = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(attr="get" | "getenv" | "pop" | "setdefault"), args=[name, *_]):
                    found.add(getattr(name, "value", None))
                case ast.Subscript(value=ast.Attribute(attr="environ"), slice=name):
                    found.add(getattr(name, "value", None))
    return {name for name in found if isinstance(name, str) and VARIABLE.match(name)} - INTERNAL


def test_every_variable_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^\| `([A-Z0-9_]+)`", PAGE.read_text(), re.MULTILINE))
    assert documented == variables_read()
