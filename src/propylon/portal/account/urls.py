"""Addresses of this area. Those of django-allauth's views are in allauth_urls."""

from __future__ import annotations

from django.urls import URLPattern, path

from propylon.portal.account import joining_views, organization_views, profile_views, security_views

app_name = "portal_account"
urlpatterns: list[URLPattern] = [
    path("sign-up", joining_views.sign_up, name="sign_up"),
    path("sign-up/sent", joining_views.sign_up_sent, name="sign_up_sent"),
    path("verify-email", joining_views.verify, name="verify"),
    path("accept-invitation", joining_views.accept, name="accept"),
    path("account/profile", profile_views.profile, name="profile"),
    path("account/security", security_views.security, name="security"),
    path("account/sessions", security_views.sessions, name="sessions"),
    path("account/sessions/end-others", security_views.end_other_sessions, name="end_other_sessions"),
    path("account/sessions/<int:session_id>/end", security_views.end_session, name="end_session"),
    path("account/access-tokens", security_views.access_tokens, name="access_tokens"),
    path("account/access-tokens/new", security_views.new_access_token, name="new_access_token"),
    path("account/access-tokens/<token_id>/revoke", security_views.revoke_access_token, name="revoke_access_token"),
    path("organizations", organization_views.organizations, name="organizations"),
    path("organizations/<organization_id>/members", organization_views.members, name="members"),
    path("organizations/<organization_id>/members/<user_id>", organization_views.member, name="member"),
    path("organizations/<organization_id>/members/<user_id>/remove", organization_views.remove, name="remove"),
    path("organizations/<organization_id>/invite", organization_views.invite, name="invite"),
    path(
        "organizations/<organization_id>/invitations/<invitation_id>/withdraw",
        organization_views.withdraw,
        name="withdraw",
    ),
    path("organizations/<organization_id>/contracts", organization_views.contracts, name="contracts"),
    path("organizations/<organization_id>/history", organization_views.history, name="history"),
]
