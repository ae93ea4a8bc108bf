"""The form of a version's end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from propylon.catalog.models import ProductVersion
from propylon.design.forms import PageForm


def _day(**more: Any) -> forms.DateField:
    return forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


class LifecycleForm(PageForm):
    deprecated_at = _day(
        label=_("Deprecated from"), help_text=_("Nobody should begin anything new with it from then on. In UTC.")
    )
    sunset_at = _day(label=_("Ends on"), help_text=_("The last day is the one before. In UTC."))
    successor = forms.ChoiceField(label=_("Use instead"), required=False)
    link = forms.CharField(
        label=_("What to do"),
        required=False,
        max_length=300,
        widget=forms.URLInput(attrs={"placeholder": "https://", "spellcheck": "false"}),
        help_text=_("A page that tells partners. Left empty, the portal's page of versions."),
    )
    ends_at_sunset = forms.BooleanField(
        label=_("Refuse calls from that day on"),
        required=False,
        help_text=_(
            "They are answered with 410. Otherwise the version is served on, and says that it is past its end."
        ),
    )

    def __init__(self, *args: Any, versions: Sequence[ProductVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Nothing is said")), *((row.version, row.version) for row in versions)]
        self.fields["successor"] = forms.ChoiceField(label=_("Use instead"), choices=choices, required=False)
        self.order_fields(["deprecated_at", "sunset_at", "successor", "link", "ends_at_sunset"])
