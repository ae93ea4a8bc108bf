"""Straight line (d): order, decision, intent, signature; what a crash leaves behind."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.utils import timezone

from certificate_examples import refusal, signing_request
from propylon.accounts.access import actor_of
from propylon.accounts.actions import add_member, create_user
from propylon.applications.actions import set_certificate_name
from propylon.applications.models import Client, ClientStatus
from propylon.audit.models import Event
from propylon.certificates.actions import (
    approve_order,
    finish_order,
    issue_identity,
    order_certificate,
    record_intent,
    refuse_order,
    resume_orders,
)
from propylon.certificates.actions.orders import store_order
from propylon.certificates.models import Certificate, DownloadLink, Order
from propylon.certificates.selectors import active_certificate
from propylon.kernel.actor import SYSTEM, Actor
from propylon.notifications.models import Mail

pytestmark = pytest.mark.django_db
DEVELOPER = Actor("user", "user_1", "dev@partner.example")
OPERATOR = Actor("user", "user_2", "ops@bank.example")
AT_ONCE = timedelta(0)
OpenSSL = Callable[..., "CompletedProcess[str]"]
MakeClient = Callable[..., Client]


def approved(client: Client) -> Order:
    return store_order(acting_user=DEVELOPER, client=client, csr_pem="", is_approved=True)


def test_in_the_sandbox_an_order_is_issued_at_once_and_its_link_mailed(
    client: Client, tmp_path: Path, openssl: OpenSSL
) -> None:
    order = order_certificate(acting_user=DEVELOPER, client=client)
    assert order.status == "issued"
    certificate = order.certificate
    assert (certificate.common_name, certificate.subject_dn) == ("svcFirstV01", "CN=svcFirstV01")
    assert len(certificate.serial) == 40
    assert active_certificate(certificate.fingerprint) == certificate
    (tmp_path / "leaf.pem").write_text(certificate.certificate_pem)
    result = openssl(
        "verify",
        "-x509_strict",
        "-purpose",
        "sslclient",
        "-crl_check_all",
        "-CRLfile",
        "crls.pem",
        "-CAfile",
        "root.pem",
        "-untrusted",
        "issuing.pem",
        "leaf.pem",
    )
    assert result.stdout == "leaf.pem: OK\n", result.stderr
    assert certificate.fingerprint in openssl(
        "x509", "-in", "leaf.pem", "-noout", "-fingerprint", "-sha256"
    ).stdout.lower().replace(":", "")
    assert Mail.objects.count() == 1
    link = DownloadLink.objects.get()
    assert timedelta(days=13) < link.expires_at - timezone.now() < timedelta(days=15)
    steps = Event.objects.filter(object_id=order.public_id).order_by("pk").values_list("action", flat=True)
    assert list(steps) == [
        "certificate_order.requested",
        "certificate_order.intent_recorded",
        "certificate_order.link_sent",
    ]


def test_a_request_of_ones_own_becomes_a_certificate_for_its_key(client: Client) -> None:
    pem, key = signing_request("svcFirstV01")
    order = order_certificate(acting_user=DEVELOPER, client=client, csr_pem=pem)
    made = x509.load_pem_x509_certificate(order.certificate.certificate_pem.encode())
    assert made.public_key() == key.public_key()
    assert order.key_sealed == ""


@pytest.mark.parametrize("own_key", [True, False])
def test_a_certificate_has_the_name_that_its_client_registered_rfc8705_2_1_2(client: Client, own_key: bool) -> None:
    set_certificate_name(acting_user=DEVELOPER, client=client, kind="dns", name="First.partner.example")
    pem = signing_request("svcFirstV01")[0] if own_key else ""
    order = order_certificate(acting_user=DEVELOPER, client=client, csr_pem=pem)
    made = x509.load_pem_x509_certificate(order.certificate.certificate_pem.encode())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["first.partner.example"]
    assert order.certificate.common_name == "svcFirstV01"


@pytest.mark.parametrize(
    "csr", ["hello", signing_request("svcOther")[0], signing_request("svcFirstV01 ")[0], "A" * 100_000]
)
def test_a_deviating_request_stores_nothing(client: Client, csr: str) -> None:
    def order() -> None:
        order_certificate(acting_user=DEVELOPER, client=client, csr_pem=csr)

    assert refusal(order) == "certificate.csr.refused"


def test_who_may_hold_no_certificate_orders_none(make_client: MakeClient) -> None:
    pending = make_client("Pending")
    Client.objects.filter(pk=pending.pk).update(status=ClientStatus.PENDING)
    pending.refresh_from_db()
    deleted = make_client("Deleted")
    deleted.application.deleted_at = timezone.now()
    deleted.application.save()
    for client, code in (
        (pending, "certificate.order.client_not_approved"),
        (deleted, "certificate.order.client_not_approved"),
        (make_client("Phone", kind="native"), "certificate.order.not_for_this_type"),
        (make_client("Web", kind="web", account=False), "certificate.order.no_service_account"),
    ):
        assert refusal(lambda client=client: order_certificate(acting_user=DEVELOPER, client=client)) == code


def test_in_production_an_order_waits_for_the_operator(make_client: MakeClient) -> None:
    client = make_client("Prod", approves=False)
    order = order_certificate(acting_user=DEVELOPER, client=client)
    assert (order.status, order.key_sealed, Certificate.objects.count()) == ("requested", "", 0)
    again = refusal(lambda: order_certificate(acting_user=DEVELOPER, client=client))
    assert again == "certificate.order.open_already"
    assert refusal(lambda: finish_order(acting_user=DEVELOPER, order=order)) == "certificate.order.not_signing"
    assert approve_order(acting_user=OPERATOR, order=order).status == "issued"
    assert refusal(lambda: approve_order(acting_user=OPERATOR, order=order)) == "certificate.order.not_waiting"
    late = refusal(lambda: refuse_order(acting_user=OPERATOR, order=order, reason="late"))
    assert late == "certificate.order.not_waiting"
    assert Certificate.objects.count() == Mail.objects.count() == 1


def test_a_refusal_needs_a_reason_and_ends_the_order(make_client: MakeClient) -> None:
    client = make_client("Prod", approves=False)
    order = order_certificate(acting_user=DEVELOPER, client=client)
    empty = refusal(lambda: refuse_order(acting_user=OPERATOR, order=order, reason=" "))
    assert empty == "certificate.order.reason_missing"
    assert not Mail.objects.exists()
    assert refuse_order(acting_user=OPERATOR, order=order, reason="No contract yet.").status == "refused"
    assert refusal(lambda: approve_order(acting_user=OPERATOR, order=order)) == "certificate.order.not_waiting"
    assert order_certificate(acting_user=DEVELOPER, client=client).status == "requested"


def test_a_refusal_is_mailed_with_its_reason_to_the_people_of_the_application(make_client: MakeClient) -> None:
    client = make_client("Prod", approves=False)
    person = create_user(acting_user=SYSTEM, email="dev@partner.example", name="Dev", password_hash="!")
    add_member(acting_user=SYSTEM, organization=client.application.organization, user=person, role="developer")
    order = order_certificate(acting_user=actor_of(person), client=client)
    refuse_order(acting_user=OPERATOR, order=order, reason="No contract yet.")
    mails = Mail.objects.order_by("pk")
    assert [mail.to for mail in mails] == [client.application.contact_email, "dev@partner.example"]
    for mail in mails:
        assert "No contract yet." in mail.body
        assert f"/apps/{client.application.public_id}/certificates?environment={client.environment.name}" in mail.body
    again = order_certificate(acting_user=actor_of(person), client=client)
    refusal(lambda: refuse_order(acting_user=OPERATOR, order=again, reason=" "))
    assert mails.count() == 2, "a refusal that was refused tells nobody"


def test_after_a_crash_before_the_intent_the_order_is_signed_later(client: Client) -> None:
    order = approved(client)
    resume_orders()
    assert Order.objects.get().status == "approved", "who has just begun is left alone"
    resume_orders(patience=AT_ONCE)
    order.refresh_from_db()
    assert order.status == "issued"
    assert Mail.objects.count() == 1


def test_after_a_crash_behind_the_intent_exactly_the_intended_certificate_is_made(client: Client) -> None:
    order = record_intent(acting_user=DEVELOPER, order=approved(client))
    assert (order.status, Certificate.objects.count()) == ("signing", 0)
    assert record_intent(acting_user=DEVELOPER, order=order).intended_serial == order.intended_serial
    resume_orders(patience=AT_ONCE)
    certificate = Certificate.objects.get()
    assert certificate.serial == order.intended_serial
    made = x509.load_pem_x509_certificate(certificate.certificate_pem.encode())
    digest = hashes.Hash(hashes.SHA256())
    digest.update(made.tbs_certificate_bytes)
    assert digest.finalize().hex() == order.intended_tbs_digest


def test_finishing_again_gives_the_same_certificate_and_no_second_mail(client: Client) -> None:
    order = record_intent(acting_user=DEVELOPER, order=approved(client))
    first = finish_order(acting_user=DEVELOPER, order=order)
    assert finish_order(acting_user=DEVELOPER, order=order) == first
    resume_orders(patience=AT_ONCE)
    assert (Certificate.objects.count(), Mail.objects.count(), DownloadLink.objects.count()) == (1, 1, 1)


def test_what_is_not_what_was_intended_is_never_signed(client: Client) -> None:
    order = record_intent(acting_user=DEVELOPER, order=approved(client))
    Order.objects.update(intended_not_before=timezone.now().replace(microsecond=0) + timedelta(hours=1))
    code = refusal(lambda: finish_order(acting_user=DEVELOPER, order=order))
    assert code == "certificate.intent.differs"
    resume_orders(patience=AT_ONCE)
    order.refresh_from_db()
    assert (order.status, order.key_sealed, Certificate.objects.count()) == ("refused", "", 0)


def test_an_interrupted_order_of_a_deleted_application_is_refused(client: Client) -> None:
    record_intent(acting_user=DEVELOPER, order=approved(client))
    Client.objects.update(status=ClientStatus.DELETED)
    resume_orders(patience=AT_ONCE)
    order = Order.objects.get()
    assert (order.status, order.key_sealed, Certificate.objects.count()) == ("refused", "", 0)


def test_an_interrupted_order_can_be_refused_by_hand(client: Client) -> None:
    order = record_intent(acting_user=DEVELOPER, order=approved(client))
    refuse_order(acting_user=OPERATOR, order=order, reason="Ordered by mistake.")
    assert refusal(lambda: finish_order(acting_user=DEVELOPER, order=order)) == "certificate.order.not_signing"
    resume_orders(patience=AT_ONCE)
    assert not Certificate.objects.exists()


def test_an_identity_for_the_installation_itself_needs_no_link(make_client: MakeClient, tmp_path: Path) -> None:
    chain, key, certificate = issue_identity(acting_user=OPERATOR, client=make_client("Demo", approves=False))
    (tmp_path / "chain.pem").write_text(chain)
    (tmp_path / "key.pem").write_text(key)
    ssl.create_default_context().load_cert_chain(tmp_path / "chain.pem", tmp_path / "key.pem")
    assert len(x509.load_pem_x509_certificates(chain.encode())) == 2
    order = Order.objects.get()
    assert (order.status, order.key_sealed, order.certificate) == ("downloaded", "", certificate)
    assert not Mail.objects.exists()
    assert not DownloadLink.objects.exists()


def test_an_interrupted_identity_is_gone_on_with(client: Client) -> None:
    order = record_intent(acting_user=OPERATOR, order=approved(client))
    _, _, certificate = issue_identity(acting_user=OPERATOR, client=client)
    assert certificate.serial == order.intended_serial
    assert Order.objects.count() == 1
    assert not Mail.objects.exists()


def test_the_key_is_in_no_row_and_no_event_as_text(client: Client) -> None:
    order_certificate(acting_user=DEVELOPER, client=client)
    rows = [
        *Order.objects.values(),
        *Certificate.objects.values(),
        *Event.objects.values(),
        *DownloadLink.objects.values(),
    ]
    assert "PRIVATE KEY" not in str(rows)
