"""What the authorization endpoint refuses, and where it says so (RFC 6749, 4.1.2.1; RFC 9700, 4.11; RFC 9126)."""

from __future__ import annotations

import httpx
import pytest
from django.utils import timezone

from authserver.bank import CALLBACK, ISSUER, Bank, Caller, Party, answer_of, authorization, hidden, log_in
from propylon.applications.models import Client
from propylon.authserver.models import AuthorizationRequest, Grant


def _shown(response: httpx.Response) -> None:
    """An error page: nobody is sent anywhere."""
    assert response.status_code == 400, response.text
    assert "location" not in response.headers
    assert 'id="error-code"' in response.text
    assert response.headers["requesttrackingid"] in response.text
    assert not AuthorizationRequest.objects.filter(is_pushed=False).exists()


def _sent_back(response: httpx.Response, error: str) -> dict[str, str]:
    assert response.status_code == 303, response.text
    assert response.headers["location"].startswith(CALLBACK + "?")
    answer = answer_of(response)
    assert (answer["error"], answer["iss"]) == (error, ISSUER)
    assert not AuthorizationRequest.objects.exists()
    return answer


@pytest.mark.parametrize(
    "uri",
    [
        CALLBACK + "/",
        CALLBACK + "?x=1",
        CALLBACK.replace("https", "http"),
        CALLBACK.upper(),
        CALLBACK[:-1],
        CALLBACK + "#",
        CALLBACK.replace("partner", "partner.example@evil"),
        "https://partner.example:443/callback",
        "https://partner.example/x/../callback",
        "https://partner.example/%63allback",
        "",
    ],
)
def test_a_redirect_uri_that_differs_by_a_character_is_not_followed(bank: Bank, browser: Caller, uri: str) -> None:
    _shown(browser.get("/oauth/authorize", **authorization(bank.client("web"), redirect_uri=uri)))


@pytest.mark.parametrize("client_id", ["", "cl_unknown", "app_1"])
def test_an_unknown_client_is_told_on_the_page(bank: Bank, browser: Caller, client_id: str) -> None:
    _shown(browser.get("/oauth/authorize", **authorization(bank.client("web"), client_id=client_id)))


def test_a_client_that_is_not_approved_sends_nobody(bank: Bank, browser: Caller) -> None:
    party = bank.client("web")
    Client.objects.update(status="pending")
    _shown(browser.get("/oauth/authorize", **authorization(party)))


def test_a_server_application_sends_nobody(bank: Bank, browser: Caller) -> None:
    _shown(browser.get("/oauth/authorize", **authorization(bank.client("server"))))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),  # RFC 7636, 4.3: absent means plain
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "payments"}, "invalid_scope"),
        ({"scope": "accounts nonsense"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"nonce": "n" * 256}, "invalid_request"),
    ],
)
def test_what_is_wrong_otherwise_goes_back_with_state_and_iss(
    bank: Bank, browser: Caller, changes: dict[str, str], error: str
) -> None:
    answer = _sent_back(browser.get("/oauth/authorize", **authorization(bank.client("web"), **changes)), error)
    assert answer["state"] == "s1"


def test_a_repeated_parameter_goes_back_rfc6749_3_1(bank: Bank, browser: Caller) -> None:
    query = str(httpx.QueryParams(authorization(bank.client("web"))))
    _sent_back(browser.ask("GET", f"/oauth/authorize?{query}&scope=accounts"), "invalid_request")
    answer = _sent_back(browser.ask("GET", f"/oauth/authorize?{query}&state=s2"), "invalid_request")
    assert "state" not in answer


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_repeated_identity_is_told_on_the_page(bank: Bank, browser: Caller, name: str) -> None:
    parameters = authorization(bank.client("web"))
    query = str(httpx.QueryParams(parameters))
    again = httpx.QueryParams({name: parameters[name]})
    _shown(browser.ask("GET", f"/oauth/authorize?{query}&{again}"))


def test_state_may_be_long_and_comes_back_whole(bank: Bank, browser: Caller) -> None:
    state = "å ?&=" * 500
    consent = log_in(browser, bank.client("web"), state=state)
    answer = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "allow"})
    assert answer_of(answer)["state"] == state


def test_a_registered_query_is_kept_rfc6749_3_1_2(bank: Bank, browser: Caller) -> None:
    uri = f"{CALLBACK}?dummy1=lorem&dummy2=ipsum"
    consent = log_in(browser, bank.client("web", redirect_uris=(CALLBACK, uri)), redirect_uri=uri)
    answer = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "allow"})
    assert answer.headers["location"].startswith(uri + "&code=")


@pytest.mark.parametrize(
    ("asked", "is_allowed"),
    [
        ("http://127.0.0.1:51004/callback", True),
        ("http://127.0.0.1/callback", True),
        ("http://[::1]:8080/callback", True),
        ("http://127.0.0.1:51004/other", False),
        ("http://127.0.0.1:51004/callback?x=1", False),
        ("http://localhost:51004/callback", False),
        ("http://127.0.0.1:51004@evil.example/callback", False),
        ("https://127.0.0.1:51004/callback", False),
        ("com.partner.app:/callback", True),
        ("com.partner.app:/other", False),
    ],
)
def test_native_applications_may_choose_the_loopback_port_rfc8252_7_3(
    bank: Bank, browser: Caller, asked: str, is_allowed: bool
) -> None:
    registered = ("http://127.0.0.1/callback", "http://[::1]/callback", "com.partner.app:/callback")
    party = bank.client("native", redirect_uris=registered)
    response = browser.get("/oauth/authorize", **authorization(party, redirect_uri=asked))
    if is_allowed:
        assert response.status_code == 200
    else:
        _shown(response)


def test_only_native_applications_may_choose_the_port(bank: Bank, browser: Caller) -> None:
    party = bank.client("spa", redirect_uris=("http://127.0.0.1:3000/callback",))
    _shown(browser.get("/oauth/authorize", **authorization(party, redirect_uri="http://127.0.0.1:3001/callback")))


def test_a_loopback_redirect_is_in_the_pages_form_action(bank: Bank, browser: Caller) -> None:
    party = bank.client("native", redirect_uris=("http://127.0.0.1/callback", "com.partner.app:/callback"))
    consent = log_in(browser, party, redirect_uri="http://127.0.0.1:51004/callback")
    assert "form-action 'self' http://127.0.0.1:51004;" in consent.headers["content-security-policy"]
    consent = log_in(browser, party, redirect_uri="com.partner.app:/callback")
    assert "form-action 'self' com.partner.app:;" in consent.headers["content-security-policy"]


# ── pushed requests ──


def _push(caller: Caller, party: Party, **changes: str) -> httpx.Response:
    return caller.post("/oauth/par", authorization(party, **changes), party.on_mutual())


def test_a_fapi2_client_must_push_fapi2_5_3_2_2(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", profile="fapi2")
    _sent_back(browser.get("/oauth/authorize", **authorization(party)), "invalid_request")


def test_a_pushed_request_is_followed_whatever_else_the_address_says(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", profile="fapi2")
    pushed = _push(browser, party)
    assert pushed.status_code == 201, pushed.text
    assert pushed.json()["expires_in"] < 600
    assert len(pushed.json()["request_uri"].rsplit(":", 1)[1]) >= 43
    query = str(httpx.QueryParams({"client_id": party.id, "request_uri": pushed.json()["request_uri"]}))
    noise = "&scope=payments&state=other&state=again&redirect_uri=https%3A%2F%2Fevil.example"
    browser.ask("GET", f"/oauth/authorize?{query}")  # looking burns nothing
    page = browser.ask("GET", f"/oauth/authorize?{query}{noise}")
    from authserver.bank import IDENTITY, PASSWORD, claims_of, redemption

    form = {"request": hidden(page), "identity_number": IDENTITY, "password": PASSWORD}
    consent = browser.get(browser.post("/oauth/login", form).headers["location"])
    answer = answer_of(browser.post("/oauth/consent", {"request": hidden(consent), "decision": "allow"}))
    assert answer["state"] == "s1"
    response = browser.token(redemption(answer["code"]) | {"client_id": party.id}, party.on_mutual())
    claims = claims_of(response.json()["access_token"])
    assert (claims["x5h"], claims["scope"]) == (party.fingerprint, "accounts")
    _shown_again = browser.ask("GET", f"/oauth/authorize?{query}")
    assert (_shown_again.status_code, "location" in _shown_again.headers) == (400, False)
    assert Grant.objects.count() == 1


def test_another_clients_or_expired_request_uri_is_refused(bank: Bank, browser: Caller) -> None:
    party, other = bank.client("web", profile="fapi2"), bank.client("web", profile="fapi2")
    uri = _push(browser, party).json()["request_uri"]
    _shown(browser.get("/oauth/authorize", client_id=other.id, request_uri=uri))
    _shown(browser.get("/oauth/authorize", client_id=party.id, request_uri=uri[:-1]))
    _shown(browser.get("/oauth/authorize", client_id=party.id, request_uri="https://evil.example/request"))
    AuthorizationRequest.objects.update(expires_at=timezone.now())
    _shown(browser.get("/oauth/authorize", client_id=party.id, request_uri=uri))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"request_uri": "urn:x"}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"redirect_uri": CALLBACK + "x"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "payments"}, "invalid_scope"),
    ],
)
def test_a_wrong_pushed_request_is_refused_as_json_rfc9126_2_3(
    bank: Bank, caller: Caller, changes: dict[str, str], error: str
) -> None:
    response = _push(caller, bank.client("web", profile="fapi2"), **changes)
    assert (response.status_code, response.json()["error"]) == (400, error)
    assert response.headers["cache-control"] == "no-store"
    assert not AuthorizationRequest.objects.exists()


def test_pushing_needs_client_authentication_fapi2_5_3_2_2(bank: Bank, caller: Caller) -> None:
    party, other = bank.client("web", profile="fapi2"), bank.client("web", profile="fapi2")
    for headers in ({}, other.on_mutual()):
        response = caller.post("/oauth/par", authorization(party), headers)
        assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert not AuthorizationRequest.objects.exists()


def test_par_takes_post_only_rfc9126_2_3(bank: Bank, caller: Caller) -> None:
    response = caller.get("/oauth/par", **authorization(bank.client("web", profile="fapi2")))
    assert (response.status_code, response.json()["error"]) == (405, "invalid_request")
