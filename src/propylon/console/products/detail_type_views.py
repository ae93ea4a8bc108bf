"""What consents to a product say: its types of `authorization_details`, and the scopes that name accounts."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.catalog import actions
from propylon.catalog.access import access_detail_type, access_product
from propylon.console.access import staff_only, staff_user
from propylon.console.pages import console_page, done, status_of
from propylon.console.products.detail_type_form import AccountScopesForm, DetailTypeForm, initial_of
from propylon.kernel.errors import PropylonError

_MANAGE = Permission.MANAGE_PROGRAM


@staff_only(_MANAGE)
def consents(request: HttpRequest, product: str) -> HttpResponse:
    """The types, and a form for the scopes."""
    user = staff_user(request)
    found = access_product(user, product, _MANAGE)
    scopes = list(found.scopes.all())
    chosen = [scope.name for scope in scopes if scope.asks_accounts]
    form = AccountScopesForm(request.POST or None, initial={"scopes": chosen}, product=found)
    if request.method == "POST" and (form.is_valid() or not request.POST.getlist("scopes")):
        wanted = request.POST.getlist("scopes")
        with transaction.atomic():
            for scope in scopes:
                actions.set_asks_accounts(acting_user=actor_of(user), scope=scope, asks_accounts=scope.name in wanted)
        return done(request, _("Stored. The next consent is asked for so."), _list(product))
    types = found.detail_types.select_related("scope").prefetch_related("versions").order_by("name")
    context = {"product": found, "types": types, "form": form}
    return console_page(request, "products/consents.html", context, status=400 if form.errors else 200)


@staff_only(_MANAGE)
def add_detail_type(request: HttpRequest, product: str) -> HttpResponse:
    user = staff_user(request)
    found = access_product(user, product, _MANAGE)
    initial = {"versions": [each.version for each in found.versions.all()][:1], "schema": _EXAMPLE}
    form = DetailTypeForm(request.POST or None, initial=initial, product=found, is_new=True)
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_detail_type(acting_user=actor_of(user), product=found, wish=form.wish())
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            return done(request, _("Added. Applications with a subscription can ask for it now."), _list(product))
    return console_page(request, "products/detail_type.html", {"product": found, "form": form}, status=status)


@staff_only(_MANAGE)
def detail_type(request: HttpRequest, product: str, type_name: str) -> HttpResponse:
    """Change it; the other form of the page takes it away."""
    user = staff_user(request)
    row = access_detail_type(user, product, type_name, _MANAGE)
    if request.method == "POST" and request.POST.get("step") == "remove":
        actions.remove_detail_type(acting_user=actor_of(user), row=row)
        return done(request, _("Removed. Nobody can ask for it any more."), _list(product))
    form = DetailTypeForm(request.POST or None, initial=initial_of(row), product=row.product, is_new=False)
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_detail_type(acting_user=actor_of(user), row=row, wish=form.wish(row.name))
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            return done(request, _("Stored. The next consent is asked for so."), _list(product))
    context = {"product": row.product, "form": form, "row": row}
    return console_page(request, "products/detail_type.html", context, status=status)


def _list(product: str) -> str:
    return reverse("console_products:consents", args=[product])


_EXAMPLE = """{
  "type": "object",
  "properties": {
    "accounts": {
      "type": "array",
      "title": "Accounts",
      "minItems": 1,
      "items": {"type": "string", "maxLength": 40}
    }
  }
}"""
