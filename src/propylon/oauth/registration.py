"""Client metadata of a registration, RFC 7591 section 2: what each member means here. Pure.

Accepted, if it fits the application type that follows: client_name, contacts, redirect_uris, grant_types,
response_types, token_endpoint_auth_method, application_type, scope, jwks or jwks_uri,
tls_client_auth_san_dns, _uri, _ip or _email (one of them), tls_client_certificate_bound_access_tokens,
require_pushed_authorization_requests, require_signed_request_object.

Replaced: tls_client_auth_subject_dn, because the subject's CN is the service account that the program gives.

Refused, because to leave it out in silence would promise something: software_statement,
authorization_details_types, dpop_bound_access_tokens outside of FAPI 2.0, other algorithms.

All others are left aside, as section 2 wants it, and the answer does not repeat them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from propylon.kernel.token_claims import PROOF_ALGORITHMS
from propylon.oauth.certificate_names import METADATA, NO_NAME, CertificateName, comparable
from propylon.oauth.client_keys import read_keys
from propylon.oauth.errors import OAuthError
from propylon.oauth.key_address import address_problem
from propylon.oauth.policy import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    CLIENT_SECRET_BASIC,
    NONE,
    PRIVATE_KEY_JWT,
    REFRESH_TOKEN,
    TLS_CLIENT_AUTH,
    Certificate,
    ProfilePolicy,
    policy_for,
)
from propylon.oauth.redirect_uris import registration_problem
from propylon.oauth.sectors import PAIRWISE, PUBLIC, SUBJECT_TYPES, sector_of

MOST_REDIRECT_URIS = 10
_LONGEST_TEXT = 1000
_GRANTS = frozenset({AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS})
_REFUSED = (
    ("authorization_details_types", "These are chosen on the application's page."),
    ("sector_identifier_uri", "It is not fetched. Redirect URIs of one host are a sector; else ask the operator."),
)
_ALGORITHMS = {
    "token_endpoint_auth_signing_alg": PROOF_ALGORITHMS,
    "request_object_signing_alg": PROOF_ALGORITHMS,
    "id_token_signed_response_alg": ("ES256",),
    "authorization_signed_response_alg": ("ES256",),
    "introspection_signed_response_alg": ("ES256",),
}


@dataclass(frozen=True, slots=True)
class Registration:
    """What an application will be. `keys` are JWKs, `scope` the names asked for; empty: none yet."""

    type: str
    profile: str
    auth_method: str
    name: str
    contact: str
    redirect_uris: tuple[str, ...]
    scope: tuple[str, ...]
    keys: tuple[Mapping[str, str], ...]
    binds_tokens: bool
    requires_signed_requests: bool
    key_address: str = ""  # `jwks_uri`, instead of keys
    certificate_name: CertificateName = NO_NAME
    is_pairwise: bool = False

    @property
    def has_keys(self) -> bool:
        return bool(self.keys or self.key_address)

    @property
    def policy(self) -> ProfilePolicy:
        return policy_for(self.type, self.profile).by(self.auth_method)


def invalid_metadata(description: str) -> OAuthError:
    return OAuthError("invalid_client_metadata", description)


def invalid_redirect_uri(description: str) -> OAuthError:
    return OAuthError("invalid_redirect_uri", description)


def read_registration(sent: Mapping[str, Any]) -> Registration:
    """The registration that was asked for; raises the codes of RFC 7591, 3.2.2."""
    _check_refused(sent)
    type_, profile, method = _kind(sent)
    keys, errors = read_keys(_key_list(sent))
    if errors:
        raise invalid_metadata(f"jwks: {errors[0].field} {errors[0].reason}.")
    found = Registration(
        type=type_,
        profile=profile,
        auth_method=method,
        name=_text(sent, "client_name", is_needed=True),
        contact=_contact(sent),
        redirect_uris=_texts(sent, "redirect_uris", most=MOST_REDIRECT_URIS),
        scope=tuple(dict.fromkeys(_text(sent, "scope").split())),
        keys=tuple(key.jwk | ({"kid": key.kid} if key.kid else {}) for key in keys),  # type: ignore[operator]
        binds_tokens=_flag(sent, "tls_client_certificate_bound_access_tokens"),
        requires_signed_requests=_flag(sent, "require_signed_request_object"),
        key_address=_text(sent, "jwks_uri"),
        certificate_name=_certificate_name(sent, method),
        is_pairwise=_is_pairwise(sent),
    )
    _check_redirect_uris(found)
    _check_keys(found)
    _check_binding(found, sent)
    if found.is_pairwise and not sector_of(found.redirect_uris):
        raise invalid_metadata("subject_type: pairwise needs redirect URIs of https on one host.")
    return found


def _check_refused(sent: Mapping[str, Any]) -> None:
    if sent.get("software_statement") is not None:
        raise OAuthError("invalid_software_statement", "Software statements are not taken here. Leave it out.")
    for name, why in _REFUSED:
        if sent.get(name) is not None:
            raise invalid_metadata(f"{name}: {why}")
    for name, allowed in _ALGORITHMS.items():
        if _text(sent, name) and sent[name] not in allowed:
            raise invalid_metadata(f"{name} is one of {', '.join(allowed)}.")


def _kind(sent: Mapping[str, Any]) -> tuple[str, str, str]:
    """Application type, profile and method of authentication: from the grants, as SEI's table has it."""
    grants = set(_texts(sent, "grant_types")) or {AUTHORIZATION_CODE}
    if not grants <= _GRANTS:
        raise invalid_metadata(f"grant_types are of {', '.join(sorted(_GRANTS))}.")
    method = _text(sent, "token_endpoint_auth_method") or CLIENT_SECRET_BASIC
    answers = _texts(sent, "response_types")
    if CLIENT_CREDENTIALS in grants:
        if len(grants) > 1:
            raise invalid_metadata("client_credentials stands alone: a server has no customers' grants.")
        if answers:
            raise invalid_metadata("response_types are empty for client_credentials.")
        return _fitting("server", "standard", method)
    if AUTHORIZATION_CODE not in grants:
        raise invalid_metadata("refresh_token comes with authorization_code.")
    if answers and answers != ("code",):
        raise invalid_metadata("response_types is code alone.")
    return _fitting(*_code_kind(sent, method), method)


def _code_kind(sent: Mapping[str, Any], method: str) -> tuple[str, str]:
    kind = _text(sent, "application_type") or "web"
    if kind not in {"web", "native"}:
        raise invalid_metadata("application_type is web or native.")
    if kind == "native":
        return "native", "standard"
    if method == NONE:
        return "spa", "standard"
    wants_fapi = method == TLS_CLIENT_AUTH or _flag(sent, "require_pushed_authorization_requests")
    return "web", "fapi2" if wants_fapi else "standard"


def _fitting(type_: str, profile: str, method: str) -> tuple[str, str, str]:
    methods = policy_for(type_, profile).auth_methods
    if method not in methods:
        raise invalid_metadata(f"token_endpoint_auth_method of such a client is one of {', '.join(methods)}.")
    return type_, profile, method


def _is_pairwise(sent: Mapping[str, Any]) -> bool:
    """OpenID Connect Dynamic Client Registration, 2."""
    subject_type = _text(sent, "subject_type") or PUBLIC
    if subject_type not in SUBJECT_TYPES:
        raise invalid_metadata(f"subject_type is one of {', '.join(SUBJECT_TYPES)}.")
    return subject_type == PAIRWISE


def _certificate_name(sent: Mapping[str, Any], method: str) -> CertificateName:
    """RFC 8705, 2.1.2: exactly one; none here means the CN that the program gives."""
    names = [name for name in METADATA if _text(sent, name)]
    if not names:
        return NO_NAME
    if len(names) > 1:
        raise invalid_metadata(f"One name alone: {' or '.join(names)}.")
    if method != TLS_CLIENT_AUTH:
        raise invalid_metadata(f"{names[0]} is for tls_client_auth.")
    try:
        return comparable(METADATA[names[0]], sent[names[0]])
    except ValueError as why:
        raise invalid_metadata(f"{names[0]} {why}.") from None


def _check_redirect_uris(found: Registration) -> None:
    rule = found.policy.redirect_rule
    needs_some = AUTHORIZATION_CODE in found.policy.grants
    if needs_some and not found.redirect_uris:
        raise invalid_redirect_uri("At least one redirect URI is needed.")
    if len(set(found.redirect_uris)) < len(found.redirect_uris):
        raise invalid_redirect_uri("A redirect URI is listed twice.")
    for place, uri in enumerate(found.redirect_uris):
        problem = registration_problem(uri, rule) or ("has a *; list each URI" if "*" in uri else "")
        if problem:
            raise invalid_redirect_uri(f"redirect_uris[{place}] {problem}.")


def _check_keys(found: Registration) -> None:
    if found.keys and found.key_address:
        raise invalid_metadata("Give the public keys by jwks or by jwks_uri, not by both.")
    if found.key_address and (problem := address_problem(found.key_address)):
        raise invalid_metadata(f"jwks_uri {problem}.")
    if found.has_keys and found.policy.is_public:
        raise invalid_metadata("jwks, jwks_uri: a public client cannot keep a private key.")
    if found.auth_method == PRIVATE_KEY_JWT and not found.has_keys:
        raise invalid_metadata("private_key_jwt needs the public keys, in jwks or at jwks_uri.")
    if found.requires_signed_requests and not found.has_keys:
        raise invalid_metadata("require_signed_request_object needs the public keys, in jwks or at jwks_uri.")


def _check_binding(found: Registration, sent: Mapping[str, Any]) -> None:
    if found.binds_tokens and found.policy.certificate is Certificate.NONE:
        raise invalid_metadata("tls_client_certificate_bound_access_tokens: such a client has no certificate.")
    for name, holds in (
        ("dpop_bound_access_tokens", found.policy.binds_tokens),
        ("require_pushed_authorization_requests", found.policy.requires_par),
    ):
        if _flag(sent, name) and not holds:
            raise invalid_metadata(f"{name} cannot be promised to such a client; FAPI 2.0 clients have it.")


def _key_list(sent: Mapping[str, Any]) -> object:
    jwks = sent.get("jwks")
    if jwks is None:
        return []
    if not isinstance(jwks, dict) or "keys" not in jwks:
        raise invalid_metadata("jwks is a JWK Set: an object with keys.")
    return jwks["keys"]


def _contact(sent: Mapping[str, Any]) -> str:
    """The first; mails about the application go there."""
    contacts = _texts(sent, "contacts")
    if not contacts:
        raise invalid_metadata("contacts: one mail address is needed, where mails about the application go.")
    return contacts[0]


def _text(sent: Mapping[str, Any], name: str, *, is_needed: bool = False) -> str:
    value = sent.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isprintable():
        raise invalid_metadata(f"{name} is a text of at most {_LONGEST_TEXT} characters.")
    if is_needed and not value.strip():
        raise invalid_metadata(f"{name} is needed.")
    return value


def _texts(sent: Mapping[str, Any], name: str, *, most: int = 20) -> tuple[str, ...]:
    value = sent.get(name)
    if value is None:
        return ()
    is_list = isinstance(value, list) and len(value) <= most
    if not is_list or not all(isinstance(each, str) and each.isprintable() for each in value):
        refuse = invalid_redirect_uri if name == "redirect_uris" else invalid_metadata
        raise refuse(f"{name} is a list of at most {most} texts.")
    return tuple(value)


def _flag(sent: Mapping[str, Any], name: str) -> bool:
    value = sent.get(name, False)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise invalid_metadata(f"{name} is true or false.")


@dataclass(frozen=True, slots=True)
class Registered:
    """A client as it is now: what the answers of RFC 7591, 3.2.1 and RFC 7592, 3 are made of."""

    client_id: str
    issued_at: int  # epoch seconds
    registration: Registration
    scopes: Sequence[str]  # what it may ask for
    service_account: str
    secret: str  # "" if it has none, or none yet
    is_approved: bool
    address: str  # its configuration address
    access_token: str = ""  # told once


def client_information(found: Registered) -> dict[str, Any]:
    """`registration_status` is our own member: `pending` until an operator has approved the client."""
    wish, policy = found.registration, found.registration.policy
    has_codes = bool(policy.response_types)
    answer: dict[str, Any] = {
        "client_id": found.client_id,
        "client_id_issued_at": found.issued_at,
        "registration_client_uri": found.address,
        "registration_status": "approved" if found.is_approved else "pending",
        "client_name": wish.name,
        "contacts": [wish.contact],
        "token_endpoint_auth_method": wish.auth_method,
        "grant_types": sorted(policy.grants),
        "response_types": ["code"] if has_codes else [],
        "redirect_uris": list(wish.redirect_uris),
        "scope": " ".join(found.scopes),
        "tls_client_certificate_bound_access_tokens": wish.binds_tokens,
    }
    if has_codes:
        answer["subject_type"] = PAIRWISE if wish.is_pairwise else PUBLIC
        answer["application_type"] = "native" if wish.type == "native" else "web"
        answer["require_pushed_authorization_requests"] = policy.requires_par
        answer["require_signed_request_object"] = wish.requires_signed_requests
    if found.access_token:
        answer["registration_access_token"] = found.access_token
    if found.secret:
        answer |= {"client_secret": found.secret, "client_secret_expires_at": 0}
    if wish.certificate_name != NO_NAME:
        kind, value = wish.certificate_name
        answer[f"tls_client_auth_san_{kind}"] = value
    elif found.service_account:
        answer["tls_client_auth_subject_dn"] = f"CN={found.service_account}"
    if wish.key_address:
        answer["jwks_uri"] = wish.key_address
    if wish.keys:
        answer["jwks"] = {"keys": [dict(key) for key in wish.keys]}
    return answer
