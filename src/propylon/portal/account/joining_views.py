"""Coming in: sign-up and the links of mails. A GET changes nothing: mail scanners follow links."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from propylon.accounts import actions
from propylon.accounts.access import first_page_of
from propylon.accounts.api_auth import source_address
from propylon.accounts.models import Invitation, User
from propylon.design.preferences import chosen_language
from propylon.kernel.errors import PropylonError
from propylon.portal.account.own_forms import AcceptForm, SignUpForm
from propylon.portal.account.signing_in import sign_in_by_mail

FIRST_STEP = "/apps/new"  # a new account has nothing else to do
_MAILED_TO = "mailed_to"


@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Four fields. The answer is the same for every address."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(settings.LOGIN_REDIRECT_URL, status=303)
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.sign_up(
                **form.cleaned_data, source_address=source_address(request), language=chosen_language(request)
            )
        except PropylonError as error:
            form.add_refusal(error)
        else:
            request.session[_MAILED_TO] = form.cleaned_data["email"]
            return HttpResponseRedirect(reverse("portal_account:sign_up_sent"), status=303)
    return render(request, "portal/account/sign_up.html", {"form": form}, status=400 if form.errors else 200)


@require_safe
def sign_up_sent(request: HttpRequest) -> HttpResponse:
    """Check your mail; on a machine of one's own, says where that is."""
    context = {"email": request.session.get(_MAILED_TO, ""), "outbox": _outbox()}
    return render(request, "portal/account/sign_up_sent.html", context)


def _outbox() -> str:
    """The folder that mails lie in, where nobody else can see this page: no mail server, and a loopback address."""
    host = urlsplit(settings.PROPYLON_PUBLIC_URL).hostname or ""
    try:
        is_loopback = ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    return str(settings.PROPYLON_HOME.outbox) if is_loopback and not settings.PROPYLON_SMTP_URL else ""


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The link of the sign-up mail: one button, then signed in and at the first step."""
    if request.method != "POST":
        return render(request, "portal/account/verify.html", {"token": request.GET.get("token", "")})
    try:
        user = actions.verify_email(token=request.POST.get("token", "")[:200])
    except PropylonError as error:
        return render(request, "portal/account/verify.html", {"error": error}, status=400)
    if user.memberships.exists():
        messages.success(request, _("Welcome. Your account is ready: now register your first application."))
    else:
        messages.info(request, _("Your account is ready. The organization that you named was told and may invite you."))
    return sign_in_by_mail(request, user, leads_to=FIRST_STEP if user.memberships.exists() else "/organizations")


@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """The link of an invitation. Who has an account keeps name and password, and only presses the button."""
    token = (request.POST if request.method == "POST" else request.GET).get("token", "")[:200]
    try:
        invitation = actions.open_invitation(token)
    except PropylonError as error:
        return render(request, "portal/account/accept.html", {"error": error}, status=400)
    is_known = User.objects.filter(email=invitation.email).exists()
    form = None if is_known else AcceptForm(request.POST or None)
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            return _accept(request, invitation, token, form.cleaned_data if form else {})
        except PropylonError as error:
            if form is None:
                raise
            form.add_refusal(error)
    context = {"invitation": invitation, "token": token, "form": form}
    return render(request, "portal/account/accept.html", context, status=400 if form and form.errors else 200)


def _accept(request: HttpRequest, invitation: Invitation, token: str, given: dict[str, Any]) -> HttpResponse:
    told = {"name": "", "password": "", **given}
    membership = actions.accept_invitation(token=token, **told, language=chosen_language(request))
    words = _("You are a member of %(organization)s now.") % {"organization": invitation.organization.name}
    messages.success(request, words)
    if given:
        return sign_in_by_mail(request, membership.user, leads_to=first_page_of(membership.user))
    is_here = request.user.is_authenticated and request.user.pk == membership.user_id
    there = reverse("portal_account:organizations")
    return HttpResponseRedirect(there if is_here else f"{settings.LOGIN_URL}?next={there}", status=303)
