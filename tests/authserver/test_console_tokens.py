"""Tokens of the call console: real, short, named in the event log, for test environments only (record 0010)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from management import Program
from propylon.accounts.access import actor_of
from propylon.applications.actions import add_client, approve_client
from propylon.applications.models import Client
from propylon.applications.plan_client import ClientWish
from propylon.audit.models import Event
from propylon.authserver.actions import ensure_signing_key
from propylon.authserver.console_tokens import ConsoleToken, is_console_token, issue_console_token
from propylon.authserver.models import Grant
from propylon.authserver.signing import signers
from propylon.certificates.actions import ensure_authorities, issue_console_identity
from propylon.customers.actions import add_customer
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.errors import PropylonError
from propylon.kernel.peer_certificate import PeerCertificate

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "199001019876"


@pytest.fixture
def developer(program: Program) -> Actor:
    signers.forget()
    ensure_signing_key(acting_user=SYSTEM)
    ensure_authorities(acting_user=SYSTEM)
    add_customer(
        acting_user=SYSTEM,
        environment="sandbox",
        identity_number=NUMBER,
        name="Ada",
        password=None,
        subject="cus_ada",
        product="accounts",
        is_sandbox_identity=True,
    )
    return actor_of(program.people["developer"])


def claims_of(token: ConsoleToken) -> dict[str, Any]:
    payload = token.value.reveal().split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def certificate_of(client: Client, developer: Actor) -> PeerCertificate:
    row = issue_console_identity(acting_user=developer, client=client).certificate
    return PeerCertificate(row.fingerprint, row.common_name, row.subject_dn)


def refusal(**wish: Any) -> str:
    events, grants = Event.objects.count(), Grant.objects.count()
    with pytest.raises(PropylonError) as told:
        issue_console_token(**{"scopes": ["accounts"], **wish})
    assert (Event.objects.count(), Grant.objects.count()) == (events, grants)
    return told.value.code


def test_a_services_token_is_bound_short_and_recorded(program: Program, developer: Actor) -> None:
    _, client, _ = program.register(type_="server")
    peer = certificate_of(client, developer)
    token = issue_console_token(acting_user=developer, client=client, scopes=["accounts"], certificate=peer)
    claims = claims_of(token)
    assert claims["exp"] - claims["iat"] <= 300
    assert claims["cnf"] == {"x5t#S256": peer.x5t_s256}
    assert (claims["sub"], claims["scope"]) == (client.client_id, "accounts")
    assert claims["cgn"] == f"{client.client_id}.{client.generation}"
    assert is_console_token(claims["jti"])
    event = Event.objects.get(action="token.issued", object_id=claims["jti"])
    assert event.actor_id == program.people["developer"].public_id
    assert event.data["made_for"] == "console"


def test_a_customers_token_has_a_grant_that_ends_with_it(program: Program, developer: Actor) -> None:
    _, client, _ = program.register()
    token = issue_console_token(acting_user=developer, client=client, scopes=["accounts"], identity_number=NUMBER)
    claims, grant = claims_of(token), Grant.objects.get()
    assert (claims["sub"], claims["gid"], claims["ggn"]) == ("cus_ada", grant.public_id, f"{grant.public_id}.1")
    assert grant.expires_at.timestamp() == claims["exp"]
    assert Event.objects.get(action="grant.made_for_console").data["made_for"] == "console"


def test_without_a_certificate_no_bound_token(program: Program, developer: Actor) -> None:
    """RFC 8705 section 3."""
    _, client, _ = program.register(type_="server")
    assert refusal(acting_user=developer, client=client) == "console_token.certificate_missing"


def test_a_certificate_of_another_application_is_refused(program: Program, developer: Actor) -> None:
    _, client, _ = program.register(type_="server")
    _, other, _ = program.register("Other", type_="server")
    peer = certificate_of(other, developer)
    assert refusal(acting_user=developer, client=client, certificate=peer) == "console_token.certificate_foreign"


@pytest.mark.parametrize("number", ["", "unknown"])
def test_an_application_for_customers_needs_a_published_identity(
    program: Program, developer: Actor, number: str
) -> None:
    _, client, _ = program.register()
    assert refusal(acting_user=developer, client=client, identity_number=number) == "console_token.customer_missing"


def test_a_real_customer_cannot_be_chosen(program: Program, developer: Actor) -> None:
    add_customer(
        acting_user=SYSTEM, environment="sandbox", identity_number="7", name="Real", password=None, subject="cus_real"
    )
    _, client, _ = program.register()
    assert refusal(acting_user=developer, client=client, identity_number="7") == "console_token.customer_missing"


def test_no_scope_beyond_the_subscriptions(program: Program, developer: Actor) -> None:
    _, client, _ = program.register()
    told = refusal(acting_user=developer, client=client, scopes=["payments"], identity_number=NUMBER)
    assert told == "console_token.scope_not_subscribed"


def test_production_is_refused(program: Program, developer: Actor) -> None:
    application, _, _ = program.register(type_="server")
    client, _ = add_client(
        acting_user=SYSTEM,
        application=application,
        environment=program.production,
        wish=ClientWish("server", "standard", products=["accounts"]),
    )
    approve_client(acting_user=SYSTEM, client=client, reason="tests")
    client.refresh_from_db()
    assert refusal(acting_user=developer, client=client) == "console_token.environment_refused"
    with pytest.raises(PropylonError, match="environment_refused"):
        issue_console_identity(acting_user=developer, client=client)


def test_a_client_that_is_no_longer_approved_is_refused(program: Program, developer: Actor) -> None:
    _, client, _ = program.register()
    Client.objects.filter(pk=client.pk).update(status="rejected")
    told = refusal(acting_user=developer, client=client, identity_number=NUMBER)
    assert told == "console_token.client_not_approved"


def test_a_fapi2_clients_token_is_bound_to_the_key_that_calls_or_not_made_fapi2_5_3_2_1_4(
    program: Program, developer: Actor
) -> None:
    _, client, _ = program.register()
    Client.objects.filter(pk=client.pk).update(
        security_profile="fapi2", token_endpoint_auth_method="private_key_jwt", secret_digest=""
    )
    client.refresh_from_db()
    wish = {"acting_user": developer, "client": client, "identity_number": NUMBER}
    assert refusal(**wish) == "console_token.binding_missing"
    claims = claims_of(issue_console_token(**wish, scopes=["accounts"], key_thumbprint="a-key"))
    assert claims["cnf"] == {"jkt": "a-key"}
