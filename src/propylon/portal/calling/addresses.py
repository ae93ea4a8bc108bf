"""The addresses that a client uses: environment, token endpoint, authority."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from propylon.catalog.addresses import address_of
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
    issuer = settings.PROPYLON_ISSUER_MUTUAL_URL if listener == MUTUAL else settings.PROPYLON_ISSUER_URL
    return CallingAddresses(
        base_url=base_url_of(environment, listener),
        token_url=f"{issuer}/oauth/token",
        authorize_url=f"{settings.PROPYLON_ISSUER_URL}/oauth/authorize",
        ca_url=f"{settings.PROPYLON_PUBLIC_URL}/ca.crt",
    )


def base_url_of(environment: Environment, listener: str) -> str:
    address = address_of(environment)
    return address.mutual_url if listener == MUTUAL else address.public_url
