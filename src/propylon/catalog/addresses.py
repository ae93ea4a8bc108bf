"""Where an environment is called: below the portal's addresses, or on hosts of its own (PROPYLON_ENVIRONMENT_URLS)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from propylon.catalog.models import Environment, Publication


@dataclass(frozen=True, slots=True)
class EnvironmentAddress:
    """URLs have no slash at their end; a version's mount path follows. The public one is the `aud` of its tokens."""

    public_url: str
    mutual_url: str
    path_prefix: str  # what the paths of its calls begin with; "" on hosts of its own
    hosts: tuple[str, ...] = ()  # its own, sorted


def address_of(environment: Environment) -> EnvironmentAddress:
    if own := settings.PROPYLON_ENVIRONMENT_URLS.get(environment.name):
        public_url, mutual_url = own
        return EnvironmentAddress(
            public_url, mutual_url, "", tuple(sorted({urlsplit(url).hostname or "" for url in own}))
        )
    prefix = environment.path_prefix
    return EnvironmentAddress(settings.PROPYLON_PUBLIC_URL + prefix, settings.PROPYLON_MUTUAL_URL + prefix, prefix)


def version_urls(publication: Publication) -> tuple[str, str]:
    """Public and mutual address of a version in an environment; an operation's path follows."""
    address, path = address_of(publication.environment), publication.product_version.mount_path
    return address.public_url + path, address.mutual_url + path


def base_path(publication: Publication) -> str:
    """`/sandbox/accounts/v1`: what the paths of calls to this version begin with."""
    return address_of(publication.environment).path_prefix + publication.product_version.mount_path
