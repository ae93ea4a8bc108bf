"""Access tokens at the gateway (RFC 9068, RFC 6750): one provider per environment, its `aud` and our issuer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from propylon.gateway.envoy_types import JWT_AUTHENTICATION, Json, typed
from propylon.gateway.model import Environment, GatewayModel
from propylon.gateway.operation_policy import OPTIONAL_CLAIMS, needed_claims
from propylon.gateway.requirements import NOBODY, rules
from propylon.gateway.resources import filter_configuration
from propylon.gateway.snapshot import Resource
from propylon.kernel.token_claims import CLAIM_HEADERS

_CLOCK_SKEW_SECONDS = 5
# Envoy takes no empty key set. The point's x is the SHA-256 of "propylon: nobody signs with this key 1": nobody knows
# its private key, so nothing verifies with it.
_NOBODYS_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "alg": "ES256",
    "use": "sig",
    "kid": "nobody",
    "x": "vcFblgyo9rseal49qt3-S9LdC1rvM0_9_81ZbQf9Uj0",
    "y": "RW7506uOehempgJYaJuVqnpX4XURyJ6dyp2nxfM0c6c",
}
_NOBODY = {"keys": [_NOBODYS_KEY]}
_CACHE = {"jwt_cache_size": 20_000, "jwt_max_token_size": 4096}


def token_resource(model: GatewayModel, environments: Iterable[Environment]) -> Resource:
    """Kind "jwt". A route outside of all environments that names no requirement is refused, whatever comes: what is
    open says so itself."""
    ordered = sorted(environments, key=lambda environment: environment.name)
    keys = model.jwks if model.jwks.get("keys") else _NOBODY
    issuer = model.listeners.issuer
    claims = sorted(set(CLAIM_HEADERS) - OPTIONAL_CLAIMS | needed_claims(model))
    providers = {e.name: _provider(issuer, e.audience, keys, claims) for e in ordered}
    providers[NOBODY] = _provider("urn:propylon:nobody", "urn:propylon:nobody", _NOBODY, claims)
    return filter_configuration(
        "jwt",
        typed(
            JWT_AUTHENTICATION,
            providers=providers,
            requirement_map={name: {"provider_name": name} for name in providers},
            rules=rules(ordered),
        ),
    )


def _provider(issuer: str, audience: str, keys: Mapping[str, object], claims: Iterable[str]) -> Json:
    return {
        "issuer": issuer,
        "audiences": [audience],
        "local_jwks": {"inline_string": json.dumps(keys, sort_keys=True)},
        "forward": True,
        # Whatever scheme comes before the space; that it is "bearer" in any case is tested in gateway.enforcement
        # (RFC 9110 section 11.1: a scheme's name is case-insensitive, and this filter's own test is not).
        "from_headers": [{"name": "Authorization", "value_prefix": " "}],
        "require_expiration": True,
        "clock_skew_seconds": _CLOCK_SKEW_SECONDS,
        "jwt_cache_config": _CACHE,
        "claim_to_headers": [{"header_name": CLAIM_HEADERS[claim], "claim_name": claim} for claim in claims],
    }
