"""The real application over ASGI, on a bank made once for these tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import httpx
import pytest
from starlette.applications import Starlette

from propylon.kernel.home import Home
from propylon.sandbox.app import create_application
from propylon.sandbox.people import PEOPLE

Headers = dict[str, str]
_TRACKING_ID = "6cfbfd80-60ef-44bb-8b67-95f164846a3d"


@pytest.fixture(scope="session")
def sandbox_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def sandbox_app(sandbox_home: Home) -> Starlette:
    return create_application(sandbox_home)


class _AsgiTransport(httpx.BaseTransport):
    """Calls the application in an event loop of its own, so that tests read as they would over the network."""

    def __init__(self, application: Starlette) -> None:
        self._transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        self._loop = asyncio.new_event_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._loop.run_until_complete(self._answer(request))
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        answer = await self._transport.handle_async_request(asked)
        await answer.aread()
        return answer

    def close(self) -> None:
        self._loop.close()


@pytest.fixture(scope="session")
def bank_client(sandbox_app: Starlette) -> Iterator[httpx.Client]:
    with httpx.Client(transport=_AsgiTransport(sandbox_app), base_url="http://sandbox") as client:
        yield client


def _gateway_headers(subject: str) -> Headers:
    """What the gateway sends along with a call on 8444."""
    return {
        "RequestTrackingId": _TRACKING_ID,
        "X-Propylon-Client": "client-1",
        "X-Propylon-Subject": subject,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "localhost",
        "X-Forwarded-Port": "8444",
        "X-Forwarded-Prefix": "/sandbox/accounts/v1",
    }


@pytest.fixture(scope="session")
def gateway_headers() -> Callable[[str], Headers]:
    return _gateway_headers


@pytest.fixture
def service() -> Headers:
    """A service token: the subject is the client itself."""
    return _gateway_headers("client-1")


@pytest.fixture
def customer() -> Headers:
    return _gateway_headers(PEOPLE[0].subject)


@pytest.fixture
def follow(bank_client: httpx.Client) -> Callable[[str, str, str, Headers], list[httpx.Response]]:
    """All answers from one text of `paging` to the next until it is null."""

    def walk(path: str, query: str, rel: str, headers: Headers) -> list[httpx.Response]:
        answers = []
        following: str | None = query
        while following is not None:
            answers.append(bank_client.get(f"{path}?{following}", headers=headers))
            assert answers[-1].status_code == 200, answers[-1].text
            following = answers[-1].json()["paging"][rel]
        return answers

    return walk
