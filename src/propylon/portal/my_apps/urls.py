"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.portal.my_apps import (
    adding_views,
    approval_views,
    call_views,
    certificate_views,
    end_user_views,
    key_views,
    list_views,
    overview_views,
    public_key_views,
    registration_views,
    request_views,
    setting_views,
    subscription_views,
    usage_views,
)

_APP = "apps/<str:application_id>"

app_name = "portal_apps"
urlpatterns = [
    path("apps", list_views.applications, name="list"),
    path("apps/new", registration_views.choose_type, name="new"),
    path("apps/new/products", registration_views.products, name="new_products"),
    path("apps/new/<slug:type_name>", registration_views.register, name="register"),
    path(_APP, overview_views.overview, name="detail"),
    path(f"{_APP}/request", request_views.ask_again, name="ask_again"),
    path(f"{_APP}/keys", key_views.keys, name="keys"),
    path(f"{_APP}/keys/public", public_key_views.public_keys, name="public_keys"),
    path(f"{_APP}/certificates", certificate_views.certificates, name="certificates"),
    path(f"{_APP}/certificates/<str:certificate_id>", certificate_views.certificate, name="certificate"),
    path(f"{_APP}/certificate-orders/<str:order_id>", certificate_views.order, name="certificate_order"),
    path(f"{_APP}/subscriptions", subscription_views.subscriptions, name="subscriptions"),
    path(f"{_APP}/subscriptions/<str:subscription_id>", subscription_views.unsubscribe, name="unsubscribe"),
    path(f"{_APP}/source-ranges", setting_views.source_ranges, name="source_ranges"),
    path(f"{_APP}/end-users", end_user_views.end_users, name="end_users"),
    path(f"{_APP}/usage", usage_views.usage, name="usage"),
    path(f"{_APP}/calls", call_views.calls, name="calls"),
    path(f"{_APP}/calls/<str:tracking_id>", call_views.call, name="call"),
    path(f"{_APP}/history", overview_views.history, name="history"),
    path(f"{_APP}/settings", setting_views.settings_page, name="settings"),
    path(f"{_APP}/approvals", approval_views.approvals, name="approvals"),
    path(f"{_APP}/delete", setting_views.delete, name="delete"),
    path(f"{_APP}/environments/new", adding_views.add_environment, name="add_environment"),
]
