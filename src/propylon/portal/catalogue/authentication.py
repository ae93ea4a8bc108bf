"""The authorization server as a product of the catalogue (FEATURES D1): described by what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from propylon.catalog.access import unknown_version
from propylon.oauth.documentation import authentication_document
from propylon.openapi.documented import DocumentedOperation, documented_operation
from propylon.openapi.read import api_of
from propylon.portal.catalogue.subject import Entry, Place, Subject

NAME, VERSION = "authentication", "v1"


@dataclass(frozen=True, slots=True)
class Authentication(Subject):
    """The same pages, from the document that the oauth engine writes."""

    def document(self) -> dict[str, Any]:
        return _document()

    def documented(self, entry: Entry) -> DocumentedOperation:
        found = documented_here(entry.method, entry.path)
        assert found is not None  # noqa: S101  (the entries come from this document)
        return found


def authentication(version: str = "") -> Subject:
    """Raises `catalog.version.unknown`."""
    if version not in {"", VERSION}:
        raise unknown_version(NAME, version)
    document = _document()
    return Authentication(
        name=NAME,
        title=_("Authentication API"),
        version=VERSION,
        summary=_("Tokens for every API: client credentials, authorization code with PKCE, pushed requests."),
        description=document["info"]["description"],
        entries=_entries(),
        scopes={},
        places=(Place("", _("All environments"), True, *_addresses()),),
    )


@cache
def _document() -> dict[str, Any]:
    public_url, mutual_url = _addresses()
    return authentication_document(public_url=public_url, mutual_url=mutual_url)


def _addresses() -> tuple[str, str]:
    return settings.PROPYLON_ISSUER_URL, settings.PROPYLON_ISSUER_MUTUAL_URL


@cache
def _entries() -> tuple[Entry, ...]:
    return tuple(
        Entry(
            operation_id=each.operation_id,
            method=each.method,
            path=each.path,
            summary=each.summary,
            tag=each.tag,
            scopes=(),
            is_public=True,
            requires_certificate=False,
            is_deprecated=False,
        )
        for each in api_of(_document()).operations
    )


@cache
def documented_here(method: str, path: str) -> DocumentedOperation | None:
    return documented_operation(_document(), method, path)
