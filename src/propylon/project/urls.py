"""Addresses of the web process. Prefixes are reserved in ARCHITECTURE; Envoy lets nothing else through."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from propylon.project import health, pages
from propylon.project.manage import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.landing),
    path("propylon.css", pages.style),
    path("health/live", pages.live),
    path("health/ready", health.ready),
    path("manage/v1/", api.urls),
    path("", include("propylon.accounts.urls")),
    path("", include("propylon.authserver.urls")),
    path("", include("propylon.certificates.urls")),
]
handler404 = "propylon.project.error_responses.not_found"
handler500 = "propylon.project.error_responses.server_error"
