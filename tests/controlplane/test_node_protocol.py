"""Poll, confirm, calls: the answers that need no database, and what does not fit the protocol."""

from __future__ import annotations

import asyncio
import stat
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from propylon.controlplane.offering import Offering
from propylon.controlplane.protocol import NodeProtocol
from propylon.controlplane.server import bound_socket
from propylon.gateway.snapshot import Resource

Result = TypeVar("Result")


async def no_records(node: str, segment: str, offset: int, data: bytes) -> int:
    raise AssertionError(f"{node} sent records: {segment} {offset} {len(data)}")


def ask(offering: Offering, talk: Callable[[httpx.AsyncClient], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        transport = httpx.ASGITransport(NodeProtocol(offering, no_records).application(asks_for_certificate=False))
        async with httpx.AsyncClient(transport=transport, base_url="http://control/v1/nodes/node-1") as client:
            return await talk(client)

    return asyncio.run(run())


def poll(offering: Offering, **body: Any) -> httpx.Response:
    return ask(offering, lambda client: client.post("/poll", json=body))


@pytest.fixture
def offering() -> Offering:
    made = Offering()
    made.offer([Resource("cds", "c1", "clusters"), Resource("rds", "r1", "routes")])
    return made


def test_a_poll_answers_only_what_differs_and_only_the_kinds_asked_for(offering: Offering) -> None:
    assert poll(offering, kinds=["cds"]).json() == {"resources": {"cds": {"version": "c1", "text": "clusters"}}}
    assert poll(offering, kinds=["cds", "rds"], have={"cds": "c1"}).json()["resources"].keys() == {"rds"}
    assert poll(offering, kinds=["cds"], have={"cds": "c1"}, wait=0.05).json() == {"resources": {}}


def test_a_waiting_poll_answers_as_soon_as_another_thread_offers_something(offering: Offering) -> None:
    async def talk(client: httpx.AsyncClient) -> tuple[dict[str, Any], float]:
        waiting = asyncio.create_task(client.post("/poll", json={"kinds": ["cds"], "have": {"cds": "c1"}, "wait": 20}))
        await asyncio.sleep(0.05)
        began = time.monotonic()
        await asyncio.to_thread(offering.offer, [Resource("rds", "r2", "other routes")])  # not its kind
        await asyncio.to_thread(offering.offer, [Resource("cds", "c2", "other clusters")])
        return (await waiting).json(), time.monotonic() - began

    answer, seconds = ask(offering, talk)
    assert answer["resources"]["cds"]["version"] == "c2"
    assert seconds < 1


def test_closing_lets_waiting_polls_answer(offering: Offering) -> None:
    async def talk(client: httpx.AsyncClient) -> httpx.Response:
        waiting = asyncio.create_task(client.post("/poll", json={"kinds": ["cds"], "have": {"cds": "c1"}, "wait": 20}))
        await asyncio.sleep(0.05)
        offering.close()
        return await asyncio.wait_for(waiting, 2)

    assert ask(offering, talk).json() == {"resources": {}}


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("/poll", b"no json", ["body"]),
        ("/poll", b"[]", ["body"]),
        ("/poll", b'{"kinds": "cds", "have": [], "wait": 26}', ["kinds", "have", "wait"]),
        ("/confirm", b'{"running": {"cds": "c1"}}', ["running"]),
        ("/calls?segment=..%2Fx&offset=-1", b"", ["segment", "offset"]),
        ("/calls?segment=a&offset=0", b"x" * (8 * 1024 * 1024 + 1), ["body"]),
    ],
)
def test_what_does_not_fit_the_protocol_is_refused_with_every_mistake(
    offering: Offering, path: str, body: bytes, fields: list[str]
) -> None:
    answer = ask(offering, lambda client: client.post(path, content=body))
    assert answer.status_code == 400
    assert answer.json()["code"] == "controlplane.request.invalid"
    assert [error["field"] for error in answer.json()["errors"]] == fields


def test_only_our_own_user_may_open_the_socket_and_a_left_over_one_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "run" / "controlplane.sock"
    for _ in range(2):
        with bound_socket(path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
