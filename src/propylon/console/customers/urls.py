"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.console.customers import directory_views, request_views

app_name = "console_customers"
_AT = "console/environments/<str:name>/customers"
urlpatterns = [
    path(_AT, directory_views.directory, name="directory"),
    path(f"{_AT}/trial", directory_views.trial, name="trial"),
    path(f"{_AT}/built-in", directory_views.built_in, name="built_in"),
    path(f"{_AT}/change/<str:kind>", directory_views.change, name="change"),
    path("console/end-user-requests/<str:request_id>", request_views.end_user_request, name="end_user_request"),
]
