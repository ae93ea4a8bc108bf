"""Marks: what is refused at once, and placing one by hand."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.audit.paging import page_of
from propylon.console.access import staff_only, staff_page, staff_user
from propylon.console.gateway.forms import KIND_TITLES, LiftMarkForm, MarkFilters, MarkForm
from propylon.console.pages import console_page, done, filters, page_query, status_of
from propylon.controlplane.kill_switches import STOPPED_KINDS
from propylon.controlplane.marks_by_hand import place_by_hand
from propylon.gateway.marks import LIFTED_KINDS
from propylon.kernel.errors import PropylonError
from propylon.marks.actions import UNTIL_LIFTED, lift_mark
from propylon.marks.models import Mark
from propylon.marks.selectors import mark_in_force, marks_by_kind, marks_in_force, unknown_mark


@staff_page
def marks(request: HttpRequest) -> HttpResponse:
    form = filters(MarkFilters, request)
    found = marks_in_force(kind=form.chosen["kind"], value=form.chosen["value"])
    page = page_of(found, page_query(request), name="console marks", filters=form.query)
    counted, far = marks_by_kind(), timezone.now() + UNTIL_LIFTED / 2
    context = {
        "rows": [(row, KIND_TITLES[row.kind], _way_to_lift(row), row.expires_at < far) for row in page.rows],
        "paging": page.paging,
        "filters": form,
        "by_kind": [(title, counted.get(kind, 0)) for kind, title in KIND_TITLES.items()],
    }
    return console_page(request, "gateway/marks.html", context)


@staff_only(Permission.SECURE)
def place(request: HttpRequest) -> HttpResponse:
    given = {name: request.GET[name] for name in ("kind", "value") if name in request.GET}
    form = MarkForm(request.POST or None, initial={"kind": "token", "hours": 1, **given})
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            place_by_hand(acting_user=actor_of(staff_user(request)), **told)
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            text = _("The mark is placed. The gateways refuse what carries it within a second.")
            return done(request, text, reverse("console_gateway:marks"))
    return console_page(request, "gateway/mark_new.html", {"form": form}, status=status)


@staff_only(Permission.SECURE)
def lift(request: HttpRequest, kind: str, value: str) -> HttpResponse:
    """Of the kinds that can be lifted and are no kill switch."""
    found = mark_in_force(kind, value)
    if not _way_to_lift(found):
        raise unknown_mark()
    form = LiftMarkForm(request.POST or None)
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            lift_mark(acting_user=actor_of(staff_user(request)), kind=kind, value=value, **form.cleaned_data)
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            return done(
                request, _("The mark is lifted. Calls pass again within a second."), reverse("console_gateway:marks")
            )
    context = {"mark": found, "title": KIND_TITLES[kind], "form": form}
    return console_page(request, "gateway/mark_lift.html", context, status=status)


def _way_to_lift(mark: Mark) -> str:
    """The page that lifts it; empty for what is revoked for good."""
    if mark.kind in STOPPED_KINDS:
        return reverse("console_gateway:lift_kill_switch", args=[mark.kind, mark.value])
    return reverse("console_gateway:lift_mark", args=[mark.kind, mark.value]) if mark.kind in LIFTED_KINDS else ""
