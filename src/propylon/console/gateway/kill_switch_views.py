"""Kill switches: what is stopped at all gateways, throwing one in two steps, lifting it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.catalog.access import environment_named
from propylon.console.access import staff_only, staff_page, staff_user
from propylon.console.gateway.kill_switch_forms import FORMS, LiftForm, SwitchForm
from propylon.console.pages import console_page, done, status_of
from propylon.controlplane.kill_switches import (
    KillSwitch,
    Thrown,
    kill_switch,
    kill_switches,
    lift_kill_switch,
    throw_kill_switch,
    title_of,
)
from propylon.kernel.errors import PropylonError
from propylon.usage.recent_applications import DAYS, recent_applications

KIND_TITLES: Mapping[str, Promise] = MappingProxyType(
    {
        "product": gettext_lazy("Product"),
        "environment": gettext_lazy("Environment"),
        "organization": gettext_lazy("Organization"),
    }
)


@staff_page
def switches(request: HttpRequest) -> HttpResponse:
    return console_page(request, "gateway/kill_switches.html", {"rows": [_shown(row) for row in kill_switches()]})


@staff_only(Permission.SECURE)
def throw(request: HttpRequest, kind: str) -> HttpResponse:
    """Two steps on one address: what to stop, then what that means; the second one's button stops it."""
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](request.POST or None, initial={"target": request.GET.get("target", "")})
    if request.method != "POST":
        return _choosing(request, form)
    if not form.is_valid():
        return _choosing(request, form, status=400)
    try:
        title = title_of(form.switch)
        if "confirmed" not in request.POST:
            return _confirming(request, form, title)
        throw_kill_switch(
            acting_user=actor_of(staff_user(request)), switch=form.switch, reason=form.cleaned_data["reason"]
        )
    except PropylonError as error:
        form.add_refusal(error)
        return _choosing(request, form, status=status_of(error))
    text = _("%(what)s is stopped. Every gateway refuses its calls within a second.") % {"what": title}
    return done(request, text, reverse("console_gateway:kill_switches"))


@staff_only(Permission.SECURE)
def lift(request: HttpRequest, kind: str, value: str) -> HttpResponse:
    found = kill_switch(kind, value)
    form = LiftForm(request.POST or None)
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            lift_kill_switch(acting_user=actor_of(staff_user(request)), switch=found.switch, **form.cleaned_data)
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            text = _("Calls of %(what)s are let through again.") % {"what": found.title}
            return done(request, text, reverse("console_gateway:kill_switches"))
    return console_page(request, "gateway/kill_switch_lift.html", {**_shown(found), "form": form}, status=status)


def _choosing(request: HttpRequest, form: SwitchForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "kind": form.kind, "kinds": KIND_TITLES.items()}
    return console_page(request, "gateway/kill_switch_throw.html", context, status=status)


def _confirming(request: HttpRequest, form: SwitchForm, title: str) -> HttpResponse:
    switch = form.switch
    context = {
        "kind": switch.kind,
        "title": title,
        "place": environment_named(switch.environment).title if switch.environment else "",
        "reason": form.cleaned_data["reason"],
        "switch": switch,
        "callers": recent_applications(**_calls_of(switch)),
        "days": DAYS,
    }
    return console_page(request, "gateway/kill_switch_confirm.html", context)


def _calls_of(switch: KillSwitch) -> dict[str, str]:
    place = {"environment": switch.environment} if switch.environment else {}
    return {switch.kind: switch.target, **place}


def _shown(row: Thrown) -> dict[str, object]:
    place = row.switch.environment
    return {
        "row": row,
        "kind": KIND_TITLES[row.switch.kind],
        "place": environment_named(place).title if place else "",
        "value": row.switch.value,
    }
