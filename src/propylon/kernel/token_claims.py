"""The access token's claims (RFC 9068) as issuer and gateway agree on them: one table.

Standard claims: iss, sub, aud, exp, iat, jti, client_id, scope, cnf. The private ones are below, with the request
header that the gateway copies each to. No identity number, name or IBAN is in a token: clients can read it.
"""

from __future__ import annotations

from types import MappingProxyType

ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105  (the JWT's `typ`, no password)

# Of DPoP proofs: asymmetric ones alone, and those of FAPI 2.0, 5.4.1. Libraries call EdDSA by either name (RFC 9864).
PROOF_ALGORITHMS = ("ES256", "PS256", "Ed25519", "EdDSA")

CLAIM_HEADERS = MappingProxyType(
    {
        # claim: request header, in lower case
        "jti": "x-propylon-jti",
        "client_id": "x-propylon-client",
        "sub": "x-propylon-subject",  # the customer's opaque subject; for client_credentials the client_id itself
        "scope": "x-propylon-scope",
        "app": "x-propylon-application",  # public id of the application
        "env": "x-propylon-environment",  # name of the environment
        "org": "x-propylon-organization",  # public id of the organization
        "plan": "x-propylon-plan",  # name of the plan
        "psd2": "x-propylon-psd2-roles",  # roles of the bound certificate: "PSP_AI PSP_PI" (ETSI TS 119 495)
        "acr": "x-propylon-acr",  # how the customer was authenticated (RFC 9470)
        "auth_time": "x-propylon-signed-in-at",  # when, in seconds since 1970 (RFC 9470)
        "gid": "x-propylon-grant",  # public id of the grant; absent for client_credentials
        # Base64 of JSON, as the gateway copies lists and objects; few tokens have them.
        "authorization_details": "x-propylon-authorization-details",  # RFC 9396, 9.1: as granted
        "acc": "x-propylon-accounts",  # {scope: [account ids]}: which accounts a scope covers; one not named covers all
        "cgn": "x-propylon-client-generation",  # "<client_id>.<generation>"
        "ggn": "x-propylon-grant-generation",  # "<grant id>.<generation>"; absent for client_credentials
        "cnf.jkt": "x-propylon-bound-key",  # thumbprint of the key that calls must prove (RFC 9449, 6)
        "x5h": "x-propylon-bound-certificate",  # SHA-256 of the bound certificate in hex, beside cnf.x5t#S256
    }
)

# What of these an upstream receives (ARCHITECTURE, contract); the others are removed again before it.
UPSTREAM_HEADERS = (
    "x-propylon-client",
    "x-propylon-application",
    "x-propylon-subject",
    "x-propylon-scope",
    "x-propylon-grant",
    "x-propylon-environment",
    "x-propylon-authorization-details",
    "x-propylon-accounts",
)


def client_generation(client_id: str, generation: int) -> str:
    """The value of claim `cgn`, and of a mark of kind "client"."""
    return f"{client_id}.{generation}"


def grant_generation(grant_id: str, generation: int) -> str:
    """The value of claim `ggn`, and of a mark of kind "grant"."""
    return f"{grant_id}.{generation}"
