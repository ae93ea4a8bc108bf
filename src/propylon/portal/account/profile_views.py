"""What people are called, and in which language we speak to them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from propylon.accounts.access import actor_of
from propylon.accounts.actions import change_profile
from propylon.accounts.role_words import role_in_words
from propylon.design.preferences import keep_language
from propylon.kernel.errors import PropylonError
from propylon.portal.account.access import signed_in, signed_in_user
from propylon.portal.account.own_forms import ProfileForm


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    form = ProfileForm(request.POST or None, initial={"name": user.name, "language": user.language})
    if request.method == "POST" and form.is_valid():
        try:
            change_profile(acting_user=actor_of(user), user=user, **form.cleaned_data)
        except PropylonError as error:
            form.add_refusal(error)
            user.refresh_from_db()
        else:
            return _changed(request, user.language)
    rows = user.memberships.select_related("organization").order_by("organization__name")
    context = {
        "form": form,
        "memberships": [{"organization": row.organization, "role": role_in_words(row.role)} for row in rows],
        "accepted": user.terms_acceptances.order_by("-accepted_at").first(),
    }
    return render(request, "portal/account/profile.html", context, status=400 if form.errors else 200)


def _changed(request: HttpRequest, language: str) -> HttpResponse:
    response = HttpResponseRedirect(reverse("portal_account:profile"), status=303)
    if language:
        keep_language(response, language)
    with translation.override(language or translation.get_language()):
        messages.success(request, _("Your profile was changed."))
    return response
