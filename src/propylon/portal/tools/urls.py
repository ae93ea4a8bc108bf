"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.portal.tools import views

app_name = "portal_tools"
urlpatterns = [path("tools/certificate", views.certificate, name="certificate")]
