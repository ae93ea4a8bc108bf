"""The operator's site below /console/: every area's addresses."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("propylon.console.queue.urls")),
    path("", include("propylon.console.people.urls")),
    path("", include("propylon.console.products.urls")),
    path("", include("propylon.console.customers.urls")),
    path("", include("propylon.console.applications.urls")),
    path("", include("propylon.console.certificates.urls")),
    path("", include("propylon.console.news.urls")),
    path("", include("propylon.console.gateway.urls")),
    path("", include("propylon.console.analytics.urls")),
    path("", include("propylon.console.audit.urls")),
]
