"""A node's side of exact quotas, against a ledger in memory: random callers, losses, outages and midnights."""

from __future__ import annotations

import asyncio
import random
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from propylon.dataplane.call_check import CallCheck
from propylon.dataplane.check_server import Answer, Question
from propylon.dataplane.leases import Lease, LeaseQuestion, NobodyCounts
from propylon.dataplane.proof_check import ProofCheck
from propylon.dataplane.quota_check import QuotaCheck
from propylon.dataplane.seen_proofs import SeenProofs
from propylon.dataplane.uncounted import Uncounted
from propylon.gateway.check import CLIENT, EXACT_HEADER, PLAN, QUOTA_HEADER, VERDICT_HEADER, Verdict


@dataclass
class Ledger:
    """The other end of the wire. `is_away`: nobody answers. `loses`: what was recorded, but never answered."""

    limit: int
    leased: int = 0
    questions: list[LeaseQuestion] = field(default_factory=list)
    is_away: bool = False
    loses: bool = False
    day: str = "2026-11-22"
    seconds: float = 1000.0

    async def ask(self, question: LeaseQuestion) -> Lease:
        await asyncio.sleep(0)
        if self.is_away:
            raise NobodyCounts("away")
        self.questions.append(question)
        self.leased += question.over - question.back
        granted = min(question.wanted, max(0, self.limit - self.leased))
        self.leased += granted
        if self.loses:
            raise NobodyCounts("no answer")
        if granted:
            return Lease(granted, self.day, self.seconds, "")
        return Lease(0, self.day, self.seconds, "day", self.limit)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def _calls(check: QuotaCheck, number: int, outage: str = "refuse", client: str = "cl_1") -> Counter[Verdict]:
    """So many calls at once."""
    answers: list[asyncio.Future[Verdict]] = [asyncio.get_running_loop().create_future() for _ in range(number)]
    for answer in answers:
        check.take(client, outage, answer.set_result)
    async with asyncio.timeout(5):
        return Counter(await asyncio.gather(*answers))


def test_a_burst_waits_for_its_leases_and_ends_at_the_limit(clock: Clock) -> None:
    ledger = Ledger(limit=137)

    async def run() -> Counter[Verdict]:
        return await _calls(QuotaCheck(ledger.ask, clock), 500)

    assert asyncio.run(run()) == {Verdict.GOOD: 137, Verdict.SPENT_DAY: 363}
    assert len(ledger.questions) < 20


def test_a_spent_quota_is_asked_about_once_a_second(clock: Clock) -> None:
    ledger = Ledger(limit=0)

    async def run() -> None:
        check = QuotaCheck(ledger.ask, clock)
        for _ in range(5):
            assert await _calls(check, 10) == {Verdict.SPENT_DAY: 10}
        assert len(ledger.questions) == 1
        clock.now += 1.1
        ledger.limit = 3
        assert await _calls(check, 10) == {Verdict.GOOD: 3, Verdict.SPENT_DAY: 7}

    asyncio.run(run())


def test_a_caller_learns_how_many_calls_the_spent_quota_had(clock: Clock, tmp_path: Path) -> None:
    ledger = Ledger(limit=7)
    headers = {CLIENT: "cl_1", PLAN: "counted", EXACT_HEADER: "counted=refuse"}
    question = Question("GET", "/", headers)

    async def run() -> list[Answer]:
        told: list[asyncio.Future[Answer]] = [asyncio.get_running_loop().create_future() for _ in range(8)]
        proofs = ProofCheck(SeenProofs(tmp_path / "seen", kept_seconds=1), clock)
        calls = CallCheck(proofs, QuotaCheck(ledger.ask, clock))
        for each in told:
            calls.ask(question, each.set_result)
        async with asyncio.timeout(5):
            return list(await asyncio.gather(*told))

    told = asyncio.run(run())
    assert [answer[VERDICT_HEADER] for answer in told] == ["good"] * 7 + ["spent.day"]
    assert [answer.get(QUOTA_HEADER) for answer in told] == [None] * 7 + ["7"]


def test_all_is_given_back_at_the_end(clock: Clock) -> None:
    ledger = Ledger(limit=1000)

    async def run() -> None:
        check = QuotaCheck(ledger.ask, clock)
        for client in ("cl_1", "cl_2"):
            await _calls(check, 7, client=client)
        await check.give_back()

    asyncio.run(run())
    assert ledger.leased == 14


def test_what_a_client_leaves_unused_is_given_back(clock: Clock) -> None:
    ledger = Ledger(limit=1000)

    async def run() -> None:
        check = QuotaCheck(ledger.ask, clock)
        await _calls(check, 7)
        clock.now += 11
        check.sweep()
        await asyncio.sleep(0.01)

    asyncio.run(run())
    assert ledger.leased == 7


def test_nothing_is_given_back_twice(clock: Clock) -> None:
    ledger = Ledger(limit=1000)

    async def run() -> None:
        check = QuotaCheck(ledger.ask, clock)
        await _calls(check, 7)
        clock.now += 11
        ledger.loses = True  # it is taken back, and the answer is lost
        check.sweep()
        await asyncio.sleep(0.01)
        ledger.loses = False
        clock.now += 2
        check.sweep()
        await check.give_back()

    asyncio.run(run())
    assert ledger.leased == 7


def test_away_the_rest_of_the_lease_is_used_and_then_the_policy_holds(clock: Clock) -> None:
    async def run(outage: str) -> tuple[Counter[Verdict], Ledger]:
        ledger = Ledger(limit=1000)
        check = QuotaCheck(ledger.ask, clock)
        await _calls(check, 4, outage)
        await asyncio.sleep(0.01)
        held, ledger.is_away = ledger.leased - 4, True
        answers = await _calls(check, held + 5, outage)
        assert answers[Verdict.GOOD] == (held + 5 if outage == "serve" else held)
        ledger.is_away = False
        clock.now += 1.1
        check.sweep()
        await asyncio.sleep(0.01)
        await check.give_back()
        return answers, ledger

    answers, ledger = asyncio.run(run("refuse"))
    assert answers[Verdict.BUSY] == 5
    _, served = asyncio.run(run("serve"))
    assert served.leased == ledger.leased + 5  # counted afterwards


def test_a_lease_that_comes_late_is_not_lost(clock: Clock) -> None:
    ledger = Ledger(limit=1000)

    async def late(question: LeaseQuestion) -> Lease:
        await asyncio.sleep(0.9)
        return await ledger.ask(question)

    async def run() -> None:
        check = QuotaCheck(late, clock)
        assert await _calls(check, 3) == {Verdict.BUSY: 3}
        await asyncio.sleep(0.4)
        assert await _calls(check, 10) == {Verdict.GOOD: 10}
        assert ledger.leased == 10

    asyncio.run(run())


def test_a_quota_that_was_spent_stays_spent_while_nobody_answers(clock: Clock) -> None:
    ledger = Ledger(limit=0)

    async def run() -> None:
        check = QuotaCheck(ledger.ask, clock)
        await _calls(check, 1, "serve")
        ledger.is_away = True
        clock.now += 1.1
        assert await _calls(check, 1, "serve")
        assert await _calls(check, 5, "serve") == {Verdict.SPENT_DAY: 5}

    asyncio.run(run())


def test_a_lease_ends_with_its_day(clock: Clock) -> None:
    ledger = Ledger(limit=1000, seconds=5.0)

    async def run() -> None:
        check = QuotaCheck(ledger.ask, clock)
        await _calls(check, 1)
        clock.now += 6
        ledger.day, ledger.seconds = "2026-11-23", 86_400.0
        assert await _calls(check, 1) == {Verdict.GOOD: 1}
        await check.give_back()

    asyncio.run(run())
    backs = [(question.back_day, question.back) for question in ledger.questions if question.back]
    assert backs[0] == ("2026-11-22", 9)
    assert ledger.leased == 2


@pytest.mark.parametrize("seed", range(15))
def test_whatever_happens_never_one_call_more_is_served(seed: int) -> None:
    chance, clock = random.Random(seed), Clock()
    ledger, served = Ledger(limit=2000), 0

    async def run() -> int:
        nonlocal served
        checks = [QuotaCheck(ledger.ask, clock) for _ in range(3)]
        for _ in range(150):
            index = chance.randrange(3)
            served += (await _calls(checks[index], chance.randint(1, 60)))[Verdict.GOOD]
            ledger.is_away, ledger.loses = chance.random() < 0.1, chance.random() < 0.1
            clock.now += chance.choice([0.01, 0.3, 1.5, 12.0])
            checks[index].sweep()
            if chance.random() < 0.05:
                checks[index] = QuotaCheck(ledger.ask, clock)  # killed
            if chance.random() < 0.05:
                await checks[index].give_back()
            assert served <= ledger.leased <= 2000
        return served

    assert asyncio.run(run()) > 200


def test_what_was_served_while_nobody_counted_outlives_a_kill(tmp_path: Path, clock: Clock) -> None:
    ledger = Ledger(limit=1000, is_away=True)
    mine = Uncounted(tmp_path)

    async def before() -> None:
        killed = QuotaCheck(ledger.ask, clock)
        await _calls(killed, 5, "serve")
        mine.write(killed.uncounted())

    async def after() -> None:
        heir = QuotaCheck(ledger.ask, clock)
        for _ in range(2):
            heir.take_over(mine.left_by_the_dead())
        ledger.is_away = False
        await heir.give_back()

    asyncio.run(before())
    assert mine.left_by_the_dead() == {}  # we live
    dead = subprocess.Popen(["/bin/true"])
    dead.wait()
    next(tmp_path.iterdir()).rename(tmp_path / f"uncounted.{dead.pid}.json")
    asyncio.run(after())
    assert ledger.leased == 5
    assert list(tmp_path.iterdir()) == []
