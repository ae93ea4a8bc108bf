"""`propylon user`: people, from the command line; how an installation without demonstration gets its first operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from propylon.accounts.roles import ROLES, STAFF_ROLES
from propylon.cli.installation import set_up_django
from propylon.cli.options import home_option
from propylon.kernel.actor import Actor

if TYPE_CHECKING:
    from propylon.accounts.models import Organization

_ACTOR = Actor("system", "command-line", "propylon user")


@click.group()
@home_option
def user() -> None:
    """Add people without a mail, for example the first operator of an empty installation."""


@user.command(short_help="Add a user, and print a password for the first sign-in.")
@click.argument("email")
@home_option
@click.option("--name", metavar="NAME", required=True, help="The person's name.")
@click.option(
    "--role",
    type=click.Choice(sorted(ROLES)),
    metavar="ROLE",
    default="operator",
    show_default=True,
    help=f"Of the bank: {', '.join(sorted(STAFF_ROLES))}. Of a partner: {', '.join(sorted(set(ROLES) - STAFF_ROLES))}.",
)
@click.option(
    "--organization",
    metavar="NAME",
    help="The partner, made if there is none of this name. The bank's roles need none: they belong to the bank.",
)
def add(email: str, name: str, role: str, organization: str | None) -> None:
    """Add a user whose address is proven, and print a password for the first sign-in."""
    set_up_django()
    from django.conf import settings
    from django.contrib.auth.hashers import make_password
    from django.db import transaction

    from propylon.accounts.actions import add_member, create_user
    from propylon.accounts.checks import check_email, check_name, refuse_if
    from propylon.sealing.entropy import new_public_id

    mistakes = check_email(email) + check_name(name)
    refuse_if("user.request.invalid", "Correct what is named below and try again.", mistakes)
    password = new_public_id("first")
    with transaction.atomic():
        row = create_user(acting_user=_ACTOR, email=email, name=name, password_hash=make_password(password))
        place = _organization(organization, is_operator=role in STAFF_ROLES)
        add_member(acting_user=_ACTOR, organization=place, user=row, role=role)
    click.echo(f"{row.email} is {role} of {place.name}. Password: {password}")
    click.echo(f"Sign in at {settings.PROPYLON_PUBLIC_URL}/sign-in, and choose another password in the profile.")


def _organization(name: str | None, *, is_operator: bool) -> Organization:
    from propylon.accounts.actions import create_organization
    from propylon.accounts.models import Organization

    if is_operator and (found := Organization.objects.filter(is_operator=True).first()):
        return found
    if name and (found := Organization.objects.filter(name__iexact=name, is_operator=is_operator).first()):
        return found
    if not name and not is_operator:
        raise click.UsageError("Name the organization: --organization NAME.")
    return create_organization(acting_user=_ACTOR, name=name or "Operator", is_operator=is_operator)
