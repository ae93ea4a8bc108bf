"""Debian's openssl, as a judge and as a maker of files."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def openssl(tmp_path: Path) -> Callable[..., bytes]:
    """Runs in tmp_path; its standard output. A file's content may be given by name."""

    def run(*arguments: str, **files: bytes) -> bytes:
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
        done = subprocess.run(["openssl", *arguments], cwd=tmp_path, capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    return run
