"""Revocation (FEATURES C7): a mark for open connections, the CRL for new ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from django.utils import timezone

from certificate_examples import refusal
from propylon.applications.models import Client
from propylon.certificates.actions import order_certificate, publish_crl, revoke_certificate, revoke_orphans
from propylon.certificates.models import Authority, Certificate
from propylon.certificates.selectors import active_certificate, gateway_trust
from propylon.kernel.actor import SYSTEM, Actor
from propylon.marks.models import Mark
from propylon.notifications.models import Mail

pytestmark = pytest.mark.django_db
DEVELOPER = Actor("user", "user_1", "dev@partner.example")
OpenSSL = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def certificate(client: Client) -> Certificate:
    return order_certificate(acting_user=DEVELOPER, client=client).certificate


def verdict(certificate: Certificate, folder: Path, openssl: OpenSSL) -> str:
    (folder / "leaf.pem").write_text(certificate.certificate_pem)
    result = openssl(
        "verify",
        "-crl_check_all",
        "-CRLfile",
        "crls.pem",
        "-CAfile",
        "root.pem",
        "-untrusted",
        "issuing.pem",
        "leaf.pem",
    )
    return result.stdout + result.stderr


def test_a_revoked_certificate_is_on_the_list_and_marked(
    certificate: Certificate, tmp_path: Path, openssl: OpenSSL
) -> None:
    assert "OK" in verdict(certificate, tmp_path, openssl)
    trusted = gateway_trust()
    revoked = revoke_certificate(acting_user=DEVELOPER, certificate=certificate, reason="key_compromise")
    assert "certificate revoked" in verdict(certificate, tmp_path, openssl)
    mark = Mark.objects.get()
    assert (mark.kind, mark.value) == ("certificate", certificate.fingerprint)
    assert abs((mark.expires_at - certificate.not_after).total_seconds()) < 5
    assert active_certificate(certificate.fingerprint) is None
    assert revoked.revocation_reason == "key_compromise"
    assert gateway_trust() != trusted
    assert Authority.objects.get(kind="issuing").crl_number == 2


def test_revoking_twice_changes_nothing(certificate: Certificate) -> None:
    first = revoke_certificate(acting_user=DEVELOPER, certificate=certificate, reason="superseded")
    again = revoke_certificate(acting_user=DEVELOPER, certificate=certificate, reason="key_compromise")
    assert (again.revoked_at, again.revocation_reason) == (first.revoked_at, "superseded")
    assert Authority.objects.get(kind="issuing").crl_number == 2


def test_an_unknown_reason_revokes_nothing(certificate: Certificate) -> None:
    code = refusal(lambda: revoke_certificate(acting_user=DEVELOPER, certificate=certificate, reason="because"))
    assert code == "certificate.revocation.reason_unknown"
    assert not Mark.objects.exists()


def test_what_is_revoked_stays_on_the_next_lists(certificate: Certificate, tmp_path: Path, openssl: OpenSSL) -> None:
    revoke_certificate(acting_user=DEVELOPER, certificate=certificate)
    publish_crl(acting_user=SYSTEM, kind="issuing", now=timezone.now())
    assert "certificate revoked" in verdict(certificate, tmp_path, openssl)
    assert Authority.objects.get(kind="issuing").crl_number == 3


def test_others_stay_valid(
    make_client: Callable[..., Client], certificate: Certificate, tmp_path: Path, openssl: OpenSSL
) -> None:
    second = Client.objects.get()
    other = order_certificate(acting_user=DEVELOPER, client=second).certificate
    revoke_certificate(acting_user=DEVELOPER, certificate=certificate)
    assert "OK" in verdict(other, tmp_path, openssl)
    assert active_certificate(other.fingerprint) == other


def test_certificates_of_a_deleted_application_are_revoked(certificate: Certificate) -> None:
    revoke_orphans()
    certificate.refresh_from_db()
    assert certificate.revoked_at is None
    certificate.client.application.deleted_at = timezone.now()
    certificate.client.application.save()
    revoke_orphans()
    certificate.refresh_from_db()
    assert certificate.revocation_reason == "cessation_of_operation"


def test_the_people_of_the_application_learn_of_a_revocation_once(certificate: Certificate) -> None:
    application = certificate.client.application
    before = Mail.objects.count()
    for _ in range(2):
        revoke_certificate(acting_user=SYSTEM, certificate=certificate, reason="key_compromise")
    mail = Mail.objects.order_by("-pk")[0]
    assert Mail.objects.count() == before + 1
    assert "certificate revoked" in mail.subject
    assert "key compromise" in mail.body
    assert f"/apps/{application.public_id}/certificates?environment=" in mail.body
