"""`{% load console %}`: ages, links to what an event names, data in one line."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

from propylon.accounts.role_words import TITLES
from propylon.applications.actions import BY_RULE
from propylon.applications.client_policy import legacy_policy_of
from propylon.applications.models import Client
from propylon.applications.overlap_words import overlap_words
from propylon.audit.event_words import event_words
from propylon.catalog.models import Plan
from propylon.catalog.quota_words import quota_words
from propylon.catalog.quotas import quota_of
from propylon.catalog.selectors import environment_titles
from propylon.console.things import address_of
from propylon.oauth.policy import TYPES

register = template.Library()
# As `timeuntil` counts; half of one that is nearly reached makes it the next.
_UNITS = (*(timedelta(days=days) for days in (365, 30, 7, 1)), timedelta(hours=1), timedelta(minutes=1))
_FINGERPRINT = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{16,}\b")


@register.simple_tag
def ago(value: datetime | None) -> str:
    """ "3 days ago"; "just now" within the first minute; empty for none."""
    if value is None:
        return ""
    if (timezone.now() - value).total_seconds() < 60:
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(value, depth=1)}


@register.simple_tag
def until(value: datetime | None) -> str:
    """ "in 3 weeks", or "3 weeks ago"."""
    if value is None:
        return ""
    if value <= timezone.now():
        return ago(value)
    return _("in %(time)s") % {"time": timeuntil(_rounded(value), depth=1)}


def _rounded(value: datetime) -> datetime:
    """Half a unit later: what is counted down to whole units says the nearest, so that 2 years less a day are 2."""
    left = value - timezone.now()
    unit = next((unit for unit in _UNITS if left >= unit), timedelta(0))
    return value + unit / 2


@register.simple_tag
def thing(kind: str, identifier: str, label: str = "") -> SafeString:
    """What an event is about, as a link when it has a page."""
    text, address = label or identifier, address_of(kind, identifier)
    if not address:
        return format_html("<span>{}</span>", text)
    return format_html('<a href="{}">{}</a>', address, text)


@register.filter
def in_words(action: str) -> str:
    """ "client.approved" is "Approved"."""
    return event_words(action)


@register.filter
def environment_title(name: str) -> str:
    """As people read it."""
    return environment_titles().get(name, name)


@register.filter
def error_form(name: str) -> str:
    """What the errors of a product look like."""
    return {
        "tpp": _("the Berlin Group's tppMessages"),
        "problem": _("problem details (RFC 9457)"),
    }.get(name, _("this installation's own form"))


@register.filter
def reason_in_words(reason: str) -> str:
    """As a person wrote it; the rule's own reason in the page's language."""
    return _("automatically, by the sandbox's rule") if reason in {BY_RULE, "approved by itself"} else reason


@register.filter
def facts_of(data: dict[str, Any]) -> SafeString:
    """An event's data as pairs: a definition list."""
    rows = [(name.replace("_", " "), _shown(value)) for name, value in data.items()]
    return format_html(
        '<dl class="facts facts--plain small">{}</dl>',
        format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows),
    )


@register.filter
def in_short(data: dict[str, Any]) -> str:
    """The same in one line, for tables."""
    text = ", ".join(f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in data.items())
    text = _FINGERPRINT.sub(r"\1…", text)
    return text if len(text) <= 160 else f"{text[:157]}…"


@register.filter
def overlap(name: str) -> str:
    """How long an old client secret worked."""
    return overlap_words(name)


@register.filter
def spaced(word: str) -> str:
    """ "key_compromise" is "key compromise"."""
    return word.replace("_", " ")


@register.filter
def role_title(name: str) -> str:
    """ "organization_manager" is "Organization manager", in the page's language."""
    return str(TITLES.get(name, name))


@register.filter
def type_title(name: str) -> str:
    """Of an application: "spa" is "Single-page application"."""
    policy = TYPES.get(name)
    return _(policy.title) if policy else name


@register.filter
def may_be_legacy(client: Client) -> bool:
    """An operator could allow it the profile `legacy`."""
    return legacy_policy_of(client) is not None


@register.filter
def percent(share: float) -> str:
    """Of one; one digit where it is small."""
    return f"{share * 100:.1f} %" if 0 < share < 0.1 else f"{share * 100:.0f} %"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) if value else _("none")
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(each)}" for name, each in value.items())
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _("none") if value in {None, ""} else str(value)


@register.filter
def thousands(number: int) -> str:
    """12,480, as the language writes it."""
    return number_format(number, force_grouping=True)


@register.filter
def plan_quota(plan: Plan) -> list[str]:
    """A plan's limits in words; none when only the rate is limited."""
    return quota_words(quota_of(plan))
