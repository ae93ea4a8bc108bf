"""Organizations: list, add, one with its members, invitations, applications and history."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts import actions, selectors
from propylon.accounts.access import access_organization, actor_of
from propylon.accounts.models import Membership, Organization
from propylon.accounts.role_words import TITLES, roles_for
from propylon.accounts.roles import Permission
from propylon.applications.contract_words import contract_facts
from propylon.applications.contracts import contracts_of
from propylon.applications.models import Application
from propylon.applications.selectors import listed_applications
from propylon.audit.paging import page_of
from propylon.audit.selectors import events
from propylon.console.access import staff_change, staff_form, staff_only, staff_page, staff_user
from propylon.console.pages import console_page, done, filters, not_done, page_query, status_of
from propylon.console.people.forms import InvitationForm, OrganizationFilters, OrganizationForm, RoleForm
from propylon.kernel.errors import PropylonError

_SHOWN = 25


@staff_page
def organizations(request: HttpRequest) -> HttpResponse:
    form = filters(OrganizationFilters, request)
    found = selectors.organizations(name=form.chosen["text"]).annotate(
        member_count=_counted(Membership.objects.all()),
        application_count=_counted(Application.objects.filter(deleted_at=None)),
    )
    page = page_of(found, page_query(request), name="console organizations", filters=form.query)
    return console_page(request, "people/organizations.html", {"page_rows": page, "filters": form})


def _counted(rows: QuerySet[Any]) -> Coalesce:
    """How many of them each organization has: asked for the rows of the page only."""
    own = rows.filter(organization=OuterRef("pk")).order_by().values("organization")
    return Coalesce(Subquery(own.annotate(count=Count("pk")).values("count")), 0)


@staff_only(Permission.MANAGE_PROGRAM)
def add_organization(request: HttpRequest) -> HttpResponse:
    form = OrganizationForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made = actions.create_organization(acting_user=actor_of(staff_user(request)), **form.cleaned_data)
            except PropylonError as error:
                form.add_refusal(error)
                status = status_of(error)
            else:
                there = reverse("console_people:organization", args=[made.public_id])
                return done(request, _("The organization was added. Invite its first manager."), there)
    return console_page(request, "people/organization_new.html", {"form": form}, status=status)


@staff_form(Permission.MANAGE_MEMBERS)
def organization(request: HttpRequest, organization_id: str) -> HttpResponse:
    """POST invites a person."""
    found = access_organization(staff_user(request), organization_id)
    form = InvitationForm(request.POST or None, organization=found)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                actions.invite_member(
                    acting_user=actor_of(staff_user(request)), organization=found, **form.cleaned_data
                )
            except PropylonError as error:
                form.add_refusal(error)
                status = status_of(error)
            else:
                text = _("An invitation is on its way to %(address)s.") % {"address": form.cleaned_data["email"]}
                return done(request, text, request.path)
    return console_page(request, "people/organization.html", {**_facts(found), "form": form}, status=status)


def _facts(found: Organization) -> dict[str, object]:
    applications = listed_applications(Organization.objects.filter(pk=found.pk)).order_by("-pk")
    shown = list(applications[: _SHOWN + 1])
    return {
        "organization": found,
        "members": list(selectors.members(found).order_by("pk")[:500]),
        "roles": roles_for(found),
        "titles": TITLES,
        "invitations": list(selectors.open_invitations(found).order_by("pk")[:100]),
        "applications": shown[:_SHOWN],
        "has_more_applications": len(shown) > _SHOWN,
        "contracts": [contract_facts(row) for row in contracts_of(found)[:_SHOWN]],
        "events": list(events(organization_id=found.public_id).order_by("-pk")[:12]),
    }


@staff_change(Permission.MANAGE_MEMBERS)
def change_role(request: HttpRequest, organization_id: str, user_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_organization(user, organization_id, Permission.MANAGE_MEMBERS)
    there = reverse("console_people:organization", args=[found.public_id])
    membership = selectors.membership_of(found, user_id)
    form = RoleForm(request.POST, organization=found)
    role = form.cleaned_data["role"] if form.is_valid() else ""
    try:
        actions.change_role(acting_user=actor_of(user), membership=membership, role=role)
    except PropylonError as error:
        return not_done(request, error, there)
    return done(request, _("%(name)s has another role now.") % {"name": membership.user.name}, there)


@staff_change(Permission.MANAGE_MEMBERS)
def remove_member(request: HttpRequest, organization_id: str, user_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_organization(user, organization_id, Permission.MANAGE_MEMBERS)
    there = reverse("console_people:organization", args=[found.public_id])
    membership = selectors.membership_of(found, user_id)
    name = membership.user.name
    try:
        actions.remove_member(acting_user=actor_of(user), membership=membership)
    except PropylonError as error:
        return not_done(request, error, there)
    return done(request, _("%(name)s is no longer a member.") % {"name": name}, there)


@staff_change(Permission.MANAGE_MEMBERS)
def withdraw_invitation(request: HttpRequest, organization_id: str, invitation_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_organization(user, organization_id, Permission.MANAGE_MEMBERS)
    invitation = selectors.invitation_of(found, invitation_id)
    actions.withdraw_invitation(acting_user=actor_of(user), invitation=invitation)
    there = reverse("console_people:organization", args=[found.public_id])
    return done(request, _("The invitation was withdrawn; its link no longer works."), there)
