"""`make mutate`: breaks each rule of the engine `propylon.oauth` in turn, and shows that a quick test fails for it.

`python tests/mutation/engine.py [--quick] [PART OF A NAME …]` breaks those rules alone; `--quick` asks the tests of the
engine by themselves, without a database. One run of the tests without any mutant finds out which tests run which
function; a mutant meets those that run what it changed, the shortest first.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path.insert(0, str(TESTS))

import pytest  # noqa: E402

from mutation.engine_edits import Mutant, forget_caches, watch_functions  # noqa: E402
from mutation.engine_rules import EQUIVALENT, mutants  # noqa: E402
from mutation.forked import Watch, in_child, load_application  # noqa: E402

QUICKEST = "oauth"  # tests of the engine alone: they meet every mutant first
FOLDERS = (QUICKEST, "authserver")
QUICK = "--quick"


class Engine:
    """A plugin that stands in for pytest's loop: the tests are collected once, and run in children."""

    def __init__(self, folders: tuple[str, ...], wanted: list[str]) -> None:
        self.folders = folders
        self.wanted = wanted
        self.watch = Watch()
        self.bad: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.session = session
        session.config.pluginmanager.register(self.watch)
        began, left = time.monotonic(), self._chosen()
        every = len(left)
        for folder in self.folders:
            if folder != QUICKEST and left:
                self._make_database()
            items = [item for item in session.items if item.path.parent.name == folder]
            left = self._break(left, items, is_last=folder == self.folders[-1]) if left else []
        self.bad += [each.breaks for each in left]
        tell(f"\n{every} rules broken in {time.monotonic() - began:.0f} s, {len(self.bad)} not caught:")
        tell("\n".join(self.bad))
        return True

    def _chosen(self) -> list[Mutant]:
        return [
            each
            for each in mutants()
            if each.breaks not in EQUIVALENT and (not self.wanted or any(part in each.breaks for part in self.wanted))
        ]

    def _make_database(self) -> None:
        """Once, before any fork: by a test that needs one, and no thread."""
        self._run([next(item for item in self.session.items if "test_a_key_is_made_once" in item.nodeid)])
        assert self.watch.passed, self.watch.failed or self.watch.broken
        load_application()

    def _run(self, items: list[pytest.Item]) -> None:
        """Until one fails."""
        for item, following in zip(items, [*items[1:], self.session], strict=True):
            forget_caches()
            with contextlib.redirect_stdout(io.StringIO()):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.watch.failed or self.watch.broken:
                return

    def _find_out(self, items: list[pytest.Item]) -> tuple[list[int], list[float], dict[str, list[int]]]:
        """In a child: which tests fail, how long each took, and for each function the tests that ran it."""
        ran: set[str] = set()
        tests_of: dict[str, list[int]] = {}
        seconds, failing = [], []
        watch_functions(ran.add)
        for number, item in enumerate(items):
            ran.clear()
            self.watch.failed = self.watch.broken = ""
            began = time.monotonic()
            self._run([item])
            seconds.append(time.monotonic() - began)
            if self.watch.failed or self.watch.broken:
                failing.append(number)
                continue
            for name in ran:
                tests_of.setdefault(name, []).append(number)
        return failing, seconds, tests_of

    def _break(self, chosen: list[Mutant], items: list[pytest.Item], *, is_last: bool) -> list[Mutant]:
        """Those that no test noticed. A test that fails with nothing broken proves nothing, and is told."""
        began = time.monotonic()
        failing, seconds, tests_of = in_child(lambda: self._find_out(items), ([], [0.0] * len(items), {}))
        tell(f"nothing broken: {len(items) - len(failing)} tests pass in {time.monotonic() - began:.0f} s")
        for number in failing:
            tell(f"FAILS with nothing broken, and is left out: {items[number].nodeid}")
            self.bad.append(items[number].nodeid)
        missed = []
        for number, each in enumerate(chosen, 1):
            numbers = tests_of.get(each.place, []) if each.function else sorted({*range(len(items))} - {*failing})
            able = [items[which] for which in sorted(numbers, key=lambda which: seconds[which])]
            is_good, why = in_child(partial(self._outcome, each, able), (True, "the tests' process died"))
            if is_good or is_last:
                tell(f"{number:3}/{len(chosen)} {'caught by' if is_good else 'NOT CAUGHT'} {each.breaks}: {why}")
            missed += [] if is_good else [each]
        tell(f"{len(missed)} of {len(chosen)} are left")
        return missed

    def _outcome(self, mutant: Mutant, items: list[pytest.Item]) -> tuple[bool, str]:
        if not items:
            return False, "no test runs it"
        if not mutant.apply():
            return False, "stale: it changed nothing"
        self.watch.passed = 0
        self._run(items)
        if failed := self.watch.failed or self.watch.broken:
            return True, failed
        return False, f"SURVIVES {self.watch.passed} tests"


def tell(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def main() -> int:
    wanted = [each for each in sys.argv[1:] if each != QUICK]
    engine = Engine((QUICKEST,) if QUICK in sys.argv else FOLDERS, wanted)
    folders = [str(TESTS / folder) for folder in engine.folders]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = pytest.main(
            ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not system and not slow", *folders],
            plugins=[engine],
        )
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        tell(said.getvalue())
        return 1
    return bool(engine.bad)


if __name__ == "__main__":
    sys.exit(main())
