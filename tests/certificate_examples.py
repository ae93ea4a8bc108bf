"""What the tests of certificates share: signing requests, and refusals after which nothing has changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from propylon.audit.models import Event
from propylon.certificates.models import Certificate, DownloadLink, Order
from propylon.kernel.errors import PropylonError
from propylon.notifications.models import Mail


def signing_request(common_name: str) -> tuple[str, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP384R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA384())
    return request.public_bytes(Encoding.PEM).decode(), key


def everything() -> list[object]:
    return [list(kind.objects.values()) for kind in (Order, Certificate, DownloadLink, Event, Mail)]


def refusal(call: Callable[[], object]) -> str:
    """The code of the refusal, after which nothing has changed."""
    before = (
        list(Order.objects.values()),
        list(Certificate.objects.values()),
        Event.objects.count(),
        Mail.objects.count(),
    )
    with pytest.raises(PropylonError) as caught:
        call()
    after = (
        list(Order.objects.values()),
        list(Certificate.objects.values()),
        Event.objects.count(),
        Mail.objects.count(),
    )
    assert after == before
    return caught.value.code
