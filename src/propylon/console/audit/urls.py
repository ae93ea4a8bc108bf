"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.console.audit import mail_views, views

app_name = "console_audit"
urlpatterns = [
    path("console/audit", views.event_list, name="events"),
    path("console/audit/export", views.export, name="export"),
    path("console/audit/<int:event>", views.event, name="event"),
    path("console/mails", mail_views.mails, name="mails"),
    path("console/mails/<str:mail_id>", mail_views.mail, name="mail"),
]
