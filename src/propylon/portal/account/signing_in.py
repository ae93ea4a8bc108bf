"""A session for somebody who has just proven who they are by the link of a mail."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse

from propylon.accounts.models import User


def sign_in_by_mail(request: HttpRequest, user: User, *, leads_to: str) -> HttpResponse:
    """Through django-allauth, so that the session is counted, written down and of a new key as after any sign-in."""
    record_authentication(request, user, method="mail", email=user.email)
    response: HttpResponse = perform_login(request, Login(user=user, email=user.email, redirect_url=leads_to))
    response.status_code = 303
    return response
