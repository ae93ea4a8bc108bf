"""Metrics for a Prometheus server that signs in with the personal access token of somebody of the staff."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from propylon.accounts.access import require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.controlplane.metrics import CONTENT_TYPE, metrics_text

router = Router(tags=["Operations"])


@router.get("/metrics", response=str, summary="Metrics in Prometheus' text format (staff)")
def metrics(request: HttpRequest) -> HttpResponse:
    require(current_user(request), Permission.VIEW_PROGRAM)
    return HttpResponse(metrics_text(), content_type=CONTENT_TYPE)
