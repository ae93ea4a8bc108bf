"""The client's own count of answered calls is the count of call records, also when processes are killed (-9)."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from journeys.load import Load
from journeys.management_client import ManagementClient
from journeys.partners import SANDBOX, Partner, mint, partner
from running_system import RunningSystem, wait_until

CALLS = 2_000
KILLED_UNDER = 400  # calls a second: what is counted afterwards is read page by page
ACCOUNTS = f"{SANDBOX}/accounts?limit=1"
SHIPPED_SECONDS = 20.0
ENVOY_DEATHS = 3
# docs/explanation/call-records.md: lines of answered calls that were still in memory, in all of these deaths together.
LOST_WITH_ENVOY = 25


@dataclass
class Scene:
    """A partner whose calls are counted. `token` belongs to a plan that is faster than the load."""

    system: RunningSystem
    manage: ManagementClient
    partner: Partner
    token: str

    def load(self, *, calls: int = 0, most_per_second: int = 0) -> Load:
        return Load(self.system, ACCOUNTS, self.token, calls=calls, most_per_second=most_per_second)

    def usage(self) -> dict[str, Any]:
        usage: dict[str, Any] = self.manage("GET", f"/applications/{self.partner.application_id}/usage")
        return usage

    def recorded(self) -> dict[str, int]:
        """Tracking id → status of every record."""
        found: dict[str, int] = {}
        query = "limit=500"
        while query:
            page = self.manage("GET", f"/applications/{self.partner.application_id}/calls?{query}")
            for each in page["data"]:
                assert each["tracking_id"] not in found, "listed twice"
                found[each["tracking_id"]] = each["status"]
            query = page["paging"]["next"]
        return found

    def wait_for(self, calls: int) -> None:
        """Until so many are stored and no more come."""
        wait_until(lambda: self.usage()["calls"] >= calls, SHIPPED_SECONDS, lambda: f"{self.usage()} of {calls}")
        wait_until(self.has_shipped_all, SHIPPED_SECONDS)

    def has_shipped_all(self) -> bool:
        """A call made now is stored, so every earlier one is: the log has one order."""
        with self.system.client() as client:
            last = client.get("/sandbox/nothing").headers["RequestTrackingId"]
        with ManagementClient(self.system, "operator") as operator:
            return operator.record(last)["status"] == 404


@contextlib.contextmanager
def scene_on(system: RunningSystem, folder: Path) -> Iterator[Scene]:
    with (
        ManagementClient(system, "developer") as manage,
        partner(system, manage, folder) as found,
        mint(system) as signer,
    ):
        token = signer.like(found.token(), plan="generous", x5h=None, cnf=None)
        yield Scene(system, manage, found, token)


def test_every_answered_call_of_several_threads_has_its_record(running_system: RunningSystem, tmp_path: Path) -> None:
    with scene_on(running_system, tmp_path) as scene:
        with scene.load(calls=CALLS) as load:
            load.join()
        assert (len(load.answered), load.broken) == (CALLS, 0)
        scene.wait_for(CALLS)
        usage = scene.usage()
        assert usage["calls"] == CALLS
        assert usage["by_status_class"] == load.by_status_class
        assert load.by_status_class.keys() <= {"2xx", "4xx"}  # 429, should this machine be faster than the plan
        assert scene.recorded() == load.answered


def test_whatever_is_killed_under_load_no_record_is_lost_or_doubled(
    start_system: Callable[..., RunningSystem], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    system = start_system()
    system.wait_until_ready()
    with scene_on(system, tmp_path) as scene:
        with scene.load(most_per_second=KILLED_UNDER) as load:
            for name in ("gateway", "worker", "ingestion", "web", "sandbox"):
                kill_under_load(system, load, name)
        assert load.broken == 0  # Envoy serves on, whoever else is gone
        assert load.by_status_class.get("5xx", 0) > 0  # the time without a sandbox
        scene.wait_for(len(load.answered))
        assert scene.recorded() == load.answered
        assert scene.usage()["by_status_class"] == load.by_status_class

        before = scene.recorded()
        with scene.load(most_per_second=KILLED_UNDER) as load:
            for _ in range(ENVOY_DEATHS):
                kill_under_load(system, load, "envoy")
        record_property("lost_with_envoy", lost_with_envoy(scene, load, before))


def kill_under_load(system: RunningSystem, load: Load, name: str) -> None:
    """Kill -9, wait until everything serves again, and let some more calls pass."""
    wait_until(lambda: name in system.pids(), 20, system.logs)
    pid = system.pids()[name]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: system.pids().get(name, pid) != pid, 20, system.logs)
    wait_until(system.is_ready, 20, system.logs)
    enough = len(load.answered) + 100
    wait_until(lambda: len(load.answered) > enough, 20)


def lost_with_envoy(scene: Scene, load: Load, before: dict[str, int]) -> int:
    """Answered calls without a record: only of those that were answered in the moment of a death."""
    assert load.broken > 0
    deadline = time.monotonic() + SHIPPED_SECONDS
    wait_until(scene.has_shipped_all, SHIPPED_SECONDS)
    while True:
        records = scene.recorded()
        lost = load.answered.keys() - records.keys()
        if not lost or time.monotonic() > deadline:
            break
        time.sleep(1)
        if scene.recorded() == records:
            break
    assert len(lost) <= LOST_WITH_ENVOY
    unanswered = records.keys() - load.answered.keys() - before.keys()
    assert len(unanswered) <= load.broken  # recorded, but the death was faster than the answer
    return len(lost)
