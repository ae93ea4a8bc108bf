"""The periods of analytics in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from propylon.usage.periods import PeriodName


def period_titles() -> dict[PeriodName, str]:
    """The shortest first."""
    return {
        PeriodName.HOUR: _("1 hour"),
        PeriodName.DAY: _("24 hours"),
        PeriodName.WEEK: _("7 days"),
        PeriodName.MONTH: _("30 days"),
        PeriodName.QUARTER: _("90 days"),
    }
