"""The routes outside of the products: unknown products, and the web application's reserved prefixes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from propylon.gateway.clusters import WEB
from propylon.gateway.compression import COMPRESSIONS
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

_WEB = disabled("cors", "jwt", "scope", "limits", "upstream", *COMPRESSIONS)


def routes_outside(model: GatewayModel, environments: Iterable[Environment]) -> list[Json]:
    """Paths of an environment that no product has; then the web application's own; on `mutual` only what needs it."""
    unknown = chain.from_iterable(_unknown_product(environment) for environment in environments)
    oauth = [_web(prefix, "oauth") for prefix in ("/oauth", "/.well-known")]
    portal = {**_web("/", "web"), "match": {"prefix": "/", "headers": [ON_PUBLIC]}}
    return [
        *unknown,
        *(too_large(model, route["match"], route["metadata"]) for route in oauth),
        too_large(model, ANY_PATH, {}),
        *oauth,
        _web("/health", "web"),
        portal,
        refuse(404, ANY_PATH, {}),
    ]


def _unknown_product(environment: Environment) -> list[Json]:
    below = {"path_separated_prefix": environment.path_prefix.rstrip("/")}
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
        "match": {"path_separated_prefix": prefix} if prefix != "/" else ANY_PATH,
        "route": {"cluster": WEB, "timeout": "60s"},
        "metadata": propylon_metadata(format=error_format),
        "request_headers_to_remove": [CERTIFICATE_HEADER],
        "request_headers_to_add": [set_header(name, value) for name, value in headers.items()],
        "typed_per_filter_config": _WEB,
    }
