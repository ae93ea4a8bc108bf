"""Two secrets of a client for a while (FEATURES A3): both are good, then the old one is not; time alone ends it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from typing import Any

import pytest

from propylon.oauth.client_authentication import Presented, authenticate, read_presented
from propylon.oauth.errors import OAuthError
from propylon.oauth.policy import CLIENT_SECRET_BASIC, policy_for
from propylon.oauth.records import ClientRecord, OldSecret

NOW = 1_800_000_000


def sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def client(old: OldSecret | None, **changes: Any) -> ClientRecord:
    facts: dict[str, Any] = {
        "client_id": "cl_1",
        "generation": 1,
        "application": "app_1",
        "application_name": "Spending",
        "organization": "org_1",
        "organization_name": "Partner",
        "environment": "sandbox",
        "audience": "https://bank.example/sandbox",
        "policy": policy_for("web", "standard"),
        "auth_method": CLIENT_SECRET_BASIC,
        "secret_digest": sha256("new"),
        "redirect_uris": (),
        "binds_tokens": False,
        "plan": "standard",
        "service_account": "",
        "source_ranges": (),
        "scopes": frozenset({"accounts"}),
        "certificates": {},
        "is_active": True,
    }
    return ClientRecord(**{**facts, "old_secret": old, **changes})


def basic(secret: str) -> Presented:
    credentials = base64.b64encode(f"cl_1:{secret}".encode()).decode()
    return read_presented({}, f"Basic {credentials}")


def is_good(record: ClientRecord, secret: str, now: int = NOW) -> bool:
    with contextlib.suppress(OAuthError):
        return authenticate(record, basic(secret), None, now, issuer="").client is record
    return False


@pytest.mark.parametrize(("seconds", "old_is_good"), [(-1, True), (0, False), (1, False)])
def test_the_old_secret_ends_at_its_second_and_the_new_one_never(seconds: int, old_is_good: bool) -> None:
    record = client(OldSecret(sha256("old"), NOW + 100))
    assert is_good(record, "new", NOW + 100 + seconds)
    assert is_good(record, "old", NOW + 100 + seconds) is old_is_good


def test_any_other_secret_is_refused_while_two_work() -> None:
    record = client(OldSecret(sha256("old"), NOW + 100))
    for secret in ("older", "NEW", " old", sha256("old"), sha256("new"), "x" * 10_000):
        assert not is_good(record, secret), secret


@pytest.mark.parametrize("old", [None, OldSecret("", NOW + 100)])
def test_without_an_old_secret_the_empty_digest_opens_nothing(old: OldSecret | None) -> None:
    record = client(old, secret_digest="")
    with pytest.raises(OAuthError):
        authenticate(record, Presented("cl_1", CLIENT_SECRET_BASIC, ""), None, NOW, issuer="")
    assert not is_good(record, "new")


def test_only_the_log_tells_an_ended_secret_from_a_wrong_one() -> None:
    """Whoever guesses learns nothing; who helps the developer reads the reason (FEATURES P8)."""
    answers = []
    for secret in ("old", "wrong"):
        with pytest.raises(OAuthError) as refused:
            authenticate(client(OldSecret(sha256("old"), NOW)), basic(secret), None, NOW, issuer="")
        answers.append((refused.value.body(), refused.value.detail))
    assert answers[0][0] == answers[1][0]
    assert "replaced" in answers[0][1]
    assert "replaced" not in answers[1][1]


def test_a_client_that_is_not_active_has_no_good_secret() -> None:
    record = client(OldSecret(sha256("old"), NOW + 100), is_active=False)
    assert not is_good(record, "old")
    assert not is_good(record, "new")
