"""The addresses that a client uses: environment, token endpoint, authority."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from propylon.catalog.models import Environment
from propylon.portal.calling.choices import MUTUAL


@dataclass(frozen=True, slots=True)
class CallingAddresses:
    """`base_url` is the environment's, without a slash at its end; the version's mount path follows."""

    base_url: str
    token_url: str
    authorize_url: str
    ca_url: str


def addresses_for(environment: Environment, listener: str) -> CallingAddresses:
    origin = origin_of(listener)
    return CallingAddresses(
        base_url=origin + environment.path_prefix,
        token_url=f"{origin}/oauth/token",
        authorize_url=f"{settings.PROPYLON_PUBLIC_URL}/oauth/authorize",
        ca_url=f"{settings.PROPYLON_PUBLIC_URL}/ca.crt",
    )


def origin_of(listener: str) -> str:
    origin: str = settings.PROPYLON_MUTUAL_URL if listener == MUTUAL else settings.PROPYLON_PUBLIC_URL
    return origin
