"""Users: list, one with memberships, switching off and on, taking somebody in; the table of roles."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts import actions, selectors
from propylon.accounts.access import actor_of
from propylon.accounts.models import Organization, User
from propylon.accounts.role_words import ABILITIES, TITLES, role_in_words
from propylon.accounts.roles import ROLES, STAFF_ROLES, Permission
from propylon.audit.paging import page_of
from propylon.audit.selectors import events, events_about
from propylon.console.access import staff_change, staff_page, staff_user
from propylon.console.pages import Filters, console_page, done, filters, page_query, status_of
from propylon.console.people.forms import PlaceForm, SwitchForm, UserFilters
from propylon.kernel.errors import FieldError, Kind, PropylonError


@staff_page
def users(request: HttpRequest) -> HttpResponse:
    form = filters(UserFilters, request)
    page = page_of(_chosen(form), page_query(request), name="console users", filters=form.query)
    return console_page(request, "people/users.html", {"page_rows": page, "filters": form, "titles": TITLES})


def _chosen(form: Filters) -> QuerySet[User]:
    chosen = form.chosen
    is_active = {"active": True, "inactive": False}.get(chosen["state"])
    found = selectors.users(text=chosen["text"], role=chosen["role"], is_active=is_active)
    if chosen["state"] == "alone":
        found = found.filter(pk__in=selectors.people_without_organization().values("pk"))
    return found


@staff_page
def user(request: HttpRequest, user_id: str) -> HttpResponse:
    return _user_page(request, selectors.user_by_id(user_id))


def _user_page(
    request: HttpRequest,
    person: User,
    *,
    switch: SwitchForm | None = None,
    place: PlaceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    asked_for = selectors.organization_asked_for(person)
    memberships = list(person.memberships.all())
    context = {
        "person": person,
        "memberships": memberships,
        "titles": TITLES,
        "is_self": person.pk == staff_user(request).pk,
        "asked_for": asked_for,
        "sessions": selectors.sessions_of(person),
        "tokens": list(selectors.live_access_tokens(person).order_by("-pk")[:20]),
        "switch": switch or SwitchForm(),
        "place": place or PlaceForm(initial={"organization": asked_for, "role": "developer"}),
        "done_by": list(events(actor_id=person.public_id).order_by("-pk")[:12]),
        "done_to": list(events_about([("user", person.public_id)]).order_by("-pk")[:12]),
    }
    return console_page(request, "people/user.html", context, status=status)


@staff_change(Permission.SECURE)
def switch(request: HttpRequest, user_id: str) -> HttpResponse:
    """Off or on, as the button says: a stale page does not turn round what somebody else did."""
    person = selectors.user_by_id(user_id)
    form = SwitchForm(request.POST)
    if not form.is_valid():
        return _user_page(request, person, switch=form, status=400)
    on = request.POST.get("is_active") == "yes"
    try:
        actions.set_user_active(
            acting_user=actor_of(staff_user(request)), user=person, is_active=on, reason=form.cleaned_data["reason"]
        )
    except PropylonError as error:
        form.add_refusal(error)
        return _user_page(request, person, switch=form, status=status_of(error))
    text = _("%(name)s may sign in again.") if on else _("%(name)s was switched off.")
    return done(request, text % {"name": person.name}, _address(person))


@staff_change(Permission.MANAGE_MEMBERS)
def take_in(request: HttpRequest, user_id: str) -> HttpResponse:
    person = selectors.user_by_id(user_id)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return _user_page(request, person, place=form, status=400)
    try:
        organization = _organization(form.cleaned_data["organization"])
        actions.add_member(
            acting_user=actor_of(staff_user(request)),
            organization=organization,
            user=person,
            role=form.cleaned_data["role"],
        )
    except PropylonError as error:
        form.add_refusal(error)
        return _user_page(request, person, place=form, status=status_of(error))
    text = _("%(name)s is a member of %(organization)s now.")
    return done(request, text % {"name": person.name, "organization": organization.name}, _address(person))


def _organization(text: str) -> Organization:
    found = Organization.objects.filter(name__iexact=text.strip()).first()
    found = found or Organization.objects.filter(public_id=text.strip()).first()
    if found is None:
        raise PropylonError(
            "console.organization.unknown",
            "There is no organization of this name or id. Add it first.",
            kind=Kind.MALFORMED,
            errors=[FieldError("organization", "body", "no organization has this name or id")],
        )
    return found


def _address(person: User) -> str:
    return reverse("console_people:user", args=[person.public_id])


@staff_page
def roles(request: HttpRequest) -> HttpResponse:
    words = [role_in_words(role) for role in ROLES]
    table = [
        (ability, [(role, permission in ROLES[role.name]) for role in words])
        for permission, ability in ABILITIES.items()
    ]
    context = {"roles": words, "table": table, "staff": STAFF_ROLES}
    return console_page(request, "people/roles.html", context)
