"""Intent, then signature: each step commits on its own, and each can be done again after a crash.

`record_intent` fixes serial number, start and key. From then on there is one certificate that this order can become:
signing is deterministic, so that finishing it twice, or after a kill -9, gives the same one.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from propylon.certificates.actions.download_links import send_download_link
from propylon.certificates.eligibility import require_eligible
from propylon.certificates.entropy import new_private_key, new_serial
from propylon.certificates.events import record_certificate, record_order
from propylon.certificates.identity_keys import seal_key, unseal_key
from propylon.certificates.internal_ca import ISSUING, InternalAuthority, load_authority
from propylon.certificates.models import Certificate, Order, OrderStatus
from propylon.certificates.qwac import profile_of, subject_of
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.pki.issuance import Prepared, prepare
from propylon.pki.pem import fingerprint_of, pem_of
from propylon.pki.qc_statements import read_qualification
from propylon.pki.signing_request import check_request
from propylon.sealing.entropy import new_public_id

_CLOCK_SKEW = timedelta(minutes=5)
_INTENT_FIELDS = ("status", "key_sealed", "intended_serial", "intended_not_before", "intended_tbs_digest")


def sign_order(*, acting_user: Actor, order: Order, sends_link: bool = True) -> Certificate:
    """The certificate of an approved order, and a mail with its link. Not to be called inside a transaction."""
    record_intent(acting_user=acting_user, order=order)
    return finish_order(acting_user=acting_user, order=order, sends_link=sends_link)


@transaction.atomic(durable=True)
def record_intent(*, acting_user: Actor, order: Order) -> Order:
    """Fix what will be signed, and commit it. An order that has its intent already keeps it."""
    current = locked_order(order)
    if current.status != OrderStatus.APPROVED:
        return current
    require_eligible(current.client)
    if not current.csr_pem:
        current.key_sealed = seal_key(new_private_key())
    current.intended_serial = f"{new_serial():040x}"
    current.intended_not_before = (timezone.now() - _CLOCK_SKEW).replace(microsecond=0)
    current.intended_tbs_digest = _prepare(current, load_authority(ISSUING)).tbs_digest
    current.status = OrderStatus.SIGNING
    current.save(update_fields=_INTENT_FIELDS)
    record_order(
        acting_user,
        "intent_recorded",
        current,
        serial=current.intended_serial,
        tbs_digest=current.intended_tbs_digest,
    )
    return current


@transaction.atomic(durable=True)
def finish_order(*, acting_user: Actor, order: Order, sends_link: bool = True) -> Certificate:
    """Sign what the intent says and store it. A finished order gives the certificate that it has."""
    current = locked_order(order)
    if current.status in {OrderStatus.ISSUED, OrderStatus.DOWNLOADED}:
        return current.certificate
    if current.status != OrderStatus.SIGNING:
        raise PropylonError(
            "certificate.order.not_signing",
            f"Order {current.public_id} is {current.status}; only an approved order is signed.",
            kind=Kind.CONFLICT,
        )
    require_eligible(current.client)
    authority = load_authority(ISSUING)
    prepared = _prepare(current, authority)
    if prepared.tbs_digest != current.intended_tbs_digest:
        raise PropylonError(
            "certificate.intent.differs",
            "What would be signed is not what was intended before the interruption. Refuse the order and order anew.",
            kind=Kind.CONFLICT,
            detail=f"intended {current.intended_tbs_digest}, now {prepared.tbs_digest}",
        )
    certificate = _store(current, authority, prepared)
    current.status = OrderStatus.ISSUED
    current.save(update_fields=["status"])
    record_certificate(acting_user, "issued", certificate, order=current.public_id)
    if sends_link:
        send_download_link(acting_user, current)
    return certificate


def locked_order(order: Order) -> Order:
    """The order as it is now, with its row locked until the transaction ends."""
    rows = Order.objects.select_for_update(of=("self",)).select_related(
        "client__application__organization", "client__environment"
    )
    return rows.get(pk=order.pk)


def _prepare(order: Order, authority: InternalAuthority) -> Prepared:
    common_name = order.client.service_account.name
    if order.csr_pem:
        key = check_request(order.csr_pem.encode(), common_name=common_name).public_key
    else:
        key = unseal_key(order.key_sealed).public_key()
    if order.intended_not_before is None:
        raise ValueError("an order is prepared after its start was fixed")
    return prepare(
        profile_of(order),
        subject_of(order, key),
        serial=int(order.intended_serial, 16),
        not_before=order.intended_not_before,
        issuer=authority.certificate,
    )


def _store(order: Order, authority: InternalAuthority, prepared: Prepared) -> Certificate:
    certificate = authority.issue(prepared)
    return Certificate.objects.create(
        public_id=new_public_id("cert"),
        client=order.client,
        order=order,
        serial=order.intended_serial,
        fingerprint=fingerprint_of(certificate),
        common_name=order.client.service_account.name,
        subject_dn=certificate.subject.rfc4514_string(),
        certificate_pem=pem_of(certificate),
        chain_pem=pem_of(authority.certificate),
        psd2_roles=list(read_qualification(certificate).roles),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )
