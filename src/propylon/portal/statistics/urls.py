"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.portal.statistics import views

app_name = "portal_statistics"
urlpatterns = [path("statistics", views.statistics, name="statistics")]
