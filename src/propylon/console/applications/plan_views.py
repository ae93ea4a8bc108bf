"""Another plan for an application in one environment: the operator's decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_client
from propylon.catalog.access import plan_named
from propylon.catalog.models import Plan
from propylon.catalog.quota_words import quota_words
from propylon.catalog.quotas import quota_of
from propylon.catalog.selectors import plans
from propylon.console.access import staff_only, staff_user
from propylon.console.pages import console_page, done, status_of
from propylon.design.forms import PageForm, two_lines
from propylon.kernel.errors import PropylonError


class PlanForm(PageForm):
    plan = forms.ChoiceField(label=gettext_lazy("Plan"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(row.name, two_lines(row.title, limits_words(row))) for row in plans().order_by("title", "pk")]
        self.fields["plan"].choices = choices  # type: ignore[attr-defined]


def _limits(plan: Plan) -> dict[str, str]:
    limits = {"rate": plan.requests_per_second, "burst": plan.burst}
    return {name: number_format(limit, force_grouping=True) for name, limit in limits.items()}


def limits_words(plan: Plan) -> str:
    """Rate, burst and quotas in one line."""
    said = [_("%(rate)s calls a second, %(burst)s at once") % _limits(plan)]
    said += quota_words(quota_of(plan))
    return ", ".join(said)


@staff_only(Permission.MANAGE_PROGRAM)
def plan(request: HttpRequest, client_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_client(user, client_id, Permission.MANAGE_PROGRAM)
    form = PlanForm(request.POST or None, initial={"plan": found.plan.name})
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                chosen = plan_named(form.cleaned_data["plan"])
                actions.give_plan(acting_user=actor_of(user), client=found, plan=chosen)
            except PropylonError as error:
                form.add_refusal(error)
                status = status_of(error)
            else:
                there = reverse("console_applications:detail", args=[found.application.public_id])
                facts = {"name": found.application.name, "place": found.environment.title, "plan": chosen.title}
                text = _("%(name)s has the plan %(plan)s in %(place)s. Tokens that it asks for from now on carry it.")
                return done(request, text % facts, f"{there}#{found.client_id}")
    return console_page(request, "applications/plan.html", {"client": found, "form": form}, status=status)
