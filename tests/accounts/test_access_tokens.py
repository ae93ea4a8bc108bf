"""Signing in to the management API, and the tokens it gives."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from management import PASSWORD, Caller, Program
from propylon.accounts.models import PersonalAccessToken
from propylon.accounts.tasks import forget_what_ended

nobody = Caller()


def sign_in(email: str, password: str, address: str = "192.0.2.10", **more: object) -> tuple[int, dict[str, str]]:
    answer = Caller(address=address).post("/access-tokens", {"email": email, "password": password, **more})
    return answer.status, answer.body


def test_the_secret_is_given_once_and_stored_as_a_digest(program: Program) -> None:
    status, body = sign_in("developer@people.example", PASSWORD, name="laptop")
    assert status == 201
    assert Caller(body["access_token"]).get("/me").body["email"] == "developer@people.example"

    listed = Caller(body["access_token"]).get("/access-tokens").body["data"]
    assert {each["name"] for each in listed} == {"laptop", "tests"}
    assert "access_token" not in listed[0]
    assert not PersonalAccessToken.objects.filter(digest__contains=body["access_token"]).exists()


def test_wrong_password_unknown_address_and_switched_off_account_look_alike(program: Program) -> None:
    analyst = program.people["analyst"]
    analyst.is_active = False
    analyst.save()
    attempts = [
        sign_in("developer@people.example", "wrong"),
        sign_in("nobody@people.example", PASSWORD),
        sign_in("analyst@people.example", PASSWORD),
    ]
    told = {(status, body["code"], body["message"]) for status, body in attempts}
    assert len(told) == 1
    assert told.pop()[:2] == (401, "sign_in.refused")
    assert program.callers["analyst"].get("/me").code == "request.token.invalid"


def test_passwords_cannot_be_tried_without_end(program: Program) -> None:
    statuses = [sign_in("developer@people.example", f"guess {number}")[0] for number in range(11)]
    assert statuses == [401] * 10 + [429]
    assert sign_in("developer@people.example", PASSWORD)[0] == 429
    # An attacker elsewhere does not lock the owner out, nor does one address lock out others.
    assert sign_in("developer@people.example", PASSWORD, address="198.51.100.7")[0] == 201
    assert sign_in("auditor@people.example", PASSWORD)[0] == 201


def test_a_success_forgets_the_failures_before_it(program: Program) -> None:
    for _ in range(3):
        for number in range(8):
            assert sign_in("developer@people.example", f"guess {number}")[0] == 401
        assert sign_in("developer@people.example", PASSWORD)[0] == 201


def test_a_revoked_token_is_refused_and_others_live(program: Program) -> None:
    caller = program.callers["developer"]
    _, body = sign_in("developer@people.example", PASSWORD)

    assert caller("DELETE", f"/access-tokens/{body['id']}").status == 204

    refused = Caller(body["access_token"]).get("/me")
    assert (refused.status, refused.code) == (401, "request.token.invalid")
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert caller.get("/me").status == 200
    assert caller("DELETE", f"/access-tokens/{body['id']}").status == 404


def test_a_token_expires_and_is_forgotten_later(program: Program) -> None:
    caller = program.callers["developer"]
    mine = PersonalAccessToken.objects.filter(user=program.people["developer"])
    mine.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert caller.get("/me").status == 401
    forget_what_ended()
    assert mine.exists()
    mine.update(expires_at=timezone.now() - timedelta(days=31))
    forget_what_ended()
    assert not mine.exists()


@pytest.mark.parametrize("lifetime", [0, 59, 365 * 86_400 + 1])
def test_lifetimes_have_bounds(program: Program, lifetime: int) -> None:
    before = PersonalAccessToken.objects.count()
    status, body = sign_in("developer@people.example", PASSWORD, expires_in=lifetime)
    assert (status, body["code"]) == (400, "request.body.invalid")
    assert PersonalAccessToken.objects.count() == before


def test_a_token_makes_no_further_token(program: Program) -> None:
    """Who steals one must not be able to live on with another."""
    assert program.callers["developer"].post("/access-tokens", {"name": "more"}).status == 400
