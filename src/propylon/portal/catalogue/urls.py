"""Addresses of this area."""

from __future__ import annotations

from django.urls import URLPattern, path

from propylon.portal.catalogue import operation_views, product_views, subscribing, views

_PRODUCT = "products/<slug:product>"
_VERSION = f"{_PRODUCT}/<str:version>"

app_name = "portal_catalogue"
urlpatterns: list[URLPattern] = [
    path("products", views.products, name="products"),
    path("errors", views.error_codes, name="error_codes"),
    path(_PRODUCT, product_views.overview, name="product"),
    path(f"{_PRODUCT}/subscribe", subscribing.subscribe_application, name="subscribe"),
    path(_VERSION, product_views.overview, name="version"),
    path(f"{_VERSION}/token", product_views.token, name="token"),
    path(f"{_VERSION}/scopes", product_views.scopes, name="scopes"),
    path(f"{_VERSION}/errors", product_views.errors, name="errors"),
    path(f"{_VERSION}/identities", product_views.identities, name="identities"),
    path(f"{_VERSION}/versions", product_views.versions, name="versions"),
    path(f"{_VERSION}/downloads", product_views.downloads, name="downloads"),
    path(f"{_VERSION}/openapi.json", product_views.openapi_json, name="openapi_json"),
    path(f"{_VERSION}/openapi.yaml", product_views.openapi_yaml, name="openapi_yaml"),
    path(f"{_VERSION}/reference", operation_views.reference, name="reference"),
    path(f"{_VERSION}/reference/<path:operation_id>", operation_views.operation, name="operation"),
]
