"""Alternative names by which a client's certificate is known, RFC 8705 section 2.1.2 (`tls_client_auth_san_*`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from types import MappingProxyType
from urllib.parse import urlsplit

CertificateName = tuple[str, str]  # kind and value, in the one form in which names are compared
NO_NAME: CertificateName = ("", "")
LONGEST = 253
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")


def _dns(value: str) -> str:
    name = value.lower()
    if not _HOST.fullmatch(name):
        raise ValueError("is a host name without wildcards, such as client.example.com")
    return name


def _uri(value: str) -> str:
    """Compared character by character (RFC 5280, 7.4 asks for less where a scheme has hosts; exact is never wider)."""
    if not value.isascii() or not value.isprintable() or " " in value or not urlsplit(value).scheme:
        raise ValueError("is an absolute URI, such as urn:example:client")
    return value


def _ip(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise ValueError("is one address, such as 192.0.2.7 or 2001:db8::7") from None


def _email(value: str) -> str:
    local, _, host = value.rpartition("@")
    if not _LOCAL_PART.fullmatch(local) or not _HOST.fullmatch(host.lower()):
        raise ValueError("is a mail address, such as client@example.com")
    return f"{local}@{host.lower()}"


_FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType({"dns": _dns, "uri": _uri, "ip": _ip, "email": _email})
KINDS = tuple(_FORMS)
METADATA: Mapping[str, str] = MappingProxyType({f"tls_client_auth_san_{kind}": kind for kind in KINDS})


def comparable(kind: str, value: str) -> CertificateName:
    """The name in the form in which it is compared. Raises `ValueError` with what it should be."""
    form = _FORMS.get(kind)
    if form is None:
        raise ValueError(f"is of one of the kinds {', '.join(KINDS)}")
    if len(value) > LONGEST:
        raise ValueError(f"has at most {LONGEST} characters")
    return kind, form(value)
