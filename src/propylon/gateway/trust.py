"""What the mutual listener verifies client certificates against: CAs and their revocation lists in one resource."""

from __future__ import annotations

from propylon.gateway.envoy_types import Json
from propylon.gateway.model import Trust
from propylon.gateway.resources import secret
from propylon.gateway.snapshot import Diagnostic, Resource

# No certificate has this digest: without a CA every certificate that is presented fails, instead of none being asked.
_NOBODY = "0" * 64


def trust_resource(trust: Trust) -> Resource:
    """Kind "trust". Only the leaf is looked up in the lists, so each CA that issues leaves needs one (ENVOY, SDS)."""
    return secret("trust", validation_context=_validation_context(trust))


def trust_diagnostics(trust: Trust) -> tuple[Diagnostic, ...]:
    if not trust.ca_pem.strip():
        text = "No authority is trusted, so no client certificate is accepted. Create the authorities first."
        return (Diagnostic("trust", "gateway.trust.empty", text),)
    if not trust.crl_pem.strip():
        text = "No revocation list: a revoked certificate is refused by mark only. Publish a list for each issuing CA."
        return (Diagnostic("trust", "gateway.trust.no_crl", text),)
    return ()


def _validation_context(trust: Trust) -> Json:
    if not trust.ca_pem.strip():
        return {"verify_certificate_hash": [_NOBODY]}
    context: Json = {"trusted_ca": {"inline_string": trust.ca_pem}}
    if trust.crl_pem.strip():
        context["crl"] = {"inline_string": trust.crl_pem}
        context["only_verify_leaf_cert_crl"] = True
    return context
