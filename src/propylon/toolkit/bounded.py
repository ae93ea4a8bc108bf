"""Strangers' files, read in a process of its own: it has seconds and memory enough for an honest file, and writes none.

Whoever makes a .pfx chooses how long each password takes; a page that reads it must not be held by that. The question
goes in and the answer comes out through pipes, as JSON; the process sees no environment and can open no file to write.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from propylon.kernel.errors import Kind, PropylonError
from propylon.toolkit.contents import NamedFile
from propylon.toolkit.findings import finding, refusal

_SECONDS = 12.0
_AT_A_TIME = threading.BoundedSemaphore(2)
_WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Question:
    """`form`: "" to look alone, "parts" for certificate.crt and the like in a zip, or one of outputs.FORMS."""

    files: Sequence[NamedFile]
    passwords: Sequence[str] = field(default=(), repr=False)
    service_account: str = ""
    form: str = ""
    new_password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """`inspection` as Inspection.as_dict has it; `data` of the file that was asked for, with its name."""

    inspection: dict[str, Any]
    name: str = ""
    data: bytes = field(default=b"", repr=False)


def ask(question: Question) -> Reply:
    """Raises what stands in the way of a wanted file, `reading.gave_up`, or `toolkit.busy`."""
    if not _AT_A_TIME.acquire(timeout=_WAIT_SECONDS):
        message = "Others are reading certificates at the moment. Try again in a while."
        raise PropylonError("toolkit.busy", message, kind=Kind.UNAVAILABLE, transient=True)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "propylon.toolkit.bounded_child"],
            input=_written(question),
            capture_output=True,
            env={},
            cwd="/",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise refusal(finding("reading.gave_up")) from None
    finally:
        _AT_A_TIME.release()
    if done.returncode != 0:
        raise refusal(finding("reading.gave_up"))
    return _read(json.loads(done.stdout))


def _written(question: Question) -> bytes:
    told = {
        "files": [[file.name, base64.b64encode(file.data).decode()] for file in question.files],
        "passwords": list(question.passwords),
        "service_account": question.service_account,
        "form": question.form,
        "new_password": question.new_password,
    }
    return json.dumps(told).encode()


def _read(told: dict[str, Any]) -> Reply:
    if refused := told.get("refused"):
        raise PropylonError(refused["code"], refused["message"], kind=Kind.MALFORMED)
    return Reply(told["inspection"], told["name"], base64.b64decode(told["data"]))
