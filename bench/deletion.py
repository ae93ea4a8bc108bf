"""From the answer of a deletion to the first refusal, on an open connection, while the load goes on."""

from __future__ import annotations

import http.client
import threading
import time
from typing import Any

from installation import Installation
from load import Load, load


def delete_under_load(
    installation: Installation, facts: dict[str, Any], tokens_file: str, path: str, *, deletions: int
) -> tuple[list[float], Load]:
    """Milliseconds of each deletion, and the load that went on meanwhile."""
    measured: list[Load] = []
    seconds = deletions * 0.25 + 3
    generator = threading.Thread(
        target=lambda: measured.append(
            load(installation.public_url, "tokens.lua", tokens_file, path, seconds=seconds, connections=16)
        )
    )
    generator.start()
    time.sleep(1)  # the load has begun; nothing is asserted about it
    first_of_each = {each["application"]: each["token"] for each in facts["tokens"]}
    times = []
    for application, token in list(first_of_each.items())[:deletions]:
        times.append(_delete(installation, facts["access_token"], application, token, path))
    generator.join()
    return times, measured[0]


def _delete(installation: Installation, access_token: str, application: str, token: str, path: str) -> float:
    caller = http.client.HTTPSConnection("localhost", installation.public_port, context=installation.context)
    manager = http.client.HTTPSConnection("localhost", installation.public_port, context=installation.context)
    if _status(caller, "GET", path, token) != 200:
        raise RuntimeError("the token was refused before its application was deleted")
    status = _status(manager, "DELETE", f"/manage/v1/applications/{application}", access_token)
    if status != 204:
        raise RuntimeError(f"the deletion answered {status}")
    began = time.perf_counter()
    while _status(caller, "GET", path, token) != 401:
        if time.perf_counter() - began > 10:
            raise RuntimeError("not refused within 10 s")
    return (time.perf_counter() - began) * 1000


def _status(connection: http.client.HTTPSConnection, method: str, path: str, token: str) -> int:
    connection.request(method, path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    answer.read()
    return answer.status
