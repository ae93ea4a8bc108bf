"""Forms about products, environments, upstreams and plans."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from propylon.catalog.selectors import environments, upstreams
from propylon.console.pages import ChoiceFilter, Filters, TextFilter
from propylon.design.forms import PageForm

_CODE = {"class": "mono", "spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}


def _code(**attributes: str) -> forms.TextInput:
    return forms.TextInput(attrs={**_CODE, **attributes})


class ProductFilters(Filters):
    text = TextFilter(label=_("Name or title"))
    visibility = ChoiceFilter(
        label=_("In the catalogue"),
        anything=_("All"),
        choices=[("visible", _("Shown")), ("hidden", _("Hidden")), ("featured", _("Featured"))],
    )
    environment = forms.ChoiceField(label=_("Answers in"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(row.name, row.title) for row in environments()]
        self.fields["environment"] = ChoiceFilter(label=_("Answers in"), anything=_("Anywhere"), choices=choices)


class ListingForm(PageForm):
    is_visible = forms.BooleanField(
        label=_("Shown in the catalogue"), required=False, help_text=_("Who has subscribed keeps a hidden product.")
    )
    is_featured = forms.BooleanField(
        label=_("Featured"), required=False, help_text=_("Stands on the portal's home page.")
    )
    is_psd2_only = forms.BooleanField(label=_("For licensed third parties only (PSD2)"), required=False)
    geography = forms.CharField(
        label=_("Where it may be used"), required=False, max_length=120, help_text=_("“Sweden, Finland”")
    )


class DestinationForm(PageForm):
    """Where a version answers. `environment` may stay empty where publishing is optional."""

    environment = forms.ChoiceField(label=_("Environment"))
    upstream = forms.ChoiceField(label=_("Upstream"))
    upstream_prefix = forms.CharField(
        label=_("Path at the upstream"),
        required=False,
        max_length=200,
        widget=_code(placeholder="/accounts/v1"),
        help_text=_("What the upstream's paths begin with. Left empty with the sandbox, it answers with mocks."),
    )

    def __init__(self, *args: Any, is_optional: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(row.name, row.title) for row in environments()]
        nowhere = [("", _("Nowhere yet"))] if is_optional else []
        self.fields["environment"] = forms.ChoiceField(
            label=_("Environment"), choices=[*nowhere, *places], required=not is_optional
        )
        systems = [(row.name, f"{row.name} ({row.address})") for row in upstreams().order_by("pk")]
        self.fields["upstream"] = forms.ChoiceField(
            label=_("Upstream"), choices=systems, required=not is_optional, help_text=_("Where calls are sent.")
        )
        self.order_fields(["environment", "upstream", "upstream_prefix"])


class WishForm(PageForm):
    """What is wanted instead of what the document says."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=60,
        widget=_code(placeholder="accounts"),
        help_text=_("Part of the address: lower-case letters, digits and hyphens. Left empty: made from the title."),
    )
    title = forms.CharField(
        label=_("Title"), required=False, max_length=120, help_text=_("What people read. Left empty: the document's.")
    )
    version = forms.CharField(
        label=_("Version"),
        required=False,
        max_length=20,
        widget=_code(placeholder="v1"),
        help_text=_("“v” and a number. Left empty: from the document's version."),
    )
    scope = forms.CharField(
        label=_("Default scope"),
        required=False,
        max_length=80,
        widget=_code(),
        help_text=_("What operations need that ask for none themselves."),
    )


class _Either(forms.FileField):
    """One of two fields, neither of which is optional by itself: the view sees to it that one is filled."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        return super().clean(data, initial) if data else None


class _EitherText(forms.CharField):
    def clean(self, value: Any) -> Any:
        return super().clean(value) if value else ""


class DocumentForm(WishForm):
    """The document as a file or as text. No limit of length here: the reader refuses what is too long, with a code."""

    file = _Either(
        label=_("OpenAPI document"),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.json,application/json,text/yaml"}),
        help_text=_("OpenAPI 3.0 or 3.1, or Swagger 2.0; YAML or JSON, at most 5 MB."),
    )
    text = _EitherText(
        label=_("Or its text"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false", "autocapitalize": "none"}),
    )
    use_required_attribute = False  # one of file and text is enough
    field_order = ["file", "text", "name", "title", "version", "scope"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)


def _name(longest: int, example: str) -> forms.CharField:
    """A name that addresses carry, and its rule."""
    hint = _("Lower-case letters, digits and hyphens. Addresses carry it, so it stays as it is; the title may change.")
    return forms.CharField(label=_("Name"), max_length=longest, widget=_code(placeholder=example), help_text=hint)


class EnvironmentForm(PageForm):
    name = _name(40, "pilot")
    title = forms.CharField(label=_("Title"), max_length=80, help_text=_("What people read: “Pilot”."))
    path_prefix = forms.CharField(
        label=_("Path"),
        required=False,
        max_length=40,
        widget=_code(placeholder="/pilot"),
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
        widget=_code(placeholder="https://core.bank.example:443"),
        help_text=_("https://host:port, http://host:port or unix:/path; the port must be there, a path must not."),
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
    is_default = forms.BooleanField(
        label=_("New applications get it"),
        required=False,
        help_text=_("Instead of the plan that they get now. Applications that are there keep theirs."),
    )


class PlanChangeForm(_Unnamed, PlanForm):
    pass
