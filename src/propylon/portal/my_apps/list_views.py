"""My applications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from propylon.accounts.models import Organization
from propylon.accounts.roles import Permission
from propylon.applications.models import Application
from propylon.applications.selectors import listed_applications
from propylon.audit.paging import PageQuery, page_of
from propylon.portal.account.access import signed_in, signed_in_user
from propylon.portal.my_apps.organizations import own_organizations
from propylon.portal.my_apps.type_words import STORIES, Story, type_title
from propylon.usage.selectors import last_calls

PAGE = 20


@dataclass(frozen=True, slots=True)
class Row:
    application: Application
    last_call: datetime | None

    @property
    def type_title(self) -> str:
        return type_title(self.application.type)

    @property
    def story(self) -> Story:
        return STORIES[self.application.type]


@require_safe
@signed_in
def applications(request: HttpRequest) -> HttpResponse:
    """Those of my organizations, newest first; search by name, choice of organization if there are several."""
    user = signed_in_user(request)
    mine = list(own_organizations(user, Permission.VIEW_APPLICATIONS))
    text, wanted = request.GET.get("q", "").strip()[:80], request.GET.get("organization", "")
    chosen = next((each for each in mine if each.public_id == wanted), None)
    places = [chosen] if chosen else mine
    page = page_of(
        listed_applications(Organization.objects.filter(pk__in=[each.pk for each in places]), text=text),
        PageQuery(limit=PAGE, after=request.GET.get("after", "")[:400]),
        name="my applications",
        filters={"q": text, "organization": chosen.public_id if chosen else ""},
    )
    calls = last_calls([row.public_id for row in page.rows])
    context = {
        "rows": [Row(row, calls.get(row.public_id)) for row in page.rows],
        "paging": page.paging,
        "organizations": mine,
        "chosen": chosen,
        "text": text,
        "may_add": bool(own_organizations(user, Permission.MANAGE_APPLICATIONS)),
    }
    return render(request, "portal/apps/list.html", context)
