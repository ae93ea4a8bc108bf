"""Self sign-up: an account comes into being when its address is proven (FEATURES P1)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from propylon.accounts import mails
from propylon.accounts.access import actor_of
from propylon.accounts.actions.members import add_member
from propylon.accounts.actions.organizations import create_organization
from propylon.accounts.actions.terms import accept_terms, check_terms_version
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


def sign_up(
    *,
    email: str,
    name: str,
    password: str,
    organization_name: str,
    source_address: str = "",
    language: str = "",
    terms_version: str = "",
) -> None:
    """Mail a link that makes the account. Says the same for every address: only its owner learns whether it is known.

    `terms_version` is what the person read and accepted, kept with the account.

    Raises `sign_up.request.invalid` with every mistake, `attempts.too_many`.
    """
    email = normal_email(email)
    errors = check_email(email) + check_name(name) + check_name(organization_name, "organization_name")
    errors += check_password(password, email=email, name=name) + check_terms_version(terms_version)
    refuse_if("sign_up.request.invalid", "Correct the fields named in errors and sign up again.", errors)
    spend_attempt(SIGN_UP_BY_PLACE, source_address)
    spend_attempt(SIGN_UP_BY_ADDRESS, email)
    _keep_sign_up(
        SignUp(
            email=email,
            name=name.strip(),
            password=make_password(password),
            organization_name=" ".join(organization_name.split()),
            language=language if language in dict(settings.LANGUAGES) else "",
            terms_version=terms_version,
        )
    )


@transaction.atomic
def _keep_sign_up(request: SignUp) -> None:
    known = User.objects.filter(email=request.email).first()
    if known is not None:
        mails.already_registered(known)
        return
    secret = new_secret()
    request.digest, request.created_at = digest(secret), timezone.now()
    request.expires_at = request.created_at + LINK_LIFETIME
    request.save()
    record_event(acting_user=SYSTEM, action="sign_up.requested", object_kind="sign_up", object_id=request.email)
    mails.verify_address(request, secret)


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
    user = create_user(
        acting_user=None,
        email=request.email,
        name=request.name,
        password_hash=request.password,
        language=request.language,
    )
    if request.terms_version:
        accept_terms(acting_user=actor_of(user), user=user, version=request.terms_version)
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
