"""End users of an environment, to try an application with: asked for here, decided by the operator (FEATURES P11)."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from propylon.accounts.roles import Permission
from propylon.applications.actions.end_users import ask_for_end_users, withdraw_end_users
from propylon.applications.check_persons import MOST_PERSONS, Person
from propylon.applications.end_users import access_end_user_request, end_user_requests_of
from propylon.customers.directory_records import directory_of
from propylon.design.forms import LinesField, PageForm
from propylon.kernel.errors import PropylonError
from propylon.portal.account.access import signed_in
from propylon.portal.my_apps.app_page import AppPage, app_page

_PARTS = 3
_MOST_SHOWN = 20


class EndUsersForm(PageForm):
    persons = LinesField(
        label=gettext_lazy("Persons"),
        help_text=gettext_lazy(
            "One a line: name; e-mail; identity number. The number is what they log in with; invent one "
            "that is nobody's, unless the operator gave you some."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("What for"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}), strip=True
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["persons"].required = True
        self.fields["persons"].widget.attrs["placeholder"] = "Maja Lind; maja@partner.example; 199001010017"

    def clean_persons(self) -> list[Person]:
        lines: list[str] = self.cleaned_data["persons"]
        found = [[part.strip() for part in line.split(";")] for line in lines]
        for number, parts in enumerate(found, start=1):
            if len(parts) != _PARTS:
                raise forms.ValidationError(
                    _("Line %(number)s: write name; e-mail; identity number.") % {"number": number}
                )
        return [Person(*parts) for parts in found]

    def add_refusal(self, error: PropylonError) -> None:
        """Which line a mistake is in."""
        for mistake in error.errors:
            place = mistake.field.split(".")
            if place[0] == "persons" and len(place) == _PARTS:
                line = _("Line %(number)s") % {"number": int(place[1]) + 1}
                self.add_error("persons", f"{line}: {place[2].replace('_', ' ')} {self._in_words(mistake.reason)}")
        rest = [each for each in error.errors if each.field.count(".") != _PARTS - 1]
        if rest or not error.errors:
            super().add_refusal(PropylonError(error.code, error.message, kind=error.kind, errors=rest))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def end_users(request: HttpRequest, application_id: str) -> HttpResponse:
    page = app_page(request, application_id, "end_users")
    if "withdraw" in request.POST:
        return _withdraw(request, page)
    form = EndUsersForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            ask_for_end_users(acting_user=page.actor, client=page.client, asked_by=page.user, **form.cleaned_data)
        except PropylonError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The request is on its way. A mail tells what the operator decides."))
            return page.leads_to("end_users")
    requests = list(end_user_requests_of(page.client)[:_MOST_SHOWN])
    context = {
        "page_of": page,
        "form": form,
        "requests": requests,
        "waits": any(each.state == "waiting" for each in requests),
        "is_elsewhere": directory_of(page.client.environment.name) is not None,
        "most": MOST_PERSONS,
    }
    return render(request, "portal/apps/end_users.html", context, status=400 if form.errors else 200)


def _withdraw(request: HttpRequest, page: AppPage) -> HttpResponse:
    found = access_end_user_request(page.user, request.POST["withdraw"], Permission.MANAGE_APPLICATIONS)
    try:
        withdraw_end_users(acting_user=page.actor, request=found)
    except PropylonError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The request was withdrawn."))
    return page.leads_to("end_users")
