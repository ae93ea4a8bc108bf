"""Addresses of the web process. Prefixes are reserved in ARCHITECTURE; Envoy lets nothing else through."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
handler404 = "propylon.project.error_responses.not_found"
handler500 = "propylon.project.error_responses.server_error"
