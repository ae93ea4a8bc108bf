"""The web process, spoken to by granian's RSGI: the lean token path, and Django for all else."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")

import django

django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402

from propylon.authserver.rsgi import HttpProtocol, Scope  # noqa: E402
from propylon.authserver.token_endpoint import TOKEN_PATH, token_endpoint  # noqa: E402
from propylon.oauth.metadata import AUTHORIZE  # noqa: E402
from propylon.project import oauth_aliases  # noqa: E402
from propylon.project.django_application import DjangoApplication  # noqa: E402

_django = DjangoApplication()


async def application(scope: Scope, protocol: HttpProtocol) -> None:
    if scope.path == TOKEN_PATH:
        await token_endpoint(scope, protocol)
        return
    alias = settings.PROPYLON_OAUTH_ALIASES.get(scope.path)
    if alias == oauth_aliases.TOKEN:
        await token_endpoint(scope, protocol)
    elif alias == oauth_aliases.AUTHORIZE:
        await _django.answer(scope, protocol, path=AUTHORIZE)
    else:
        await _django.answer(scope, protocol)
