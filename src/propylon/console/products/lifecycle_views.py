"""What a version changes, who still calls it, and when it ends (RFC 9745, RFC 8594)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.catalog import actions
from propylon.catalog.access import access_version
from propylon.catalog.actions import LifecycleWish
from propylon.catalog.change_words import told
from propylon.catalog.models import ProductVersion
from propylon.catalog.selectors import environment_titles
from propylon.catalog.version_difference import version_before, version_difference
from propylon.console.access import staff_form, staff_user
from propylon.console.pages import console_page, done, status_of
from propylon.console.products.lifecycle_form import LifecycleForm
from propylon.kernel.errors import PropylonError
from propylon.usage.version_callers import version_callers

_MOST_CHANGES = 200


@staff_form(Permission.MANAGE_PROGRAM)
def lifecycle(request: HttpRequest, product: str, version: str) -> HttpResponse:
    """POST sets the dates."""
    user = staff_user(request)
    found = access_version(user, product, version)
    others = _others(found)
    if request.method != "POST":
        return _page(request, found, LifecycleForm(initial=_facts(found), versions=others))
    form = LifecycleForm(request.POST, versions=others)
    if not form.is_valid():
        return _page(request, found, form, status=400)
    try:
        actions.set_lifecycle(acting_user=actor_of(user), product_version=found, wish=_wish(form, found, others))
    except PropylonError as error:
        form.add_refusal(error)
        return _page(request, found, form, status=status_of(error))
    return done(request, _("Stored. Every answer of the version says it within seconds."), request.path)


def _others(found: ProductVersion) -> list[ProductVersion]:
    rows = found.product.versions.exclude(pk=found.pk).select_related("product").defer("document")
    return list(rows.order_by("-created_at", "-pk"))


def _facts(found: ProductVersion) -> dict[str, object]:
    return {
        "deprecated_at": _day(found.deprecated_at),
        "sunset_at": _day(found.sunset_at),
        "successor": next((row.version for row in _others(found) if row.pk == found.successor_id), ""),
        "link": found.lifecycle_link,
        "ends_at_sunset": found.ends_at_sunset,
    }


def _wish(form: LifecycleForm, found: ProductVersion, others: list[ProductVersion]) -> LifecycleWish:
    chosen = form.cleaned_data
    return LifecycleWish(
        deprecated_at=_moment(chosen["deprecated_at"], found.deprecated_at),
        sunset_at=_moment(chosen["sunset_at"], found.sunset_at),
        successor=next((row for row in others if row.version == chosen["successor"]), None),
        link=chosen["link"].strip(),
        ends_at_sunset=chosen["ends_at_sunset"],
    )


def _day(moment: datetime | None) -> date | None:
    return moment.astimezone(UTC).date() if moment else None


def _moment(day: date | None, known: datetime | None) -> datetime | None:
    """The beginning of a day in UTC; an hour that was set by the management API stays with its day."""
    if day is None or day == _day(known):
        return known if day else None
    return datetime.combine(day, time(), tzinfo=UTC)


def _page(request: HttpRequest, found: ProductVersion, form: LifecycleForm, *, status: int = 200) -> HttpResponse:
    before = version_before(found)
    titles = environment_titles()
    changes = version_difference(before, found) if before else None
    context = {
        "version": found,
        "product": found.product,
        "before": before,
        "found": changes,
        "breaking": told(changes.breaking[:_MOST_CHANGES]) if changes else [],
        "harmless": told(changes.harmless[:_MOST_CHANGES]) if changes else [],
        "callers": [
            (row, titles.get(row.environment, row.environment))
            for row in version_callers(found.product.name, found.version)
        ],
        "form": form,
    }
    return console_page(request, "products/lifecycle.html", context, status=status)
