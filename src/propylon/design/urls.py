"""Addresses of the design system's own: preferences, and the page that shows every component."""

from __future__ import annotations

from django.urls import path

from propylon.design import gallery, preferences

urlpatterns = [
    path("preferences", preferences.set_preferences),
    path("design-system", gallery.gallery, name="design_system"),
]
