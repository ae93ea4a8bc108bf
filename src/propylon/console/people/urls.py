"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.console.people import contract_views, organization_views, user_views

app_name = "console_people"
_ONE = "console/organizations/<str:organization_id>"
urlpatterns = [
    path("console/organizations", organization_views.organizations, name="organizations"),
    path("console/organizations/new", organization_views.add_organization, name="add_organization"),
    path(_ONE, organization_views.organization, name="organization"),
    path(f"{_ONE}/members/<str:user_id>/role", organization_views.change_role, name="change_role"),
    path(f"{_ONE}/members/<str:user_id>/removal", organization_views.remove_member, name="remove_member"),
    path(
        f"{_ONE}/invitations/<str:invitation_id>/withdrawal",
        organization_views.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path(f"{_ONE}/contracts/new", contract_views.add_contract, name="add_contract"),
    path("console/contracts/<str:contract_id>", contract_views.contract, name="contract"),
    path("console/contracts/<str:contract_id>/end", contract_views.end_contract, name="end_contract"),
    path("console/users", user_views.users, name="users"),
    path("console/users/<str:user_id>", user_views.user, name="user"),
    path("console/users/<str:user_id>/switch", user_views.switch, name="switch"),
    path("console/users/<str:user_id>/organizations", user_views.take_in, name="take_in"),
    path("console/roles", user_views.roles, name="roles"),
]
