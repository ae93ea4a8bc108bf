"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.console.certificates import anchor_views, order_views, views

app_name = "console_certificates"
urlpatterns = [
    path("console/certificates", views.inventory, name="inventory"),
    path("console/certificates/authorities", views.authorities, name="authorities"),
    path("console/certificates/<str:certificate_id>", views.certificate, name="detail"),
    path("console/certificates/<str:certificate_id>/revocation", views.revocation, name="revocation"),
    path("console/trust-anchors", anchor_views.trust_anchors, name="trust_anchors"),
    path("console/trust-anchors/<str:anchor_id>", anchor_views.trust_anchor, name="trust_anchor"),
    path("console/trust-anchors/<str:anchor_id>/removal", anchor_views.remove_trust_anchor, name="remove_trust_anchor"),
    path("console/certificate-orders", order_views.orders, name="orders"),
    path("console/certificate-orders/<str:order_id>", order_views.order, name="order"),
]
