"""Filters of the audit and the outbox."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from propylon.console.pages import ChoiceFilter, Filters, TextFilter


class EventFilters(Filters):
    action = TextFilter(
        label=_("Action"), max_length=80, widget=forms.TextInput(attrs={"type": "search", "list": "actions"})
    )
    object = TextFilter(label=_("About: id or e-mail address"), max_length=254)
    actor = TextFilter(label=_("Who: id or e-mail address"), max_length=254)
    organization = TextFilter(label=_("Organization: name or id"), max_length=120)
    tracking_id = TextFilter(label="RequestTrackingId", max_length=36)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


class MailFilters(Filters):
    to = TextFilter(label=_("To"), max_length=254)
    state = ChoiceFilter(
        label=_("State"),
        anything=_("Every state"),
        choices=[("queued", _("Waiting to be sent")), ("sent", _("Sent")), ("failed", _("Failed"))],
    )
