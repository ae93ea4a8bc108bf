"""Addresses of this room, from the root."""

from __future__ import annotations

from django.urls import path

from propylon.certificates.views import download_page, revocation_list, root_certificate

urlpatterns = [
    path("ca.crt", root_certificate),
    path("certificates/download", download_page),
    path("certificates/crl/<str:kind>.crl", revocation_list),
]
