"""The rules of one operation: what a call needs, which plans include it, whether it streams."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.catalog import actions
from propylon.catalog.access import access_operation
from propylon.catalog.models import Operation
from propylon.catalog.rule_words import ROLES
from propylon.catalog.selectors import plans
from propylon.console.access import staff_only, staff_user
from propylon.console.pages import console_page, done, status_of
from propylon.console.products.forms import code_input
from propylon.console.products.operation_access import ACCESS, access_of
from propylon.design.forms import PageForm, Radios, two_lines
from propylon.kernel.errors import PropylonError
from propylon.openapi.access import AGES

_MANAGE = Permission.MANAGE_PROGRAM


class RulesForm(PageForm):
    access = forms.ChoiceField(
        label=gettext_lazy("Who may call"),
        widget=forms.RadioSelect,
        choices=[(name, words) for name, (words, *_flags) in ACCESS.items()],
    )
    plans = forms.MultipleChoiceField(
        label=gettext_lazy("Plans that include it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: all of them. Applications with another plan are answered with 403."),
    )
    requires_binding = forms.BooleanField(
        label=gettext_lazy("The token must be bound to a certificate or a key"),
        required=False,
        help_text=gettext_lazy("A token that anyone could use is answered with 401 (RFC 8705, RFC 9449)."),
    )
    psd2_roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles of payment service providers"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(role, capfirst(str(words))) for role, words in ROLES.items()],
        help_text=gettext_lazy(
            "None chosen: any. Else the token is bound to a certificate with one of them (PSD2); others are answered "
            "with 401. In a sandbox, applications order test certificates with the roles that they choose."
        ),
    )
    acr_values = forms.CharField(
        label=gettext_lazy("How the customer must have signed in"),
        required=False,
        max_length=1300,
        widget=code_input(),
        help_text=gettext_lazy(
            "Values of acr, the best first, with spaces between; one of them is enough. Left empty: in any way. "
            "Tokens say urn:propylon:acr:one-step or urn:propylon:acr:two-steps; another value is never met."
        ),
    )
    max_age = forms.IntegerField(
        label=gettext_lazy("Seconds since the customer signed in, at most"),
        required=False,
        min_value=AGES[0],
        max_value=AGES[-1],
        help_text=gettext_lazy(
            "Left empty: any time ago. Older sign-ins are answered with 401, and the application asks the customer to "
            "sign in again (RFC 9470)."
        ),
    )
    streams = Radios(label=gettext_lazy("Streaming"))

    def __init__(self, *args: Any, operation: Operation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plans"].choices = [(row.name, row.title) for row in plans().order_by("title", "pk")]  # type: ignore[attr-defined]
        self.fields["streams"].choices = _streams(operation)  # type: ignore[attr-defined]


def _streams(operation: Operation) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [
        ("", two_lines(_("No"), _("An answer that takes longer than the upstream's time limit is cut off."))),
        ("answer", two_lines(_("Its answer"), _("It may go on for as long as something comes: events, exports."))),
    ]
    if operation.method == "GET":
        found.append(("websocket", two_lines("WebSocket", _("The call becomes a connection in both directions."))))
    return found


@staff_only(_MANAGE)
def rules(request: HttpRequest, product: str, version: str, operation_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_operation(user, product, version, operation_id, _MANAGE)
    now = {
        "access": access_of(found.is_public, found.requires_certificate),
        "plans": found.plans,
        "requires_binding": found.requires_binding,
        "psd2_roles": found.psd2_roles,
        "acr_values": " ".join(found.acr_values),
        "max_age": found.max_age or None,
        "streams": found.streams,
    }
    form = RulesForm(request.POST or None, initial=now, operation=found)
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        _words, is_public, requires_certificate = ACCESS[told["access"]]
        try:
            actions.set_operation_access(
                acting_user=actor_of(user),
                operation=found,
                is_public=is_public,
                requires_certificate=requires_certificate,
                plans=told["plans"],
                requires_binding=told["requires_binding"],
                psd2_roles=told["psd2_roles"],
                acr_values=told["acr_values"].split(),
                max_age=told["max_age"] or 0,
                streams=told["streams"],
            )
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            text = _("The rules of %(operation)s were changed. The gateways take them up within seconds.")
            there = reverse("console_products:version", args=[product, version])
            return done(request, text % {"operation": str(found)}, there)
    context = {"operation": found, "version": found.product_version, "form": form}
    return console_page(
        request, "products/operation.html", {**context, "product": found.product_version.product}, status=status
    )
