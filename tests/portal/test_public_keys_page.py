"""Public keys by page: a JWK Set, one JWK or PEM; who may, and after giving the password once more."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone
from joserfc.jwk import ECKey

from management import PASSWORD, Program
from oauth.proofs import key_for
from portal.my_apps_pages import Visitor, person
from propylon.applications.models import Client, FetchedKeys
from propylon.audit.models import Event

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
KEY = key_for("ES256")
JWK = KEY.as_dict(private=False)


@pytest.fixture
def client(program: Program) -> Client:
    made = program.register(type="web", redirect_uris=["https://a.example/cb"])[1]
    Client.objects.filter(pk=made.pk).update(token_endpoint_auth_method="private_key_jwt", secret_digest="")
    return made


@pytest.fixture
def path(client: Client) -> str:
    return f"/apps/{client.application.public_id}/keys/public"


def confirmed(program: Program, path: str, role: str = "developer") -> Visitor:
    found = person(program, role)
    assert found.get(path).location.startswith("/account/confirm"), "asks for the password first"
    assert found.post(f"/account/confirm?next={path}", password=PASSWORD).status == 303
    return found


def stored(client: Client) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = Client.objects.get(pk=client.pk).public_keys
    return keys


def pem(key: Any, *, private: bool = False) -> str:
    text: str = key.as_pem(private=private).decode()
    return text


def test_a_set_one_key_and_pem_are_taken(program: Program, client: Client, path: str) -> None:
    dana = confirmed(program, path)
    assert "cannot get tokens yet" in dana.get(path).text
    point = {name: JWK[name] for name in ("kty", "crv", "x", "y")}
    for text in (json.dumps({"keys": [JWK]}), json.dumps(JWK), pem(KEY), f"  {pem(KEY)}\n"):
        assert dana.post(path, keys=text).status == 303, text
        assert [{name: key[name] for name in point} for key in stored(client)] == [point]
    assert stored(client)[0]["kid"] == KEY.thumbprint()
    assert KEY.thumbprint() in dana.get(path).text
    assert Event.objects.filter(action="client.public_keys_set").count() == 4
    both = pem(KEY) + pem(key_for("Ed25519")) + pem(key_for("PS256"))
    assert dana.post(path, keys=both).status == 303
    assert [key["kty"] for key in stored(client)] == ["EC", "OKP", "RSA"]


def test_signed_requests_are_asked_for_without_giving_the_keys_again(
    program: Program, client: Client, path: str
) -> None:
    dana = confirmed(program, path)
    assert dana.post(path, keys="", requires_signed_requests="on").status == 400, "there is no key yet"
    dana.post(path, keys=json.dumps(JWK))
    known = stored(client)
    assert dana.post(path, keys="", requires_signed_requests="on").status == 303
    assert (stored(client), Client.objects.get(pk=client.pk).requires_signed_requests) == (known, True)
    assert "checked" in dana.get(path).html
    assert dana.post(path, keys="").status == 303
    assert not Client.objects.get(pk=client.pk).requires_signed_requests


WRONG = {
    "nothing": ("", "no public key"),
    "words": ("my key", "no public key"),
    "broken JSON": ('{"keys": [', "no public key"),
    "deep JSON": ("[" * 20_000, "no public key"),
    "no keys": ('{"keys": []}', "no public key"),
    "a private JWK": (json.dumps(KEY.as_dict(private=True)), "holds the private key"),
    "private PEM": (pem(KEY, private=True), "This is the private key"),
    "another curve": (pem(ECKey.generate_key("P-384")), "crv"),
    "a certificate's frame": ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "no public key"),
    "a script": ("<script>alert(1)</script>", "no public key"),
    "a megabyte": ("x" * 2**20, "at most"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_none_is_told_and_changes_nothing(program: Program, client: Client, path: str, case: str) -> None:
    text, reason = WRONG[case]
    dana = confirmed(program, path)
    seen = dana.post(path, keys=text)
    assert (seen.status, stored(client)) == (400, [])
    assert reason in seen.text
    assert "<script>alert" not in seen.html
    assert not Event.objects.filter(action="client.public_keys_set").exists()


def test_the_page_of_keys_leads_there(program: Program, client: Client, path: str) -> None:
    seen = person(program, "developer").get(path.removesuffix("/public"))
    assert "signing with its own key" in seen.text
    assert f'href="{path}"' in seen.html
    overview = person(program, "developer").get(path.removesuffix("/keys/public"))
    assert "Register the public key" in overview.text


def test_who_does_not_see_secrets_does_not_set_keys(program: Program, client: Client, path: str) -> None:
    manager = person(program, "product_manager")
    manager.post(f"/account/confirm?next={path}", password=PASSWORD)
    assert manager.get(path).status == 403
    assert manager.post(path, keys=json.dumps(JWK)).status == 403
    assert stored(client) == []


def test_an_address_is_taken_instead_and_what_came_from_it_is_shown(
    program: Program, client: Client, path: str
) -> None:
    dana = confirmed(program, path)
    assert dana.post(path, keys=json.dumps(JWK)).status == 303
    address = "https://keys.partner.example/jwks.json"
    assert dana.post(path, jwks_uri=address).status == 303
    assert stored(client) == []
    assert "fetched within seconds" in dana.get(path).text
    FetchedKeys.objects.update(
        keys=[JWK | {"kid": "from-there"}], fetched_at=timezone.now(), problem="It answered 503."
    )
    page = dana.get(path).text
    assert "from-there" in page
    assert "It answered 503." in page
    refused = dana.post(path, jwks_uri="http://keys.partner.example/")
    assert refused.status == 400
    assert "must begin with https://" in refused.text
    assert Client.objects.get(pk=client.pk).jwks_uri == address
