"""`{% load analytics %}`: how figures are written."""

from __future__ import annotations

from http import HTTPStatus

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from propylon.catalog.quotas import Quota
from propylon.design.refusal_words import in_words
from propylon.usage.analytics import Summary
from propylon.usage.charts import HEIGHT, WIDTH, bars
from propylon.usage.quota_words import quota_rows, quota_sentence
from propylon.usage.quotas import QuotaUse
from propylon.usage.refusal_words import refusal_sentence

register = template.Library()
_STATUSES = frozenset(str(each.value) for each in HTTPStatus)
MOST_CODES = 12


@register.inclusion_tag("usage/analysis.html")
def analysis(found: Summary) -> dict[str, object]:
    """Figures beside those of the period before, the trend, and how calls ended."""
    codes = [
        {"code": code, "calls": calls, "share": calls / found.figures.calls, "words": _words(code)}
        for code, calls in found.figures.codes[:MOST_CODES]
    ]
    drawn = bars(found.trend)
    return {
        "found": found,
        "now": found.figures,
        "before": found.before,
        "bars": drawn,
        "width": WIDTH,
        "height": HEIGHT,
        "most": max((bar.calls for bar in drawn), default=0),
        "codes": codes,
    }


@register.inclusion_tag("usage/quota.html")
def quota_use(found: tuple[Quota, list[QuotaUse]]) -> dict[str, object]:
    """What propylon.usage.quotas.quota_use says of a client: bars, words and a table."""
    quota, uses = found
    return {"sentence": quota_sentence(quota), "rows": quota_rows(uses)}


@register.filter
def number(value: int) -> str:
    """12,480, as the language writes it."""
    return number_format(value, force_grouping=True)


@register.filter
def share(value: float) -> str:
    """Of one, as a percentage; one digit where it is small."""
    digits = 1 if 0 < value < 0.1 else 0
    return f"{number_format(round(value * 100, digits), decimal_pos=digits)} %"


@register.filter
def milliseconds(value: int | None) -> str:
    return "\N{EN DASH}" if value is None else f"{number_format(value, force_grouping=True)} ms"


@register.filter
def since_before(now: int, before: int) -> str:
    """By how much calls changed: "+12 %", or "new" where there were none."""
    if not before:
        return _("none before") if now else "\N{EN DASH}"
    change = (now - before) / before * 100
    sign = "+" if change > 0 else "\N{MINUS SIGN}" if change < 0 else "±"
    return f"{sign}{number_format(round(abs(change)), decimal_pos=0, force_grouping=True)} %"


def _words(code: str) -> str:
    status, _space, refusal = code.partition(" ")
    if refusal:
        return in_words(refusal_sentence(refusal))
    if status == "0":
        return _("The caller left before the answer.")
    return HTTPStatus(int(status)).phrase if status in _STATUSES else ""


@register.filter
def exact_share(value: float) -> str:
    """Of one, as a percentage with two digits; never rounded up to a hundred."""
    percent = min(round(value * 100, 2), 99.99) if value < 1 else 100.0
    return f"{number_format(percent, decimal_pos=2)} %"


@register.filter
def minutes(seconds: int) -> str:
    return f"{number_format(seconds // 60, force_grouping=True)} min"
