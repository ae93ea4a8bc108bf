"""Quotas in words, as portal and console say them."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from propylon.catalog.quotas import Quota


def quota_words(quota: Quota) -> list[str]:
    """One for each limit: "5,000 calls a day"; none when nothing is limited."""
    said = []
    if quota.calls_per_day is not None:
        said.append(_("%(calls)s calls a day") % {"calls": _number(quota.calls_per_day)})
    if quota.calls_per_month is not None:
        said.append(_("%(calls)s calls a month") % {"calls": _number(quota.calls_per_month)})
    return said


def _number(calls: int) -> str:
    return str(number_format(calls, force_grouping=True))
