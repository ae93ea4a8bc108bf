"""The gateway's own certificate in the home: made, and made again when its names or its time run out."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import timedelta
from itertools import chain
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings
from django.utils import timezone

from propylon.certificates.actions import issue_server_certificate
from propylon.kernel.home import Home
from propylon.project.whole_file import write_file

_RENEW_BEFORE = timedelta(days=30)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def every_url() -> tuple[str, ...]:
    """All addresses that a caller may use: the certificate is for each."""
    own = chain.from_iterable(settings.PROPYLON_ENVIRONMENT_URLS.values())
    issuer = (settings.PROPYLON_ISSUER_URL, settings.PROPYLON_ISSUER_MUTUAL_URL)
    return (settings.PROPYLON_PUBLIC_URL, settings.PROPYLON_MUTUAL_URL, *issuer, *own)


def ensure_server_certificate(home: Home, *urls: str) -> bool:
    """True if a new one was written: for the hosts of the URLs, and the loopback names for who is on the machine."""
    names = list(dict.fromkeys([*(urlsplit(url).hostname or "localhost" for url in urls), *_LOOPBACK]))
    if _still_good(home, names):
        return False
    certificate, key = issue_server_certificate(names=names)
    write_file(home.server_key, key, mode=0o600)
    write_file(home.server_certificate, certificate, mode=0o644)
    return True


def _still_good(home: Home, names: Sequence[str]) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(home.server_certificate.read_bytes())
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    held = {*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))}
    is_fresh = certificate.not_valid_after_utc - timezone.now() > _RENEW_BEFORE
    return is_fresh and home.server_key.exists() and held >= {_normal(name) for name in names}


def _normal(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name
