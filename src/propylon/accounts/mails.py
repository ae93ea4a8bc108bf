"""The mails of this room: what they say."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings

from propylon.accounts.models import Invitation, Organization, User
from propylon.accounts.roles import Permission, roles_with
from propylon.kernel.secret import Secret
from propylon.notifications.actions import queue_mail


def _link(path: str, secret: Secret) -> str:
    return f"{settings.PROPYLON_PUBLIC_URL}{path}?{urlencode({'token': secret.reveal()})}"


def verify_address(email: str, name: str, secret: Secret) -> None:
    queue_mail(
        to=email,
        subject="Please verify your address",
        body=(
            f"Hello {name},\n\n"
            "somebody, most likely you, signed up with this address. Open this link within 24 hours to finish:\n\n"
            f"{_link('/verify-email', secret)}\n\n"
            "If it was not you, do nothing: without the link no account is made.\n"
        ),
    )


def already_registered(email: str) -> None:
    queue_mail(
        to=email,
        subject="You have an account already",
        body=(
            "Hello,\n\n"
            "somebody, perhaps you, signed up with this address, which has an account already. "
            "Nothing was changed: sign in as usual.\n\n"
            f"{settings.PROPYLON_PUBLIC_URL}/\n\n"
            "If it was not you, there is nothing to do.\n"
        ),
    )


def prospect_asks(organization: Organization, user: User) -> None:
    """To those who can invite the person; to the program's operators when there is nobody."""
    able = {"memberships__role__in": roles_with(Permission.MANAGE_MEMBERS), "is_active": True}
    people = list(User.objects.filter(memberships__organization=organization, **able).distinct())
    people = people or list(User.objects.filter(memberships__organization__is_operator=True, **able).distinct())
    for person in people:
        queue_mail(
            to=person.email,
            subject=f"{user.name} asks to join {organization.name}",
            body=(
                f"Hello {person.name},\n\n"
                f"{user.name} <{user.email}> signed up and named {organization.name} as their organization. "
                "They see nothing of it yet. If they belong to it, invite them; if not, do nothing.\n"
            ),
        )


def invitation(row: Invitation, secret: Secret) -> None:
    queue_mail(
        to=row.email,
        subject=f"Invitation to {row.organization.name}",
        body=(
            "Hello,\n\n"
            f"you are invited to {row.organization.name} as {row.role.replace('_', ' ')}. "
            "Open this link within 7 days to accept:\n\n"
            f"{_link('/accept-invitation', secret)}\n\n"
            "If you do not know why you get this mail, do nothing.\n"
        ),
    )
