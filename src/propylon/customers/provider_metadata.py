"""What the bank's OpenID provider says of itself, and its keys: OpenID Connect Discovery 1.0, sections 3 and 4."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from propylon.customers.directory_errors import DirectoryUnavailable
from propylon.customers.directory_settings import OpenIdSettings
from propylon.customers.provider_http import ask

# Signatures that we believe; nothing symmetric, and never `none`.
ALGORITHMS = ("PS256", "ES256", "EdDSA", "Ed25519", "RS256", "PS384", "PS512", "ES384", "ES512", "RS384", "RS512")
_KEPT_SECONDS = 300.0
_KEYS_AGAIN_SECONDS = 30.0  # a key that we do not know is looked for no more often
_MOST = 64


@dataclass(frozen=True, slots=True)
class Metadata:
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    algorithms: tuple[str, ...]
    names_itself: bool  # `iss` comes with each answer (RFC 9207, 3)


@dataclass(slots=True)
class _Kept:
    value: Any
    at: float


_kept: dict[tuple[str, ...], _Kept] = {}
_lock = threading.Lock()


def metadata_of(settings: OpenIdSettings) -> Metadata:
    """Raises `DirectoryUnavailable` with what does not fit."""
    found: Metadata = _remembered(("metadata", settings.issuer, settings.ca_pem), lambda: read_metadata(settings))
    return found


def keys_of(settings: OpenIdSettings, metadata: Metadata, *, is_unknown: bool = False) -> KeySet:
    """The provider's keys; `is_unknown`: one was not among those that we know."""
    longest = _KEYS_AGAIN_SECONDS if is_unknown else _KEPT_SECONDS
    name = ("keys", metadata.jwks_uri, settings.ca_pem)
    found: KeySet = _remembered(name, lambda: read_keys(settings, metadata), longest=longest)
    return found


def forget() -> None:
    with _lock:
        _kept.clear()


def _remembered(name: tuple[str, ...], read: Any, *, longest: float = _KEPT_SECONDS) -> Any:
    with _lock:
        found = _kept.get(name)
    if found is not None and time.monotonic() - found.at < longest:
        return found.value
    value = read()
    with _lock:
        if len(_kept) >= _MOST:
            _kept.clear()
        _kept[name] = _Kept(value, time.monotonic())
    return value


def read_metadata(settings: OpenIdSettings) -> Metadata:
    """The document below the issuer, held against what a code flow with PKCE needs."""
    answer = ask(f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration", ca_pem=settings.ca_pem)
    if answer.status != 200 or not isinstance(answer.body, dict):
        raise DirectoryUnavailable(
            f"There is no metadata at /.well-known/openid-configuration below the issuer: it answers {answer.status}. "
            "Check the issuer."
        )
    told = answer.body
    if told.get("issuer") != settings.issuer:
        raise DirectoryUnavailable(
            f"The metadata is of the issuer {str(told.get('issuer'))[:200]}, not of {settings.issuer}: "
            "write it exactly as the provider does."
        )
    return _checked(told)


def _checked(told: Mapping[str, Any]) -> Metadata:
    endpoints = {name: str(told.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    for name, address in endpoints.items():
        if not address.startswith("https://"):
            raise DirectoryUnavailable(f"The metadata has no https address as {name}.")
    if "code" not in _texts(told, "response_types_supported"):
        raise DirectoryUnavailable("The provider does not offer the code flow (response_types_supported).")
    methods = _texts(told, "code_challenge_methods_supported")
    if methods and "S256" not in methods:
        raise DirectoryUnavailable("The provider does not take PKCE with S256 (code_challenge_methods_supported).")
    offered = _texts(told, "id_token_signing_alg_values_supported") or ("RS256",)
    algorithms = tuple(name for name in ALGORITHMS if name in offered)
    if not algorithms:
        raise DirectoryUnavailable(
            f"None of the provider's signatures is accepted; it offers {', '.join(offered)[:200]}."
        )
    return Metadata(
        **endpoints,
        issuer=str(told["issuer"]),
        userinfo_endpoint=str(told.get("userinfo_endpoint", "")),
        algorithms=algorithms,
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
    )


def _texts(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = told.get(name)
    return tuple(str(each) for each in found) if isinstance(found, list) else ()


def read_keys(settings: OpenIdSettings, metadata: Metadata) -> KeySet:
    answer = ask(metadata.jwks_uri, ca_pem=settings.ca_pem)
    try:
        found = answer.object().get("keys", [])
        usable = [key for key in found if key.get("use", "sig") == "sig" and key.get("kty") in {"RSA", "EC", "OKP"}]
        keys = KeySet.import_key_set({"keys": usable})
    except (JoseError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise DirectoryUnavailable("The provider's keys (jwks_uri) cannot be read.") from error
    if answer.status != 200 or not keys.keys:
        raise DirectoryUnavailable("The provider shows no keys that sign (jwks_uri).")
    return keys
