"""Keys at a client's own address (`jwks_uri`): RFC 7591, 2 and 5; FAPI 2.0, 5.2.1 and 5.4.2. Against a real server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone
from pytest_django import Settings

from authserver.bank import ISSUER, Bank, Caller, Party, approve, authorization, redemption
from authserver.key_server import KeyServer, key_server
from oauth.assertions import ASSERTION_TYPE, assertion, signed
from oauth.proofs import key_for
from propylon.applications.actions import fetch_due_keys, set_public_keys
from propylon.applications.key_fetching import KeysUnreachable, fetch_keys, is_allowed
from propylon.applications.models import FetchedKeys
from propylon.audit.models import Event
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError

OLD, NEW = key_for("ES256"), key_for("ES256")


def jwk(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": kid, **more}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyServer]:
    folder: Path = tmp_path_factory.mktemp("keys")
    with key_server(folder) as server:
        yield server


@pytest.fixture
def server(running: KeyServer, settings: Settings) -> KeyServer:
    settings.PROPYLON_KEY_RANGES = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    settings.PROPYLON_KEY_CA = running.ca_file
    running.keys, running.body, running.status, running.headers = [jwk(OLD, "old")], None, 200, {}
    running.asked, running.hold = 0, None
    return running


@pytest.fixture
def web(bank: Bank, server: KeyServer) -> Party:
    party = bank.client("web", method="private_key_jwt")
    party.secret = ""
    set_public_keys(acting_user=SYSTEM, client=party.row, keys=[], jwks_uri=server.address)
    return party


def ask(caller: Caller, party: Party, key: Any = OLD, kid: str | None = "old") -> httpx.Response:
    sent = assertion(key, party.id, issuer=ISSUER, now=int(time.time()), header={"kid": kid})
    return caller.post(
        "/oauth/introspect", {"token": "x", "client_assertion_type": ASSERTION_TYPE, "client_assertion": sent}
    )


def later(party: Party, seconds: int) -> None:
    """As if the last question had been so long ago."""
    past = timezone.now() - timedelta(seconds=seconds)
    FetchedKeys.objects.filter(client=party.row).update(asked_at=past, answered_at=past, fetched_at=past, ask_at=past)


def test_the_keys_are_fetched_when_the_client_first_comes_and_then_known(
    web: Party, caller: Caller, server: KeyServer
) -> None:
    for _ in range(3):
        assert ask(caller, web).json() == {"active": False}
    assert server.asked == 1
    row = FetchedKeys.objects.get()
    assert [key["kid"] for key in row.keys] == ["old"]
    assert row.problem == ""


def test_the_token_endpoint_fetches_them_too(web: Party, browser: Caller, server: KeyServer) -> None:
    code = approve(browser, web)["code"]
    sent = assertion(OLD, web.id, issuer=ISSUER, now=int(time.time()), header={"kid": "old"})
    form = redemption(code) | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": sent}
    answer = browser.token(form)
    assert answer.status_code == 200, answer.text
    assert server.asked == 1


def test_a_signed_request_in_the_address_is_verified_with_them_rfc9101(
    web: Party, browser: Caller, server: KeyServer
) -> None:
    now = int(time.time())
    claims = authorization(web) | {"iss": web.id, "aud": ISSUER, "nbf": now, "exp": now + 60}
    text = signed(OLD, claims, header={"kid": "old", "typ": "oauth-authz-req+jwt"})
    assert browser.get("/oauth/authorize", client_id=web.id, request=text).status_code == 200
    assert server.asked == 1


def test_an_unknown_kid_asks_again_at_most_once_a_minute(web: Party, caller: Caller, server: KeyServer) -> None:
    assert ask(caller, web).status_code == 200
    server.keys = [jwk(OLD, "old"), jwk(NEW, "new")]
    assert ask(caller, web, NEW, "new").status_code == 401, "asked a moment ago"
    assert server.asked == 1
    later(web, 61)
    assert ask(caller, web, NEW, "new").status_code == 200
    for _ in range(3):
        assert ask(caller, web, key_for("ES256"), "foreign").status_code == 401
    assert server.asked == 2
    assert ask(caller, web, OLD, "old").status_code == 200
    events = Event.objects.filter(action="client.public_keys_fetched").order_by("id")
    assert [event.data["after"] for event in events] == [["old"], ["old", "new"]]


def test_a_key_that_was_taken_away_is_refused(web: Party, caller: Caller, server: KeyServer) -> None:
    assert ask(caller, web).status_code == 200
    server.keys = [jwk(NEW, "new")]
    later(web, 61)
    fetch_due_keys()
    assert ask(caller, web).status_code == 401
    assert ask(caller, web, NEW, "new").status_code == 200


def test_old_keys_stay_while_the_address_fails_but_not_for_ever(web: Party, caller: Caller, server: KeyServer) -> None:
    assert ask(caller, web).status_code == 200
    server.status = 503
    later(web, 61)
    assert ask(caller, web, NEW, "new").status_code == 401
    assert ask(caller, web).status_code == 200
    row = FetchedKeys.objects.get()
    assert "answered 503" in row.problem
    assert row.failures == 1
    later(web, 3 * 24 * 3600 + 1)
    assert ask(caller, web).status_code == 401
    assert server.asked == 3


def test_the_worker_fetches_in_advance_and_again_after_the_age_that_was_told(web: Party, server: KeyServer) -> None:
    server.headers = {"Cache-Control": "public, max-age=7200"}
    fetch_due_keys()
    fetch_due_keys()
    assert server.asked == 1
    row = FetchedKeys.objects.get()
    assert timedelta(seconds=7100) < row.ask_at - timezone.now() <= timedelta(seconds=7200)
    later(web, 61)
    server.status = 500
    fetch_due_keys()
    assert FetchedKeys.objects.get().ask_at - timezone.now() <= timedelta(minutes=1)


@pytest.mark.parametrize("status", ["pending", "rejected", "deleted"])
def test_nobody_is_asked_for_a_client_that_is_not_approved(
    web: Party, caller: Caller, server: KeyServer, status: str
) -> None:
    type(web.row).objects.filter(pk=web.row.pk).update(status=status)
    fetch_due_keys()
    assert ask(caller, web).status_code == 401
    assert server.asked == 0


def test_a_slow_address_is_not_waited_for(web: Party, caller: Caller, server: KeyServer) -> None:
    server.hold = threading.Event()
    began = time.monotonic()
    assert ask(caller, web).status_code == 401
    assert time.monotonic() - began < 4
    server.hold.set()
    assert FetchedKeys.objects.get().problem == "It did not answer in time."


LARGE = b'{"keys": []' + b" " * 70_000 + b"}"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": 302, "headers": {"Location": "https://localhost/other"}}, "answered 302"),
        ({"status": 404}, "answered 404"),
        ({"headers": {"Content-Type": "text/html"}}, "Content-Type"),
        ({"body": LARGE}, "longer than"),
        ({"body": b"no json"}, "no JSON"),
        ({"body": b"[" * 30_000}, "no JSON"),
        ({"body": b'{"keys": {}}'}, "no JWK Set"),
        ({"keys": []}, "it is empty"),
        ({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "s"}]}, "private key"),
        ({"keys": [jwk(OLD, "same"), jwk(NEW, "same")]}, "a kid of its own"),
        ({"keys": [jwk(OLD, "e", use="enc")]}, "not for signatures"),
        ({"keys": [OLD.as_dict(private=True)]}, "private key"),
        ({"body": b"{}", "headers": {"Content-Length": "9"}}, "No answer over HTTPS"),
    ],
)
def test_what_is_no_set_of_keys_is_refused_in_words(server: KeyServer, change: dict[str, Any], words: str) -> None:
    for name, value in change.items():
        setattr(server, name, value)
    seconds = 0.5 if "Content-Length" in change.get("headers", {}) else 3.0
    with pytest.raises(KeysUnreachable) as caught:
        fetch_keys(server.address, seconds=seconds)
    assert words in str(caught.value) or ("in time" in str(caught.value) and seconds < 1)
    assert server.asked == 1


def test_keys_of_other_kinds_beside_ours_are_passed_over(server: KeyServer) -> None:
    server.keys = [jwk(OLD, "e", use="enc"), {"kty": "EC", "crv": "P-521"}, jwk(OLD, "s"), {"kty": "AKP"}]
    assert [key["kid"] for key in fetch_keys(server.address, seconds=3.0).keys] == ["s"]


@pytest.mark.parametrize(
    ("told", "age"),
    [
        ("", 3600), ("max-age=10", 300), ("max-age=999999999", 86400), ("no-store", 300),
        ("private, max-age=1800", 1800), ("s-maxage=9000", 3600), ("max-age=abc", 3600),
    ],
)  # fmt: skip
def test_how_long_keys_are_good_is_bounded_both_ways(server: KeyServer, told: str, age: int) -> None:
    server.headers = {"Cache-Control": told}
    assert fetch_keys(server.address, seconds=3.0).age == age


def test_a_certificate_of_nobody_we_trust_is_refused_fapi2_5_2_1(server: KeyServer, settings: Settings) -> None:
    settings.PROPYLON_KEY_CA = ""
    with pytest.raises(KeysUnreachable, match="certificate is not accepted"):
        fetch_keys(server.address, seconds=3.0)
    settings.PROPYLON_KEY_CA = server.ca_file
    with pytest.raises(KeysUnreachable, match="certificate is not accepted"):
        fetch_keys(server.address.replace("localhost", "127.0.0.1"), seconds=3.0)
    assert server.asked == 0


def test_without_the_operators_leave_loopback_is_not_asked_rfc7591_5(server: KeyServer, settings: Settings) -> None:
    settings.PROPYLON_KEY_RANGES = ()
    for host in ("localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"):
        with pytest.raises(KeysUnreachable, match=r"not at a public address|no address"):
            fetch_keys(server.address.replace("localhost", host), seconds=3.0)
    assert server.asked == 0


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1",
        "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "2001:0:1::1", "2001:db8::1", "fec0::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_allowed(address)


def test_addresses_that_are(settings: Settings) -> None:
    assert all(is_allowed(each) for each in ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"))
    settings.PROPYLON_KEY_RANGES = (ip_network("10.1.0.0/16"),)
    assert is_allowed("10.1.2.3")
    assert is_allowed("::ffff:10.1.2.3")
    assert not is_allowed("10.2.0.1")


@pytest.mark.parametrize(
    "address",
    [
        "http://app.example/jwks", "https://", "app.example/jwks", "https://u:p@app.example/", "https://a.example/#x",
        "https://a.example/ x", "https://a.example:99999/", "https://a.example/" + "x" * 500, "file:///etc/passwd",
        "https://\u00e5.example/", "https://a.example\\@b.example/", "https://a.example:0/",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_is_refused_and_nothing_changed(web: Party, address: str, server: KeyServer) -> None:
    before = (web.row.jwks_uri, FetchedKeys.objects.get().pk, Event.objects.count())
    with pytest.raises(PropylonError) as caught:
        set_public_keys(acting_user=SYSTEM, client=web.row, keys=[], jwks_uri=address)
    assert [error.field for error in caught.value.errors] == ["jwks_uri"]
    web.row.refresh_from_db()
    assert (web.row.jwks_uri, FetchedKeys.objects.get().pk, Event.objects.count()) == before


def test_keys_and_an_address_are_not_both_given_rfc7591_2(web: Party, server: KeyServer) -> None:
    with pytest.raises(PropylonError) as caught:
        set_public_keys(acting_user=SYSTEM, client=web.row, keys=[jwk(OLD, "old")], jwks_uri=server.address)
    assert "either" in caught.value.errors[0].reason


def test_another_address_and_keys_by_value_end_what_was_fetched(web: Party, caller: Caller, server: KeyServer) -> None:
    assert ask(caller, web).status_code == 200
    server.status = 500
    set_public_keys(acting_user=SYSTEM, client=web.row, keys=[], jwks_uri=server.address + "?2")
    assert ask(caller, web).status_code == 401
    set_public_keys(acting_user=SYSTEM, client=web.row, keys=[jwk(NEW, "new")])
    assert not FetchedKeys.objects.exists()
    assert ask(caller, web).status_code == 401
    assert ask(caller, web, NEW, "new").status_code == 200
