"""The web process: the lean token path, and Django for all else."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")

from django.core.asgi import get_asgi_application

_django = get_asgi_application()

from propylon.authserver.lifespan import lifespan  # noqa: E402
from propylon.authserver.token_endpoint import TOKEN_PATH, token_endpoint  # noqa: E402


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "http" and scope["path"] == TOKEN_PATH:
        await token_endpoint(scope, receive, send)
        return
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
        return
    await _django(scope, receive, send)
