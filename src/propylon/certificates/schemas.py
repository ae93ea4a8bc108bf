"""What the management API says of orders and certificates, and takes."""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Schema

from propylon.audit.paging import Page, Paging
from propylon.certificates.actions.downloads import Bundle
from propylon.certificates.models import Certificate, Order


class OrderIn(Schema):
    csr: str = Field(
        "",
        description="PKCS #10 signing request: PEM, or DER in Base64. Its CN is the service account. "
        "Left out: the key is made here and handed out once, with the download.",
    )
    psd2_roles: list[str] = Field(
        default_factory=list,
        max_length=8,
        description="A sandbox's test certificate in the shape of a QWAC with these roles (PSP_AS, PSP_PI, PSP_AI, "
        "PSP_IC). It holds for 90 days and is renewed by itself.",
    )


class OwnCertificateIn(Schema):
    certificate: str = Field(
        max_length=100_000, description="PEM; or DER or .p7b in Base64. With its issuers or without; never with a key."
    )


class RefusalIn(Schema):
    reason: str = Field(max_length=400)


class RevocationIn(Schema):
    reason: str = Field("unspecified", description="As RFC 5280 section 5.3.1 names it, for example key_compromise.")


class DownloadIn(Schema):
    token: str = Field(max_length=200, description="The last part of the link in the mail.")
    format: str = Field("pfx", description="pfx, pfx-legacy (3DES, SHA-1) or pem (a zip).")
    password: str = Field("", description="8 to 128 characters; needed for a pfx, encrypts the key of a pem zip.")


class DownloadOut(Schema):
    filename: str
    content_type: str
    content: str = Field(description="The file in Base64.")


class OrderOut(Schema):
    id: str
    client_id: str
    status: str
    has_csr: bool
    psd2_roles: list[str]
    requested_at: datetime
    decided_at: datetime | None
    refusal_reason: str
    certificate_id: str | None


class OrderPage(Schema):
    data: list[OrderOut]
    paging: Paging


class CertificateOut(Schema):
    id: str
    client_id: str
    order_id: str | None
    made_for: str = Field(description="partner, or console: made by the portal's call console for an hour.")
    status: str = Field(description="active, revoked or expired.")
    common_name: str
    subject_dn: str = Field(description="RFC 4514.")
    serial: str
    fingerprint: str = Field(description="SHA-256 of the DER, hex.")
    is_own: bool = Field(description="The partner brought it; another authority has issued it.")
    psd2_roles: list[str] = Field(description="That it gives to tokens that are bound to it (ETSI TS 119 495).")
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None
    revocation_reason: str
    certificate: str = Field(description="PEM.")
    chain: str = Field(description="PEM: the issuer above it, without the root, which is at /ca.crt.")


class CertificatePage(Schema):
    data: list[CertificateOut]
    paging: Paging


def order_out(order: Order) -> OrderOut:
    return OrderOut(
        id=order.public_id,
        client_id=order.client.client_id,
        status=order.status,
        has_csr=bool(order.csr_pem),
        psd2_roles=order.psd2_roles,
        requested_at=order.requested_at,
        decided_at=order.decided_at,
        refusal_reason=order.refusal_reason,
        certificate_id=order.certificate.public_id if hasattr(order, "certificate") else None,
    )


def order_page(page: Page[Order]) -> OrderPage:
    return OrderPage(data=[order_out(order) for order in page.rows], paging=page.paging)


def certificate_out(certificate: Certificate) -> CertificateOut:
    return CertificateOut(
        id=certificate.public_id,
        client_id=certificate.client.client_id,
        order_id=certificate.order.public_id if certificate.order else None,
        made_for=certificate.made_for,
        status=certificate.state,
        common_name=certificate.common_name,
        subject_dn=certificate.subject_dn,
        serial=certificate.serial,
        fingerprint=certificate.fingerprint,
        is_own=certificate.is_own,
        psd2_roles=certificate.psd2_roles,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        revoked_at=certificate.revoked_at,
        revocation_reason=certificate.revocation_reason,
        certificate=certificate.certificate_pem,
        chain=certificate.chain_pem,
    )


def certificate_page(page: Page[Certificate]) -> CertificatePage:
    return CertificatePage(data=[certificate_out(row) for row in page.rows], paging=page.paging)


def download_out(bundle: Bundle, content: str) -> DownloadOut:
    return DownloadOut(filename=bundle.filename, content_type=bundle.content_type, content=content)
