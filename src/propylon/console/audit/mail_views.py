"""The outbox: what was mailed to whom, and whether it went out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from propylon.audit.paging import page_of
from propylon.console.access import staff_page
from propylon.console.audit.forms import MailFilters
from propylon.console.pages import console_page, filters, page_query
from propylon.notifications import selectors


@staff_page
def mails(request: HttpRequest) -> HttpResponse:
    form = filters(MailFilters, request)
    found = selectors.outbox(to=form.chosen["to"], state=form.chosen["state"]).defer("body")
    page = page_of(found, page_query(request), name="console mails", filters=form.query)
    return console_page(request, "audit/mails.html", {"page_rows": page, "filters": form})


@staff_page
def mail(request: HttpRequest, mail_id: str) -> HttpResponse:
    return console_page(request, "audit/mail.html", {"mail": selectors.mail(mail_id)})
