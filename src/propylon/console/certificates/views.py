"""Certificates of everybody: inventory by their end, one, revocation, the authorities."""

from __future__ import annotations

from itertools import groupby

from cryptography import x509
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.audit.paging import page_of
from propylon.audit.selectors import events_about
from propylon.certificates import actions, selectors
from propylon.certificates.access import access_certificate
from propylon.certificates.internal_ca import ISSUING, ROOT
from propylon.console.access import staff_only, staff_page, staff_user
from propylon.console.certificates.forms import REASON_WORDS, InventoryFilters, RevocationForm
from propylon.console.pages import console_page, done, filters, page_query, status_of
from propylon.kernel.errors import PropylonError
from propylon.pki.request_facts import key_label


@staff_page
def inventory(request: HttpRequest) -> HttpResponse:
    """What ends first comes first, month by month; without a filter, only what has not ended yet."""
    form = filters(InventoryFilters, request)
    chosen = form.chosen
    days = chosen["ends_within"]
    search = selectors.CertificateSearch(
        text=chosen["text"],
        state=chosen["state"] if form.is_narrowed else "active",
        ends_within=int(days) if days else None,
    )
    page = page_of(
        search.apply(selectors.certificates()),
        page_query(request),
        name="console certificates",
        filters=form.query,
        newest_first=chosen["state"] in {"revoked", "expired"},
        by="not_after",
    )
    months = [
        (month, list(rows)) for month, rows in groupby(page.rows, key=lambda row: date_format(row.not_after, "F Y"))
    ]
    context = {"page_rows": page, "months": months, "filters": form}
    return console_page(request, "certificates/inventory.html", context)


@staff_page
def certificate(request: HttpRequest, certificate_id: str) -> HttpResponse:
    found = access_certificate(staff_user(request), certificate_id, Permission.VIEW_APPLICATIONS)
    context = {
        "certificate": found,
        "key": key_label(x509.load_pem_x509_certificate(found.certificate_pem.encode()).public_key()),
        "reason_words": REASON_WORDS.get(found.revocation_reason, ""),
        "events": list(events_about([("certificate", found.public_id)]).order_by("-pk")[:20]),
    }
    return console_page(request, "certificates/detail.html", context)


@staff_only(Permission.SECURE)
def revocation(request: HttpRequest, certificate_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_certificate(user, certificate_id, Permission.SECURE)
    there = reverse("console_certificates:detail", args=[found.public_id])
    form = RevocationForm(request.POST or None, wanted=found.common_name)
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        if found.revoked_at is not None:
            return done(request, _("It was revoked already."), there)
        try:
            actions.revoke_certificate(
                acting_user=actor_of(user), certificate=found, reason=form.cleaned_data["reason"]
            )
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            return done(request, _("The certificate was revoked. Calls with it are refused from now on."), there)
    return console_page(request, "certificates/revocation.html", {"certificate": found, "form": form}, status=status)


@staff_page
def authorities(request: HttpRequest) -> HttpResponse:
    rows = [selectors.authority_row(kind) for kind in (ROOT, ISSUING)]
    shown = []
    for row in rows:
        if row is not None:
            read = x509.load_pem_x509_certificate(row.certificate_pem.encode())
            shown.append(
                {
                    "row": row,
                    "subject": read.subject.rfc4514_string(),
                    "not_before": read.not_valid_before_utc,
                    "not_after": read.not_valid_after_utc,
                    "serial": f"{read.serial_number:040x}",
                    "key": key_label(read.public_key()),
                }
            )
    return console_page(request, "certificates/authorities.html", {"authorities": shown})
