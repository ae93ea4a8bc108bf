"""Addresses of this area: below /oauth, so on the host of the authorization server, which customers know."""

from __future__ import annotations

from django.urls import path

from propylon.portal.approvals import views

app_name = "portal_approvals"
urlpatterns = [
    path("oauth/approvals", views.approvals, name="list"),
    path("oauth/approvals/<str:approval_id>", views.answer, name="answer"),
]
