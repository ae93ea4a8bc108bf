"""Tests in a process of their own that has imported everything already, and what became of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest


class Watch:
    """What became of the tests."""

    def __init__(self) -> None:
        self.passed, self.failed, self.broken = 0, "", ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.passed += 1
        elif report.when == "call" and report.failed:
            self.failed = self.failed or report.nodeid.rpartition("::")[2]
        elif report.failed and not self.failed:
            self.broken = self.broken or str(report.longrepr).strip().splitlines()[-1][:300]


def load_application() -> None:
    """All that the first request would load, once, before any fork; it starts no thread."""
    from django.urls import get_resolver

    import propylon.project.rsgi  # noqa: F401

    assert get_resolver().reverse_dict


def in_child(work: Callable[[], Any], when_it_dies: Any) -> Any:
    """What `work` returns in a child, as JSON takes it."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.close(reader)
        with os.fdopen(writer, "w") as told:
            told.write(json.dumps(work()))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        text = told.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else when_it_dies
