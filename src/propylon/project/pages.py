"""The pages that the web process has before the portal comes: landing page, style sheet, liveness."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

_STYLE = (Path(__file__).parent / "static" / "propylon.css").read_text()


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this installation is, and where to go on."""
    return render(
        request,
        "project/landing.html",
        {"public_url": settings.PROPYLON_PUBLIC_URL, "mutual_url": settings.PROPYLON_MUTUAL_URL},
    )


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(_STYLE, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """This process answers; whether everything serves is /health/ready, which the gateway knows."""
    return JsonResponse({"status": "live"})
