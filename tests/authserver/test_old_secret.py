"""After a regeneration with overlap both secrets get tokens; the end needs no job, no event and no fresh memory."""

from __future__ import annotations

import time
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from authserver.bank import Bank, Caller, Party, approve, redemption
from propylon.applications.models import Client
from propylon.authserver.models import RefreshToken
from propylon.authserver.selectors import client_record
from propylon.oauth.client_authentication import Presented, authenticate
from propylon.oauth.errors import OAuthError
from propylon.sealing.entropy import digest, new_secret

METHOD = "client_secret_post"


@pytest.fixture
def web(bank: Bank) -> Party:
    return bank.client("web", method=METHOD)


@pytest.fixture
def old(web: Party) -> str:
    """The secret before the present one: good for another hour."""
    secret = new_secret()
    ends_at = timezone.now() + timedelta(hours=1)
    Client.objects.filter(pk=web.row.pk).update(old_secret_digest=digest(secret), old_secret_ends_at=ends_at)
    return secret.reveal()


def end_overlap(web: Party) -> None:
    """As time does it: nothing else happens."""
    Client.objects.filter(pk=web.row.pk).update(old_secret_ends_at=timezone.now())


def redeem(browser: Caller, web: Party, secret: str) -> httpx.Response:
    code = approve(browser, web)["code"]
    return browser.token(redemption(code) | {"client_id": web.id, "client_secret": secret})


def test_both_secrets_get_tokens_until_the_old_one_ends(web: Party, old: str, browser: Caller) -> None:
    for secret in (old, web.secret):
        assert redeem(browser, web, secret).status_code == 200
    end_overlap(web)
    refused = redeem(browser, web, old)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert "replaced" not in refused.text
    assert RefreshToken.objects.count() == 2
    assert redeem(browser, web, web.secret).status_code == 200


def test_tokens_got_with_the_old_secret_are_refreshed_with_the_new_one(web: Party, old: str, browser: Caller) -> None:
    refresh = redeem(browser, web, old).json()["refresh_token"]
    end_overlap(web)
    form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": web.id}
    assert browser.token(form | {"client_secret": old}).status_code == 401
    assert browser.token(form | {"client_secret": web.secret}).status_code == 200


@pytest.mark.parametrize("path", ["/oauth/introspect", "/oauth/revoke", "/oauth/par"])
def test_every_back_channel_endpoint_knows_the_end(web: Party, old: str, caller: Caller, path: str) -> None:
    def ask(secret: str) -> int:
        form = {"token": "unknown", "client_id": web.id, "client_secret": secret}
        return caller.post(path, form).status_code

    assert ask(old) == ask(web.secret) != 401
    end_overlap(web)
    assert ask(old) == 401
    assert ask(web.secret) != 401


def test_a_client_in_memory_ends_the_old_secret_by_itself(web: Party, old: str) -> None:
    """The memory of the token endpoint may be half a minute old: the end is in it."""
    record = client_record(web.id)
    assert record is not None
    assert record.old_secret is not None
    presented, now = Presented(web.id, METHOD, old), int(time.time())
    assert authenticate(record, presented, None, now, issuer="").client is record
    with pytest.raises(OAuthError):
        authenticate(record, presented, None, record.old_secret.ends_at, issuer="")
