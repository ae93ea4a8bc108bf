"""The language that a client wants its customer's pages in: `ui_locales`, OpenID Connect Core 3.1.2.1."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from propylon.oauth.authorization_request import CheckedRequest
from propylon.oauth.sign_in_wish import read_sign_in_wish


def wanted_language(request: HttpRequest, checked: CheckedRequest) -> str:
    """The first one of the client's that there is, spoken from now on; what the customer has chosen themselves wins.

    "" if there is none.
    """
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return ""
    for wish in read_sign_in_wish(checked.sign_in).languages:
        try:
            language = translation.get_supported_language_variant(wish.lower())
        except LookupError:
            continue
        translation.activate(language)
        return language
    return ""


def keep_language(response: HttpResponse, language: str) -> None:
    """For the next pages of this browser, until it is closed."""
    if language:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, secure=True, httponly=True, samesite="Lax")
