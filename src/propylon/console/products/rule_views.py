"""A product's own bounds, and whether its tokens must be bound."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.catalog import actions
from propylon.catalog.access import access_product
from propylon.catalog.actions.rules import CallRules
from propylon.console.access import staff_only, staff_user
from propylon.console.pages import console_page, done, status_of
from propylon.console.products.forms import CallRulesForm
from propylon.kernel.errors import PropylonError

_MANAGE = Permission.MANAGE_PROGRAM


@staff_only(_MANAGE)
def call_rules(request: HttpRequest, product: str) -> HttpResponse:
    user = staff_user(request)
    found = access_product(user, product, _MANAGE)
    now = {name: getattr(found, name) for name in CallRules.__annotations__}
    form = CallRulesForm(request.POST or None, initial=now)
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_call_rules(acting_user=actor_of(user), product=found, **form.cleaned_data)
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            text = _("Stored. The gateways take it up within seconds.")
            return done(request, text, reverse("console_products:detail", args=[product]))
    return console_page(request, "products/rules.html", {"product": found, "form": form}, status=status)
