"""Client credentials on the mutual listener (RFC 6749, 4.4; RFC 8705, 2.1 and 3)."""

from __future__ import annotations

import base64
import hashlib

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from django.utils import timezone

from authserver.bank import Bank, Caller, Party, claims_of, mutual
from propylon.applications.models import Application, Client, Subscription
from propylon.audit.actions import record_event
from propylon.audit.models import Event
from propylon.authserver import client_cache
from propylon.authserver.client_cache import clients
from propylon.certificates.models import Certificate
from propylon.kernel.actor import SYSTEM

_FORM = {"grant_type": "client_credentials"}


def _ask(caller: Caller, party: Party, **form: str) -> httpx.Response:
    return caller.token({**_FORM, "client_id": party.id, **form}, party.on_mutual())


def _issued() -> int:
    return Event.objects.filter(action="token.issued").count()


def _change(kind: str, identifier: str) -> None:
    """What every action leaves behind: an event."""
    with transaction.atomic():
        record_event(acting_user=SYSTEM, action=f"{kind}.changed", object_kind=kind, object_id=identifier)


def test_a_token_is_issued_bound_to_the_certificate_rfc8705_3(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    response = _ask(caller, party, scope="accounts")
    assert response.status_code == 200, response.text
    body = response.json()
    claims = claims_of(body["access_token"])
    assert party.certificate
    der = party.certificate.public_bytes(Encoding.DER)
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    assert claims["cnf"] == {"x5t#S256": thumbprint}
    assert claims["x5h"] == party.fingerprint
    assert claims["iss"] == "https://localhost:8443"
    assert claims["aud"] == "https://localhost:8443/sandbox"
    assert claims["sub"] == claims["client_id"] == party.id
    assert claims["exp"] - claims["iat"] == body["expires_in"] == 600
    assert (claims["scope"], claims["scp"], claims["plan"]) == ("accounts", " accounts ", "standard")
    assert (claims["cgn"], claims["env"]) == (f"{party.id}.1", "sandbox")
    assert "gid" not in claims
    assert "ggn" not in claims
    assert (body["token_type"], body["scope"]) == ("Bearer", "accounts")
    assert "refresh_token" not in body  # RFC 6749, 4.4.3


def test_the_answer_is_never_stored_and_carries_a_tracking_id_rfc6749_5_1(bank: Bank, caller: Caller) -> None:
    headers = _ask(caller, bank.client("server")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"] == "application/json"
    assert len(headers["requesttrackingid"]) == 36


def test_the_gateways_tracking_id_is_kept_and_audited(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    tracking = {"requesttrackingid": "6f1c0b52-6f0e-4a8b-9a53-0d8a5c7ad001"}
    response = caller.token({**_FORM, "client_id": party.id}, {**party.on_mutual(), **tracking})
    assert response.headers["requesttrackingid"] == tracking["requesttrackingid"]
    event = Event.objects.get(action="token.issued")
    assert event.tracking_id == tracking["requesttrackingid"]
    assert event.object_id == claims_of(response.json()["access_token"])["jti"]
    assert response.json()["access_token"] not in str(event.data)


def test_without_a_scope_a_token_carries_all_that_is_subscribed_rfc6749_3_3(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    assert _ask(caller, party).json()["scope"] == "accounts transactions"


@pytest.mark.parametrize("scope", ["payments", "nonsense", "accounts payments", "openid", "accounts  transactions"])
def test_a_scope_that_is_not_subscribed_is_refused_rfc6749_5_2(bank: Bank, caller: Caller, scope: str) -> None:
    response = _ask(caller, bank.client("server"), scope=scope)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_scope")
    assert _issued() == 0


def _refused(response: httpx.Response, error: str, status: int) -> None:
    assert (response.status_code, response.json()["error"]) == (status, error), response.text
    assert _issued() == 0


def test_the_public_listener_gives_no_service_tokens(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    on_public = {**party.on_mutual(), "x-propylon-listener": "public"}
    _refused(caller.token({**_FORM, "client_id": party.id}, on_public), "invalid_client", 401)


def test_without_a_certificate_there_is_no_token_rfc8705_2(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    _refused(caller.token({**_FORM, "client_id": party.id}, mutual(None)), "invalid_client", 401)


def test_the_client_id_must_be_sent_rfc8705_2(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    _refused(caller.token(_FORM, party.on_mutual()), "invalid_client", 401)


def test_another_clients_certificate_is_refused(bank: Bank, caller: Caller) -> None:
    first, second = bank.client("server"), bank.client("server")
    _refused(caller.token({**_FORM, "client_id": first.id}, second.on_mutual()), "invalid_client", 401)


def test_a_certificate_with_the_right_name_that_is_not_the_clients_is_refused(bank: Bank, caller: Caller) -> None:
    first, second = bank.client("server"), bank.client("server")
    foreign = bank.certificate(second, first.row.service_account.name)
    _refused(caller.token({**_FORM, "client_id": first.id}, mutual(foreign)), "invalid_client", 401)


def test_the_clients_certificate_with_another_name_is_refused(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    for name in ("svcOther", f"{party.row.service_account.name} "):
        other = bank.certificate(party, name)
        _refused(caller.token({**_FORM, "client_id": party.id}, mutual(other)), "invalid_client", 401)


def test_a_revoked_certificate_is_refused_with_the_next_second(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    Certificate.objects.filter(client=party.row).update(revoked_at=timezone.now())
    _refused(_ask(caller, party), "invalid_client", 401)


def test_an_expired_certificate_is_refused_rfc8705_6_3(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    Certificate.objects.filter(client=party.row).update(not_after=timezone.now())
    _refused(_ask(caller, party), "invalid_client", 401)


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [("192.0.2.7", True), ("192.0.3.1", False), ("::ffff:192.0.2.9", True), ("2001:db8::1", False), ("", False)],
)
def test_token_requests_come_from_the_source_ranges(bank: Bank, caller: Caller, address: str, is_allowed: bool) -> None:
    party = bank.client("server", ranges=("192.0.2.0/24", "198.51.100.1/32"))
    response = caller.token({**_FORM, "client_id": party.id}, mutual(party.certificate, address))
    if is_allowed:
        assert response.status_code == 200
    else:
        _refused(response, "unauthorized_client", 400)


def test_a_web_application_may_not_use_the_grant_rfc6749_5_2(bank: Bank, caller: Caller) -> None:
    party = bank.client("web")
    form = {**_FORM, "client_id": party.id, "client_secret": party.secret}
    _refused(caller.token(form | {"client_secret": "wrong"}, mutual(None)), "invalid_client", 401)
    basic = base64.b64encode(f"{party.id}:{party.secret}".encode()).decode()
    _refused(caller.token(_FORM, {"authorization": f"Basic {basic}"}), "unauthorized_client", 400)


@pytest.mark.parametrize("status", ["pending", "rejected", "deleted"])
def test_only_approved_clients_get_tokens(bank: Bank, caller: Caller, status: str) -> None:
    party = bank.client("server")
    Client.objects.filter(pk=party.row.pk).update(status=status)
    _refused(_ask(caller, party), "invalid_client", 401)


def test_a_deleted_application_gets_no_tokens(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    Application.objects.filter(pk=party.row.application_id).update(deleted_at=timezone.now())
    _refused(_ask(caller, party), "invalid_client", 401)


def test_a_new_subscription_works_with_the_next_request(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    assert _ask(caller, party, scope="payments").status_code == 400
    Subscription.objects.create(public_id="sub_x", client=party.row, product=bank.payments, created_at=timezone.now())
    assert _ask(caller, party, scope="payments").status_code == 200


@pytest.mark.parametrize("kind", ["client", "application", "certificate", "product"])
def test_a_changed_client_is_loaded_again_within_a_second(bank: Bank, caller: Caller, kind: str) -> None:
    party, other = bank.client("server"), bank.client("server")
    identifiers = {
        "client": party.id,
        "application": party.row.application.public_id,
        "certificate": Certificate.objects.get(client=party.row).public_id,
        "product": "accounts",
    }
    assert claims_of(_ask(caller, party).json()["access_token"])["cgn"] == f"{party.id}.1"
    _ask(caller, other)
    kept = clients._entries[other.id]
    Client.objects.filter(pk=party.row.pk).update(generation=2)
    _change(kind, identifiers[kind])
    clients._checked_at = float("-inf")  # as after a second
    assert claims_of(_ask(caller, party).json()["access_token"])["cgn"] == f"{party.id}.2"
    assert (clients._entries.get(other.id) is kept) == (kind != "product")  # the others stay


def test_an_event_that_commits_after_later_ones_counts_as_well(
    bank: Bank, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_cache, "_COMMITS_IN_ORDER", frozenset())  # as on PostgreSQL
    party, other = bank.client("server"), bank.client("server")
    _change("application", "app_nobody")
    late = Event.objects.latest("id").id
    Event.objects.filter(id=late).delete()  # taken, but not committed
    _change("application", "app_nobody_else")
    _ask(caller, party)
    clients._checked_at = float("-inf")  # what happened shortly before the first look is looked at by the second
    _ask(caller, other)
    _ask(caller, party)
    kept = clients._entries[other.id]
    Client.objects.filter(pk=party.row.pk).update(generation=2)
    Event.objects.create(id=late, at=timezone.now(), object_kind="client", object_id=party.id)
    clients._checked_at = float("-inf")
    assert claims_of(_ask(caller, party).json()["access_token"])["cgn"] == f"{party.id}.2"
    loaded_again = clients._entries[party.id]
    clients._checked_at = float("-inf")
    _ask(caller, party)
    assert clients._entries[party.id] is loaded_again  # an event counts once
    assert clients._entries[other.id] is kept


def test_events_about_tokens_drop_nobody_from_memory(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    _ask(caller, party)
    clients._checked_at = float("-inf")
    _ask(caller, party)
    entry = clients._entries[party.id]
    assert _issued() == 2
    clients._checked_at = float("-inf")
    _ask(caller, party)
    assert clients._entries[party.id] is entry
