"""The pages that a mail's link opens. A GET changes nothing: mail scanners follow links too."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from propylon.accounts.actions import accept_invitation, verify_email
from propylon.kernel.errors import PropylonError

_VERIFY = {
    "title": "Verify your address",
    "lead": "One click, and your account is ready.",
    "button": "Verify my address",
}
_ACCEPT = {
    "title": "Accept the invitation",
    "lead": "You are invited to an organization.",
    "button": "Accept",
    "asks_for_name": True,
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The link of the sign-up mail."""
    if request.method != "POST":
        return _page(request, _VERIFY)
    try:
        user = verify_email(token=request.POST.get("token", ""))
    except PropylonError as error:
        return _page(request, _VERIFY, error=error)
    return _page(request, _VERIFY, done=f"{user.email} is verified. You can sign in now.")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """The link of an invitation."""
    if request.method != "POST":
        return _page(request, _ACCEPT)
    try:
        membership = accept_invitation(
            token=request.POST.get("token", ""),
            name=request.POST.get("name", ""),
            password=request.POST.get("password", ""),
        )
    except PropylonError as error:
        return _page(request, _ACCEPT, error=error)
    return _page(request, _ACCEPT, done=f"You are a member of {membership.organization.name} now.")


def _page(
    request: HttpRequest, words: dict[str, Any], *, error: PropylonError | None = None, done: str = ""
) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    problems = [error.message, *(f"{each.field}: {each.reason}" for each in error.errors)] if error else []
    context = {
        **words,
        "token": given.get("token", ""),
        "name": given.get("name", ""),
        "problems": problems,
        "done": done,
    }
    return render(request, "accounts/link.html", context, status=400 if error else 200)
