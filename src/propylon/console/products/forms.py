"""Forms about products, their versions and documents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from propylon.catalog.selectors import environments, upstreams
from propylon.console.pages import ChoiceFilter, Filters, TextFilter
from propylon.design.forms import PageForm

_CODE = {"class": "mono", "spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}


def code_input(**attributes: str) -> forms.TextInput:
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


class CallRulesForm(PageForm):
    """A product's own bounds: 0 is none."""

    max_body_bytes = forms.IntegerField(
        label=_("Largest request, in bytes"),
        min_value=0,
        help_text=_("More is answered with 413. 0: as much as this installation takes, 10 MB."),
    )
    max_answer_bytes = forms.IntegerField(
        label=_("Largest answer, in bytes"),
        min_value=0,
        help_text=_(
            "More is answered with 502, and the caller sees nothing of it. Each answer is then held in the gateway's "
            "memory until it is whole. 0: no bound."
        ),
    )
    timeout_ms = forms.IntegerField(
        label=_("Time for an answer, in milliseconds"),
        min_value=0,
        help_text=_("Later it is answered with 504. 0: the upstream's time limit."),
    )
    requires_binding = forms.BooleanField(
        label=_("Tokens must be bound to a certificate or a key"),
        required=False,
        help_text=_("For all its operations that need a token; one that anyone could use is answered with 401."),
    )


class DestinationForm(PageForm):
    """Where a version answers. `environment` may stay empty where publishing is optional."""

    environment = forms.ChoiceField(label=_("Environment"))
    upstream = forms.ChoiceField(label=_("Upstream"))
    upstream_prefix = forms.CharField(
        label=_("Path at the upstream"),
        required=False,
        max_length=200,
        widget=code_input(placeholder="/accounts/v1"),
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
        widget=code_input(placeholder="accounts"),
        help_text=_("Part of the address: lower-case letters, digits and hyphens. Left empty: made from the title."),
    )
    title = forms.CharField(
        label=_("Title"), required=False, max_length=120, help_text=_("What people read. Left empty: the document's.")
    )
    version = forms.CharField(
        label=_("Version"),
        required=False,
        max_length=20,
        widget=code_input(placeholder="v1"),
        help_text=_("“v” and a number. Left empty: from the document's version."),
    )
    scope = forms.CharField(
        label=_("Default scope"),
        required=False,
        max_length=80,
        widget=code_input(),
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
