"""The management API of a running system, as one of its people."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx

from running_system import RunningSystem, wait_until

MANAGE = "/manage/v1"
_RECORD_SECONDS = 10.0


class ManagementClient:
    """`manage("GET", "/applications")` gives the parsed body and asserts the status (200 unless said otherwise)."""

    def __init__(self, system: RunningSystem, role: str = "operator", *, email: str = "", password: str = "") -> None:
        user = next(each for each in system.demo.users if email in {each.email, ""} and (email or each.role == role))
        self._client = system.client()
        body = {"email": user.email, "password": password or user.password, "name": "journeys", "expires_in": 3600}
        answer = self._client.post(f"{MANAGE}/access-tokens", json=body)
        assert answer.status_code == 201, answer.text
        self.token: str = answer.json()["access_token"]
        self._client.headers["Authorization"] = f"Bearer {self.token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._client.close()

    def request(self, method: str, path: str, body: object = None) -> httpx.Response:
        return self._client.request(method, MANAGE + path, json=body)

    def __call__(self, method: str, path: str, body: object = None, *, status: int = 200) -> Any:
        answer = self.request(method, path, body)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def record(self, tracking_id: str) -> dict[str, Any]:
        """The call record, once it is there."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            answer = self.request("GET", f"/calls/{tracking_id}")
            if answer.status_code == 200:
                found.append(answer.json())
            return bool(found)

        wait_until(is_there, _RECORD_SECONDS, lambda: f"no record of {tracking_id}")
        return found[0]

    def events(self, **filters: str) -> list[dict[str, Any]]:
        """The newest 500 events."""
        query = httpx.QueryParams({"limit": 500, **filters})
        events: list[dict[str, Any]] = self("GET", f"/events?{query}")["data"]
        return events
