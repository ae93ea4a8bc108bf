"""Forms about marks and calls."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from propylon.console.pages import ChoiceFilter, Filters, TextFilter
from propylon.design.forms import PageForm
from propylon.gateway.marks import MARK_KINDS

KIND_TITLES = {
    "client": _("Client"),
    "grant": _("Grant"),
    "token": _("Token"),
    "certificate": _("Certificate"),
    "subject": _("Customer"),
    "product": _("Product"),
    "environment": _("Environment"),
    "organization": _("Organization"),
    "quota_day": _("Quota of the day"),
    "quota_month": _("Quota of the month"),
}
# What one can place by hand: kill switches have a page of their own, and quotas are counted.
KIND_WORDS = {
    "client": _("Client: every token that it has now; those that it asks for from now on work"),
    "grant": _(
        "Grant: every token of one customer's consent that is out there; the consent goes on, and so do new tokens"
    ),
    "token": _("Token: one token"),
    "certificate": _("Certificate: whatever comes over it"),
    "subject": _("Customer: every token of one customer, in every application, until somebody lifts the mark"),
}


class MarkFilters(Filters):
    kind = ChoiceFilter(label=_("Kind"), anything=_("Every kind"), choices=KIND_TITLES.items())
    value = TextFilter(label=_("Value begins with"), max_length=160)


class MarkForm(PageForm):
    kind = forms.ChoiceField(
        label=_("What is refused"),
        widget=forms.RadioSelect,
        choices=[(kind, KIND_WORDS[kind]) for kind in MARK_KINDS if kind in KIND_WORDS],
        initial="token",
    )
    value = forms.CharField(
        label=_("Value"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocapitalize": "none"}),
        help_text=_(
            "Token: its jti. Client: its client id. Grant: its id. Certificate: SHA-256 of the DER in lower-case hex. "
            "Customer: the subject of the tokens. A call's page names them. Behind a client or a grant, .<generation> "
            "means the tokens of that generation alone."
        ),
    )
    hours = forms.IntegerField(
        label=_("For how many hours"),
        min_value=1,
        max_value=24 * 365 * 3,
        initial=1,
        help_text=_(
            "No token lives longer than one hour; a certificate does. A customer stays blocked until it is lifted."
        ),
    )
    reason = forms.CharField(label=_("Reason"), max_length=80, help_text=_("Kept in the audit."))


class LiftMarkForm(PageForm):
    problems_title = _("Nothing was changed yet. Correct what is marked below.")
    reason = forms.CharField(label=_("Reason"), max_length=80, help_text=_("Kept in the audit."))


class CallFilters(Filters):
    refusal_code = TextFilter(label=_("Refusal code"), max_length=80)
    hours = ChoiceFilter(
        label=_("How far back"),
        anything=_("24 hours"),
        choices=[("1", _("1 hour")), ("168", _("7 days")), ("720", _("30 days"))],
    )


class LookUpForm(PageForm):
    tracking_id = forms.CharField(
        label="RequestTrackingId",
        max_length=60,
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocapitalize": "none"}),
        help_text=_("Every answer carries it as a header, and every error body as trackingId."),
    )
