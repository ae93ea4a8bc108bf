"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.console.queue import views

app_name = "console_queue"
urlpatterns = [path("console", views.queue, name="home")]
