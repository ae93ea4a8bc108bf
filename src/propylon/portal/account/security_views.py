"""Password and security, sessions, access tokens: what protects an account, on one page each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from propylon.accounts import actions, selectors
from propylon.accounts.access import actor_of
from propylon.accounts.models import User
from propylon.kernel.errors import PropylonError
from propylon.portal.account.access import confirmed_recently, signed_in, signed_in_user
from propylon.portal.account.browsers import browser_in_words
from propylon.portal.account.own_forms import AccessTokenForm


@dataclass(frozen=True, slots=True)
class Protection:
    """`app` and `codes_left` are None where there is none."""

    app: Authenticator | None = None
    passkeys: list[Authenticator] = field(default_factory=list)
    codes_left: int | None = None


@require_safe
@signed_in
def security(request: HttpRequest) -> HttpResponse:
    """Password, authenticator app, passkeys, recovery codes."""
    return render(request, "portal/account/security.html", {"protection": _protection(signed_in_user(request))})


@signed_in
def to_security(request: HttpRequest) -> HttpResponse:
    """django-allauth has a page of its own for passkeys; ours stand beside the rest."""
    return HttpResponseRedirect(reverse("portal_account:security"), status=303)


def _protection(user: User) -> Protection:
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    codes = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
    return Protection(
        app=next((row for row in rows if row.type == Authenticator.Type.TOTP), None),
        passkeys=[row for row in rows if row.type == Authenticator.Type.WEBAUTHN],
        codes_left=len(RecoveryCodes(codes).get_unused_codes()) if codes else None,
    )


@require_safe
@signed_in
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in."""
    rows = sorted(selectors.live_sessions(signed_in_user(request)), key=lambda row: not row.is_current())
    found = [{"row": row, "browser": browser_in_words(row.user_agent), "is_here": row.is_current()} for row in rows]
    return render(request, "portal/account/sessions.html", {"sessions": found})


@require_POST
@signed_in
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    user = signed_in_user(request)
    actions.end_session(acting_user=actor_of(user), user=user, session_id=session_id)
    messages.success(request, _("That browser is signed out."))
    return HttpResponseRedirect(reverse("portal_account:sessions"), status=303)


@require_POST
@signed_in
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    count = actions.end_sessions(acting_user=actor_of(user), user=user, but=request.session.session_key or "")
    told = ngettext("%(count)d other browser is signed out.", "%(count)d other browsers are signed out.", count)
    messages.success(request, told % {"count": count})
    return HttpResponseRedirect(reverse("portal_account:sessions"), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def access_tokens(request: HttpRequest) -> HttpResponse:
    """Keys to the management API: those that live."""
    user = signed_in_user(request)
    return render(request, "portal/account/access_tokens.html", {"tokens": selectors.live_access_tokens(user)[:200]})


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def new_access_token(request: HttpRequest) -> HttpResponse:
    """The answer to the form shows the token: it is in no address, no session and no cache."""
    user = signed_in_user(request)
    form = AccessTokenForm(request.POST or None)
    made: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            token, secret = actions.create_access_token(
                acting_user=actor_of(user),
                user=user,
                name=form.cleaned_data["name"],
                lifetime=timedelta(days=int(form.cleaned_data["lifetime"])),
            )
        except PropylonError as error:
            form.add_refusal(error)
        else:
            made = {"token": token, "secret": secret.reveal()}
    context = {"form": form, **made}
    return render(request, "portal/account/access_token_new.html", context, status=400 if form.errors else 200)


@require_POST
@signed_in
def revoke_access_token(request: HttpRequest, token_id: str) -> HttpResponse:
    user = signed_in_user(request)
    actions.revoke_access_token(acting_user=actor_of(user), token=selectors.access_token_of(user, token_id))
    messages.success(request, _("The access token is refused from now on."))
    return HttpResponseRedirect(reverse("portal_account:access_tokens"), status=303)
