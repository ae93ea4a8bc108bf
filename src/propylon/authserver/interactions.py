"""An authorization between its request and its end: pushed, opened in a browser, logged in, consented or denied.

Each opened request has a reference that only its page's forms know, and belongs to the browser whose cookie it was
opened with. Both together stand in the way of forged posts: a stranger knows neither.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.authserver.answers import Answer, address_with, way_back_of
from propylon.authserver.client_rows import client_key
from propylon.authserver.implicit import implicit_answer
from propylon.authserver.models import AuthorizationCode, AuthorizationRequest, Grant
from propylon.authserver.pairwise import told_subject
from propylon.authserver.prepared import PreparedRow
from propylon.authserver.selectors import client_record
from propylon.authserver.strength import require_strong_enough
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.secret import Secret
from propylon.oauth.account_choice import Granted
from propylon.oauth.acr import BY_CODE_AS_WELL, BY_PASSWORD, SignIn
from propylon.oauth.authorization_request import CheckedRequest, check_still_allowed
from propylon.oauth.errors import OAuthError, invalid_request
from propylon.oauth.implicit_grant import lifetime
from propylon.oauth.policy import CODE_TYPES, IMPLICIT
from propylon.oauth.records import ClientRecord
from propylon.oauth.tokens import CODE_TTL, INTERACTION_TTL, PUSHED_REQUEST_TTL, REFRESH_TOKEN_TTL
from propylon.sealing.entropy import digest, new_public_id, new_secret

REQUEST_URI_PREFIX = "urn:ietf:params:oauth:request_uri:"  # RFC 9126, 2.2
_pushed = PreparedRow(AuthorizationRequest, "reference_digest", ("client",))


@transaction.atomic
def push_request(*, acting_user: Actor, client: ClientRecord, checked: CheckedRequest) -> str:
    """Store a pushed request; its `request_uri`."""
    secret = new_secret()
    row = AuthorizationRequest(is_pushed=True)
    _fill(row, secret, client.client_id, checked, PUSHED_REQUEST_TTL)
    record_event(
        acting_user=acting_user,
        action="authorization_request.pushed",
        object_kind="authorization_request",
        object_id=str(row.pk),
        organization_id=client.organization,
    )
    return REQUEST_URI_PREFIX + secret.reveal()


def find_pushed(request_uri: str, client_id: str) -> AuthorizationRequest:
    """The pushed request of this client; it is not burnt by looking (FAPI 2.0, 5.3.2.2, note 3)."""
    is_ours = request_uri.startswith(REQUEST_URI_PREFIX)
    found = _pushed.get(digest(Secret(request_uri.removeprefix(REQUEST_URI_PREFIX)))) if is_ours else None
    row = found[0] if found else None
    is_open = row is not None and row.is_pushed and row.finished_at is None and row.expires_at > timezone.now()
    if row is None or not is_open or row.client.client_id != client_id:
        raise OAuthError("invalid_request_uri", "This request_uri is unknown, used, expired, or of another client.")
    return row


def open_request(
    client: ClientRecord, checked: CheckedRequest, browser: Secret, *, pushed: AuthorizationRequest | None = None
) -> str:
    """The reference of a request that waits for login in this browser."""
    reference = new_secret()
    row = AuthorizationRequest(browser_digest=digest(browser), opened_from=pushed)
    _fill(row, reference, client.client_id, checked, INTERACTION_TTL)
    return reference.reveal()


def _fill(row: AuthorizationRequest, reference: Secret, client_id: str, checked: CheckedRequest, ttl: int) -> None:
    now = timezone.now()
    row.reference_digest = digest(reference)
    row.client_id = client_key(client_id)
    row.parameters = checked.as_dict()
    row.created_at, row.expires_at = now, now + timedelta(seconds=ttl)
    row.save()


def find_open(reference: str, browser: Secret) -> tuple[AuthorizationRequest, ClientRecord]:
    """The request of a page's form, if it lives and was opened in this browser."""
    row = (
        AuthorizationRequest.objects.select_related("client", "opened_from")
        .filter(reference_digest=digest(Secret(reference)), is_pushed=False, browser_digest=digest(browser))
        .filter(finished_at=None, expires_at__gt=timezone.now())
        .first()
    )
    client = client_record(row.client.client_id) if row else None
    if row is None or client is None or not client.is_active:
        raise invalid_request("This page has expired or belongs to another browser. Start again in the application.")
    if row.opened_from is not None and row.opened_from.finished_at is not None:
        raise invalid_request("This request was already answered. Start again in the application.")
    return row, client


@transaction.atomic
def note_login(
    *, acting_user: Actor, row: AuthorizationRequest, sign_in: SignIn = BY_PASSWORD, at: datetime | None = None
) -> None:
    """The customer `acting_user` has logged in for this request; or before, `at`, and is known by that."""
    row.subject, row.authenticated_at = acting_user.identifier, at or timezone.now()
    row.acr, row.amr, row.step_digest, row.is_unusual = sign_in.acr, list(sign_in.amr), "", False
    row.device, row.network = "", ""
    row.save(
        update_fields=["subject", "authenticated_at", "acr", "amr", "step_digest", "is_unusual", "device", "network"]
    )
    record_event(
        acting_user=acting_user,
        action="customer.recognised" if at else "customer.logged_in",
        object_kind="authorization_request",
        object_id=str(row.pk),
    )


def consent_lifetime(row: AuthorizationRequest, client: ClientRecord) -> int:
    """Seconds that a yes lasts."""
    if row.parameters.get("response_type", "code") in CODE_TYPES:
        return REFRESH_TOKEN_TTL
    return lifetime(client, int(timezone.now().timestamp()))


@transaction.atomic
def allow(*, acting_user: Actor, row: AuthorizationRequest, client: ClientRecord, granted: Granted) -> Answer:
    """Make the grant, of what was granted beside scopes, and its code; the address that the browser goes to."""
    require_strong_enough(row, client)
    finish(row)
    parameters = row.parameters
    check_still_allowed(client.policy, parameters, way_back_of(row))
    is_implicit = parameters.get("response_type", "code") not in CODE_TYPES
    now = timezone.now()
    grant = Grant.objects.create(
        public_id=new_public_id("gr"),
        client=row.client,
        subject=row.subject,
        told_subject=told_subject(client.client_id, client.environment, row.subject),
        scope=parameters["scope"],
        authorization_details=[dict(each) for each in granted.details],
        accounts=granted.accounts,
        acr=row.acr,
        amr=row.amr,
        signed_in_at=row.authenticated_at,
        created_at=now,
        expires_at=now + timedelta(seconds=consent_lifetime(row, client)),
        made_by=IMPLICIT if is_implicit else "",
    )
    if is_implicit:
        members = implicit_answer(acting_user=acting_user, row=row, grant=grant, client=client, now=now)
        return address_with(way_back_of(row), members)
    code = new_secret()
    AuthorizationCode.objects.create(
        digest=digest(code),
        grant=grant,
        redirect_uri=parameters["redirect_uri"],
        scope=parameters["scope"],
        nonce=parameters["nonce"],
        code_challenge=parameters["code_challenge"],
        key=parameters.get("dpop_jkt", ""),
        authenticated_at=row.authenticated_at or now,
        expires_at=now + timedelta(seconds=CODE_TTL),
    )
    record_event(
        acting_user=acting_user,
        action="grant.made",
        object_kind="grant",
        object_id=grant.public_id,
        organization_id=client.organization,
        data={
            "client": client.client_id,
            "scope": grant.scope,
            **({"authorization_details": [each["type"] for each in granted.details]} if granted.details else {}),
        },
    )
    return address_with(way_back_of(row), {"code": code.reveal()})


@transaction.atomic
def note_second_step(*, acting_user: Actor, row: AuthorizationRequest) -> None:
    """The customer has also given the code of the second step."""
    row.acr, row.amr, row.step_digest = BY_CODE_AS_WELL.acr, list(BY_CODE_AS_WELL.amr), ""
    row.save(update_fields=["acr", "amr", "step_digest"])
    record_event(
        acting_user=acting_user,
        action="customer.second_step",
        object_kind="authorization_request",
        object_id=str(row.pk),
    )


@transaction.atomic
def refuse(*, acting_user: Actor, row: AuthorizationRequest, client: ClientRecord, error: OAuthError) -> Answer:
    """The customer cannot go on, for a reason that the client learns; the address that the browser goes to."""
    finish(row)
    record_event(
        acting_user=acting_user,
        action="grant.denied",
        object_kind="authorization_request",
        object_id=str(row.pk),
        organization_id=client.organization,
        data={"client": client.client_id, "reason": error.code},
    )
    return address_with(way_back_of(row), error.body())


def deny(*, acting_user: Actor, row: AuthorizationRequest, client: ClientRecord) -> Answer:
    """The customer said no; the address that the browser goes to."""
    error = OAuthError("access_denied", "The customer did not agree.")
    return refuse(acting_user=acting_user, row=row, client=client, error=error)


@transaction.atomic
def give_up(*, row: AuthorizationRequest, client: ClientRecord) -> Answer:
    """The bank's login cannot be reached, and the customer does not wait; the address that the browser goes to."""
    finish(row)
    record_event(
        acting_user=SYSTEM,
        action="authorization_request.given_up",
        object_kind="authorization_request",
        object_id=str(row.pk),
        organization_id=client.organization,
        data={"client": client.client_id},
    )
    error = OAuthError("temporarily_unavailable", "The bank's login cannot be reached. Try again in a few minutes.")
    return address_with(way_back_of(row), error.body())


def finish(row: AuthorizationRequest) -> None:
    """Both the opened and the pushed request end here, once."""
    for pk in filter(None, (row.opened_from_id, row.pk)):
        if not AuthorizationRequest.objects.filter(pk=pk, finished_at=None).update(finished_at=timezone.now()):
            raise invalid_request("This request was already answered. Start again in the application.")
