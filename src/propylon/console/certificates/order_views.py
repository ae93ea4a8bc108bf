"""Certificate orders: list, one with its decision."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.audit.paging import page_of
from propylon.audit.selectors import events_about
from propylon.certificates import actions, selectors
from propylon.certificates.access import access_order
from propylon.certificates.models import Order
from propylon.console.access import staff_form, staff_page, staff_user
from propylon.console.certificates.forms import OrderFilters, RefusalForm
from propylon.console.pages import console_page, done, filters, nothing_chosen, page_query, status_of
from propylon.kernel.errors import Kind, PropylonError
from propylon.pki.request_facts import RequestFacts, request_facts


@staff_page
def orders(request: HttpRequest) -> HttpResponse:
    form = filters(OrderFilters, request)
    found = selectors.all_orders(status=form.chosen["status"]).defer("csr_pem", "key_sealed")
    page = page_of(found, page_query(request), name="console orders", filters=form.query)
    return console_page(request, "certificates/orders.html", {"page_rows": page, "filters": form})


@staff_form(Permission.APPROVE)
def order(request: HttpRequest, order_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_order(user, order_id, Permission.VIEW_APPLICATIONS)
    if request.method != "POST":
        return _page(request, found, RefusalForm())
    form = RefusalForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=400)
    try:
        said = _decide(request, user, found, form.cleaned_data["reason"])
    except PropylonError as error:
        form.add_refusal(error)
        again = access_order(user, order_id, Permission.VIEW_APPLICATIONS)
        return _page(request, again, form, status=status_of(error), is_changed=error.kind is Kind.CONFLICT)
    return done(request, said, reverse("console_queue:home"))


def _decide(request: HttpRequest, user: User, found: Order, reason: str) -> str:
    if request.POST.get("decision") == "approve":
        actions.approve_order(acting_user=actor_of(user), order=found)
        return _("The order was approved and signed. A one-time link is on its way to the application's contact.")
    if request.POST.get("decision") != "refuse":
        raise nothing_chosen()
    actions.refuse_order(acting_user=actor_of(user), order=found, reason=reason)
    return _("The order was refused. The partner reads the reason with the order.")


def _page(
    request: HttpRequest, found: Order, form: RefusalForm, *, status: int = 200, is_changed: bool = False
) -> HttpResponse:
    account = getattr(found.client, "service_account", None)
    context = {
        "order": found,
        "client": found.client,
        "application": found.client.application,
        "account": account,
        "facts": _facts(found, account.name if account else ""),
        "form": form,
        "is_changed": is_changed,
        "certificates": list(selectors.certificates().filter(client=found.client, made_for="partner")[:20]),
        "events": list(events_about([("certificate_order", found.public_id)]).order_by("-pk")[:20]),
    }
    return console_page(request, "certificates/order.html", context, status=status)


def _facts(found: Order, common_name: str) -> RequestFacts | None:
    return request_facts(found.csr_pem, common_name=common_name) if found.csr_pem else None
