"""Authorizations on a login that there is already: without the password, and for `prompt=none` without any page."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.authserver.answers import Answer, address_with
from propylon.authserver.expected_customer import expects
from propylon.authserver.interactions import finish, note_login
from propylon.authserver.login_session import login_of
from propylon.authserver.models import AuthorizationCode, AuthorizationRequest, Grant
from propylon.authserver.pairwise import told_subject
from propylon.authserver.strength import risks_of
from propylon.kernel.actor import Actor
from propylon.oauth.authorization_request import CheckedRequest, SentBack
from propylon.oauth.authorization_response import WayBack
from propylon.oauth.errors import OAuthError
from propylon.oauth.login_session import Login, StandingConsent, carried_over, check_silent, covers, spares_password
from propylon.oauth.policy import CODE_TYPES
from propylon.oauth.records import ClientRecord
from propylon.oauth.sign_in_wish import SignInWish, read_sign_in_wish
from propylon.oauth.tokens import CODE_TTL
from propylon.sealing.entropy import digest, new_secret


def usable_login(request: HttpRequest, client: ClientRecord, checked: CheckedRequest) -> Login | None:
    """The login of this browser that the request may go on with; None: the customer logs in."""
    wish = read_sign_in_wish(checked.sign_in)
    found = login_of(request, client.environment)
    if found is None:
        return None
    login, customer = found
    is_meant = expects(wish, client, login.subject) and wish.login_hint in {"", customer.identity_number}
    return login if is_meant and spares_password(login, wish, int(time.time())) else None


def go_on_with(login: Login, row: AuthorizationRequest, client: ClientRecord) -> None:
    """The consent page comes next, and a second step before it where the risk asks for one."""
    note_login(
        acting_user=Actor("customer", login.subject, "customer"),
        row=row,
        sign_in=carried_over(login.sign_in, risks_of(row.parameters, client)),
        at=datetime.fromtimestamp(login.signed_in_at, UTC),
    )


@transaction.atomic
def answer_silently(
    client: ClientRecord, checked: CheckedRequest, login: Login | None, pushed: AuthorizationRequest | None
) -> Answer:
    """OpenID Connect Core 3.1.2.1, `prompt=none`: a code for a consent that stands. Raises `SentBack`."""
    back = WayBack(client.client_id, checked.redirect_uri, checked.state, checked.response_mode)
    try:
        grant = _standing_grant(client, checked, login, read_sign_in_wish(checked.sign_in))
    except OAuthError as error:
        raise SentBack(error, back) from error
    assert login is not None  # noqa: S101  (without one there was no grant)
    if pushed is not None:
        finish(pushed)
    code = _code(client, checked, grant, login)
    return address_with(back, {"code": code})


def _standing_grant(client: ClientRecord, checked: CheckedRequest, login: Login | None, wish: SignInWish) -> Grant:
    """Locked, so that a withdrawal comes before the code or ends it. Raises the refusal."""
    if checked.response_type not in CODE_TYPES:
        raise OAuthError("interaction_required", "Tokens in the address are given on the consent page alone.")
    grants = _consented(client, login.subject) if login else []
    check_silent(
        login,
        wish,
        scopes=checked.scope,
        details=checked.details,
        risks=risks_of(checked.as_dict(), client),
        standing=[_standing(each) for each in grants],
    )
    return next(each for each in grants if covers(_standing(each), checked.scope, checked.details))


def _consented(client: ClientRecord, subject: str) -> list[Grant]:
    """By the customer themselves, under the name that the client knows them by now; what the call console and legacy
    grants made does not count."""
    told = told_subject(client.client_id, client.environment, subject)
    rows = Grant.objects.select_for_update(of=("self",)).select_related("client")
    of_customer = rows.filter(client__client_id=client.client_id, subject=subject, told_subject=told)
    by_customer = of_customer.filter(made_by="", signed_in_at__isnull=False)
    return list(by_customer.filter(revoked_at=None, expires_at__gt=timezone.now()).order_by("-created_at"))


def _standing(grant: Grant) -> StandingConsent:
    return StandingConsent(frozenset(grant.scope.split()), tuple(grant.authorization_details))


def _code(client: ClientRecord, checked: CheckedRequest, grant: Grant, login: Login) -> str:
    code = new_secret()
    AuthorizationCode.objects.create(
        digest=digest(code),
        grant=grant,
        redirect_uri=checked.redirect_uri,
        scope=" ".join(checked.scope),
        nonce=checked.nonce,
        code_challenge=checked.code_challenge,
        key=checked.dpop_jkt,
        authenticated_at=datetime.fromtimestamp(login.signed_in_at, UTC),
        acr=login.sign_in.acr,
        amr=list(login.sign_in.amr),
        expires_at=timezone.now() + timedelta(seconds=CODE_TTL),
    )
    record_event(
        acting_user=Actor("customer", login.subject, "customer"),
        action="grant.used_again",
        object_kind="grant",
        object_id=grant.public_id,
        organization_id=client.organization,
        data={"client": client.client_id, "scope": grant.scope},
    )
    return code.reveal()
