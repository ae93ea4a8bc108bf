"""Engines and kernel decide from their arguments alone. Import contracts see modules; this sees calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import propylon

PACKAGE = Path(propylon.__file__).parent
ENGINES = ("oauth", "gateway", "pki", "openapi", "kernel")
PATHS_ONLY = {PACKAGE / "kernel" / "home.py"}  # computes paths, reads nothing

FORBIDDEN_MODULES = {
    "asyncio", "django", "http", "logging", "multiprocessing", "ninja", "os", "pathlib", "random", "secrets",
    "select", "shutil", "signal", "socket", "sqlite3", "ssl", "starlette", "subprocess", "sys", "tempfile",
    "threading", "time",
}  # fmt: skip
FORBIDDEN_NAMES = {"open", "input", "print", "exec", "eval", "__import__"}
# What reads the clock, draws random numbers or touches files behind an innocent import.
FORBIDDEN_CALLS = {
    "now", "utcnow", "today", "urandom", "token_bytes", "token_urlsafe", "token_hex", "generate_private_key",
    "random_serial_number", "read_text", "write_text", "read_bytes", "write_bytes", "getenv",
    "uuid1", "uuid4",
}  # fmt: skip
FILES = sorted(file for engine in ENGINES for file in (PACKAGE / engine).rglob("*.py"))


def violations(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (f"line {node.lineno}: import {name.name}" for name in names if _forbidden(name.name))
            case ast.ImportFrom(module=str(module)) if _forbidden(module):
                yield f"line {node.lineno}: from {module} import …"
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_NAMES:
                yield f"line {node.lineno}: {name}()"
            case ast.Call(func=ast.Attribute(attr=name)) if name in FORBIDDEN_CALLS:
                yield f"line {node.lineno}: .{name}()"
            case ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=name) if name in FORBIDDEN_CALLS:
                yield f"line {node.lineno}: datetime.{name}"


def _forbidden(module: str) -> bool:
    return module.partition(".")[0] in FORBIDDEN_MODULES


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_an_engine_takes_time_and_entropy_as_arguments(file: Path) -> None:
    found = list(violations(ast.parse(file.read_text())))
    if file in PATHS_ONLY:
        found = [violation for violation in found if "pathlib" not in violation]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "from os import path",
        "from datetime import datetime\ndatetime.now()",
        "from cryptography.hazmat.primitives.asymmetric import ec\nec.generate_private_key(ec.SECP256R1())",
        "open('x')",
        "import django.db",
    ],
)
def test_the_scan_sees_what_it_is_for(text: str) -> None:
    assert list(violations(ast.parse(text)))
