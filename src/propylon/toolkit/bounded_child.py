"""The process that bounded.py starts: reads one question, answers it, ends."""

from __future__ import annotations

import base64
import json
import resource
import sys
from datetime import UTC, datetime
from typing import Any

from propylon.kernel.errors import PropylonError
from propylon.toolkit.contents import NamedFile
from propylon.toolkit.identity import Identity
from propylon.toolkit.inspection import inspect
from propylon.toolkit.outputs import OutputFile, converted, taken_apart, zipped
from propylon.toolkit.reading import read_files
from propylon.toolkit.usable import usable_identity

_CPU_SECONDS, _MEMORY_BYTES = 8, 1024 * 1024 * 1024


def main() -> None:
    # No file can be written from here on, and no memory image is left behind.
    for kind, most in (
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    sys.stdout.write(json.dumps(_answered(json.load(sys.stdin))))


def _answered(question: dict[str, Any]) -> dict[str, Any]:
    files = [NamedFile(name, base64.b64decode(data)) for name, data in question["files"]]
    contents = read_files(files, question["passwords"])
    found = inspect(contents, now=datetime.now(UTC), service_account=question["service_account"])
    form = question["form"]
    made = OutputFile("", b"")
    if form:
        try:
            made = _made(usable_identity(contents, needs_key=_needs_key(form)), form, question["new_password"])
        except PropylonError as error:
            return {"refused": {"code": error.code, "message": error.message}}
    return {"inspection": found.as_dict(), "name": made.name, "data": base64.b64encode(made.data).decode()}


def _needs_key(form: str) -> bool:
    return form not in {"crt", "der", "p7b"}


def _made(identity: Identity, form: str, password: str) -> OutputFile:
    if form == "parts":
        return OutputFile("identity.zip", zipped(taken_apart(identity, key_password=password)), is_private=True)
    return converted(identity, form, password=password)


if __name__ == "__main__":
    main()
