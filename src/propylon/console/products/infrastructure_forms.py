"""Forms about environments, upstreams and plans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from propylon.catalog.models import QuotaKind, QuotaOutage
from propylon.catalog.quotas import MOST_CALLS, Quota
from propylon.console.products.forms import code_input
from propylon.design.forms import LinesField, PageForm, Radios, two_lines
from propylon.kernel.errors import PropylonError


def _name(longest: int, example: str) -> forms.CharField:
    """A name that addresses carry, and its rule."""
    hint = _("Lower-case letters, digits and hyphens. Addresses carry it, so it stays as it is; the title may change.")
    return forms.CharField(label=_("Name"), max_length=longest, widget=code_input(placeholder=example), help_text=hint)


class EnvironmentForm(PageForm):
    name = _name(40, "pilot")
    title = forms.CharField(label=_("Title"), max_length=80, help_text=_("What people read: “Pilot”."))
    path_prefix = forms.CharField(
        label=_("Path"),
        required=False,
        max_length=40,
        widget=code_input(placeholder="/pilot"),
        help_text=_("Its APIs answer below it, and its tokens are for it alone. Left empty: a slash and the name."),
    )
    approves_by_itself = forms.BooleanField(
        label=_("Approves applications and certificate orders by itself"),
        required=False,
        help_text=_("Good for a sandbox, where nothing real can be reached."),
    )
    position = forms.IntegerField(
        label=_("Position in lists"),
        min_value=0,
        max_value=10_000,
        initial=10,
        help_text=_("0 to 10000; the smallest stands first."),
    )
    demands_nonces = forms.BooleanField(
        label=_("DPoP proofs must carry a nonce"),
        required=False,
        help_text=_("So that no proof can be made ahead. Applications with DPoP ask once more every few minutes."),
    )


class _Unnamed(PageForm):
    """To change what a form adds: without the name, which addresses of the console and the management API carry."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["name"]


class EnvironmentChangeForm(_Unnamed, EnvironmentForm):
    def __init__(self, *args: Any, is_in_use: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        path = self.fields["path_prefix"]
        path.required = True
        path.help_text = _("Its APIs answer below it, and its tokens are for it alone.")
        if is_in_use:
            path.disabled = True
            path.help_text = _(
                "It cannot change any more: applications are here, and their addresses and tokens carry it."
            )


class UpstreamForm(PageForm):
    name = _name(60, "core-banking")
    address = forms.CharField(
        label=_("Address"),
        max_length=300,
        widget=code_input(placeholder="https://core.bank.example:443"),
        help_text=_("https://host:port, http://host:port or unix:/path; the port must be there, a path must not."),
    )
    further_addresses = LinesField(
        label=_("Further addresses"),
        help_text=_(
            "One per line, each like the first. Calls are spread over all of them; one that fails is left out for a "
            "while."
        ),
    )
    health_path = forms.CharField(
        label=_("Path that says that it is well"),
        required=False,
        max_length=200,
        widget=code_input(placeholder="/health"),
        help_text=_(
            "The gateways ask each address for it and call only those that answer 200. Left empty: nobody asks."
        ),
    )
    max_parallel_calls = forms.IntegerField(
        label=_("Calls at one time"),
        min_value=1,
        max_value=1_000_000,
        initial=4096,
        help_text=_("From each gateway node, 1 to 1000000. One more is answered with 503 at once."),
    )
    timeout_ms = forms.IntegerField(
        label=_("Answers within (ms)"),
        min_value=1,
        max_value=600_000,
        initial=15_000,
        help_text=_("Milliseconds, 1 to 600000. A call that takes longer is answered with 504."),
    )
    ca_pem = forms.CharField(
        label=_("Its certificate authority (PEM)"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 5, "class": "mono", "spellcheck": "false"}),
        help_text=_("For https: whom the gateways trust there. Without it they send it no call."),
    )
    sends_client_certificate = forms.BooleanField(
        label=_("Show it the gateway's client certificate"),
        required=False,
        help_text=_("For https: so that the system lets in nobody but the gateways."),
    )


class UpstreamChangeForm(_Unnamed, UpstreamForm):
    pass


# Of the management API -> of this page.
_QUOTA_FIELDS = {
    "quota.kind": "quota_kind",
    "quota.calls_per_day": "calls_per_day",
    "quota.calls_per_month": "calls_per_month",
    "quota.outage": "quota_outage",
}


def _quota_kinds() -> list[tuple[str, Any]]:
    return [
        ("", two_lines(gettext("None"), gettext("Only the rate is limited."))),
        (
            QuotaKind.METERED.value,
            two_lines(
                gettext("Metered"),
                gettext("Costs the call no time; above the limit passes at most what comes within a second."),
            ),
        ),
        (
            QuotaKind.EXACT.value,
            two_lines(
                gettext("Exact"), gettext("Not one call above the limit; each call waits for a check at the node.")
            ),
        ),
    ]


def _quota_outages() -> list[tuple[str, Any]]:
    return [
        (QuotaOutage.SERVE.value, two_lines(gettext("Serve"), gettext("Calls pass and are counted afterwards."))),
        (
            QuotaOutage.REFUSE.value,
            two_lines(gettext("Refuse"), gettext("Calls pass until what the node has in hand is used up, then none.")),
        ),
    ]


def _limit(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST_CALLS,
        help_text=_("Of each application, by the calendar in UTC. Left empty: unlimited; 0: none."),
    )


class PlanForm(PageForm):
    name = _name(40, "gold")
    title = forms.CharField(label=_("Title"), max_length=80, help_text=_("What people read: “Gold”."))
    requests_per_second = forms.IntegerField(
        label=_("Calls a second"),
        min_value=1,
        max_value=1_000_000,
        help_text=_("How many each application may make in the long run. One more is answered with 429."),
    )
    burst = forms.IntegerField(
        label=_("At once"),
        min_value=1,
        max_value=10_000_000,
        help_text=_("How many may come in one moment after a pause: at least as many as in a second."),
    )
    quota_kind = Radios(label=_("Quota"), choices=_quota_kinds, initial="")
    calls_per_day = _limit(_("Calls a day"))
    calls_per_month = _limit(_("Calls a month"))
    quota_outage = Radios(
        label=_("While the control plane cannot be asked"),
        choices=_quota_outages,
        initial=QuotaOutage.SERVE.value,
        help_text=_("For an exact quota only."),
    )
    is_default = forms.BooleanField(
        label=_("New applications get it"),
        required=False,
        help_text=_("Instead of the plan that they get now. Applications that are there keep theirs."),
    )

    def clean(self) -> dict[str, Any]:
        """The four fields become one `quota`, as the actions take it."""
        told = super().clean() or self.cleaned_data
        told["quota"] = Quota(
            kind=told.pop("quota_kind", "") or QuotaKind.NONE.value,
            calls_per_day=told.pop("calls_per_day", None),
            calls_per_month=told.pop("calls_per_month", None),
            outage=told.pop("quota_outage", "") or QuotaOutage.SERVE.value,
        )
        return told

    def add_refusal(self, error: PropylonError) -> None:
        """What is wrong with the quota stands at the field that asks for it."""
        mistakes = [replace(each, field=_QUOTA_FIELDS.get(each.field, each.field)) for each in error.errors]
        super().add_refusal(PropylonError(error.code, error.message, kind=error.kind, errors=mistakes))


class PlanChangeForm(_Unnamed, PlanForm):
    pass
