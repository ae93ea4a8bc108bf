"""What an operator says about a directory: its facts, and the checks that need no connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self
from urllib.parse import urlsplit

from cryptography import x509

from propylon.kernel.errors import FieldError, Kind, PropylonError

LDAP, OPENID = "ldap", "openid"
AUTH_METHODS = ("client_secret_basic", "client_secret_post")
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_LONGEST = 500
_LONGEST_PEM = 50_000


@dataclass(frozen=True, slots=True)
class _Settings:
    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """Of a JSON object; what is unknown is left, what is missing has its default."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: str(value).strip() for name, value in stored.items() if name in known})

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LdapSettings(_Settings):
    """`address` is ldaps://host[:port], or ldap://host[:port], where StartTLS comes before anything is said.

    `login_attribute` holds what the customer types, `subject_attribute` what never changes, `name_attribute` how they
    are called, `mail_attribute` where notices go; empty: nobody's address is read. `filter` (RFC 4515) narrows who
    counts as a customer; empty: everybody below `base_dn`.
    """

    address: str = ""
    base_dn: str = ""
    bind_dn: str = ""
    login_attribute: str = "uid"
    subject_attribute: str = "entryUUID"
    name_attribute: str = "cn"
    mail_attribute: str = "mail"
    filter: str = ""
    ca_pem: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""

    @property
    def is_tls_from_start(self) -> bool:
        return urlsplit(self.address).scheme == "ldaps"

    @property
    def port(self) -> int:
        return urlsplit(self.address).port or (636 if self.is_tls_from_start else 389)


@dataclass(frozen=True, slots=True)
class OpenIdSettings(_Settings):
    """The bank's own OpenID provider. `title` is what customers read before they are sent there."""

    issuer: str = ""
    title: str = ""
    client_id: str = ""
    auth_method: str = "client_secret_basic"
    scope: str = "openid profile email"  # without email nobody's address is read
    ca_pem: str = ""


DirectorySettings = LdapSettings | OpenIdSettings
KINDS: Mapping[str, type[LdapSettings] | type[OpenIdSettings]] = {LDAP: LdapSettings, OPENID: OpenIdSettings}


def check_settings(settings: DirectorySettings, *, has_secret: bool) -> None:
    """Every mistake at once, as `customer.directory.invalid`."""
    checks = _ldap_checks(settings) if isinstance(settings, LdapSettings) else _openid_checks(settings)
    mistakes = {**checks, "secret": "" if has_secret else "missing"}
    for name, value in settings.as_dict().items():
        if len(value) > (_LONGEST_PEM if name == "ca_pem" else _LONGEST) or "\0" in value:
            mistakes[name] = "too long, or with characters that do not belong there"
    mistakes["ca_pem"] = mistakes.get("ca_pem") or _pem_mistake(settings.ca_pem)
    errors = [FieldError(name, "body", reason) for name, reason in mistakes.items() if reason]
    if errors:
        raise PropylonError(
            "customer.directory.invalid",
            "Correct the fields listed and try again.",
            kind=Kind.MALFORMED,
            errors=errors,
        )


def _ldap_checks(settings: LdapSettings) -> dict[str, str]:
    found = {"address": _address_mistake(settings.address, {"ldaps", "ldap"}, "ldaps://host:636 or ldap://host:389")}
    for name in ("login_attribute", "subject_attribute", "name_attribute"):
        found[name] = "" if _ATTRIBUTE.fullmatch(getattr(settings, name)) else "not the name of an attribute"
    if settings.mail_attribute and not _ATTRIBUTE.fullmatch(settings.mail_attribute):
        found["mail_attribute"] = "not the name of an attribute"
    for name in ("base_dn", "bind_dn"):
        found[name] = _refused(_parse_dn, getattr(settings, name), "not a distinguished name")
    if settings.filter:
        found["filter"] = _refused(_parse_filter, settings.filter, "not a filter: write it as (objectClass=person)")
    return found


def _openid_checks(settings: OpenIdSettings) -> dict[str, str]:
    found = {"issuer": _address_mistake(settings.issuer, {"https"}, "https://host/path", may_have_path=True)}
    found["client_id"] = "" if settings.client_id else "missing"
    found["title"] = "" if settings.title else "missing"
    found["auth_method"] = "" if settings.auth_method in AUTH_METHODS else f"one of {', '.join(AUTH_METHODS)}"
    found["scope"] = "" if "openid" in settings.scope.split() else "must contain openid"
    return found


def _address_mistake(address: str, schemes: set[str], form: str, *, may_have_path: bool = False) -> str:
    wrong = f"write it as {form}"
    try:
        parts = urlsplit(address)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        return wrong
    is_plain = not (parts.query or parts.fragment or parts.username or parts.password)
    has_path = parts.path not in ("", "/") if not may_have_path else False
    if parts.scheme not in schemes or not parts.hostname or not port_is_right or not is_plain or has_path:
        return wrong
    return wrong if any(character.isspace() for character in address) else ""


def _pem_mistake(pem: str) -> str:
    return (
        _refused(lambda text: x509.load_pem_x509_certificates(text.encode()), pem, "no certificates in PEM")
        if pem
        else ""
    )


def _refused(parse: Callable[[str], object], text: str, reason: str) -> str:
    try:
        parse(text)
    except Exception:  # noqa: BLE001  (each parser has its own kinds)
        return reason
    return ""


def _parse_dn(text: str) -> None:
    from ldap3.utils.dn import parse_dn

    if not parse_dn(text):
        raise ValueError


def _parse_filter(text: str) -> None:
    from ldap3.operation.search import parse_filter

    parse_filter(text, schema=None, auto_escape=True, auto_encode=False, validator=None, check_names=False)
