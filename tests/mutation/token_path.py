"""`make mutate`: breaks each rule of the token path beside the engine in turn; a test in the database must fail for it.

`python tests/mutation/token_path.py [PART OF A NAME …]` breaks those rules alone. Each mutant names its proofs, which
first run with nothing broken.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path.insert(0, str(TESTS))

import pytest  # noqa: E402

from mutation.engine import tell  # noqa: E402
from mutation.engine_edits import rewritten  # noqa: E402
from mutation.forked import Watch, in_child, load_application  # noqa: E402
from mutation.token_path_rules import Mutant, mutants  # noqa: E402

FIRST = "test_a_key_is_made_once"  # it makes the database, once, before any fork


class Face:
    """A plugin that stands in for pytest's loop: the tests are collected once, and run in children."""

    def __init__(self, chosen: list[Mutant]) -> None:
        self.chosen = chosen
        self.watch = Watch()
        self.bad: list[str] = []
        self.failing: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.session = session
        session.config.pluginmanager.register(self.watch)
        self._run([next(item for item in session.items if FIRST in item.nodeid)])
        load_application()
        began = time.monotonic()
        self.failing = set(in_child(self._failing, []))
        for name in sorted(self.failing):
            tell(f"FAILS with nothing broken, and is left out: {name}")
            self.bad.append(name)
        for number, each in enumerate(self.chosen, 1):
            is_caught, why = in_child(partial(self._broken, each), (True, "the tests' process died"))
            tell(f"{number:3}/{len(self.chosen)} {'caught by' if is_caught else 'NOT CAUGHT'} {each.breaks}: {why}")
            self.bad += [] if is_caught else [each.breaks]
        tell(f"\n{len(self.chosen)} rules broken in {time.monotonic() - began:.0f} s, {len(self.bad)} not caught:")
        tell("\n".join(self.bad))
        return True

    def _proofs(self, mutant: Mutant) -> list[pytest.Item]:
        return [
            item
            for item in self.session.items
            for file, words in mutant.proofs
            if item.path.stem == f"test_{file}" and words in item.name and item.nodeid not in self.failing
        ]

    def _failing(self) -> list[str]:
        """In a child: the proofs that prove nothing."""
        found = []
        for item in {item.nodeid: item for each in self.chosen for item in self._proofs(each)}.values():
            self.watch.failed = self.watch.broken = ""
            self._run([item])
            if self.watch.failed or self.watch.broken:
                found.append(item.nodeid)
        return found

    def _broken(self, mutant: Mutant) -> tuple[bool, str]:
        if not rewritten(mutant.module, mutant.old, mutant.new)():
            return False, "stale: it changed nothing"
        return self._outcome(self._proofs(mutant))

    def _outcome(self, items: list[pytest.Item]) -> tuple[bool, str]:
        """Whether one fails, and which."""
        self.watch.passed = 0
        self._run(items)
        if failed := self.watch.failed or self.watch.broken:
            return True, failed
        return False, f"SURVIVES {self.watch.passed} tests"

    def _run(self, items: list[pytest.Item]) -> None:
        for item, following in zip(items, [*items[1:], self.session], strict=True):
            with contextlib.redirect_stdout(io.StringIO()):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.watch.failed or self.watch.broken:
                return


def main() -> int:
    wanted = sys.argv[1:]
    face = Face([each for each in mutants() if not wanted or any(part in each.breaks for part in wanted)])
    files = sorted({f"{file}" for each in face.chosen for file, _ in each.proofs} | {"back_channel"})
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = pytest.main(
            ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not system and not slow",
             *(str(TESTS / "authserver" / f"test_{file}.py") for file in files)],
            plugins=[face],
        )  # fmt: skip
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        tell(said.getvalue())
        return 1
    return bool(face.bad)


if __name__ == "__main__":
    sys.exit(main())
