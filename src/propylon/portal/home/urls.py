"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.portal.home import views

app_name = "portal_home"
urlpatterns = [path("", views.home, name="home")]
