"""Access tokens at the gateway (RFC 9068, RFC 6750): one provider per environment, its `aud` and our issuer."""

from __future__ import annotations

import json
from collections.abc import Iterable

from propylon.gateway.envoy_types import JWT_AUTHENTICATION, Json, typed
from propylon.gateway.model import Environment, GatewayModel
from propylon.gateway.resources import filter_configuration
from propylon.gateway.snapshot import Resource
from propylon.kernel.token_claims import CLAIM_HEADERS

_CLOCK_SKEW_SECONDS = 5
_CACHE = {"jwt_cache_size": 20_000, "jwt_max_token_size": 4096}


def token_resource(model: GatewayModel, environments: Iterable[Environment]) -> Resource:
    """Kind "jwt". A route that names no requirement is refused: what is open says so itself."""
    names = sorted(environments, key=lambda environment: environment.name)
    return filter_configuration(
        "jwt",
        typed(
            JWT_AUTHENTICATION,
            providers={
                "nobody": _provider(model, "urn:propylon:nobody"),
                **{e.name: _provider(model, e.audience) for e in names},
            },
            requirement_map={e.name: {"provider_name": e.name} for e in names},
            rules=[{"match": {"prefix": "/"}, "requires": {"provider_name": "nobody"}}],
        ),
    )


def _provider(model: GatewayModel, audience: str) -> Json:
    return {
        "issuer": model.listeners.public_url,
        "audiences": [audience],
        "local_jwks": {"inline_string": json.dumps(model.jwks, sort_keys=True)},
        "forward": True,
        # Whatever scheme comes before the space; that it is "bearer" in any case is tested in gateway.enforcement
        # (RFC 9110 section 11.1: a scheme's name is case-insensitive, and this filter's own test is not).
        "from_headers": [{"name": "Authorization", "value_prefix": " "}],
        "require_expiration": True,
        "clock_skew_seconds": _CLOCK_SKEW_SECONDS,
        "jwt_cache_config": _CACHE,
        "claim_to_headers": [
            {"header_name": header, "claim_name": claim} for claim, header in sorted(CLAIM_HEADERS.items())
        ],
    }
