"""The web process, spoken to by granian's RSGI: the lean token path, and Django for all else."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")

from django.core.asgi import get_asgi_application

_django = get_asgi_application()

from django.conf import settings  # noqa: E402

from propylon.authserver.rsgi import HttpProtocol, Scope  # noqa: E402
from propylon.authserver.token_endpoint import TOKEN_PATH, token_endpoint  # noqa: E402
from propylon.oauth.metadata import AUTHORIZE  # noqa: E402
from propylon.project import oauth_aliases  # noqa: E402
from propylon.project.asgi_bridge import answer_by_asgi  # noqa: E402


async def application(scope: Scope, protocol: HttpProtocol) -> None:
    if scope.path == TOKEN_PATH:
        await token_endpoint(scope, protocol)
        return
    alias = settings.PROPYLON_OAUTH_ALIASES.get(scope.path)
    if alias == oauth_aliases.TOKEN:
        await token_endpoint(scope, protocol)
    elif alias == oauth_aliases.AUTHORIZE:
        await answer_by_asgi(_django, scope, protocol, path=AUTHORIZE)
    else:
        await answer_by_asgi(_django, scope, protocol)
