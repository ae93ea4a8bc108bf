"""Exact quotas on a node: calls are leased from the control plane in blocks, and each call uses one up.

A lease is recorded there before anything of it is used here, so all nodes together never let pass more than a contract
has, whatever dies. The other way round it is policy:

| what happens | what becomes of the calls that a node holds |
|---|---|
| the node ends cleanly, or another check takes over | given back at once |
| a client does not call here for ten seconds | given back |
| the check is killed | lost to the client until the day, or the month, is over: at most two blocks |
| the control plane does not answer, plan says "refuse" | used up; then 503, until it answers |
| the control plane does not answer, plan says "serve" | used up; then all calls pass, and are counted when it answers |
| midnight in UTC | not used for the new day; given back, which counts for the month |

Blocks grow with how fast a client calls, and are small when little is left: the control plane decides.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from propylon.dataplane.leases import Lease, LeaseQuestion, NobodyCounts
from propylon.gateway.check import Verdict

_log = logging.getLogger(__name__)
_SMALLEST_BLOCK, _LARGEST_BLOCK = 10, 2_000
_QUICK_SECONDS, _SLOW_SECONDS = 1.0, 10.0  # a block that lasts less is too small, one that lasts longer too large
_IDLE_SECONDS = 10.0
_CALL_WAITS_SECONDS = 0.7  # Envoy waits for a second
_FORGOTTEN_SECONDS = 120.0
_ASK_AGAIN_SECONDS = 1.0  # after a refusal, or without an answer
SERVE = "serve"
_SPENT = {"day": Verdict.SPENT_DAY, "month": Verdict.SPENT_MONTH}

Answer = Callable[[Verdict], None]
Ask = Callable[[LeaseQuestion], Awaitable[Lease]]


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    outage: str
    answer: Answer


@dataclass(slots=True)
class _Account:
    """What this node holds of one client. Times are monotonic."""

    used_at: float
    left: int = 0
    day: str = ""  # that `left` is for
    day_ends_at: float = 0.0
    block: int = _SMALLEST_BLOCK
    leased_at: float = 0.0
    back: int = 0  # of an earlier day
    back_day: str = ""
    over: int = 0  # served beyond what was leased, not reported yet
    spent: Verdict | None = None
    limit: int | None = None  # calls of what is spent
    spent_until: float = 0.0
    waiting: list[_Waiting] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


class QuotaCheck:
    """For one event loop. `ask` raises NobodyCounts."""

    def __init__(self, ask: Ask, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._accounts: dict[str, _Account] = {}
        self._away_until = 0.0

    def take(self, client: str, outage: str, answer: Answer) -> None:
        """One call of the client; answered at once, unless a lease must be waited for."""
        now = self._clock()
        account = self._accounts.setdefault(client, _Account(now))
        account.used_at = now
        _end_day(account, now)
        if account.left and not account.waiting:
            account.left -= 1
            answer(Verdict.GOOD)
            if account.left < account.block // 2:
                self._want(client, account)
        elif account.spent and now < (account.day_ends_at if self._is_away(now) else account.spent_until):
            answer(account.spent)
        elif self._is_away(now):
            answer(_while_away(account, outage))
        else:
            waiting = _Waiting(outage, answer)
            account.waiting.append(waiting)
            asyncio.get_running_loop().call_later(_CALL_WAITS_SECONDS, self._give_up, account, waiting)
            self._want(client, account)

    def limit_of(self, client: str) -> int | None:
        """How many calls the quota has that was spent last; None: not known."""
        account = self._accounts.get(client)
        return account.limit if account else None

    def uncounted(self) -> dict[str, int]:
        """Calls by client that were served without a lease, and are not reported yet."""
        return {client: account.over for client, account in self._accounts.items() if account.over}

    def take_over(self, uncounted: Mapping[str, int]) -> None:
        """What another check had not reported when it ended."""
        for client, calls in uncounted.items():
            self._accounts.setdefault(client, _Account(self._clock())).over += calls

    def sweep(self) -> None:
        """From time to time: give back what nobody uses, report what was served without a lease."""
        now = self._clock()
        for client, account in list(self._accounts.items()):
            _end_day(account, now)
            if now - account.used_at > _IDLE_SECONDS and account.left:
                account.back, account.back_day, account.left = account.back + account.left, account.day, 0
            if (account.back or account.over) and not account.waiting:
                self._want(client, account, wanted=0)
            elif now - account.used_at > _FORGOTTEN_SECONDS and account.task is None:
                del self._accounts[client]

    async def give_back(self) -> None:
        """Everything; nothing may be asked of this check any more."""
        running = [account.task for account in self._accounts.values() if account.task is not None]
        await asyncio.gather(*running, return_exceptions=True)
        for account in self._accounts.values():
            account.used_at = float("-inf")
        self._away_until = 0.0
        self.sweep()
        running = [account.task for account in self._accounts.values() if account.task is not None]
        await asyncio.gather(*running, return_exceptions=True)

    def _is_away(self, now: float) -> bool:
        return now < self._away_until

    def _want(self, client: str, account: _Account, wanted: int | None = None) -> None:
        now = self._clock()
        is_spent = account.spent is not None and now < account.spent_until and wanted is None
        if account.task is None and not self._is_away(now) and not is_spent:
            size = account.block if wanted is None else wanted
            account.task = asyncio.get_running_loop().create_task(self._lease(client, account, size))

    async def _lease(self, client: str, account: _Account, wanted: int) -> None:
        over = account.over
        question = LeaseQuestion(client, wanted, account.back, account.back_day, over)
        account.back = 0  # whatever comes of it: given back twice, the contract would have grown
        account.over = 0
        try:
            lease = await self._ask(question)
        except NobodyCounts as away:
            self._note_away(str(away))
            account.over += over
            waiting, account.waiting = account.waiting, []
            for call in waiting:
                call.answer(_while_away(account, call.outage))
            return
        finally:
            account.task = None
        self._away_until = 0.0
        if wanted:
            self._receive(client, account, lease)
        elif account.waiting:  # they came while something was given back
            self._want(client, account)

    def _receive(self, client: str, account: _Account, lease: Lease) -> None:
        now = self._clock()
        if account.left and account.day != lease.day:
            account.back, account.back_day, account.left = account.back + account.left, account.day, 0
        _tune(account, now)
        account.left += lease.granted
        account.day, account.day_ends_at = lease.day, now + lease.seconds
        account.spent = None if lease.granted else _SPENT.get(lease.spent, Verdict.SPENT_DAY)
        account.limit = lease.limit
        account.spent_until = now + _ASK_AGAIN_SECONDS
        while account.left and account.waiting:
            account.left -= 1
            account.waiting.pop(0).answer(Verdict.GOOD)
        if not account.waiting:
            return
        if account.spent is None:
            self._want(client, account)
            return
        waiting, account.waiting = account.waiting, []
        for call in waiting:
            call.answer(account.spent)

    def _give_up(self, account: _Account, call: _Waiting) -> None:
        """The call cannot wait longer; the lease, when it comes, is for later ones."""
        if call in account.waiting:
            account.waiting.remove(call)
            self._note_away("the control plane takes long to answer")
            call.answer(_while_away(account, call.outage))

    def _note_away(self, detail: str) -> None:
        now = self._clock()
        if not self._away_until:
            _log.warning("dataplane.check.no_lease", extra={"detail": detail})
        self._away_until = now + _ASK_AGAIN_SECONDS


def _end_day(account: _Account, now: float) -> None:
    if account.left and now >= account.day_ends_at:
        account.back, account.back_day, account.left = account.back + account.left, account.day, 0


def _tune(account: _Account, now: float) -> None:
    lasted = now - account.leased_at
    account.leased_at = now
    if lasted < _QUICK_SECONDS:
        account.block = min(account.block * 2, _LARGEST_BLOCK)
    elif lasted > _SLOW_SECONDS:
        account.block = max(account.block // 2, _SMALLEST_BLOCK)


def _while_away(account: _Account, outage: str) -> Verdict:
    if outage != SERVE:
        return Verdict.BUSY
    account.over += 1
    return Verdict.GOOD
