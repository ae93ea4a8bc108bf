"""Addresses of this area."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "portal_catalogue"
urlpatterns: list[URLPattern] = []
