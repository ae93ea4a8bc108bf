"""Test certificates in the shape of a QWAC (PROTOCOL 3.1, FEATURES C8): issued, and renewed by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from cryptography import x509
from django.utils import timezone

from certificate_examples import refusal, signing_request
from propylon.applications.models import Client, ClientStatus
from propylon.audit.models import Event
from propylon.certificates.actions import (
    finish_order,
    issue_console_identity,
    order_certificate,
    record_intent,
    renew_test_qwacs,
    revoke_certificate,
)
from propylon.certificates.actions.orders import store_order
from propylon.certificates.models import Certificate, Order
from propylon.kernel.actor import Actor
from propylon.notifications.models import Mail
from propylon.pki.qc_statements import read_qualification

pytestmark = pytest.mark.django_db
DEVELOPER = Actor("user", "user_1", "dev@partner.example")
OpenSSL = Callable[..., "CompletedProcess[str]"]
MakeClient = Callable[..., Client]


def qwac(client: Client, *roles: str, csr: str = "") -> Certificate:
    order = order_certificate(acting_user=DEVELOPER, client=client, csr_pem=csr, psd2_roles=roles)
    return order.certificate


def ends_in(certificate: Certificate, days: int) -> None:
    Certificate.objects.filter(pk=certificate.pk).update(not_after=timezone.now() + timedelta(days=days))


def test_openssl_reads_the_roles_and_the_providers_number(client: Client, tmp_path: Path, openssl: OpenSSL) -> None:
    certificate = qwac(client, "PSP_AI", "PSP_PI")
    assert certificate.psd2_roles == ["PSP_PI", "PSP_AI"]
    (tmp_path / "leaf.pem").write_text(certificate.certificate_pem)
    text = openssl("x509", "-in", "leaf.pem", "-noout", "-text", "-nameopt", "RFC2253").stdout
    assert "organizationIdentifier=PSDSE-TEST-partner" in text
    assert f"CN={client.service_account.name}" in text
    assert "qcStatements" in text
    assert "TLS Web Client Authentication" in text
    assert "TLS Web Server Authentication" not in text, "it names no server and is none"
    assert openssl("verify", "-CAfile", "root.pem", "-untrusted", "issuing.pem", "leaf.pem").returncode == 0
    parsed = openssl("asn1parse", "-in", "leaf.pem").stdout
    at = parsed.split("qcStatements")[1].split("\n")[1].strip().split(":")[0]
    inside = openssl("asn1parse", "-in", "leaf.pem", "-strparse", at).stdout
    for word in (
        "0.4.0.19495.2",
        "0.4.0.19495.1.2",
        "0.4.0.19495.1.3",
        "PSP_AI",
        "PSP_PI",
        "SE-TEST",
        "0.4.0.1862.1.6.3",
    ):
        assert word in inside
    assert "PSP_AS" not in inside


def test_what_is_issued_passes_the_strict_reading_of_production(client: Client) -> None:
    certificate = x509.load_pem_x509_certificate(qwac(client, "PSP_IC").certificate_pem.encode())
    found = read_qualification(certificate)
    assert (found.mistakes(is_strict=True), found.roles, found.types) == ((), ("PSP_IC",), ("web",))


def test_an_ordinary_identity_has_no_role(client: Client) -> None:
    certificate = order_certificate(acting_user=DEVELOPER, client=client).certificate
    assert certificate.psd2_roles == []
    found = read_qualification(x509.load_pem_x509_certificate(certificate.certificate_pem.encode()))
    assert not found.is_present


def test_ones_own_key_stays_ones_own(client: Client) -> None:
    request, key = signing_request(client.service_account.name)
    certificate = x509.load_pem_x509_certificate(qwac(client, "PSP_AI", csr=request).certificate_pem.encode())
    assert certificate.public_key() == key.public_key()


def test_no_roles_are_made_outside_a_sandbox(make_client: MakeClient) -> None:
    client = make_client("Second", approves=False)
    assert refusal(lambda: qwac(client, "PSP_AI")) == "certificate.roles.not_here"


def test_unknown_roles_are_refused(client: Client) -> None:
    assert refusal(lambda: qwac(client, "PSP_AI", "PSP_XX")) == "certificate.roles.unknown"


def test_after_a_crash_the_same_certificate_with_the_same_roles_comes_of_it(client: Client) -> None:
    order = store_order(acting_user=DEVELOPER, client=client, csr_pem="", is_approved=True, psd2_roles=["PSP_AI"])
    record_intent(acting_user=DEVELOPER, order=order)
    certificate = finish_order(acting_user=DEVELOPER, order=order)
    assert certificate.psd2_roles == ["PSP_AI"]
    assert finish_order(acting_user=DEVELOPER, order=order) == certificate


def test_it_is_renewed_before_its_end_and_the_old_one_goes_on(client: Client) -> None:
    first = qwac(client, "PSP_PI", "PSP_AI")
    renew_test_qwacs()
    assert Certificate.objects.count() == 1, "it has 90 days left"
    ends_in(first, 29)
    mails = Mail.objects.count()
    renew_test_qwacs()
    renew_test_qwacs()
    second = Certificate.objects.exclude(pk=first.pk).get()
    assert second.psd2_roles == ["PSP_PI", "PSP_AI"]
    assert second.not_after > timezone.now() + timedelta(days=89)
    assert Mail.objects.count() == mails + 1, "with the link"
    first.refresh_from_db()
    assert first.state == "active"
    assert Event.objects.filter(action="certificate.issued").count() == 2


def test_a_renewal_is_for_the_key_that_the_partner_holds(client: Client) -> None:
    request, key = signing_request(client.service_account.name)
    first = qwac(client, "PSP_AI", csr=request)
    ends_in(first, 5)
    renew_test_qwacs()
    second = Certificate.objects.exclude(pk=first.pk).get()
    assert x509.load_pem_x509_certificate(second.certificate_pem.encode()).public_key() == key.public_key()


@pytest.mark.parametrize("why", ["revoked", "expired", "rejected", "deleted", "no roles", "console's"])
def test_nothing_is_renewed_that_nobody_wants(client: Client, why: str) -> None:
    if why == "console's":
        certificate = issue_console_identity(acting_user=DEVELOPER, client=client).certificate
    else:
        certificate = qwac(client, *([] if why == "no roles" else ["PSP_AI"]))
        ends_in(certificate, -1 if why == "expired" else 5)
    if why == "revoked":
        revoke_certificate(acting_user=DEVELOPER, certificate=certificate)
    if why == "rejected":
        Client.objects.filter(pk=client.pk).update(status=ClientStatus.REJECTED)
    if why == "deleted":
        application = client.application
        application.deleted_at = timezone.now()
        application.save()
    orders = Order.objects.count()
    renew_test_qwacs()
    assert Order.objects.count() == orders
