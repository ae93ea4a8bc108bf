"""Self sign-up: an account comes into being when its address is proven (FEATURES P1)."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from propylon.accounts import mails
from propylon.accounts.access import actor_of
from propylon.accounts.actions.members import add_member
from propylon.accounts.actions.organizations import create_organization
from propylon.accounts.actions.users import create_user
from propylon.accounts.attempts import SIGN_UP_BY_ADDRESS, SIGN_UP_BY_PLACE, spend_attempt
from propylon.accounts.checks import check_email, check_name, check_password, normal_email, refuse_if
from propylon.accounts.models import Organization, SignUp, User
from propylon.audit.actions import record_event
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest, new_secret

LINK_LIFETIME = timedelta(hours=24)


def sign_up(*, email: str, name: str, password: str, organization_name: str, source_address: str = "") -> None:
    """Mail a link that makes the account. Says the same for every address: only its owner learns whether it is known.

    Raises `sign_up.request.invalid` with every mistake, `attempts.too_many`.
    """
    email = normal_email(email)
    errors = check_email(email) + check_name(name) + check_name(organization_name, "organization_name")
    errors += check_password(password, email=email, name=name)
    refuse_if("sign_up.request.invalid", "Correct the fields named in errors and sign up again.", errors)
    spend_attempt(SIGN_UP_BY_PLACE, source_address)
    spend_attempt(SIGN_UP_BY_ADDRESS, email)
    _keep_sign_up(email, name.strip(), make_password(password), " ".join(organization_name.split()))


@transaction.atomic
def _keep_sign_up(email: str, name: str, password_hash: str, organization_name: str) -> None:
    if User.objects.filter(email=email).exists():
        mails.already_registered(email)
        return
    secret, now = new_secret(), timezone.now()
    SignUp.objects.create(
        digest=digest(secret),
        email=email,
        name=name,
        password=password_hash,
        organization_name=organization_name,
        created_at=now,
        expires_at=now + LINK_LIFETIME,
    )
    record_event(acting_user=SYSTEM, action="sign_up.requested", object_kind="sign_up", object_id=email)
    mails.verify_address(email, name, secret)


@transaction.atomic
def verify_email(*, token: str) -> User:
    """The link of the mail was opened: make the account, and its organization if the name is new.

    Who names an organization that exists becomes no member of it; its managers are told and may invite them.
    Raises `sign_up.link.invalid` for a link that was used, has expired or was never sent.
    """
    now = timezone.now()
    request = (
        SignUp.objects.select_for_update()
        .filter(digest=digest(Secret(token)), used_at=None, expires_at__gt=now)
        .first()
    )
    if request is None or User.objects.filter(email=request.email).exists():
        raise PropylonError(
            "sign_up.link.invalid",
            "This link was used, has expired or is not complete. Sign in, or sign up again for a new one.",
            kind=Kind.MALFORMED,
        )
    SignUp.objects.filter(pk=request.pk).update(used_at=now)
    user = create_user(acting_user=None, email=request.email, name=request.name, password_hash=request.password)
    _find_a_place(user, request.organization_name)
    return user


def _find_a_place(user: User, organization_name: str) -> None:
    existing = Organization.objects.filter(name__iexact=organization_name).first()
    if existing is not None:
        mails.prospect_asks(existing, user)
        return
    actor = actor_of(user)
    organization = create_organization(acting_user=actor, name=organization_name)
    add_member(acting_user=actor, organization=organization, user=user, role="organization_manager")
