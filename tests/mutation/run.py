"""`make mutate`: breaks each rule of the gateway in turn, and shows that a test on a real Envoy fails for it.

`python tests/mutation/run.py [PART OF A NAME …]` runs those mutants alone, and leaves out the run without any mutant.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
GATEWAY = HERE.parent / "gateway"
sys.path.insert(0, str(HERE.parent))

import pytest  # noqa: E402

from mutation import mutant as hook  # noqa: E402
from mutation.forked import Watch, in_child  # noqa: E402
from mutation.rules import MUTANTS  # noqa: E402


def tests_of(proofs: Iterable[str]) -> list[str]:
    """pytest's arguments for these proofs."""
    pairs = [proof.split(".", 1) for proof in proofs]
    files = [str(GATEWAY / f"test_envoy_{file}.py") for file in dict.fromkeys(file for file, _ in pairs)]
    return [*files, "-k", " or ".join(dict.fromkeys(word for _, word in pairs))]


def run(name: str, proofs: Iterable[str]) -> tuple[bool, str]:
    """In a process of its own, which has imported everything already. Whether it is as it should be, and why."""

    def work() -> tuple[bool, str]:
        os.environ[hook.SELECTED] = name
        return _outcome(name, proofs)

    return tuple(in_child(work, (False, "the tests' process died")))


def _outcome(name: str, proofs: Iterable[str]) -> tuple[bool, str]:
    watch, out = Watch(), io.StringIO()
    stop = ["-x"] if name else []
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        pytest.main([*stop, "-q", "-p", "no:cacheprovider", *tests_of(proofs)], plugins=[watch])
    if watch.broken:
        return False, f"cannot be judged: {watch.broken}"
    if not watch.passed and not watch.failed:
        return False, "cannot be judged: no test was selected\n" + out.getvalue()[-800:]
    if not name:
        return not watch.failed, watch.failed or f"{watch.passed} tests pass"
    if name not in hook.applied:
        return False, "stale: it changed nothing"
    return bool(watch.failed), watch.failed or f"SURVIVES {watch.passed} tests"


def main() -> int:
    wanted = sys.argv[1:]
    chosen = {name: each for name, each in MUTANTS.items() if not wanted or any(part in name for part in wanted)}
    proofs = dict.fromkeys(proof for each in chosen.values() for proof in each.proof.split())
    with contextlib.redirect_stdout(io.StringIO()):  # imports what all of them need
        pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *tests_of(proofs)])
    began, bad = time.monotonic(), []
    if not wanted:
        is_good, why = run("", proofs)
        print(f"nothing broken: {why}", flush=True)
        if not is_good:
            return 1
    for number, (name, each) in enumerate(chosen.items(), 1):
        is_good, why = run(name, each.proof.split())
        print(f"{number:3}/{len(chosen)} {'caught by' if is_good else 'NOT CAUGHT'} {name}: {why}", flush=True)
        bad += [] if is_good else [name]
    print(f"\n{len(chosen)} rules broken in {time.monotonic() - began:.0f} s, {len(bad)} not caught: {', '.join(bad)}")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
