"""End users of an environment on request: asked for with persons, decided by the operator (FEATURES P11)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from propylon.accounts.checks import refuse_if
from propylon.accounts.models import User
from propylon.applications import end_user_mails
from propylon.applications.check_persons import Person, check_persons
from propylon.applications.check_reason import check_required_reason
from propylon.applications.events import record_client
from propylon.applications.generation import locked
from propylon.applications.models import Client, ClientStatus, EndUserRequest, RegenerationState
from propylon.customers.actions import add_customer
from propylon.customers.directory_records import directory_of
from propylon.customers.password_links import new_link
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.sealing.entropy import new_public_id


@transaction.atomic
def ask_for_end_users(
    *, acting_user: Actor, client: Client, asked_by: User, persons: Sequence[Person], reason: str
) -> EndUserRequest:
    """A request that waits for the operator; one at a time for each application and environment.

    Raises `end_users.invalid`, `end_users.waiting`, `end_users.elsewhere`, `end_users.not_approved`.
    """
    refuse_if("end_users.invalid", "Correct the fields listed.", check_persons(persons) + check_required_reason(reason))
    current = locked(client)
    _refuse_elsewhere(current)
    if current.status != ClientStatus.APPROVED:
        raise PropylonError(
            "end_users.not_approved",
            "The application is not approved in this environment yet. Ask for end users once it is.",
            kind=Kind.CONFLICT,
        )
    if current.end_user_requests.filter(state=RegenerationState.WAITING).exists():
        raise PropylonError(
            "end_users.waiting",
            "A request for end users waits for the operator already. Withdraw it to write another.",
            kind=Kind.CONFLICT,
        )
    made = EndUserRequest.objects.create(
        public_id=new_public_id("eur"),
        client=current,
        persons=[person.as_dict() for person in persons],
        reason=reason.strip(),
        asked_by=asked_by,
        asked_at=timezone.now(),
    )
    _record(acting_user, "requested", made)
    end_user_mails.asked(made)
    return made


@transaction.atomic
def withdraw_end_users(*, acting_user: Actor, request: EndUserRequest) -> None:
    current = _waiting(request)
    _close(acting_user, current, RegenerationState.WITHDRAWN, "")
    _record(acting_user, "withdrawn", current)
    request.refresh_from_db()


@transaction.atomic
def refuse_end_users(*, acting_user: Actor, request: EndUserRequest, note: str) -> None:
    """Raises `end_users.decided`, `end_users.note_unfit`: developers read it."""
    refuse_if(
        "end_users.note_unfit",
        "Say why it is refused, in words that help the developer.",
        check_required_reason(note, "note"),
    )
    current = _waiting(request)
    _close(acting_user, current, RegenerationState.REFUSED, note.strip())
    _record(acting_user, "refused", current)
    end_user_mails.refused(current)
    request.refresh_from_db()


@transaction.atomic
def approve_end_users(*, acting_user: Actor, request: EndUserRequest, note: str = "") -> None:
    """All of them or none. Each gets a mail with a link, and chooses a password that nobody else knows.

    Raises `end_users.decided`, `end_users.elsewhere`, `end_users.taken` with the persons that it is about.
    """
    current = _waiting(request)
    _refuse_elsewhere(current.client)
    environment = current.client.environment
    mistakes: list[FieldError] = []
    for place, person in enumerate(current.persons):
        try:
            person["subject"] = _made(acting_user, environment.name, person)
        except PropylonError as error:
            reasons = ", ".join(each.reason for each in error.errors if each.field == "identity_number")
            mistakes.append(FieldError(f"persons.{place}.identity_number", "body", reasons or error.message))
    if mistakes:
        raise PropylonError(
            "end_users.taken",
            "Nobody was added: an identity number has a customer here already. Refuse the request, and say which.",
            kind=Kind.CONFLICT,
            errors=mistakes,
        )
    _close(acting_user, current, RegenerationState.APPROVED, note.strip())
    _record(acting_user, "approved", current, subjects=[person["subject"] for person in current.persons])
    end_user_mails.approved(current)
    request.refresh_from_db()


def _made(acting_user: Actor, environment: str, person: dict[str, str]) -> str:
    """The subject of a new customer, who has a mail."""
    customer = add_customer(
        acting_user=acting_user,
        environment=environment,
        identity_number=person["identity_number"],
        name=person["name"],
        password=None,
        subject=new_public_id("cus"),
    )
    end_user_mails.invited(person["email"], person["name"], new_link(customer))
    return customer.subject


def _refuse_elsewhere(client: Client) -> None:
    if directory_of(client.environment.name) is not None:
        raise PropylonError(
            "end_users.elsewhere",
            "The customers of this environment come from the bank's own directory: ask the bank for test customers.",
            kind=Kind.CONFLICT,
        )


def _waiting(request: EndUserRequest) -> EndUserRequest:
    """As it is now, its client locked."""
    client = locked(request.client)
    current = EndUserRequest.objects.select_related("asked_by").get(pk=request.pk)
    current.client = client
    if current.state != RegenerationState.WAITING:
        raise PropylonError(
            "end_users.decided",
            f"This request waits no longer: it is {current.state}. Nothing was changed; look at it again.",
            kind=Kind.CONFLICT,
        )
    return current


def _close(acting_user: Actor, request: EndUserRequest, state: RegenerationState, note: str) -> None:
    """What is decided needs no identity numbers any more."""
    request.state, request.note, request.decided_at = state, note, timezone.now()
    request.persons = [
        {name: value for name, value in person.items() if name != "identity_number"} for person in request.persons
    ]
    request.decided_by = (
        User.objects.filter(public_id=acting_user.identifier).first() if acting_user.kind == "user" else None
    )
    request.save()


def _record(acting_user: Actor, what: str, request: EndUserRequest, **data: object) -> None:
    told = {"request": request.public_id, "persons": len(request.persons), "reason": request.note or request.reason}
    record_client(acting_user, f"end_users_{what}", request.client, **told, **data)
