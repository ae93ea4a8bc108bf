"""Liveness of the web process."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """This process answers; whether everything serves is /health/ready, which the gateway knows."""
    return JsonResponse({"status": "live"})
