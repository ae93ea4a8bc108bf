"""The node's own check of calls, a process of its own: `python -m propylon.dataplane.call_check <home> <node> <agent>`.

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
from propylon.dataplane.leases import Ledger
from propylon.dataplane.logs import log_json_lines
from propylon.dataplane.proof_check import ProofCheck
from propylon.dataplane.quota_check import QuotaCheck
from propylon.dataplane.seen_proofs import SeenProofs
from propylon.dataplane.uncounted import Uncounted
from propylon.dataplane.way import Ways
from propylon.gateway.check import (
    CHECK_PREFIX,
    CLIENT,
    EXACT_HEADER,
    NONCE_HEADER,
    PLAN,
    QUOTA_HEADER,
    REASON_HEADER,
    VERDICT_HEADER,
    Verdict,
    exact_plans,
)
from propylon.gateway.files import CHECK_SOCKET, SEEN_PROOFS
from propylon.kernel.home import Home
from propylon.oauth.dpop import REPLAYABLE_SECONDS

_LOOK_EVERY_SECONDS = 0.5


class CallCheck:
    """All that a call may have to pass here, in order: a call without a good proof costs its client nothing."""

    def __init__(self, proofs: ProofCheck, quotas: QuotaCheck) -> None:
        self._proofs, self._quotas = proofs, quotas

    def ask(self, question: Question, answer: Callable[[Answer], None]) -> None:
        found = self._proofs.look_at(question)
        told = {NONCE_HEADER: found.nonce} if found.nonce else {}
        if found.refusal is not None:
            answer({**_told(found.refusal, found.reason), **told})
            return
        headers = question.headers
        outage = exact_plans(headers.get(EXACT_HEADER, "")).get(headers.get(PLAN, ""))
        if outage is None:
            answer({**_told(Verdict.GOOD), **told})
        else:
            client = headers.get(CLIENT, "")
            self._quotas.take(client, outage, lambda verdict: answer({**self._of_quota(verdict, client), **told}))

    def _of_quota(self, verdict: Verdict, client: str) -> Answer:
        limit = self._quotas.limit_of(client) if verdict in (Verdict.SPENT_DAY, Verdict.SPENT_MONTH) else None
        return {**_told(verdict), **({} if limit is None else {QUOTA_HEADER: str(limit)})}


def _told(verdict: Verdict, reason: str = "") -> Answer:
    return {VERDICT_HEADER: verdict.value, REASON_HEADER: reason}


async def serve(home: Home, node: str, agent: int) -> None:
    """Until SIGTERM, until another check has taken over, or until neither agent (a process) nor Envoy is there."""
    os.chdir(home.gateway)  # a socket's path must be short
    Path(CHECK_SOCKET).parent.mkdir(mode=0o700, exist_ok=True)
    seen = SeenProofs(Path(SEEN_PROOFS), kept_seconds=REPLAYABLE_SECONDS)
    quotas = QuotaCheck(Ledger(Ways(home), node).ask)
    calls = CallCheck(ProofCheck(seen, time.time), quotas)
    server = CheckServer(Path(CHECK_SOCKET), CHECK_PREFIX, calls.ask)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    uncounted = Uncounted(Path(CHECK_SOCKET).parent)
    await server.start()
    gc.freeze()
    while not stopping.is_set() and not server.is_over():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _LOOK_EVERY_SECONDS)
        if os.getppid() != agent and not _is_there(home.run / "envoy.pid"):
            break
        quotas.take_over(uncounted.left_by_the_dead())
        quotas.sweep()
        uncounted.write(quotas.uncounted())
    await server.stop()
    await quotas.give_back()
    uncounted.write(quotas.uncounted())


def _is_there(note: Path) -> bool:
    try:
        os.kill(int(note.read_text().split()[0]), 0)
    except (OSError, ValueError, IndexError):
        return False
    return True


def main() -> None:
    log_json_lines()
    asyncio.run(
        serve(Home(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3]))
    )  # without uvloop: a fifth slower, and 2 MB less


if __name__ == "__main__":
    main()
