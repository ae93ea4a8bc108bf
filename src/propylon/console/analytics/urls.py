"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.console.analytics import views

app_name = "console_analytics"
urlpatterns = [
    path("console/analytics", views.analytics, name="analytics"),
]
