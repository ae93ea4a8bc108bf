"""Tokens that are bound to a key (RFC 9449): at the token endpoint and at PAR, for every grant."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from authserver.bank import ISSUER, Bank, Caller, Party, approve, authorization, claims_of, credentials, redemption
from oauth.proofs import KEY, key_for, proof, thumbprint
from propylon.audit.models import Event
from propylon.authserver.models import AuthorizationCode, RefreshToken, UsedProof
from propylon.authserver.tasks import purge_expired

_ENDPOINT = f"{ISSUER}/oauth/token"
_ON_MUTUAL = "https://localhost:8444/oauth/token"
_OTHER = key_for("EdDSA")


def _proof(address: str = _ENDPOINT, **changes: Any) -> dict[str, str]:
    return {"dpop": proof(**{"address": address, "method": "POST", "now": int(time.time()), **changes})}


def _refused(response: httpx.Response, error: str = "invalid_dpop_proof") -> str:
    assert (response.status_code, response.json()["error"]) == (400, error), response.text
    assert not Event.objects.filter(action="token.issued").exists()
    description: str = response.json()["error_description"]
    return description


def _ask(caller: Caller, party: Party, headers: dict[str, str]) -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_id": party.id}
    return caller.token(form, {**party.on_mutual(), **headers})


def test_a_service_token_is_bound_to_key_and_certificate_rfc9449_6_1(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    body = _ask(caller, party, _proof(_ON_MUTUAL)).json()
    assert body["token_type"] == "DPoP"
    claims = claims_of(body["access_token"])
    assert claims["cnf"].keys() == {"x5t#S256", "jkt"}
    assert claims["cnf"]["jkt"] == thumbprint()


def test_without_a_proof_nothing_changes_and_nothing_is_stored(bank: Bank, caller: Caller) -> None:
    body = _ask(caller, bank.client("server"), {}).json()
    assert body["token_type"] == "Bearer"
    assert "jkt" not in claims_of(body["access_token"])["cnf"]
    assert not UsedProof.objects.exists()


def test_a_proof_counts_once_over_all_processes_rfc9449_11_1(bank: Bank, caller: Caller) -> None:
    party, sent = bank.client("server"), _proof(_ON_MUTUAL)
    assert _ask(caller, party, sent).status_code == 200
    Event.objects.filter(action="token.issued").delete()
    assert "used before" in _refused(_ask(caller, party, sent))
    assert _ask(caller, party, _proof(_ON_MUTUAL)).status_code == 200


def test_used_proofs_are_forgotten_when_they_are_too_old_anyway(bank: Bank, caller: Caller) -> None:
    assert _ask(caller, bank.client("server"), _proof(_ON_MUTUAL)).status_code == 200
    purge_expired()
    assert UsedProof.objects.count() == 1
    UsedProof.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    purge_expired()
    assert not UsedProof.objects.exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"address": _ENDPOINT}, "htu"),  # asked on the other listener
        ({"method": "GET"}, "htm"),
        ({"iat": int(time.time()) - 3600}, "iat"),
        ({"jti": None}, "jti"),
        ({"header": {"alg": "none"}}, "alg"),
    ],
)
def test_a_wrong_proof_gets_no_token_rfc9449_5(
    bank: Bank, caller: Caller, changes: dict[str, Any], reason: str
) -> None:
    answer = _ask(caller, bank.client("server"), _proof(**{"address": _ON_MUTUAL, **changes}))
    assert reason in _refused(answer)
    assert not UsedProof.objects.exists()


def test_a_stranger_fills_no_table_with_proofs(bank: Bank, caller: Caller) -> None:
    party = bank.client("web", method="client_secret_post")
    form = redemption("x") | {"client_id": party.id, "client_secret": "wrong"}
    assert caller.token(form, _proof()).json()["error"] == "invalid_client"
    assert caller.token(redemption("x") | credentials(party), _proof()).json()["error"] == "invalid_grant"
    assert not UsedProof.objects.exists()


def test_public_clients_refresh_with_their_key_alone_rfc9449_5(bank: Bank, browser: Caller) -> None:
    party = bank.client("native")
    first = browser.token(redemption(approve(browser, party)["code"]) | credentials(party), _proof()).json()
    assert (first["token_type"], RefreshToken.objects.get().key) == ("DPoP", thumbprint())
    form = {"grant_type": "refresh_token", "client_id": party.id, "refresh_token": first["refresh_token"]}
    Event.objects.filter(action="token.issued").delete()
    _refused(browser.token(form), "invalid_grant")
    _refused(browser.token(form, _proof(key=_OTHER, alg="EdDSA")), "invalid_grant")
    second = browser.token(form, _proof()).json()
    assert claims_of(second["access_token"])["cnf"] == {"jkt": thumbprint()}
    assert RefreshToken.objects.get(rotated_at=None).key == thumbprint()


def test_confidential_clients_may_change_their_key_rfc9449_5(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post")
    first = browser.token(redemption(approve(browser, party)["code"]) | credentials(party), _proof()).json()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **credentials(party)}
    second = browser.token(form, _proof(key=_OTHER, alg="EdDSA")).json()
    assert claims_of(second["access_token"])["cnf"] == {"jkt": _OTHER.thumbprint()}
    assert browser.token(form).json()["token_type"] == "Bearer"


def test_a_replayed_proof_does_not_use_up_the_code(bank: Bank, browser: Caller) -> None:
    party, sent = bank.client("native"), _proof()
    assert browser.token(redemption(approve(browser, party)["code"]) | credentials(party), sent).status_code == 200
    Event.objects.filter(action="token.issued").delete()
    form = redemption(approve(browser, party)["code"]) | credentials(party)
    _refused(browser.token(form, sent))
    assert browser.token(form, _proof()).status_code == 200


@pytest.mark.parametrize("way", ["parameter", "pushed parameter", "proof at PAR"])
def test_a_code_can_be_bound_to_its_key_rfc9449_10(bank: Bank, browser: Caller, way: str) -> None:
    party = bank.client("web", method="client_secret_post")
    asked = {} if way == "proof at PAR" else {"dpop_jkt": thumbprint()}
    if way != "parameter":
        headers = _proof(f"{ISSUER}/oauth/par") if way == "proof at PAR" else {}
        pushed = browser.post("/oauth/par", authorization(party, **asked) | credentials(party), headers)
        assert pushed.status_code == 201, pushed.text
        asked = {"request_uri": pushed.json()["request_uri"]}
    form = redemption(approve(browser, party, **asked)["code"]) | credentials(party)
    assert AuthorizationCode.objects.get().key == thumbprint()
    _refused(browser.token(form), "invalid_grant")
    _refused(browser.token(form, _proof(key=_OTHER, alg="EdDSA")), "invalid_grant")
    assert browser.token(form, _proof()).json()["token_type"] == "DPoP"


def test_par_refuses_a_proof_of_another_key_or_a_second_time_rfc9449_10_1(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post")
    form, address = authorization(party) | credentials(party), f"{ISSUER}/oauth/par"
    _refused(browser.post("/oauth/par", form | {"dpop_jkt": _OTHER.thumbprint()}, _proof(address)))
    _refused(browser.post("/oauth/par", form | {"dpop_jkt": "short"}), "invalid_request")
    _refused(browser.post("/oauth/par", form, _proof(_ENDPOINT)))
    once = _proof(address, key=KEY)
    assert browser.post("/oauth/par", form, once).status_code == 201
    _refused(browser.post("/oauth/par", form, once))


def test_introspection_tells_the_type_rfc9449_6_2(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post")
    token = browser.token(redemption(approve(browser, party)["code"]) | credentials(party), _proof()).json()
    told = browser.post("/oauth/introspect", {"token": token["access_token"], **credentials(party)}).json()
    assert (told["token_type"], told["cnf"]) == ("DPoP", {"jkt": thumbprint()})


def test_the_metadata_lists_the_algorithms_and_pages_may_send_the_header_rfc9449_5_1(browser: Caller, db: None) -> None:
    assert browser.get("/.well-known/oauth-authorization-server").json()["dpop_signing_alg_values_supported"] == [
        "ES256",
        "PS256",
        "Ed25519",
        "EdDSA",
    ]
    assert "dpop" in browser.ask("OPTIONS", "/oauth/token").headers["access-control-allow-headers"]


def test_two_proofs_are_none_rfc9449_4_3(bank: Bank, caller: Caller) -> None:
    party, headers = bank.client("server"), _proof(_ON_MUTUAL)
    headers["dpop"] += ", " + proof(_ON_MUTUAL, "POST", now=int(time.time()))
    _refused(_ask(caller, party, headers))
