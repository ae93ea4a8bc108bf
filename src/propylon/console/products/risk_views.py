"""The risk class of each scope of a product."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.catalog import actions
from propylon.catalog.access import access_product
from propylon.catalog.models import Product
from propylon.catalog.risk_words import RISK_WORDS
from propylon.console.access import staff_only, staff_user
from propylon.console.pages import console_page, done, status_of
from propylon.design.forms import PageForm, Radios, two_lines
from propylon.kernel.errors import PropylonError

_MANAGE = Permission.MANAGE_PROGRAM


class RisksForm(PageForm):
    """One field for each scope."""

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(risk, two_lines(str(name), str(meaning))) for risk, (name, meaning) in RISK_WORDS.items()]
        for scope in product.scopes.order_by("name"):
            label = f"{scope.title} ({scope.name})" if scope.title != scope.name else scope.name
            self.fields[scope.name] = Radios(label=label, choices=choices, initial=scope.risk)

    @property
    def chosen(self) -> dict[str, str]:
        return {name: risk for name, risk in self.cleaned_data.items() if risk}


@staff_only(_MANAGE)
def risks(request: HttpRequest, product: str) -> HttpResponse:
    user = staff_user(request)
    found = access_product(user, product, _MANAGE)
    form = RisksForm(request.POST or None, product=found)
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_scope_risks(acting_user=actor_of(user), product=found, risks=form.chosen)
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            return done(request, _("Stored. It counts from the next consent on."), _back(product))
    return console_page(request, "products/risks.html", {"product": found, "form": form}, status=status)


def _back(product: str) -> str:
    return reverse("console_products:detail", args=[product])
