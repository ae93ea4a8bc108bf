"""Revocation (RFC 7009), introspection (RFC 7662), metadata (RFC 8414) and keys (RFC 7517)."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from authserver.bank import Bank, Caller, Party, approve, claims_of, credentials, redemption
from propylon.applications.models import Client
from propylon.authserver.actions import (
    ensure_signing_key,
    retire_signing_keys,
    revoke_grants_of_client,
    rotate_signing_key,
)
from propylon.authserver.models import AuthorizationCode, AuthorizationRequest, Grant, RefreshToken, SigningKey
from propylon.authserver.signing import signers
from propylon.authserver.tasks import PERIODIC, purge_expired
from propylon.kernel.actor import SYSTEM
from propylon.marks.models import Mark


def _tokens(bank: Bank, browser: Caller, party: Party) -> dict[str, str]:
    code = approve(browser, party)["code"]
    response = browser.token(redemption(code) | credentials(party))
    assert response.status_code == 200, response.text
    return response.json()


def _introspect(caller: Caller, party: Party, token: str) -> httpx.Response:
    return caller.post("/oauth/introspect", {"token": token, **credentials(party)})


@pytest.fixture
def web(bank: Bank) -> Party:
    return bank.client("web", method="client_secret_post")


# ── revocation ──


def test_a_revoked_access_token_is_marked_rfc7009_2_1(bank: Bank, web: Party, browser: Caller) -> None:
    token = _tokens(bank, browser, web)["access_token"]
    assert browser.post("/oauth/revoke", {"token": token, **credentials(web)}).status_code == 200
    assert (Mark.objects.get().kind, Mark.objects.get().value) == ("token", claims_of(token)["jti"])
    assert Grant.objects.get().revoked_at is None


def test_a_revoked_refresh_token_takes_its_access_tokens_along_rfc7009_2_1(
    bank: Bank, web: Party, browser: Caller
) -> None:
    tokens = _tokens(bank, browser, web)
    ggn = claims_of(tokens["access_token"])["ggn"]
    form = {"token": tokens["refresh_token"], "token_type_hint": "access_token", **credentials(web)}
    assert browser.post("/oauth/revoke", form).status_code == 200
    assert (Mark.objects.get().kind, Mark.objects.get().value) == ("grant", ggn)
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **credentials(web)}
    assert browser.token(refresh).json()["error"] == "invalid_grant"


def test_unknown_and_foreign_tokens_are_left_alone_rfc7009_2_2(bank: Bank, web: Party, browser: Caller) -> None:
    other = bank.client("web", method="client_secret_post")
    tokens = _tokens(bank, browser, web)
    for token in ("nonsense", "a.b.c", tokens["access_token"], tokens["refresh_token"]):
        assert browser.post("/oauth/revoke", {"token": token, **credentials(other)}).status_code == 200
    assert not Mark.objects.exists()
    assert Grant.objects.get().revoked_at is None


def test_revocation_needs_client_authentication_rfc7009_2_1(bank: Bank, web: Party, browser: Caller) -> None:
    token = _tokens(bank, browser, web)["access_token"]
    response = browser.post("/oauth/revoke", {"token": token, "client_id": web.id, "client_secret": "wrong"})
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert not Mark.objects.exists()


def test_every_grant_of_a_client_can_be_ended(bank: Bank, web: Party, browser: Caller) -> None:
    _tokens(bank, browser, web)
    _tokens(bank, browser, web)
    assert revoke_grants_of_client(acting_user=SYSTEM, client=web.row, reason="test") == 2
    assert Mark.objects.filter(kind="grant").count() == 2
    assert revoke_grants_of_client(acting_user=SYSTEM, client=web.row, reason="test") == 0


# ── introspection ──


def test_a_live_token_is_described_rfc7662_2_2(bank: Bank, web: Party, browser: Caller) -> None:
    tokens = _tokens(bank, browser, web)
    body = _introspect(browser, web, tokens["access_token"]).json()
    assert (body["active"], body["scope"], body["client_id"]) == (True, "accounts", web.id)
    assert _introspect(browser, web, tokens["refresh_token"]).json()["active"] is True


def test_what_the_gateway_would_refuse_is_inactive(bank: Bank, web: Party, browser: Caller) -> None:
    other = bank.client("web", method="client_secret_post")
    tokens = _tokens(bank, browser, web)
    token = tokens["access_token"]
    dead = {"active": False}  # and not a word more
    assert _introspect(browser, other, token).json() == dead
    assert _introspect(browser, web, "nonsense").json() == dead
    Client.objects.filter(pk=web.row.pk).update(generation=2)
    assert _introspect(browser, web, token).json() == dead
    Client.objects.filter(pk=web.row.pk).update(generation=1)
    browser.post("/oauth/revoke", {"token": tokens["refresh_token"], **credentials(web)})
    assert _introspect(browser, web, token).json() == dead
    assert _introspect(browser, web, tokens["refresh_token"]).json() == dead


def test_introspection_needs_a_client_that_can_prove_itself_rfc7662_2_1(bank: Bank, browser: Caller) -> None:
    spa = bank.client("spa")
    token = _tokens(bank, browser, spa)["access_token"]
    response = _introspect(browser, spa, token)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


# ── metadata and keys ──


@pytest.mark.parametrize("name", ["oauth-authorization-server", "openid-configuration"])
def test_metadata_claims_what_works_rfc8414_2(bank: Bank, caller: Caller, name: str) -> None:
    body = caller.get(f"/.well-known/{name}").json()
    assert body["issuer"] == "https://localhost:8443"
    assert body["mtls_endpoint_aliases"]["token_endpoint"] == "https://localhost:8444/oauth/token"
    assert body["response_types_supported"] == ["code"]
    assert body["code_challenge_methods_supported"] == ["S256"]
    ciba = "urn:openid:params:grant-type:ciba"
    assert body["grant_types_supported"] == ["client_credentials", "authorization_code", "refresh_token", ciba]
    assert set(body["scopes_supported"]) == {"openid", "accounts", "transactions", "payments"}
    assert "tls_client_auth" in body["token_endpoint_auth_methods_supported"]
    assert body["authorization_response_iss_parameter_supported"] is True
    assert body["tls_client_certificate_bound_access_tokens"] is True


def test_every_endpoint_of_the_metadata_answers(bank: Bank, caller: Caller) -> None:
    body = caller.get("/.well-known/openid-configuration").json()
    for name, address in body.items():
        if name.endswith(("_endpoint", "_uri")):
            assert caller.get(address).status_code in {200, 400, 401, 405}, name


def test_keys_hold_nothing_private(bank: Bank, caller: Caller) -> None:
    response = caller.get("/oauth/jwks")
    assert response.headers["content-type"] == "application/jwk-set+json"
    (key,) = response.json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert "private" not in SigningKey.objects.get().private_sealed


def test_a_key_is_made_once(bank: Bank) -> None:
    assert ensure_signing_key(acting_user=SYSTEM) == SigningKey.objects.get()


def test_a_rotated_key_is_published_before_it_signs_and_the_old_one_after(
    bank: Bank, web: Party, browser: Caller
) -> None:
    old = SigningKey.objects.get()
    new = rotate_signing_key(acting_user=SYSTEM)
    assert [key["kid"] for key in browser.get("/oauth/jwks").json()["keys"]] == [old.kid, new.kid]
    token = _tokens(bank, browser, web)["access_token"]
    assert retire_signing_keys(acting_user=SYSTEM) == 0
    assert signers.get().kid == old.kid
    SigningKey.objects.filter(pk=new.pk).update(activated_at=timezone.now())
    signers.forget()
    assert retire_signing_keys(acting_user=SYSTEM) == 1
    assert signers.get().kid == new.kid
    assert claims_of(token)["client_id"] == web.id  # still verifies
    SigningKey.objects.filter(pk=old.pk).update(retired_at=timezone.now() - timedelta(hours=2))
    retire_signing_keys(acting_user=SYSTEM)
    assert [key["kid"] for key in browser.get("/oauth/jwks").json()["keys"]] == [new.kid]


def test_what_has_expired_is_purged(bank: Bank, web: Party, browser: Caller) -> None:
    _tokens(bank, browser, web)
    purge_expired()
    assert AuthorizationRequest.objects.exists()
    long_ago = timezone.now() - timedelta(days=2)
    for model in (AuthorizationRequest, AuthorizationCode, RefreshToken):
        model.objects.update(expires_at=long_ago)
    for periodic in PERIODIC:
        periodic.run()
    assert not AuthorizationRequest.objects.exists()
    assert not AuthorizationCode.objects.exists()
    assert not RefreshToken.objects.exists()
    assert Grant.objects.exists()
