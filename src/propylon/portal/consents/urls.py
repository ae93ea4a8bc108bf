"""Addresses of this area: below /oauth, so on the host of the authorization server, which customers know."""

from __future__ import annotations

from django.urls import path

from propylon.portal.consents import login_views, views

app_name = "portal_consents"
urlpatterns = [
    path("oauth/consents", views.consents, name="list"),
    path("oauth/consents/log-in", views.log_in, name="log_in"),
    path("oauth/consents/log-out", views.log_out, name="log_out"),
    path("oauth/consents/logins", login_views.logins, name="logins"),
    path("oauth/consents/logins/end", login_views.end, name="end_logins"),
    path("oauth/consents/<str:consent_id>/withdraw", views.withdraw, name="withdraw"),
]
