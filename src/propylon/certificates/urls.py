"""Pages and files of this room: `urlpatterns` belong under /certificates/, `root_urlpatterns` at the root."""

from __future__ import annotations

from django.urls import path

from propylon.certificates.views import download_page, revocation_list, root_certificate

urlpatterns = [
    path("download/<str:token>", download_page, name="certificate-download"),
    path("crl/<str:kind>.crl", revocation_list, name="certificate-crl"),
]
root_urlpatterns = [path("ca.crt", root_certificate, name="ca-certificate")]
