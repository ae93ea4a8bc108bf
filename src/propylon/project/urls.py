"""Addresses of the web process. Prefixes are reserved in ARCHITECTURE; Envoy lets nothing else through."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from propylon.project import health, pages
from propylon.project.manage import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", pages.live),
    path("health/ready", health.ready),
    path("manage/v1/", api.urls),
    path("", include("propylon.authserver.urls")),  # before the pages: these are asked most often
    path("", include("propylon.console.urls")),
    path("", include("propylon.portal.urls")),
    path("", include("propylon.design.urls")),
    path("", include("propylon.certificates.urls")),
]
handler400 = "propylon.project.page_errors.bad_request"
handler404 = "propylon.project.page_errors.not_found"
handler500 = "propylon.project.page_errors.server_error"
