"""Certificates in the management API: order, list, link, download, revoke; the operator's decisions.

Mounted at the API's root: the paths here are whole.
"""

from __future__ import annotations

import base64

from django.http import HttpRequest
from ninja import Field, Query, Router, Status

from propylon.accounts.access import actor_of, may, require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.applications.access import access_client
from propylon.audit.paging import PageQuery, page_of
from propylon.audit.schemas import EventPage, event_page
from propylon.audit.selectors import events_about
from propylon.certificates import actions, selectors
from propylon.certificates.access import access_certificate, access_order
from propylon.certificates.models import MadeFor
from propylon.certificates.schemas import (
    CertificateOut,
    CertificatePage,
    DownloadIn,
    DownloadOut,
    OrderIn,
    OrderOut,
    OrderPage,
    OwnCertificateIn,
    RefusalIn,
    RevocationIn,
    certificate_out,
    certificate_page,
    download_out,
    order_out,
    order_page,
)
from propylon.certificates.sent_bytes import pem_or_base64

router = Router(tags=["Certificates"])
_VIEW, _MANAGE = Permission.VIEW_APPLICATIONS, Permission.MANAGE_APPLICATIONS


class OrderQuery(PageQuery):
    status: str = ""


class CertificateQuery(PageQuery):
    made_for: MadeFor = MadeFor.PARTNER


class InventoryQuery(CertificateQuery):
    text: str = Field("", max_length=120, description="A part of the common name; a serial, fingerprint or client id.")
    status: str = Field("", description="active, revoked or expired")
    ends_within: int | None = Field(None, ge=1, le=4000, description="Days from now.")


@router.post("/clients/{client_id}/certificate-orders", response={201: OrderOut}, summary="Order a certificate")
def order_certificate(request: HttpRequest, client_id: str, payload: OrderIn) -> tuple[int, OrderOut]:
    """Its link goes by mail to the application's contact once it is issued; in the sandbox that is at once."""
    user = current_user(request)
    client = access_client(user, client_id, _MANAGE)
    order = actions.order_certificate(
        acting_user=actor_of(user), client=client, csr_pem=payload.csr, psd2_roles=payload.psd2_roles
    )
    return 201, order_out(order)


@router.get("/clients/{client_id}/certificate-orders", response=OrderPage, summary="The client's orders")
def list_orders(request: HttpRequest, client_id: str, query: Query[PageQuery]) -> OrderPage:
    client = access_client(current_user(request), client_id, _VIEW)
    rows = selectors.orders_of(client)
    return order_page(page_of(rows, query, name=f"certificate-orders-of-{client.client_id}"))


@router.get("/clients/{client_id}/certificates", response=CertificatePage, summary="The client's certificates")
def list_certificates(request: HttpRequest, client_id: str, query: Query[CertificateQuery]) -> CertificatePage:
    client = access_client(current_user(request), client_id, _VIEW)
    rows = selectors.certificates_of(client, made_for=query.made_for)
    filters = {"made_for": query.made_for.value}
    return certificate_page(page_of(rows, query, name=f"certificates-of-{client.client_id}", filters=filters))


@router.post("/clients/{client_id}/certificates", response={201: CertificateOut}, summary="Bring a certificate")
def register_certificate(request: HttpRequest, client_id: str, payload: OwnCertificateIn) -> Status[CertificateOut]:
    """Of a provider that the bank trusts; its CN is the service account. Those that the client has stay as they are."""
    user = current_user(request)
    client = access_client(user, client_id, _MANAGE)
    data = pem_or_base64(payload.certificate)
    row, _ = actions.register_own_certificate(acting_user=actor_of(user), client=client, data=data)
    return Status(201, certificate_out(row))


@router.get("/certificate-orders", response=OrderPage, summary="Orders of everybody (staff)")
def list_all_orders(request: HttpRequest, query: Query[OrderQuery]) -> OrderPage:
    require(current_user(request), Permission.VIEW_PROGRAM)
    rows = selectors.all_orders(status=query.status)
    return order_page(page_of(rows, query, name="certificate-orders", filters={"status": query.status}))


@router.get("/certificate-orders/{order_id}", response=OrderOut, summary="One order")
def show_order(request: HttpRequest, order_id: str) -> OrderOut:
    return order_out(access_order(current_user(request), order_id, _VIEW))


@router.get("/certificate-orders/{order_id}/history", response=EventPage, summary="What was done with the order")
def show_order_history(request: HttpRequest, order_id: str, query: Query[PageQuery]) -> EventPage:
    order = access_order(current_user(request), order_id, _VIEW)
    rows = events_about(selectors.things_of_order(order))
    return event_page(page_of(rows, query, name=f"history of {order.public_id}"))


@router.post("/certificate-orders/{order_id}/approval", response=OrderOut, summary="Approve and sign (operator)")
def approve_order(request: HttpRequest, order_id: str) -> OrderOut:
    user = current_user(request)
    order = access_order(user, order_id, Permission.APPROVE)
    return order_out(actions.approve_order(acting_user=actor_of(user), order=order))


@router.post("/certificate-orders/{order_id}/refusal", response=OrderOut, summary="Refuse (operator)")
def refuse_order(request: HttpRequest, order_id: str, payload: RefusalIn) -> OrderOut:
    user = current_user(request)
    order = access_order(user, order_id, Permission.APPROVE)
    return order_out(actions.refuse_order(acting_user=actor_of(user), order=order, reason=payload.reason))


@router.post("/certificate-orders/{order_id}/link", response={202: OrderOut}, summary="Mail a new one-time link")
def renew_link(request: HttpRequest, order_id: str) -> tuple[int, OrderOut]:
    """The link before it ends. Once a key made here was downloaded there is nothing left to link to."""
    user = current_user(request)
    order = access_order(user, order_id, _MANAGE)
    actions.create_download_link(acting_user=actor_of(user), order=order)
    return 202, order_out(order)


@router.post("/certificate-downloads", response=DownloadOut, auth=None, summary="Download what a one-time link is for")
def download(request: HttpRequest, payload: DownloadIn) -> DownloadOut:
    bundle = actions.download(token=payload.token, format=payload.format, password=payload.password)
    return download_out(bundle, base64.b64encode(bundle.content).decode())


@router.get("/certificates", response=CertificatePage, summary="Everybody's certificates, by their end (staff)")
def list_all_certificates(request: HttpRequest, query: Query[InventoryQuery]) -> CertificatePage:
    require(current_user(request), Permission.VIEW_PROGRAM)
    search = selectors.CertificateSearch(query.text, query.status, query.ends_within, query.made_for)
    filters = query.model_dump(mode="json", exclude={"limit", "after"}, exclude_none=True)
    page = page_of(
        search.apply(selectors.certificates()),
        query,
        name="certificates",
        filters={name: str(value) for name, value in filters.items()},
        newest_first=False,
        by="not_after",
    )
    return certificate_page(page)


@router.get("/certificates/{certificate_id}", response=CertificateOut, summary="One certificate")
def show_certificate(request: HttpRequest, certificate_id: str) -> CertificateOut:
    return certificate_out(access_certificate(current_user(request), certificate_id, _VIEW))


@router.post("/certificates/{certificate_id}/revocation", response=CertificateOut, summary="Revoke, for good")
def revoke(request: HttpRequest, certificate_id: str, payload: RevocationIn) -> CertificateOut:
    """Connections that are open are refused within a second as well."""
    user = current_user(request)
    asked = Permission.SECURE if may(user, Permission.SECURE) else _MANAGE
    certificate = access_certificate(user, certificate_id, asked)
    return certificate_out(
        actions.revoke_certificate(acting_user=actor_of(user), certificate=certificate, reason=payload.reason)
    )
