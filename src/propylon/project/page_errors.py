"""Errors as pages: one page for every refusal, with its code and the tracking id, and a way out."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from propylon.audit.request_context import current_tracking_id
from propylon.design.refusal_words import in_words
from propylon.kernel.errors import Kind, PropylonError
from propylon.project.error_responses import STATUS_OF_KIND, not_found_answer, server_error_answer

GetResponse = Callable[[HttpRequest], HttpResponse]
_log = logging.getLogger(__name__)


def page_refusals(get_response: GetResponse) -> GetResponse:
    """A PropylonError that a page's view lets through becomes the problem page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return problem_page(request, exception) if isinstance(exception, PropylonError) else None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]  # Django looks for it there
    return middleware


def problem_page(request: HttpRequest, error: PropylonError) -> HttpResponse:
    """Says what happened and what to do next; the detail goes to the log only."""
    _log.info("page.refused", extra={"code": error.code, "detail": error.detail})
    reasons = [f"{each.field}: {in_words(each.reason)}" for each in error.errors]
    return _page(request, STATUS_OF_KIND[error.kind], _title(error.kind), in_words(error.message), error.code, reasons)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler404`: a page for people, the standard body for the management API."""
    if _is_api(request):
        return not_found_answer()
    text = _("Nothing is at this address. It may have been removed, or the link has a mistake.")
    return _page(request, 404, _title(Kind.NOT_FOUND), text, "request.path.unknown")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler400`: what Django itself refuses before a view sees it."""
    if isinstance(exception, RequestDataTooBig):
        megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024
        text = _("What was sent is larger than %(megabytes)s MB. Send less, or a file.") % {"megabytes": megabytes}
        return _page(request, 400, _title(Kind.MALFORMED), text, "request.body.too_large")
    text = _("What was sent cannot be read. Go back, reload the page and try again.")
    return _page(request, 400, _title(Kind.MALFORMED), text, "request.malformed")


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`."""
    if _is_api(request):
        return server_error_answer()
    text = _("Something failed on our side. Try again; if it stays, tell support the RequestTrackingId below.")
    return _page(request, 500, _("That did not work"), text, "server.error")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of a stale tab, mostly: somebody signed in or out in another one meanwhile."""
    text = _("This page was open for too long, or you signed in or out in another tab. Open it again and repeat.")
    again = request.path if request.method == "POST" else ""
    return _page(request, 403, _("This page is out of date"), text, "request.form.stale", again=again)


def _title(kind: Kind) -> str:
    return {
        Kind.NOT_FOUND: _("Not found"),
        Kind.FORBIDDEN: _("This is not allowed"),
        Kind.UNAUTHENTICATED: _("Sign in first"),
        Kind.CONFLICT: _("This cannot be done now"),
        Kind.RATE_LIMITED: _("Too many attempts"),
        Kind.UNAVAILABLE: _("Not available just now"),
    }.get(kind, _("This was refused"))


def _page(
    request: HttpRequest,
    status: int,
    title: str,
    message: str,
    code: str,
    reasons: list[str] | None = None,
    *,
    again: str = "",
) -> HttpResponse:
    problem = {
        "title": title,
        "message": message,
        "code": code,
        "reasons": reasons or [],
        "tracking_id": current_tracking_id(),
        "again": again,
        "is_of_console": status == 403 or request.path.startswith("/console/"),
    }
    return render(request, "portal/problem.html", {"problem": problem}, status=status)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/manage/")
