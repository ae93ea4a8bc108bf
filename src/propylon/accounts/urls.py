"""Addresses that mails lead to."""

from __future__ import annotations

from django.urls import path

from propylon.accounts import views

urlpatterns = [
    path("verify-email", views.verify),
    path("accept-invitation", views.accept),
]
