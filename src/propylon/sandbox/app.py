"""The sandbox bank as an ASGI application; `application` serves the bank of PROPYLON_HOME."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from propylon.kernel.errors import PropylonError
from propylon.kernel.home import Home
from propylon.sandbox.accounts_api import AccountsApi
from propylon.sandbox.answers import failed, json_answer, refused, unrouted
from propylon.sandbox.bank_data import DEFAULT_SEED
from propylon.sandbox.bank_queries import Bank
from propylon.sandbox.customer_names import CustomerNames
from propylon.sandbox.mocks import mock_routes


def create_application(home: Home, *, seed: str = DEFAULT_SEED) -> Starlette:
    """The bank is made at start-up, or with the first request where the server has no start-up."""
    bank = Bank(home.sandbox, seed)
    names = CustomerNames(home.sandbox / "subjects.key")

    @asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncIterator[None]:
        _ = bank.connection
        yield

    async def health(request: Request) -> Response:
        accounts = bank.connection.execute("SELECT count(*) FROM account").fetchone()[0]
        return json_answer(request, {"status": "ok", "accounts": accounts})

    application = Starlette(
        routes=[Route("/health", health), *AccountsApi(bank, names).routes(), *mock_routes(home.sandbox / "mocks")],
        exception_handlers={PropylonError: refused, HTTPException: unrouted, Exception: failed},
        lifespan=lifespan,
    )
    application.router.redirect_slashes = False  # an upstream that redirects would lead callers past the gateway
    return application


application = create_application(Home(Path(os.environ.get("PROPYLON_HOME", "var")).resolve()))
