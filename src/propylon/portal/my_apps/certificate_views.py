"""Identity certificates of an application: order, download link, revocation (FEATURES C3, C4)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from propylon.accounts.roles import Permission
from propylon.audit.paging import PageQuery, page_of
from propylon.audit.selectors import events_about
from propylon.certificates.access import access_certificate, access_order
from propylon.certificates.actions import (
    create_download_link,
    order_certificate,
    register_own_certificate,
    revoke_certificate,
)
from propylon.certificates.eligibility import require_eligible
from propylon.certificates.models import Certificate, Order
from propylon.certificates.selectors import certificates_of, orders_of, things_of_order
from propylon.design.refusal_words import in_words
from propylon.kernel.errors import PropylonError
from propylon.portal.account.access import signed_in
from propylon.portal.my_apps.app_page import AppPage, app_page
from propylon.portal.my_apps.certificate_states import certificate_state, may_be_linked, revocation_reason
from propylon.portal.my_apps.event_words import told
from propylon.portal.my_apps.forms import OrderForm, OwnCertificateForm, RevocationForm

PAGE = 20
_REQUEST = (
    "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \\\n"
    "  -keyout {name}.key -out {name}.csr -subj /CN={name}"
)
_VIEW, _MANAGE = Permission.VIEW_APPLICATIONS, Permission.MANAGE_APPLICATIONS


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def certificates(request: HttpRequest, application_id: str) -> HttpResponse:
    """Those that there are, the orders, and the form of a new one."""
    page = app_page(request, application_id, "certificates")
    hindrance = _hindrance(page)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    brings = "certificate" in request.POST
    own_form = OwnCertificateForm(*(sent if brings else ()))
    if own_form.is_bound and _registers(request, page, own_form):
        return page.leads_to("certificates")
    form = OrderForm(*(() if brings else sent), has_roles=page.client.environment.approves_by_itself)
    if form.is_bound and form.is_valid():
        try:
            made = order_certificate(
                acting_user=page.actor, client=page.client, csr_pem=form.csr_pem(), psd2_roles=form.roles()
            )
        except PropylonError as error:
            form.add_refusal(error)
        else:
            _tell_order(request, page, made)
            return page.leads_to("certificates")
    query = PageQuery(limit=PAGE, after=request.GET.get("after", "")[:400])
    found = page_of(certificates_of(page.client), query, name=f"page of certificates of {page.client.client_id}")
    account = getattr(page.client, "service_account", None)
    context = {
        "page_of": page,
        "form": form,
        "own_form": own_form,
        "hindrance": hindrance,
        "service_account": account,
        "openssl": _REQUEST.format(name=account.name) if account else "",
        "certificates": [(row, certificate_state(row), revocation_reason(row)) for row in found.rows],
        "paging": found.paging,
        "orders": [(row, may_be_linked(row)) for row in orders_of(page.client).order_by("-pk")[:PAGE]],
    }
    is_wrong = form.errors or own_form.errors
    return render(request, "portal/apps/certificates.html", context, status=400 if is_wrong else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def certificate(request: HttpRequest, application_id: str, certificate_id: str) -> HttpResponse:
    """One certificate, its PEM, and the form that revokes it."""
    page = app_page(request, application_id, "certificates")
    found = _certificate(page, certificate_id, _MANAGE if request.method == "POST" else _VIEW)
    label = _("Type the service account's name, %(name)s, to confirm") % {"name": found.common_name}
    form = RevocationForm(request.POST or None, expected=found.common_name, label=label)
    if request.method == "POST" and form.is_valid():
        try:
            revoke_certificate(acting_user=page.actor, certificate=found, reason=form.cleaned_data["reason"])
        except PropylonError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The certificate was revoked. Calls with it are refused within a second."))
            return page.leads_to("certificates")
    context = {
        "page_of": page,
        "certificate": found,
        "pem": found.certificate_pem + found.chain_pem,
        "state": certificate_state(found),
        "reason": revocation_reason(found),
        "form": form,
    }
    return render(request, "portal/apps/certificate.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def order(request: HttpRequest, application_id: str, order_id: str) -> HttpResponse:
    """An order's way so far; POST mails a new link, and the one before ends."""
    page = app_page(request, application_id, "certificates")
    found = _order(page, order_id, _MANAGE if request.method == "POST" else _VIEW)
    if request.method == "POST":
        create_download_link(acting_user=page.actor, order=found)
        _tell_link(request, page)
        return page.leads_to("certificates")
    events = events_about(things_of_order(found)).order_by("-pk")[:50]
    context = {
        "page_of": page,
        "order": found,
        "events": [told(event) for event in events],
        "may_be_linked": may_be_linked(found),
    }
    return render(request, "portal/apps/certificate_order.html", context)


def _registers(request: HttpRequest, page: AppPage, form: OwnCertificateForm) -> bool:
    """Registers the certificate that was brought, and tells what is remarkable about it; else the form says why not."""
    if not form.is_valid():
        return False
    try:
        _row, found = register_own_certificate(acting_user=page.actor, client=page.client, data=form.data_sent())
    except PropylonError as error:
        form.add_refusal(error)
        return False
    messages.success(request, _("The certificate is registered. Calls can be made with it from now on."))
    for finding in found.findings:
        messages.warning(request, in_words(finding.message))
    return True


def _hindrance(page: AppPage) -> str:
    """Why this client gets no certificate, in words; "" if it does."""
    try:
        require_eligible(page.client)
    except PropylonError as error:
        return in_words(error.message)
    return ""


def _certificate(page: AppPage, certificate_id: str, permission: Permission) -> Certificate:
    found = access_certificate(page.user, certificate_id, permission, within=page.application)
    page.choose(found.client_id)
    return found


def _order(page: AppPage, order_id: str, permission: Permission) -> Order:
    found = access_order(page.user, order_id, permission, within=page.application)
    page.choose(found.client_id)
    return found


def _tell_order(request: HttpRequest, page: AppPage, made: Order) -> None:
    if hasattr(made, "certificate"):
        _tell_link(request, page)
    else:
        messages.success(request, _("The certificate was ordered. A mail tells you when the operator has decided."))


def _tell_link(request: HttpRequest, page: AppPage) -> None:
    contact = {"address": page.application.contact_email}
    messages.success(request, _("A link for one download was mailed to %(address)s.") % contact)
