"""Language and colours: two cookies that hold a choice and identify nobody."""

from __future__ import annotations

from django.conf import settings
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEME_COOKIE = "__Host-theme"
THEMES = ("light", "dark")
language_chosen = Signal()  # with `request` and `language`, a code of the installation's languages
_ONE_YEAR = 365 * 24 * 3600


@require_POST
def set_preferences(request: HttpRequest) -> HttpResponse:
    """Remember what was pressed and go back; anything unknown changes nothing."""
    there = request.POST.get("next", "/")
    is_ours = url_has_allowed_host_and_scheme(there, allowed_hosts=None) and there.startswith("/")
    response = HttpResponseRedirect(there if is_ours else "/", status=303)
    theme, language = request.POST.get("theme"), request.POST.get("language")
    if theme in THEMES:
        _keep(response, THEME_COOKIE, theme)
    elif theme == "":
        response.delete_cookie(THEME_COOKIE)
    if language in dict(settings.LANGUAGES):
        keep_language(response, language)
        language_chosen.send(sender=None, request=request, language=language)
    return response


def chosen_language(request: HttpRequest) -> str:
    """What was chosen in this browser; empty: as the browser asks."""
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return language if language in dict(settings.LANGUAGES) else ""


def keep_language(response: HttpResponse, language: str) -> None:
    """Pages speak it from the next request on."""
    _keep(response, settings.LANGUAGE_COOKIE_NAME, language)


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=_ONE_YEAR, secure=True, httponly=True, samesite="Lax")
