"""CIBA without a wire: what may be asked, and any sequence of polls and answers against what may come of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.test_oauth_conversations import ISSUER, NOW, client
from propylon.oauth.attempts import BackchannelAttempt, TokenAttempt
from propylon.oauth.backchannel_request import check_backchannel
from propylon.oauth.errors import OAuthError
from propylon.oauth.policy import CIBA, TYPES, policy_for
from propylon.oauth.records import Approval, BackchannelRecord, ClientRecord, GrantRecord
from propylon.oauth.token_request import decide

WAITING, APPROVED, DENIED = Approval.WAITING, Approval.APPROVED, Approval.DENIED


def asker(type_: str = "web", profile: str = "standard", **changes: Any) -> ClientRecord:
    record = client(type_, profile, **changes)
    return replace(record, policy=record.policy.allowing({CIBA}))


RIGHT = {"scope": "openid accounts", "login_hint": "199001019876", "binding_message": "W4SCT"}


def checked(parameters: dict[str, str], record: ClientRecord | None = None, **more: Any) -> str:
    """The refusal's code, "" if there is none."""
    sent = {name: value for name, value in (RIGHT | parameters).items() if value}
    try:
        check_backchannel(BackchannelAttempt(record or asker(), sent, **more))
    except OAuthError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    ("type_", "profile"), [(name, each) for name, type_ in TYPES.items() for each in type_.profiles]
)
def test_only_confidential_types_can_be_allowed_and_only_the_allowed_ask_ciba_7_1(type_: str, profile: str) -> None:
    can = type_ in {"web", "internal"}
    assert (CIBA in policy_for(type_, profile).grants) is False
    assert (CIBA in policy_for(type_, profile).allowing({CIBA}).grants) is can
    assert checked({}, client(type_, profile), is_signed=True) == "unauthorized_client"
    assert checked({}, asker(type_, profile), is_signed=True) == ("" if can else "unauthorized_client")
    assert checked({}, asker(type_, profile, is_active=False), is_signed=True) == "unauthorized_client"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, ""),
        ({"binding_message": ""}, ""),
        ({"binding_message": "x" * 100}, ""),
        ({"binding_message": "x" * 101}, "invalid_binding_message"),
        ({"binding_message": "a\nb"}, "invalid_binding_message"),
        ({"binding_message": "  "}, "invalid_binding_message"),
        ({"login_hint": ""}, "invalid_request"),
        ({"login_hint": "", "id_token_hint": "x"}, ""),
        ({"id_token_hint": "x"}, "invalid_request"),
        ({"login_hint": "", "login_hint_token": "x"}, "invalid_request"),
        ({"login_hint": "1" * 40}, ""),
        ({"login_hint": "1" * 41}, "invalid_request"),
        ({"scope": ""}, "invalid_request"),
        ({"scope": "accounts"}, "invalid_scope"),
        ({"scope": "openid cards"}, "invalid_scope"),
        ({"scope": " ".join(["openid", *["accounts"] * 120])}, "invalid_scope"),
        ({"authorization_details": "[]"}, "invalid_request"),
        ({"request_uri": "urn:x"}, "invalid_request"),
        ({"requested_expiry": "1"}, ""),
        ({"requested_expiry": "0"}, "invalid_request"),
        ({"requested_expiry": "1.5"}, "invalid_request"),
        ({"requested_expiry": "9999999999"}, "invalid_request"),
    ],
)
def test_what_may_be_asked_ciba_7_1(changes: dict[str, str], code: str) -> None:
    assert checked(changes) == code


def test_who_must_sign_and_that_nothing_stands_beside_ciba_7_1_1() -> None:
    for record in (asker(requires_signed_requests=True), asker("web", "fapi2")):
        assert checked({}, record) == "invalid_request"
        assert checked({}, record, is_signed=True) == ""
    assert checked({}, is_signed=True, beside=frozenset({"scope"})) == "invalid_request"
    assert checked({"binding_message": ""}, asker("web", "fapi2"), is_signed=True) == "invalid_binding_message"


def test_a_lifetime_is_given_up_to_ten_minutes_ciba_7_3() -> None:
    lifetimes = {
        wanted: check_backchannel(BackchannelAttempt(asker(), RIGHT | {"requested_expiry": wanted})).lifetime
        for wanted in ("1", "600", "601")
    }
    assert lifetimes == {"1": 1, "600": 600, "601": 600}
    assert check_backchannel(BackchannelAttempt(asker(), RIGHT)).lifetime == 300


# ── polls ──


def waiting(**changes: Any) -> BackchannelRecord:
    grant = GrantRecord("gr_1", "cl_1", "cus_1", 1, NOW + 90 * 86_400, is_revoked=False)
    record = BackchannelRecord(
        grant=grant,
        scope="openid accounts",
        approval=WAITING,
        authenticated_at=0,
        expires_at=NOW + 300,
        is_used=False,
        interval=5,
        polled_at=0,
    )
    return replace(record, **changes)


def poll(record: BackchannelRecord | None, *, now: int = NOW, by: ClientRecord | None = None) -> str:
    """The refusal's code, "" for tokens."""
    attempt = TokenAttempt(
        client=by or asker(),
        grant_type=CIBA,
        form={"auth_req_id": "x"},
        certificate=None,
        listener="public",
        source_address="192.0.2.1",
        now=now,
        backchannel=record,
    )
    try:
        issue = decide(attempt, issuer=ISSUER, jti="at_1")
    except OAuthError as error:
        return error.code
    assert issue.claims["gid"] == "gr_1"
    assert issue.id_token_claims is not None
    assert issue.id_token_claims["sub"] == "cus_1"
    return ""


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (None, "invalid_grant"),
        (waiting(), "authorization_pending"),
        (waiting(polled_at=NOW - 5), "authorization_pending"),
        (waiting(polled_at=NOW - 4), "slow_down"),
        (waiting(polled_at=NOW - 5, interval=10), "slow_down"),
        (waiting(approval=DENIED), "access_denied"),
        (waiting(approval=DENIED, expires_at=NOW), "access_denied"),
        (waiting(approval=Approval.TIMED_OUT), "expired_token"),
        (waiting(expires_at=NOW), "expired_token"),
        (waiting(approval=APPROVED, expires_at=NOW), "expired_token"),
        (waiting(approval=APPROVED, expires_at=NOW + 1), ""),
        (waiting(approval=APPROVED, polled_at=NOW), ""),
        (waiting(approval=APPROVED, is_used=True), "invalid_grant"),
        (waiting(approval=DENIED, is_used=True), "invalid_grant"),
    ],
)
def test_what_a_poll_hears_ciba_11(record: BackchannelRecord | None, code: str) -> None:
    assert poll(record) == code


def test_nobody_elses_and_nobody_who_may_not_any_more_ciba_11() -> None:
    approved = waiting(approval=APPROVED)
    assert poll(approved, by=asker(client_id="cl_2")) == "invalid_grant"
    assert poll(approved, by=client("web")) == "unauthorized_client"
    ended = replace(approved, grant=replace(approved.grant, is_revoked=True))
    assert poll(ended) == "invalid_grant"


STEP = st.one_of(
    st.tuples(st.just("poll"), st.integers(0, 120)),
    st.tuples(st.just("foreign"), st.integers(0, 120)),
    st.tuples(st.sampled_from(["approve", "deny"]), st.integers(0, 120)),
)


@given(st.lists(STEP, max_size=25))
def test_whatever_happens_tokens_come_once_after_a_yes_in_time_and_only_to_who_asked(
    steps: list[tuple[str, int]],
) -> None:
    """As the store keeps it: an answer counts once and in time, a poll that waits is noted, a success uses it up."""
    record, now, issued = waiting(), NOW, 0
    for what, seconds in steps:
        now += seconds
        if what in {"approve", "deny"}:
            if record.approval is WAITING and now < record.expires_at:
                record = replace(record, approval=APPROVED if what == "approve" else DENIED, authenticated_at=now)
            continue
        code = poll(record, now=now, by=asker(client_id="cl_2") if what == "foreign" else None)
        if what == "foreign":
            assert code == "invalid_grant"
            continue
        if code == "":
            issued += 1
            assert record.approval is APPROVED
            assert now < record.expires_at
            record = replace(record, is_used=True)
        elif code in {"authorization_pending", "slow_down"}:
            assert record.approval is WAITING
            assert now < record.expires_at
            assert (code == "slow_down") == bool(record.polled_at and now < record.polled_at + record.interval)
            record = replace(record, polled_at=now, interval=record.interval + 5 * (code == "slow_down"))
        else:
            assert code == (
                "invalid_grant" if issued else "access_denied" if record.approval is DENIED else "expired_token"
            )
    assert issued <= 1


def test_a_public_client_asks_nobody_whatever_it_was_allowed_ciba_7_1() -> None:
    record = client("spa")
    policy = replace(record.policy, grants=record.policy.grants | {CIBA})
    assert checked({}, replace(record, policy=policy)) == "unauthorized_client"
