"""Inviting somebody to an organization by mail."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from propylon.accounts import mails
from propylon.accounts.access import actor_of
from propylon.accounts.actions.members import add_member, check_role
from propylon.accounts.actions.terms import accept_terms, check_terms_version
from propylon.accounts.actions.users import create_user
from propylon.accounts.checks import check_email, check_name, check_password, normal_email, refuse_if
from propylon.accounts.models import Invitation, Membership, Organization, User
from propylon.audit.actions import record_event
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest, new_public_id, new_secret

LIFETIME = timedelta(days=7)


@transaction.atomic
def invite_member(*, acting_user: Actor, organization: Organization, email: str, role: str) -> Invitation:
    """Mail a link. The inviter does not learn whether the address has an account, only whether it is a member."""
    email = normal_email(email)
    errors = check_email(email) + check_role(role, organization)
    refuse_if("invitation.request.invalid", "Correct the fields named in errors and invite again.", errors)
    if Membership.objects.filter(user__email=email, organization=organization).exists():
        raise PropylonError("member.exists", "This person is a member already.", kind=Kind.CONFLICT)
    secret, now = new_secret(), timezone.now()
    invitation = Invitation.objects.create(
        public_id=new_public_id("inv"),
        digest=digest(secret),
        organization=organization,
        email=email,
        role=role,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    _record(acting_user, "invitation.sent", invitation)
    mails.invitation(invitation, secret)
    return invitation


@transaction.atomic
def withdraw_invitation(*, acting_user: Actor, invitation: Invitation) -> None:
    """The link of the mail stops working. Withdrawing twice changes nothing."""
    changed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None).update(
        withdrawn_at=timezone.now()
    )
    if changed:
        _record(acting_user, "invitation.withdrawn", invitation)


@transaction.atomic
def accept_invitation(
    *, token: str, name: str, password: str, language: str = "", terms_version: str = ""
) -> Membership:
    """The link of the mail was opened. All but `token` is needed, and used, only if the address has no account.

    Raises `invitation.link.invalid`, `invitation.acceptance.invalid` with every mistake.
    """
    invitation = open_invitation(token, lock=True)
    user = User.objects.filter(email=invitation.email).first() or _new_user(
        invitation, name, password, language, terms_version
    )
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now())
    actor = Actor("user", user.public_id, user.email)
    return add_member(acting_user=actor, organization=invitation.organization, user=user, role=invitation.role)


def open_invitation(token: str, *, lock: bool = False) -> Invitation:
    """What the mail's link is for. Raises `invitation.link.invalid`."""
    rows = Invitation.objects.select_related("organization")
    found = (
        (rows.select_for_update() if lock else rows)
        .filter(digest=digest(Secret(token)), accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now())
        .first()
    )
    if found is None:
        raise PropylonError(
            "invitation.link.invalid",
            "This invitation was used, withdrawn or has expired. Ask for a new one.",
            kind=Kind.MALFORMED,
        )
    return found


def _new_user(invitation: Invitation, name: str, password: str, language: str, terms_version: str) -> User:
    errors = check_name(name) + check_password(password, email=invitation.email, name=name)
    errors += check_terms_version(terms_version)
    refuse_if("invitation.acceptance.invalid", "Correct the fields named in errors and accept again.", errors)
    user = create_user(
        acting_user=None,
        email=invitation.email,
        name=name,
        password_hash=make_password(password),
        language=language if language in dict(settings.LANGUAGES) else "",
    )
    if terms_version:
        accept_terms(acting_user=actor_of(user), user=user, version=terms_version)
    return user


def _record(acting_user: Actor, action: str, invitation: Invitation) -> None:
    record_event(
        acting_user=acting_user,
        action=action,
        object_kind="invitation",
        object_id=invitation.public_id,
        organization_id=invitation.organization.public_id,
        data={"email": invitation.email, "role": invitation.role},
    )
