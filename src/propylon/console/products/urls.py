"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.console.products import (
    detail_type_views,
    import_views,
    infrastructure_views,
    lifecycle_views,
    operation_views,
    risk_views,
    rule_views,
    version_views,
    views,
)

app_name = "console_products"
_VERSION = "console/products/<str:product>/<str:version>"
urlpatterns = [
    path("console/products", views.products, name="list"),
    path("console/imports", import_views.document, name="import"),
    path("console/imports/<str:draft_id>", import_views.preview, name="preview"),
    path("console/products/<str:product>", views.product, name="detail"),
    path("console/products/<str:product>/rules", rule_views.call_rules, name="rules"),
    # Before the versions, none of which is called so.
    path("console/products/<str:product>/consents", detail_type_views.consents, name="consents"),
    path("console/products/<str:product>/consents/new", detail_type_views.add_detail_type, name="add_detail_type"),
    path(
        "console/products/<str:product>/consents/types/<str:type_name>",
        detail_type_views.detail_type,
        name="detail_type",
    ),
    path("console/products/<str:product>/risks", risk_views.risks, name="risks"),
    path(_VERSION, version_views.version, name="version"),
    path(f"{_VERSION}/lifecycle", lifecycle_views.lifecycle, name="lifecycle"),
    path(f"{_VERSION}/operations/<str:operation_id>", version_views.operation_access, name="operation_access"),
    path(f"{_VERSION}/operations/<str:operation_id>/rules", operation_views.rules, name="operation_rules"),
    path(f"{_VERSION}/publications/<str:environment>/end", version_views.unpublish, name="unpublish"),
    path("console/environments", infrastructure_views.environments, name="environments"),
    path("console/environments/new", infrastructure_views.add_environment, name="add_environment"),
    path("console/upstreams/new", infrastructure_views.add_upstream, name="add_upstream"),
    path("console/plans/new", infrastructure_views.add_plan, name="add_plan"),
    path("console/environments/<str:name>/change", infrastructure_views.change_environment, name="change_environment"),
    path("console/upstreams/<str:name>/change", infrastructure_views.change_upstream, name="change_upstream"),
    path("console/plans/<str:name>/change", infrastructure_views.change_plan, name="change_plan"),
    path("console/plans/<str:name>/removal", infrastructure_views.remove_plan, name="remove_plan"),
]
