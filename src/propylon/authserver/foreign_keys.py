"""Keys at a client's own address (`jwks_uri`) in the path of a request: asked for only if it is signed with a key that
we do not know, once a minute for a client over all processes, and never waited for longer than `WAIT_SECONDS`.

All other asking is the worker's. The name, the connection and the answer are bounded in `applications.key_fetching`; a
look-up of the name that hangs is left behind in a thread of its own.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from propylon.applications.actions import claim_fetch, fetched, keep_fetched
from propylon.applications.key_fetching import Fetched, KeysUnreachable
from propylon.applications.selectors import keys_are_under_way
from propylon.authserver.selectors import client_record
from propylon.authserver.threads import in_thread
from propylon.oauth.key_address import names_unknown_key
from propylon.oauth.records import ClientRecord

WAIT_SECONDS: Final = 2.0
_PAUSE = 0.1
_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="client-keys")


def wants_keys(client: ClientRecord | None, *signed: str) -> bool:
    """Whether one of these JWTs ("": none) is signed with a key that its client may have added at its address."""
    if client is None or not client.key_address or not client.is_active:
        return False
    return any(names_unknown_key(text, client.keys) for text in signed if text)


def client_for(client_id: str, *signed: str) -> ClientRecord | None:
    """The client, with the keys of these JWTs if they could be had."""
    client = client_record(client_id)
    if not wants_keys(client, *signed):
        return client
    if address := claim_fetch(client_id):
        asked = _threads.submit(fetched, address, seconds=WAIT_SECONDS)
        try:
            outcome = asked.result(timeout=WAIT_SECONDS)
        except TimeoutError:
            outcome = _too_late()
        keep_fetched(client_id=client_id, address=address, outcome=outcome)
    else:
        for _ in range(int(WAIT_SECONDS / _PAUSE)):
            if not keys_are_under_way(client_id):
                break
            time.sleep(_PAUSE)
    return client_record(client_id)


async def refresh_keys(client_id: str) -> None:
    """The same from the event loop, which goes on meanwhile."""
    if address := await in_thread(claim_fetch, client_id):
        outcome = await _ask(address)
        await in_thread(keep_fetched, client_id=client_id, address=address, outcome=outcome)
        return
    for _ in range(int(WAIT_SECONDS / _PAUSE)):  # another process may be the one that asks: only the database says
        if not await in_thread(keys_are_under_way, client_id):
            return
        await asyncio.sleep(_PAUSE)


async def _ask(address: str) -> Fetched | KeysUnreachable:
    asked = _threads.submit(fetched, address, seconds=WAIT_SECONDS)
    try:
        return await asyncio.wait_for(asyncio.wrap_future(asked), WAIT_SECONDS)
    except TimeoutError:
        return _too_late()


def _too_late() -> KeysUnreachable:
    return KeysUnreachable("It did not answer in time.")
