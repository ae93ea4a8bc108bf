"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.console.applications import (
    asking_views,
    decision_views,
    key_views,
    legacy_views,
    logout_views,
    plan_views,
    registration_views,
    subject_views,
    token_views,
    views,
)

app_name = "console_applications"
urlpatterns = [
    path("console/applications", views.applications, name="list"),
    path("console/applications/<str:application_id>", views.application, name="detail"),
    path("console/applications/<str:application_id>/deletion", views.deletion, name="deletion"),
    path("console/clients/<str:client_id>", views.client, name="client"),
    path("console/clients/<str:client_id>/decision", decision_views.decision, name="decision"),
    path("console/clients/<str:client_id>/plan", plan_views.plan, name="plan"),
    path("console/clients/<str:client_id>/legacy", legacy_views.legacy, name="legacy"),
    path("console/clients/<str:client_id>/legacy/end", legacy_views.legacy_end, name="legacy_end"),
    path("console/clients/<str:client_id>/asking-customers", asking_views.asking_customers, name="asking_customers"),
    path("console/clients/<str:client_id>/subjects", subject_views.subjects, name="subjects"),
    path("console/clients/<str:client_id>/secret", key_views.new_secret, name="secret"),
    path("console/clients/<str:client_id>/old-secret", key_views.old_secret, name="old_secret"),
    path("console/clients/<str:client_id>/tokens", token_views.refuse_tokens, name="tokens"),
    path("console/clients/<str:client_id>/logout-addresses", logout_views.logout_addresses, name="logout_addresses"),
    path("console/registration-tokens", registration_views.tokens, name="registration_tokens"),
    path("console/registration-tokens/<str:token_id>/end", registration_views.end, name="end_registration_token"),
    path(
        "console/organizations/<str:organization_id>/registration-tokens/new",
        registration_views.make,
        name="make_registration_token",
    ),
    path("console/key-requests/<str:request_id>", key_views.key_request, name="key_request"),
]
