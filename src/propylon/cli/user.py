"""`propylon user`: people, from the command line; how an installation without demonstration gets its first operator."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from propylon.accounts.roles import ROLES, STAFF_ROLES
from propylon.kernel.actor import Actor

if TYPE_CHECKING:
    from propylon.accounts.models import Organization

_ACTOR = Actor("system", "command-line", "propylon user")


@click.group()
def user() -> None:
    """Work with users."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", type=click.Choice(sorted(ROLES)), default="operator", show_default=True)
@click.option(
    "--organization",
    help="Made if there is none of this name. Staff roles belong to the one organization of the operator.",
)
def add(email: str, name: str, role: str, organization: str | None) -> None:
    """Add a user whose address is proven, and print a password for the first sign-in."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")
    import django

    django.setup()
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
    click.echo("Sign in: POST /manage/v1/access-tokens with email and password gives a key to the management API.")


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
