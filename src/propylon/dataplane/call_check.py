"""The node's own check of calls, a process of its own: `python -m propylon.dataplane.call_check <folder> <run folder>`.

Everything of the node that asks is one Envoy, and all its workers ask this one process; so a proof counts once on a
node. It outlives its agent, as Envoy does, until the next agent's check takes the socket over.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from propylon.dataplane.check_server import Answer, CheckServer, Question
from propylon.dataplane.logs import log_json_lines
from propylon.dataplane.proof_check import ProofCheck
from propylon.dataplane.seen_proofs import SeenProofs
from propylon.gateway.check import CHECK_PREFIX, REASON_HEADER, VERDICT_HEADER, Verdict
from propylon.gateway.files import CHECK_SOCKET, SEEN_PROOFS
from propylon.oauth.dpop import REPLAYABLE_SECONDS

_LOOK_EVERY_SECONDS = 0.5


class CallCheck:
    """All that a call may have to pass here, in order."""

    def __init__(self, proofs: ProofCheck) -> None:
        self._proofs = proofs

    def ask(self, question: Question, answer: Callable[[Answer], None]) -> None:
        verdict, reason = self._proofs.refusal(question) or (Verdict.GOOD, "")
        answer({VERDICT_HEADER: verdict.value, REASON_HEADER: reason})


async def serve(folder: Path, run: Path) -> None:
    """Until SIGTERM, until another check has taken over, or until neither agent nor Envoy is there. Works in `folder`,
    the gateway's: a socket's path must be short."""
    os.chdir(folder)
    Path(CHECK_SOCKET).parent.mkdir(mode=0o700, exist_ok=True)
    seen = SeenProofs(Path(SEEN_PROOFS), kept_seconds=REPLAYABLE_SECONDS)
    server = CheckServer(Path(CHECK_SOCKET), CHECK_PREFIX, CallCheck(ProofCheck(seen, time.time)).ask)
    stopping, agent = asyncio.Event(), os.getppid()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await server.start()
    gc.freeze()
    while not stopping.is_set() and not server.is_replaced():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _LOOK_EVERY_SECONDS)
        if os.getppid() != agent and not _is_there(run / "envoy.pid"):
            break
    await server.stop()


def _is_there(note: Path) -> bool:
    try:
        os.kill(int(note.read_text().split()[0]), 0)
    except (OSError, ValueError, IndexError):
        return False
    return True


def main() -> None:
    log_json_lines()
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(serve(Path(sys.argv[1]), Path(sys.argv[2])))


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


if __name__ == "__main__":
    main()
