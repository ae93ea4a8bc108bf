"""Bad input at the token endpoint: one clear answer each, with a tracking id, and nothing changes (RFC 6749, 3.2)."""

from __future__ import annotations

import base64

import httpx
import pytest

from authserver.bank import Bank, Caller
from propylon.audit.models import Event

_FORM = "application/x-www-form-urlencoded"
_RIGHT = "grant_type=client_credentials&client_id={id}"


def _refused(response: httpx.Response, error: str, status: int = 400) -> None:
    assert (response.status_code, response.json()["error"]) == (status, error), response.text
    assert len(response.headers["requesttrackingid"]) == 36
    assert response.headers["cache-control"] == "no-store"
    assert not Event.objects.filter(action="token.issued").exists()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{{"grant_type":"client_credentials","client_id":"{id}"}}', "application/json"),
        ('{{"grant_type":"client_credentials","client_id":"{id}"}}', _FORM),
        (_RIGHT, "text/plain"),
        (_RIGHT, ""),
        (_RIGHT, f"{_FORM}; charset=iso-8859-1"),
        ("", _FORM),
        ("grant_type", _FORM),
        ("=client_credentials", _FORM),
        (_RIGHT + "&", _FORM),
        (_RIGHT + "&x=%zz", _FORM),
        (_RIGHT + "&x=%ff", _FORM),
        (_RIGHT + "&x=%00", _FORM),
        (_RIGHT + "&x=å", _FORM),
        (_RIGHT + "&grant_type=client_credentials", _FORM),
        (_RIGHT + "&client_id={id}", _FORM),
        (_RIGHT + "&scope=accounts&scope=transactions", _FORM),
        (_RIGHT + "&x=" * 70, _FORM),
        ("client_id={id}", _FORM),
        ("grant_type=&client_id={id}", _FORM),
    ],
)
def test_a_body_that_is_not_one_form_is_refused(bank: Bank, caller: Caller, body: str, content_type: str) -> None:
    party = bank.client("server")
    headers = {**party.on_mutual(), "content-type": content_type}
    response = caller.ask("POST", "/oauth/token", form=body.format(id=party.id), headers=headers)
    _refused(response, "invalid_request")


@pytest.mark.parametrize("content_type", [f"{_FORM}; charset=UTF-8", "Application/X-WWW-Form-URLencoded"])
def test_the_media_type_is_read_as_http_says(bank: Bank, caller: Caller, content_type: str) -> None:
    party = bank.client("server")
    headers = {**party.on_mutual(), "content-type": content_type}
    response = caller.ask("POST", "/oauth/token", form=_RIGHT.format(id=party.id), headers=headers)
    assert response.status_code == 200


def test_parameters_in_the_address_are_refused(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    form = _RIGHT.format(id=party.id)
    _refused(caller.ask("POST", f"/oauth/token?{form}", form=form, headers=party.on_mutual()), "invalid_request")


def test_a_body_that_is_too_long_is_refused(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    form = _RIGHT.format(id=party.id) + "&x=" + "y" * 70_000
    _refused(caller.ask("POST", "/oauth/token", form=form, headers=party.on_mutual()), "invalid_request", 413)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_is_taken(bank: Bank, caller: Caller, method: str) -> None:
    response = caller.ask(method, "/oauth/token")
    _refused(response, "invalid_request", 405)
    assert "POST" in response.headers["allow"]


@pytest.mark.parametrize("grant_type", ["password", "implicit", "Client_Credentials", "urn:x"])
def test_other_grant_types_exist_nowhere_rfc9700_2_4(bank: Bank, caller: Caller, grant_type: str) -> None:
    party = bank.client("server")
    response = caller.token({"grant_type": grant_type, "client_id": party.id}, party.on_mutual())
    _refused(response, "unsupported_grant_type")


def test_two_methods_of_authentication_at_once_are_refused_rfc6749_2_3(bank: Bank, caller: Caller) -> None:
    party = bank.client("web")
    basic = "Basic " + base64.b64encode(f"{party.id}:{party.secret}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": "x", "client_secret": party.secret}
    _refused(caller.token(form, {"authorization": basic}), "invalid_request")
    form = {"grant_type": "authorization_code", "code": "x", "client_id": "cl_other"}
    _refused(caller.token(form, {"authorization": basic}), "invalid_request")


def test_a_method_that_is_not_registered_is_refused(bank: Bank, caller: Caller) -> None:
    party = bank.client("web", method="client_secret_basic")
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": party.id}
    _refused(caller.token(form | {"client_secret": party.secret}), "invalid_client", 401)


@pytest.mark.parametrize(
    "authorization", ["Basic", "Basic !!!", "Basic Og==", "Basic YQ==", "Bearer x", "Basic /w==", "Digest x"]
)
def test_broken_basic_credentials_get_a_challenge_rfc6749_5_2(bank: Bank, caller: Caller, authorization: str) -> None:
    response = caller.token({"grant_type": "refresh_token"}, {"authorization": authorization})
    _refused(response, "invalid_client", 401)
    assert response.headers["www-authenticate"].startswith("Basic ")


def test_an_assertion_that_is_none_is_refused(bank: Bank, caller: Caller) -> None:
    form = {"grant_type": "refresh_token", "client_assertion": "x", "client_id": "y"}
    _refused(caller.token(form), "invalid_client", 401)


def test_a_certificate_header_that_is_no_certificate_is_refused(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    headers = {**party.on_mutual(), "x-propylon-peer-certificate": "nonsense"}
    form = {"grant_type": "client_credentials", "client_id": party.id}
    _refused(caller.token(form, headers), "invalid_client", 401)


def test_unknown_clients_and_wrong_secrets_get_the_same_answer(bank: Bank, caller: Caller) -> None:
    party = bank.client("web", method="client_secret_post")
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_secret": "wrong"}
    wrong = caller.token(form | {"client_id": party.id})
    unknown = caller.token(form | {"client_id": "cl_nobody"})
    _refused(wrong, "invalid_client", 401)
    assert wrong.json() == unknown.json()


def test_single_page_applications_may_read_the_answer(bank: Bank, caller: Caller) -> None:
    preflight = caller.ask("OPTIONS", "/oauth/token", headers={"origin": "https://spa.example"})
    assert preflight.status_code == 204
    answer = caller.token({"grant_type": "refresh_token"})
    for response in (preflight, answer):
        assert response.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in response.headers
