"""The routes outside of the products: unknown products, and the web application's reserved prefixes."""

from __future__ import annotations

from itertools import chain

from propylon.gateway.check import EXACT_HEADER
from propylon.gateway.clusters import WEB
from propylon.gateway.direct_routes import (
    ANY_PATH,
    ON_PUBLIC,
    propylon_metadata,
    refuse,
    too_large,
    without_certificate,
)
from propylon.gateway.envoy_types import Json, set_header
from propylon.gateway.filters import CERTIFICATE_HEADER, disabled
from propylon.gateway.model import Environment, GatewayModel
from propylon.gateway.sites import Site

_AUTHORIZATION = ("/oauth", "/.well-known")
_WEB = disabled("cors", "jwt", "scope", "limits", "upstream", "compression")


def routes_outside(model: GatewayModel, site: Site) -> list[Json]:
    """Paths of an environment that no product has; then the web application's own; on `mutual` only what needs it.

    A host that is not the authorization server's, or not the portal's, lacks their paths. Each tells its health.
    """
    unknown = chain.from_iterable(_unknown_product(environment) for environment in site.environments)
    health = _web("/health", "web")
    if not (site.serves_portal or site.serves_authorization):
        return [health, *unknown]
    oauth = [_web(prefix, "oauth") for prefix in _AUTHORIZATION] if site.serves_authorization else []
    if site.serves_authorization:
        oauth += [{**_web(path, "oauth"), "match": {"path": path}} for path in model.authorization_aliases]
    return [
        *unknown,
        *(too_large(model.max_body_bytes, route["match"], route["metadata"]) for route in oauth),
        too_large(model.max_body_bytes, ANY_PATH, {}),
        *oauth,
        health,
        *(_pages(site)),
        refuse(404, ANY_PATH, {}),
    ]


def _pages(site: Site) -> list[Json]:
    """The portal has all that is left; the authorization server's pages need what makes them look like pages."""
    if not site.serves_portal:
        return [_on_public(_web("/static", "web"))]
    elsewhere = [] if site.serves_authorization else _AUTHORIZATION
    return [*(refuse(404, _below(prefix), {}) for prefix in elsewhere), _on_public(_web("/", "web"))]


def _on_public(route: Json) -> Json:
    return {**route, "match": {**route["match"], "headers": [ON_PUBLIC]}}


def _below(prefix: str) -> Json:
    return {"path_separated_prefix": prefix} if prefix.strip("/") else ANY_PATH


def _unknown_product(environment: Environment) -> list[Json]:
    below = _below(environment.path_prefix.rstrip("/"))
    place = propylon_metadata(environment=environment.name, format="standard")
    return [without_certificate(below, place), refuse(404, below, place)]


def _web(prefix: str, error_format: str) -> Json:
    """A reserved prefix; the client certificate travels as headers that nobody else can set (RFC 9700 section 4.13)."""
    headers = {
        "x-propylon-peer-certificate": "%DOWNSTREAM_PEER_CERT%",
        "x-propylon-peer-fingerprint": "%DOWNSTREAM_PEER_FINGERPRINT_256%",
        "x-propylon-source-address": "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%",
    }
    return {
        "name": f"web{prefix}",
        "match": _below(prefix),
        "route": {"cluster": WEB, "timeout": "60s"},
        "metadata": propylon_metadata(format=error_format),
        "request_headers_to_remove": [CERTIFICATE_HEADER, EXACT_HEADER],
        "request_headers_to_add": [set_header(name, value) for name, value in headers.items()],
        "typed_per_filter_config": _WEB,
    }
