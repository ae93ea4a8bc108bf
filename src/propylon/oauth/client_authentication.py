"""Client authentication at the back-channel endpoints: RFC 6749, 2.3; RFC 8705, 2.1; RFC 7523."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import unquote_plus

from propylon.kernel.peer_certificate import PeerCertificate
from propylon.oauth.certificate_names import NO_NAME
from propylon.oauth.client_assertion import (
    ASSERTION_TYPE,
    AssertionRefused,
    UsedAssertion,
    check_assertion,
    named_client,
)
from propylon.oauth.errors import OAuthError, invalid_client, invalid_request
from propylon.oauth.policy import CLIENT_SECRET_BASIC, CLIENT_SECRET_POST, NONE, PRIVATE_KEY_JWT, TLS_CLIENT_AUTH
from propylon.oauth.records import ClientRecord

_NOBODYS_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True)
class Presented:
    """Who the caller says it is. `method` is "" when there is only a client id: certificate or public client.

    `secret` is what proves it: a client secret, or an assertion.
    """

    client_id: str
    method: str
    secret: str


@dataclass(frozen=True, slots=True)
class Authenticated:
    """The client, and the assertion that it used up, if it authenticated by one: whoever goes on must remember it."""

    client: ClientRecord
    assertion: UsedAssertion | None = None


def read_presented(form: Mapping[str, str], authorization: str) -> Presented:
    """At most one secret, in one place (RFC 6749, 2.3: never two methods in a request)."""
    if "client_assertion" in form or "client_assertion_type" in form:
        return _assertion(form, authorization)
    named, secret = form.get("client_id", ""), form.get("client_secret", "")
    if not authorization:
        if not named:
            raise invalid_client("no client id")
        return Presented(named, CLIENT_SECRET_POST if secret else "", secret)
    if secret:
        raise invalid_request("Authenticate in one way: the Authorization header or client_secret, not both.")
    client_id, secret = _basic(authorization)
    if named not in {"", client_id}:
        raise invalid_request("client_id and the Authorization header name different clients.")
    return Presented(client_id, CLIENT_SECRET_BASIC, secret)


def _assertion(form: Mapping[str, str], authorization: str) -> Presented:
    if authorization or "client_secret" in form:
        raise invalid_request("Authenticate in one way: client_assertion, or a secret, not both.")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise invalid_client("the type of the assertion is unknown or missing")
    assertion = form.get("client_assertion", "")
    return Presented(form.get("client_id") or named_client(assertion), PRIVATE_KEY_JWT, assertion)


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise invalid_client("the Authorization header is not Basic")
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
        client_id, _, secret = text.partition(":")
        if not client_id or not secret:
            raise invalid_client("Basic credentials without id or secret")
        return unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError) as error:
        raise invalid_client("Basic credentials are not Base64 of id:secret") from error


def authenticate(
    client: ClientRecord | None,
    presented: Presented,
    certificate: PeerCertificate | None,
    now: int,
    *,
    issuer: str,
) -> Authenticated:
    """The client, proven by the one method that it is registered with."""
    if client is None or not client.is_active:
        _compare_in_vain(presented)
        raise invalid_client("unknown or inactive client" if client is None else "client is not approved")
    if presented.method and presented.method != client.auth_method:
        raise invalid_client(f"{presented.method} used, {client.auth_method} registered")
    assertion = None
    if client.auth_method == PRIVATE_KEY_JWT:
        assertion = _by_assertion(client, presented, issuer, now)
    elif refusal := _METHODS[client.auth_method](client, presented, certificate, now):
        raise invalid_client(refusal)
    if certificate is not None:
        _check_own_certificate(client, certificate, now)
    return Authenticated(client, assertion)


def _compare_in_vain(presented: Presented) -> None:
    """What a wrong secret of a client that there is would cost, so that the time taken tells nothing."""
    given = hashlib.sha256(presented.secret.encode()).hexdigest()
    hmac.compare_digest(given, _NOBODYS_DIGEST)
    hmac.compare_digest(given, "")


def _by_assertion(client: ClientRecord, presented: Presented, issuer: str, now: int) -> UsedAssertion:
    try:
        return check_assertion(presented.secret, client_id=client.client_id, keys=client.keys, issuer=issuer, now=now)
    except AssertionRefused as refusal:
        raise invalid_client(f"client assertion: {refusal}") from None


def _by_secret(client: ClientRecord, presented: Presented, _certificate: PeerCertificate | None, now: int) -> str:
    """The present secret, or the old one while the overlap lasts; always both comparisons, in constant time."""
    given = hashlib.sha256(presented.secret.encode()).hexdigest()
    old = client.old_secret
    is_present = hmac.compare_digest(given, client.secret_digest)
    is_old = hmac.compare_digest(given, old.digest if old else "")
    if presented.secret and (is_present or (is_old and old is not None and now < old.ends_at)):
        return ""
    return "the secret was replaced, and the old one has ended" if is_old else "wrong or missing secret"


def _by_certificate(client: ClientRecord, _presented: Presented, certificate: PeerCertificate | None, _now: int) -> str:
    """RFC 8705, 2.1.2: one rule alone. The alternative name that the client registered; or, if it registered none, the
    program's rule, that the subject's CN is the service account."""
    if certificate is None:
        return "no client certificate on this connection"
    if client.certificate_name != NO_NAME:
        has_name = client.certificate_name in certificate.names
        return "" if has_name else "the certificate lacks the name that the client registered"
    if not client.service_account or certificate.common_name != client.service_account:
        return "the certificate's CN is not the client's service account"
    return ""


def _public(_client: ClientRecord, _presented: Presented, _certificate: PeerCertificate | None, _now: int) -> str:
    return ""


def _check_own_certificate(client: ClientRecord, certificate: PeerCertificate, now: int) -> None:
    """A certificate beside a secret is no second method: it binds. But it must be the client's, and live."""
    if now >= client.certificates.get(certificate.fingerprint, 0):
        raise invalid_client("the certificate is not one of this client, or revoked, or expired")


_Method = Callable[[ClientRecord, Presented, PeerCertificate | None, int], str]
_METHODS: Mapping[str, _Method] = MappingProxyType(
    {
        CLIENT_SECRET_BASIC: _by_secret,
        CLIENT_SECRET_POST: _by_secret,
        TLS_CLIENT_AUTH: _by_certificate,
        NONE: _public,
    }
)


def challenge(error: OAuthError, authorization: str) -> str:
    """The WWW-Authenticate header of a 401, due when the client tried HTTP authentication (RFC 6749, 5.2)."""
    return 'Basic realm="propylon", charset="UTF-8"' if error.status == 401 and authorization else ""
