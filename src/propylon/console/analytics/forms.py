"""What narrows the analytics."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from propylon.catalog.selectors import environment_titles
from propylon.console.pages import ChoiceFilter, Filters
from propylon.usage.analytics import Selection
from propylon.usage.analytics_schemas import By
from propylon.usage.period_words import period_titles
from propylon.usage.periods import PeriodName

BY_TITLES = {
    By.OPERATION: _("Operations"),
    By.ORGANIZATION: _("Organizations"),
    By.APPLICATION: _("Applications"),
    By.ENVIRONMENT: _("Environments"),
}


class AnalyticsFilters(Filters):
    """The empty choices are products and 7 days."""

    by = ChoiceFilter(label=_("Rows"), anything=_("Products"), choices=BY_TITLES.items())
    period = ChoiceFilter(label=_("Period"), anything=_("7 days"), choices=[])
    environment = ChoiceFilter(label=_("Environment"), anything=_("Every environment"), choices=[])
    product = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    organization = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [(name.value, title) for name, title in period_titles().items() if name is not PeriodName.WEEK]
        for field, choices in (("period", others), ("environment", list(environment_titles().items()))):
            found = self.fields[field]
            assert isinstance(found, forms.ChoiceField)  # noqa: S101  (declared above)
            found.choices = [*found.choices, *choices]  # type: ignore[misc]

    @property
    def chosen_by(self) -> By:
        return By(self.chosen["by"] or By.PRODUCT)

    @property
    def chosen_period(self) -> PeriodName:
        return PeriodName(self.chosen["period"] or PeriodName.WEEK)

    @property
    def selection(self) -> Selection:
        chosen = self.chosen
        return Selection(
            environment=chosen["environment"] or "",
            product=chosen["product"] or "",
            organization=chosen["organization"] or "",
        )
