"""Organizations and their members: who belongs, what they may do, what was done."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from propylon.accounts import actions, selectors
from propylon.accounts.access import access_organization, actor_of, may
from propylon.accounts.models import Organization
from propylon.accounts.role_words import role_in_words, roles_for
from propylon.accounts.roles import Permission
from propylon.applications.contract_words import contract_facts
from propylon.applications.contracts import contracts_of
from propylon.audit.models import Event
from propylon.audit.paging import PageQuery, page_of
from propylon.audit.selectors import events
from propylon.design.refusal_words import in_words
from propylon.kernel.errors import PropylonError
from propylon.portal.account.access import signed_in, signed_in_user
from propylon.portal.account.own_forms import InvitationForm, RoleForm

_MOST_CONTRACTS = 50


@require_safe
@signed_in
def organizations(request: HttpRequest) -> HttpResponse:
    """Those that one is a member of; with one only, straight to it."""
    rows = list(signed_in_user(request).memberships.select_related("organization").order_by("organization__name"))
    if len(rows) == 1:
        return HttpResponseRedirect(_members_page(rows[0].organization), status=303)
    found = [{"organization": row.organization, "role": role_in_words(row.role)} for row in rows]
    return render(request, "portal/account/organizations.html", {"memberships": found})


@require_safe
@signed_in
def members(request: HttpRequest, organization_id: str) -> HttpResponse:
    user = signed_in_user(request)
    organization = access_organization(user, organization_id)
    is_manager = may(user, Permission.MANAGE_MEMBERS, organization)
    page = page_of(
        selectors.members(organization),
        PageQuery(limit=50, after=request.GET.get("after", "")),
        name=f"members of {organization.public_id}",
        newest_first=False,
    )
    context = {
        "organization": organization,
        "members": [{"row": row, "role": role_in_words(row.role)} for row in page.rows],
        "paging": page.paging,
        "is_manager": is_manager,
        "may_see_history": _may_see_history(request, organization),
        "roles": roles_for(organization),
        "invitations": [
            {"row": row, "role": role_in_words(row.role)}
            for row in (selectors.open_invitations(organization).order_by("-pk")[:100] if is_manager else ())
        ],
    }
    return render(request, "portal/account/members.html", context)


@require_safe
@signed_in
def contracts(request: HttpRequest, organization_id: str) -> HttpResponse:
    """What was agreed with the bank; whoever sees the applications sees it."""
    organization = access_organization(signed_in_user(request), organization_id, Permission.VIEW_APPLICATIONS)
    rows = [contract_facts(row) for row in contracts_of(organization)[:_MOST_CONTRACTS]]
    context = {"organization": organization, "rows": rows, "may_see_history": True}
    return render(request, "portal/account/contracts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def invite(request: HttpRequest, organization_id: str) -> HttpResponse:
    user, organization = signed_in_user(request), _managed(request, organization_id)
    form = InvitationForm(request.POST or None, organization=organization)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = actions.invite_member(
                acting_user=actor_of(user), organization=organization, **form.cleaned_data
            )
        except PropylonError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": invitation.email})
            return HttpResponseRedirect(_members_page(organization), status=303)
    context = {"organization": organization, "form": form, "may_see_history": _may_see_history(request, organization)}
    return render(request, "portal/account/invite.html", context, status=400 if form.errors else 200)


@require_POST
@signed_in
def withdraw(request: HttpRequest, organization_id: str, invitation_id: str) -> HttpResponse:
    user, organization = signed_in_user(request), _managed(request, organization_id)
    invitation = selectors.invitation_of(organization, invitation_id)
    actions.withdraw_invitation(acting_user=actor_of(user), invitation=invitation)
    messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": invitation.email})
    return HttpResponseRedirect(_members_page(organization), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def member(request: HttpRequest, organization_id: str, user_id: str) -> HttpResponse:
    """Another role; the button that removes leads to its own form."""
    user, organization = signed_in_user(request), _managed(request, organization_id)
    membership = selectors.membership_of(organization, user_id)
    form = RoleForm(request.POST or None, organization=organization, initial={"role": membership.role})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_role(acting_user=actor_of(user), membership=membership, role=form.cleaned_data["role"])
        except PropylonError as error:
            form.add_refusal(error)
        else:
            told = {"name": membership.user.name, "role": role_in_words(membership.role).title}
            messages.success(request, _("%(name)s is %(role)s now.") % told)
            return HttpResponseRedirect(_members_page(organization), status=303)
    context = {
        "organization": organization,
        "member": membership,
        "form": form,
        "may_see_history": _may_see_history(request, organization),
    }
    return render(request, "portal/account/member.html", context, status=400 if form.errors else 200)


@require_POST
@signed_in
def remove(request: HttpRequest, organization_id: str, user_id: str) -> HttpResponse:
    user, organization = signed_in_user(request), _managed(request, organization_id)
    membership = selectors.membership_of(organization, user_id)
    try:
        actions.remove_member(acting_user=actor_of(user), membership=membership)
    except PropylonError as error:
        messages.error(request, in_words(error.message))
        return HttpResponseRedirect(_members_page(organization), status=303)
    if membership.user_id == user.pk:
        messages.success(request, _("You left %(organization)s.") % {"organization": organization.name})
        return HttpResponseRedirect(reverse("portal_account:organizations"), status=303)
    messages.success(request, _("%(name)s is no member any more.") % {"name": membership.user.name})
    return HttpResponseRedirect(_members_page(organization), status=303)


@require_safe
@signed_in
def history(request: HttpRequest, organization_id: str) -> HttpResponse:
    """The organization's own trail: who did what, when."""
    organization = access_organization(signed_in_user(request), organization_id, Permission.VIEW_APPLICATIONS)
    page = page_of(
        events(organization_id=organization.public_id),
        PageQuery(limit=50, after=request.GET.get("after", "")),
        name=f"history of {organization.public_id}",
    )
    context = {
        "organization": organization,
        "events": [_in_words(row) for row in page.rows],
        "paging": page.paging,
        "may_see_history": True,
    }
    return render(request, "portal/account/history.html", context)


def _in_words(event: Event) -> Event:
    event.what = event.action.replace(".", ": ").replace("_", " ").capitalize()  # type: ignore[attr-defined]
    return event


def _managed(request: HttpRequest, organization_id: str) -> Organization:
    return access_organization(signed_in_user(request), organization_id, Permission.MANAGE_MEMBERS)


def _may_see_history(request: HttpRequest, organization: Organization) -> bool:
    return may(signed_in_user(request), Permission.VIEW_APPLICATIONS, organization)


def _members_page(organization: Organization) -> str:
    return reverse("portal_account:members", args=[organization.public_id])
