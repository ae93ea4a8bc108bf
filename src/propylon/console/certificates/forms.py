"""Forms about orders and certificates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from propylon.console.applications.forms import DeciderForm, TypedForm
from propylon.console.pages import ChoiceFilter, Filters, TextFilter
from propylon.design.forms import TextNeededAtTimes
from propylon.pki.revocation_list import REASONS

REASON_WORDS = {
    "unspecified": _("No particular reason"),
    "key_compromise": _("The private key is known to others"),
    "affiliation_changed": _("The organization's name or place changed"),
    "superseded": _("Replaced by another certificate"),
    "cessation_of_operation": _("No longer in use"),
    "privilege_withdrawn": _("The right to hold it was withdrawn"),
}


class InventoryFilters(Filters):
    text = TextFilter(label=_("Name, serial number or client id"))
    state = ChoiceFilter(
        label=_("State"),
        anything=_("Every state"),
        choices=[("active", _("Valid")), ("revoked", _("Revoked")), ("expired", _("Expired"))],
    )
    ends_within = ChoiceFilter(
        label=_("Ends"),
        anything=_("Whenever"),
        choices=[
            ("7", _("within 7 days")),
            ("30", _("within 30 days")),
            ("90", _("within 90 days")),
            ("365", _("within a year")),
        ],
    )


class OrderFilters(Filters):
    status = ChoiceFilter(
        label=_("State"),
        anything=_("Every state"),
        choices=[
            ("requested", _("Waiting for a decision")),
            ("signing", _("Being signed")),
            ("issued", _("Issued")),
            ("downloaded", _("Downloaded")),
            ("refused", _("Refused")),
        ],
    )


class RefusalForm(DeciderForm):
    reason = TextNeededAtTimes(
        label=_("Reason to refuse"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "You must give one to refuse; the partner reads it with the order and in the mail. An approval needs none."
        ),
    )


class RevocationForm(TypedForm):
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(name, REASON_WORDS[name]) for name in REASONS],
        help_text=_("It stands in the revocation list, which everybody can read."),
    )
    field_order = ["reason", "typed"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)
