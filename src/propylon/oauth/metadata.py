"""Authorization server metadata, RFC 8414 and OpenID Connect Discovery 1.0. It claims only what works.

What an operator may allow single clients (the profile `legacy`) is not in it: no other client may count on it, and a
FAPI 2.0 client must not find it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from propylon.kernel.token_claims import PROOF_ALGORITHMS
from propylon.oauth.acr import ACR_VALUES
from propylon.oauth.authorization_request import REDIRECTED_RULES
from propylon.oauth.authorization_response import RESPONSE_MODES
from propylon.oauth.policy import TYPES
from propylon.oauth.rules.check_code_challenge import check_code_challenge
from propylon.oauth.scopes import OPENID
from propylon.oauth.sectors import SUBJECT_TYPES
from propylon.oauth.sign_in_wish import PROMPTS
from propylon.oauth.token_request import STANDARD_GRANTS

TOKEN, PAR, REVOKE, INTROSPECT = "/oauth/token", "/oauth/par", "/oauth/revoke", "/oauth/introspect"
REGISTER = "/oauth/register"
AUTHORIZE, JWKS, USERINFO = "/oauth/authorize", "/oauth/jwks", "/oauth/userinfo"
END_SESSION = "/oauth/end-session"
BACKCHANNEL = "/oauth/bc-authorize"

_WHERE_CLIENTS_SIGN = ("token", "revocation", "introspection")  # RFC 8414, 2


def metadata(
    *, issuer: str, mutual_url: str, scopes: Iterable[str], detail_types: Iterable[str] = ()
) -> dict[str, Any]:
    """One document for both addresses; the aliases (RFC 8705, 5) name the listener that asks for certificates."""
    endpoints = {
        "token_endpoint": TOKEN,
        "pushed_authorization_request_endpoint": PAR,
        "revocation_endpoint": REVOKE,
        "introspection_endpoint": INTROSPECT,
        "userinfo_endpoint": USERINFO,
        "backchannel_authentication_endpoint": BACKCHANNEL,
    }
    methods = _auth_methods()
    confidential = [method for method in methods if method != "none"]
    algorithms = list(PROOF_ALGORITHMS)
    return {
        "issuer": issuer,
        "authorization_endpoint": issuer + AUTHORIZE,
        "end_session_endpoint": issuer + END_SESSION,  # OpenID Connect RP-Initiated Logout, 2.1
        **{name: issuer + path for name, path in endpoints.items()},
        "jwks_uri": issuer + JWKS,
        "registration_endpoint": issuer + REGISTER,
        "mtls_endpoint_aliases": {name: mutual_url + path for name, path in endpoints.items()},
        "scopes_supported": [OPENID, *sorted(scopes)],
        "authorization_details_types_supported": sorted(detail_types),  # RFC 9396, 10
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "authorization_signing_alg_values_supported": ["ES256"],
        "grant_types_supported": list(STANDARD_GRANTS),
        "backchannel_token_delivery_modes_supported": ["poll"],  # CIBA Core, 4
        "backchannel_authentication_request_signing_alg_values_supported": algorithms,
        "backchannel_user_code_parameter_supported": False,
        "code_challenge_methods_supported": ["S256"] if check_code_challenge in REDIRECTED_RULES else [],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": confidential,
        **{f"{name}_endpoint_auth_signing_alg_values_supported": algorithms for name in _WHERE_CLIENTS_SIGN},
        "authorization_response_iss_parameter_supported": True,
        "tls_client_certificate_bound_access_tokens": True,
        "dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS),
        "require_pushed_authorization_requests": False,
        "introspection_signing_alg_values_supported": ["ES256"],
        "request_parameter_supported": True,
        "request_object_signing_alg_values_supported": algorithms,
        "require_signed_request_object": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": True,
        "acr_values_supported": list(ACR_VALUES),
        "subject_types_supported": list(SUBJECT_TYPES),
        "id_token_signing_alg_values_supported": ["ES256"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash"],
        "prompt_values_supported": list(PROMPTS),
    }


def _auth_methods() -> list[str]:
    policies = [policy for type_ in TYPES.values() for policy in type_.profiles.values()]
    return sorted({method for policy in policies for method in policy.auth_methods})
