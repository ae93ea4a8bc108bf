"""Changing an application's name and contact, a client's redirect URIs and source ranges."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from propylon.accounts.checks import normal_email, refuse_if
from propylon.applications.actions.registration import check_application
from propylon.applications.check_redirect_uris import check_redirect_uris
from propylon.applications.check_source_ranges import check_source_ranges
from propylon.applications.client_policy import policy_of
from propylon.applications.events import record_application, record_client
from propylon.applications.generation import locked
from propylon.applications.models import Application, Client, SourceRange
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError


@transaction.atomic
def change_application(
    *, acting_user: Actor, application: Application, name: str | None = None, contact_email: str | None = None
) -> None:
    """What is None stays. Raises `application.change.invalid` with every mistake."""
    new_name = application.name if name is None else " ".join(name.split())
    new_email = application.contact_email if contact_email is None else normal_email(contact_email)
    errors = check_application(application.organization, new_name, new_email, except_for=application)
    refuse_if(
        "application.change.invalid", "Correct the fields named in errors and try again. Nothing was changed.", errors
    )
    before = {"name": application.name, "contact_email": application.contact_email}
    after = {"name": new_name, "contact_email": new_email}
    if before != after:
        application.name, application.contact_email = new_name, new_email
        application.save(update_fields=["name", "contact_email"])
        record_application(acting_user, "changed", application, before=before, after=after)


@transaction.atomic
def set_redirect_uris(*, acting_user: Actor, client: Client, redirect_uris: Sequence[str]) -> None:
    """Exactly these from now on. Raises `client.redirect_uris.invalid` with every mistake."""
    current = locked(client)
    errors = check_redirect_uris(redirect_uris, policy_of(current))
    refuse_if(
        "client.redirect_uris.invalid", "Correct the fields named in errors and try again. Nothing was changed.", errors
    )
    before, current.redirect_uris = current.redirect_uris, list(redirect_uris)
    current.save(update_fields=["redirect_uris"])
    record_client(acting_user, "redirect_uris_set", current, before=before, after=current.redirect_uris)
    client.redirect_uris = current.redirect_uris


@transaction.atomic
def set_source_ranges(*, acting_user: Actor, client: Client, source_ranges: Sequence[str]) -> tuple[str, ...]:
    """Calls and token requests come from these only; none means from anywhere. The ranges in their stored form.

    The gateway enforces them beside the marks, so nothing is marked here: tokens stay good from inside the ranges.
    Raises `client.source_ranges.invalid` with every mistake.
    """
    current = locked(client)
    ranges, errors = check_source_ranges(source_ranges)
    if source_ranges and not policy_of(current).takes_source_ranges:
        errors.append(FieldError("source_ranges", "body", "this application type takes none: users call from anywhere"))
    refuse_if(
        "client.source_ranges.invalid", "Correct the fields named in errors and try again. Nothing was changed.", errors
    )
    before = sorted(SourceRange.objects.filter(client=current).values_list("cidr", flat=True))
    SourceRange.objects.filter(client=current).delete()
    SourceRange.objects.bulk_create(SourceRange(client=current, cidr=cidr) for cidr in ranges)
    record_client(acting_user, "source_ranges_set", current, before=before, after=list(ranges))
    return ranges
