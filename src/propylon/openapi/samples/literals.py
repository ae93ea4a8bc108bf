"""Texts as each language writes them. Whatever stands in the text, the literal ends where we end it."""

from __future__ import annotations

import json
import shlex


def shell(text: str) -> str:
    """One word of a POSIX shell. A NUL cannot be in one and is left out."""
    return shlex.quote(text.replace("\0", ""))


def python(text: str) -> str:
    """Like `repr`, with double quotes; what a reader cannot see is written as an escape."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(character if character.isprintable() else _python_escape(character) for character in quoted)


def javascript(text: str) -> str:
    return visible(json.dumps(text, ensure_ascii=False))


def java(text: str) -> str:
    """ASCII only: a Java source may be read in any encoding."""
    return json.dumps(text).replace("\x7f", "\\u007f")


def visible(source: str) -> str:
    """JSON or JavaScript text whose invisible characters (also those that turn the direction) are escapes."""
    return "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1]
        for character in source
    ).replace("\x7f", "\\u007f")


def _python_escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
