"""Trying an operation: check → certificate → token → call. Everything that the gateway enforces applies to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from propylon.applications.models import Client
from propylon.authserver.console_tokens import issue_console_token
from propylon.catalog.models import Operation
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.kernel.peer_certificate import PeerCertificate
from propylon.kernel.secret import Secret
from propylon.openapi.examples import ExampleRequest
from propylon.openapi.request_address import address_of, headers_of, value_problem
from propylon.portal.calling.addresses import addresses_for
from propylon.portal.calling.choices import MUTUAL, calling_facts, must_be_bound
from propylon.portal.calling.console_identities import identities
from propylon.portal.calling.documents import example_of
from propylon.portal.calling.gateway_call import GatewayAnswer, GatewayRequest, PresentedIdentity, call_gateway
from propylon.portal.calling.possession import PossessionKey, possession_key

LONGEST_BODY = 64 * 1024  # bytes sent
LONGEST_VALUE = 2_000  # characters of one parameter

Values = Mapping[tuple[str, str], str]  # (location, name): text


@dataclass(frozen=True, slots=True)
class Wish:
    """What the developer filled in. `identity_number` names the customer, where the client acts for one."""

    listener: str
    values: Values
    body: str = ""
    identity_number: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What was sent and what came back. `jti` is the token's id, "" if none was sent."""

    request: GatewayRequest
    answer: GatewayAnswer
    jti: str


def try_operation(*, acting_user: Actor, operation: Operation, client: Client, wish: Wish) -> Tried:
    """One call through the gateway. Not to be called inside a transaction.

    Raises `console.call.invalid` with every mistake, `console.call.refused`, `console_token.*`, `certificate.*`,
    `console.gateway.unreachable`.
    """
    example = example_of(operation)
    _require_callable(operation, client)
    if mistakes := check_wish(example, operation, client, wish):
        raise PropylonError(
            "console.call.invalid",
            "Correct the fields named in errors. Nothing was sent.",
            kind=Kind.MALFORMED,
            errors=mistakes,
        )
    shown, peer = _identity(acting_user, client) if wish.listener == MUTUAL else (None, None)
    key = possession_key() if peer is None and must_be_bound(operation, client) else None
    token, jti = _token(acting_user, operation, client, wish, peer, key)
    request = _request(example, operation, client, wish, token, key)
    answer = call_gateway(request, ca_file=settings.PROPYLON_HOME.ca_file, identity=shown)
    return Tried(request, answer, jti)


def check_wish(example: ExampleRequest, operation: Operation, client: Client, wish: Wish) -> list[FieldError]:
    """Every mistake in what was filled in; pure."""
    declared = {parameter.key: parameter for parameter in example.parameters}
    mistakes = [
        FieldError(name, location, "the operation has no such parameter")
        for location, name in wish.values
        if (location, name) not in declared
    ]
    for key, parameter in declared.items():
        text = wish.values.get(key, "")
        reason = value_problem(parameter, text) if len(text) <= LONGEST_VALUE else f"at most {LONGEST_VALUE} characters"
        if reason:
            mistakes.append(FieldError(parameter.name, parameter.location, reason))
    if wish.listener not in calling_facts(client).listeners_for(operation):
        mistakes.append(FieldError("listener", "body", "this application does not call there"))
    if example.body is None and wish.body:
        mistakes.append(FieldError("body", "body", "the operation takes no body"))
    if example.body is not None and example.body.is_required and not wish.body.strip():
        mistakes.append(FieldError("body", "body", "is needed"))
    if len(wish.body.encode()) > LONGEST_BODY:
        mistakes.append(FieldError("body", "body", f"at most {LONGEST_BODY // 1024} KB"))
    return mistakes


def _require_callable(operation: Operation, client: Client) -> None:
    """The environment's own rules are asked again where token and certificate are made."""
    if not operation.product_version.publications.filter(environment_id=client.environment_id).exists():
        raise PropylonError(
            "console.call.not_published",
            f"This version does not answer in {client.environment.title}. Choose another application.",
            kind=Kind.CONFLICT,
        )
    if not client.environment.approves_by_itself:
        raise PropylonError(
            "console.call.environment_refused",
            f"The console calls test environments only, not {client.environment.title}. Use a code sample there.",
            kind=Kind.FORBIDDEN,
        )
    if not calling_facts(client).listeners_for(operation):
        raise PropylonError(
            "console.call.certificate_needed",
            "This operation asks for a client certificate, and applications of this type have none. "
            "Choose an application with a service account.",
            kind=Kind.CONFLICT,
        )


def _identity(acting_user: Actor, client: Client) -> tuple[PresentedIdentity, PeerCertificate]:
    found = identities.identity_of(acting_user=acting_user, client=client)
    row = found.certificate
    peer = PeerCertificate(row.fingerprint, row.common_name, row.subject_dn)
    return PresentedIdentity(found.chain_pem, found.key_pem), peer


def _token(
    acting_user: Actor,
    operation: Operation,
    client: Client,
    wish: Wish,
    peer: PeerCertificate | None,
    key: PossessionKey | None,
) -> tuple[Secret | None, str]:
    if operation.is_public:
        return None, ""
    token = issue_console_token(
        acting_user=acting_user,
        client=client,
        scopes=operation.scopes,
        certificate=peer,
        key_thumbprint=key.thumbprint if key else "",
        identity_number=wish.identity_number,
    )
    return token.value, token.jti


def _request(
    example: ExampleRequest,
    operation: Operation,
    client: Client,
    wish: Wish,
    token: Secret | None,
    key: PossessionKey | None,
) -> GatewayRequest:
    base = addresses_for(client.environment, wish.listener).base_url + operation.product_version.mount_path
    headers = {"Accept": "application/json", **headers_of(example, wish.values)}
    has_body = example.body is not None and bool(wish.body)
    if example.body is not None and has_body:
        headers["Content-Type"] = example.body.media_type
    return GatewayRequest(
        method=operation.method,
        url=base + address_of(example, wish.values),
        headers=tuple(headers.items()),
        body=wish.body.encode() if has_body else None,
        token=token,
        key=key,
    )
