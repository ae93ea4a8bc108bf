"""The one download of a link: the bundle is handed out, the link is used, a key made here is wiped."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from propylon.certificates.events import record_order
from propylon.certificates.identity_keys import unseal_key
from propylon.certificates.models import DownloadLink, Order, OrderStatus
from propylon.certificates.selectors import key_gone_error, open_link, used_link_error
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.pki.bundles import Identity, pem_zip, pfx
from propylon.pki.pem import read_certificate

FORMATS = ("pfx", "pfx-legacy", "pem")
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 128


@dataclass(frozen=True, slots=True)
class Bundle:
    """A file to hand out."""

    filename: str
    content_type: str
    content: bytes


def download(*, token: str, format: str, password: str = "") -> Bundle:  # noqa: A002  (the field's word)
    """The bundle of a link, once.

    `token` is the last part of the link; `format` one of FORMATS; `password` protects a pfx, and the key in a pem zip
    if it is given. Raises `certificate.link.unknown`, `.used`, `.expired`; `certificate.download.invalid` with every
    mistake, in which case the link stays as it was.
    """
    link = open_link(Secret(token))
    if not link.order.csr_pem and not link.order.key_sealed:
        raise key_gone_error()
    _check(link.order, format, password)
    bundle = _bundle(link.order, format, password)  # before the link is used: a failure here must not burn it
    _use(link)
    return bundle


@transaction.atomic
def _use(link: DownloadLink) -> None:
    now = timezone.now()
    # One statement decides between two downloads at the same time.
    if not DownloadLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now).update(used_at=now):
        raise used_link_error()
    order = link.order
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.DOWNLOADED, key_sealed="")
    holder = Actor("client", order.client.client_id, "holder of the download link")
    record_order(holder, "downloaded", order)


def _check(order: Order, format_: str, password: str) -> None:
    errors = []
    if format_ not in FORMATS:
        errors.append(FieldError("format", "body", f"one of {', '.join(FORMATS)}"))
    elif format_ != "pem" and order.csr_pem:
        errors.append(FieldError("format", "body", "pem: a pfx holds the private key, and you have that yourself"))
    if (password or format_ != "pem") and not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        errors.append(FieldError("password", "body", f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"))
    elif not password.isprintable():
        errors.append(FieldError("password", "body", "printable characters only"))
    if errors:
        raise PropylonError(
            "certificate.download.invalid",
            "Correct what is listed and try again; the link has not been used.",
            kind=Kind.MALFORMED,
            errors=errors,
        )


def _bundle(order: Order, format_: str, password: str) -> Bundle:
    certificate = order.certificate
    identity = Identity(
        read_certificate(certificate.certificate_pem),
        (read_certificate(certificate.chain_pem),),
        unseal_key(order.key_sealed) if order.key_sealed else None,
        certificate.common_name,
    )
    if format_ == "pem":
        content = pem_zip(identity, password=password)
        return Bundle(f"{certificate.common_name}.zip", "application/zip", content)
    content = pfx(identity, password, is_legacy=format_ == "pfx-legacy")
    return Bundle(f"{certificate.common_name}.pfx", "application/x-pkcs12", content)
