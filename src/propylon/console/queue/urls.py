"""Addresses of this area."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "console_queue"
urlpatterns: list[URLPattern] = []
