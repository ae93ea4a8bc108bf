"""Metadata (RFC 8414, OpenID Connect Discovery) and keys (RFC 7517), open to every page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from propylon.authserver.detail_types import all_detail_type_names
from propylon.authserver.selectors import all_scope_names, public_jwks
from propylon.oauth.metadata import metadata


@require_safe
def metadata_document(_request: HttpRequest) -> HttpResponse:
    document = metadata(
        issuer=settings.PROPYLON_ISSUER_URL,
        mutual_url=settings.PROPYLON_ISSUER_MUTUAL_URL,
        scopes=all_scope_names(),
        detail_types=all_detail_type_names(),
    )
    return _public(document, "application/json")


@require_safe
def jwks(_request: HttpRequest) -> HttpResponse:
    return _public(public_jwks(), "application/jwk-set+json")


def _public(document: dict[str, Any], content_type: str) -> HttpResponse:
    response = JsonResponse(document, content_type=content_type)
    response["Cache-Control"] = "public, max-age=60"
    response["Access-Control-Allow-Origin"] = "*"
    return response
