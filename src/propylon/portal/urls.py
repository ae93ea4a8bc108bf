"""The partner's site: every area's addresses."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("propylon.portal.home.urls")),
    path("", include("propylon.portal.account.urls")),
    path("", include("propylon.portal.account.allauth_urls")),
    path("", include("propylon.portal.catalogue.urls")),
    path("", include("propylon.portal.calling.urls")),
    path("", include("propylon.portal.consents.urls")),
    path("", include("propylon.portal.approvals.urls")),
    path("", include("propylon.portal.my_apps.urls")),
    path("", include("propylon.portal.statistics.urls")),
    path("", include("propylon.portal.tools.urls")),
]
