"""Addresses of this area."""

from __future__ import annotations

from django.urls import URLPattern, path

from propylon.portal.calling import views

_VERSION = "products/<slug:name>/<str:version>"

app_name = "portal_calling"
urlpatterns: list[URLPattern] = [
    path(f"{_VERSION}/postman-collection.json", views.postman_collection, name="postman_collection"),
    path(f"{_VERSION}/postman-environment.json", views.postman_environment, name="postman_environment"),
    path(f"{_VERSION}/try/<path:operation_id>", views.try_, name="try"),
    path(f"{_VERSION}/samples/<slug:language>/<path:operation_id>", views.sample, name="sample"),
]
