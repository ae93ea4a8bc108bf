"""Each rule of the token endpoint by itself, for each grant type whose order it stands in: one thing is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest

from oauth.test_oauth_ciba import APPROVED, DENIED, WAITING, asker, waiting
from oauth.test_oauth_conversations import CALLBACK, CERTIFICATE, ISSUER, NOW, VERIFIER, client
from oauth.test_oauth_legacy import FORM, MAJA, legacy
from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.dpop import Proof
from propylon.oauth.errors import OAuthError
from propylon.oauth.policy import (
    AUTHORIZATION_CODE,
    CIBA,
    CLIENT_CREDENTIALS,
    PASSWORD,
    REFRESH_TOKEN,
    Listener,
    policy_for,
)
from propylon.oauth.records import CodeRecord, GrantRecord, RefreshRecord
from propylon.oauth.rules.check_approval_given import check_approval_given
from propylon.oauth.rules.check_code_verifier import s256
from propylon.oauth.rules.check_grant_alive import check_grant_alive
from propylon.oauth.rules.check_proof_key import check_proof_key
from propylon.oauth.rules.check_redirect_uri_repeated import check_redirect_uri_repeated
from propylon.oauth.token_request import (
    BEFORE_PASSWORD,
    CALLER_RULES,
    RULES,
    check_before_password,
    check_caller,
    decide,
    grant_type_of,
)
from propylon.oauth.tokens import Issue, bind_to_key, token_response, token_type

GRANT = GrantRecord("gr_1", "cl_1", "cus_1", 1, NOW + 1000, is_revoked=False)
CODE = CodeRecord(GRANT, CALLBACK, "openid accounts", "n", s256(VERIFIER), NOW - 30, NOW + 60, is_used=False)
REFRESH = RefreshRecord(GRANT, "openid accounts", NOW + 500, is_rotated=False, is_revoked=False)
PROOF = Proof("t" * 43, "jti-1")

WEB = client("web", auth_method="client_secret_post")
REDEEM = {"code": "c", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}


def _attempt(grant_type: str, record: Any, form: dict[str, str], **more: Any) -> TokenAttempt:
    return replace(TokenAttempt(record, grant_type, form, None, "public", "192.0.2.1", NOW), **more)


GOOD = {
    CLIENT_CREDENTIALS: _attempt(
        CLIENT_CREDENTIALS, client("server"), {"scope": "accounts"}, certificate=CERTIFICATE, listener="mutual"
    ),
    AUTHORIZATION_CODE: _attempt(AUTHORIZATION_CODE, WEB, REDEEM, code=CODE),
    REFRESH_TOKEN: _attempt(REFRESH_TOKEN, WEB, {"refresh_token": "r"}, refresh=REFRESH),
    CIBA: _attempt(CIBA, asker(), {"auth_req_id": "x"}, backchannel=waiting(approval=APPROVED)),
    PASSWORD: _attempt(PASSWORD, legacy("internal"), FORM, password_grant=MAJA),
}
REDEEMING, REFRESHING, POLLING = GOOD[AUTHORIZATION_CODE], GOOD[REFRESH_TOKEN], GOOD[CIBA]


def issue(attempt: TokenAttempt) -> Issue:
    return decide(attempt, issuer=ISSUER, jti="at_1")


def refused(attempt: TokenAttempt) -> OAuthError:
    with pytest.raises(OAuthError) as caught:
        issue(attempt)
    return caught.value


# ── what each rule is there for ──

_Change = Callable[[TokenAttempt], TokenAttempt]


def _of_client(**changes: Any) -> _Change:
    return lambda good: replace(good, client=replace(good.client, **changes))


def _of_policy(**changes: Any) -> _Change:
    return lambda good: replace(good, client=replace(good.client, policy=replace(good.client.policy, **changes)))


def _of_form(**changes: str) -> _Change:
    return lambda good: replace(good, form={name: value for name, value in ({**good.form, **changes}).items() if value})


def _of_record(**changes: Any) -> _Change:
    return lambda good: replace(good, **{
        name: replace(record, **changes)
        for name in ("code", "refresh", "backchannel") if (record := getattr(good, name)) is not None
    })  # fmt: skip


def _as_json(good: TokenAttempt) -> TokenAttempt:
    return _of_policy(is_legacy=False)(replace(good, is_json=True))


def _not_its_grant(good: TokenAttempt) -> TokenAttempt:
    return _of_policy(grants=good.client.policy.grants - {good.grant_type})(good)


def _on_the_public_listener(good: TokenAttempt) -> TokenAttempt:
    return _of_policy(listener=Listener.MUTUAL)(replace(good, listener="public"))


def _without_certificate(good: TokenAttempt) -> TokenAttempt:
    return _of_client(binds_tokens=True)(replace(good, certificate=None))


_ENDED = replace(GRANT, is_revoked=True)

# rule: one thing that is wrong with a request that is right, and the code that the client gets for it
WRONG: dict[str, tuple[_Change, str]] = {
    "check_body": (_as_json, "invalid_request"),
    "check_grant_allowed": (_not_its_grant, "unauthorized_client"),
    "check_listener": (_on_the_public_listener, "invalid_client"),
    "check_source_range": (_of_client(source_ranges=(ip_network("10.0.0.0/8"),)), "unauthorized_client"),
    "check_token_bound": (_without_certificate, "invalid_client"),
    "check_code_valid": (_of_record(is_used=True), "invalid_grant"),
    "check_refresh_token_valid": (_of_record(is_revoked=True), "invalid_grant"),
    "check_auth_req_id_valid": (_of_record(is_used=True), "invalid_grant"),
    "check_approval_given": (_of_record(approval=WAITING), "authorization_pending"),
    "check_grant_alive": (_of_record(grant=_ENDED), "invalid_grant"),
    "check_redirect_uri_repeated": (_of_form(redirect_uri=f"{CALLBACK}2"), "invalid_grant"),
    "check_code_verifier": (_of_form(code_verifier="B" * 43), "invalid_grant"),
    "check_proof_key": (_of_record(key="u" * 43), "invalid_grant"),
    "check_password_sent": (_of_form(username=""), "invalid_request"),
    "check_customer_known": (lambda good: replace(good, password_grant=None), "invalid_grant"),
}


def _orders() -> Iterator[tuple[str, str]]:
    for grant_type, rules in RULES.items():
        yield from ((grant_type, rule.__name__) for rule in rules)


@pytest.mark.parametrize(("grant_type", "rule"), list(_orders()))
def test_each_rule_of_each_grant_type_refuses_rfc6749_5_2(grant_type: str, rule: str) -> None:
    change, code = WRONG[rule]
    if (grant_type, rule) == (PASSWORD, "check_grant_allowed"):  # who may not use it learns nothing of it
        code = "unsupported_grant_type"
    assert refused(change(GOOD[grant_type])).code == code


@pytest.mark.parametrize("rule", [rule.__name__ for rule in BEFORE_PASSWORD])
def test_no_password_is_looked_at_before_each_rule_has_passed_rfc6749_4_3_2(rule: str) -> None:
    check_before_password(GOOD[PASSWORD])
    with pytest.raises(OAuthError):
        check_before_password(WRONG[rule][0](GOOD[PASSWORD]))


@pytest.mark.parametrize("rule", [rule.__name__ for rule in CALLER_RULES])
def test_par_revocation_and_introspection_ask_where_the_client_calls_from_features_c2(rule: str) -> None:
    check_caller(REDEEMING)
    change, code = WRONG[rule]
    with pytest.raises(OAuthError) as caught:
        check_caller(change(REDEEMING))
    assert caught.value.code == code


# ── what is right goes through, and what it gives ──


def test_a_code_gives_tokens_of_its_grant_environment_and_login_rfc9068_2_2_oidc_core_2() -> None:
    given = issue(REDEEMING)
    told = {"iss": ISSUER, "aud": f"{ISSUER}/sandbox", "sub": "cus_1", "client_id": "cl_1", "scope": "openid accounts"}
    assert told.items() <= given.claims.items()
    assert given.id_token_claims == {
        "iss": ISSUER, "sub": "cus_1", "aud": "cl_1", "exp": NOW + 600, "iat": NOW, "auth_time": NOW - 30, "nonce": "n",
    }  # fmt: skip


def test_no_id_token_without_openid_oidc_core_3_1_2_1() -> None:
    given = issue(replace(REDEEMING, code=replace(CODE, scope="accounts")))
    assert given.id_token_claims is None
    assert "cnf" not in given.claims


def test_a_refresh_gives_no_id_token_though_openid_was_granted_oidc_core_12_2() -> None:
    assert issue(REFRESHING).id_token_claims is None


def test_scope_means_nothing_when_a_code_is_redeemed_rfc6749_4_1_3() -> None:
    assert issue(_of_form(scope="payments")(REDEEMING)).scope == "openid accounts"


def test_a_refresh_may_ask_for_less_and_never_for_more_rfc6749_6() -> None:
    assert issue(_of_form(scope="accounts")(REFRESHING)).claims["scope"] == "accounts"
    assert refused(_of_form(scope="accounts payments")(REFRESHING)).code == "invalid_scope"


def test_what_is_no_longer_subscribed_to_is_in_no_new_token_rfc6749_3_3() -> None:
    assert issue(_of_client(scopes=frozenset({"payments"}))(REFRESHING)).scope == "openid"
    only = _of_client(scopes=frozenset({"payments"}))(_of_record(scope="accounts")(REFRESHING))
    assert refused(only).code == "invalid_grant"


def test_a_clients_own_token_carries_all_that_it_may_or_what_it_names_rfc6749_3_3() -> None:
    own = GOOD[CLIENT_CREDENTIALS]
    assert issue(_of_form(scope="")(own)).scope == "accounts payments"
    assert issue(_of_form(scope="payments")(own)).scope == "payments"
    assert refused(_of_form(scope="loans")(own)).code == "invalid_scope"
    unsubscribed = _of_client(scopes=frozenset())(_of_form(scope="")(own))
    assert refused(unsubscribed).code == "invalid_scope"
    assert "not subscribed" in refused(unsubscribed).description


def test_a_token_that_came_with_a_proof_is_bound_to_its_key_rfc9449_5() -> None:
    given = issue(replace(REDEEMING, proof=PROOF))
    assert given.claims["cnf"] == {"jkt": PROOF.thumbprint}
    assert given.proof == PROOF, "whoever issues must remember it (11.1)"
    assert token_response(given, access_token="t")["token_type"] == "DPoP"


def test_a_key_does_not_replace_the_certificate_rfc8705_3_1_rfc9449_6_1() -> None:
    both = replace(GOOD[CLIENT_CREDENTIALS], proof=PROOF)
    assert issue(both).claims["cnf"] == {"jkt": PROOF.thumbprint, "x5t#S256": CERTIFICATE.x5t_s256}
    claims: dict[str, Any] = {}
    bind_to_key(claims, "k")
    assert (claims, token_type(claims)) == ({"cnf": {"jkt": "k"}}, "DPoP")


# ── each rule's other refusals ──


@pytest.mark.parametrize(
    ("grant_type", "name"), [(AUTHORIZATION_CODE, "code"), (REFRESH_TOKEN, "refresh_token"), (CIBA, "auth_req_id")]
)
def test_a_missing_value_is_named_and_a_foreign_or_unknown_one_is_not_rfc6749_5_2(grant_type: str, name: str) -> None:
    good = GOOD[grant_type]
    missing = refused(_of_form(**{name: ""})(good))
    assert (missing.code, missing.description) == ("invalid_request", f"The parameter {name} is missing.")
    foreign = refused(_of_client(client_id="cl_2")(good))
    unknown = refused(replace(good, code=None, refresh=None, backchannel=None))
    assert foreign.code == "invalid_grant"
    assert foreign.body() == unknown.body(), "nobody learns which values there are"
    assert (foreign.ends_grant, unknown.ends_grant) == (False, False), "a stranger ends nobody's grant"


def test_a_code_that_comes_again_ends_its_grant_rfc6749_4_1_2() -> None:
    assert refused(_of_record(is_used=True)(REDEEMING)).ends_grant


def test_a_rotated_refresh_token_that_comes_again_ends_its_grant_rfc9700_4_14_2() -> None:
    reused = refused(_of_record(is_rotated=True)(REFRESHING))
    assert (reused.code, reused.ends_grant) == ("invalid_grant", True)
    revoked = refused(_of_record(is_revoked=True)(REFRESHING))
    assert (revoked.code, revoked.ends_grant) == ("invalid_grant", False)


@pytest.mark.parametrize("grant_type", [AUTHORIZATION_CODE, REFRESH_TOKEN])
def test_codes_and_refresh_tokens_end_on_their_second_rfc6749_5_2(grant_type: str) -> None:
    assert issue(_of_record(expires_at=NOW + 1)(GOOD[grant_type]))
    assert refused(_of_record(expires_at=NOW)(GOOD[grant_type])).code == "invalid_grant"


@pytest.mark.parametrize("grant_type", [AUTHORIZATION_CODE, REFRESH_TOKEN, CIBA])
def test_a_grant_ends_on_its_second_rfc6749_5_2(grant_type: str) -> None:
    assert issue(_of_record(grant=replace(GRANT, expires_at=NOW + 1))(GOOD[grant_type]))
    assert refused(_of_record(grant=replace(GRANT, expires_at=NOW))(GOOD[grant_type])).code == "invalid_grant"


def test_the_redirect_uri_of_the_request_comes_again_rfc6749_4_1_3() -> None:
    missing = refused(_of_form(redirect_uri="")(REDEEMING))
    assert (missing.code, "redirect_uri is missing" in missing.description) == ("invalid_request", True)


def test_a_verifier_has_43_to_128_characters_rfc7636_4_1() -> None:
    for wrong in ("", "A" * 42, "A" * 129, "A" * 42 + "="):
        assert refused(_of_form(code_verifier=wrong)(REDEEMING)).code == "invalid_request"
    longest = "A" * 128
    again = replace(REDEEMING, code=replace(CODE, code_challenge=s256(longest)))
    assert issue(_of_form(code_verifier=longest)(again))


@pytest.mark.parametrize("grant_type", [AUTHORIZATION_CODE, REFRESH_TOKEN])
def test_what_is_bound_to_a_key_needs_a_proof_of_that_key_rfc9449_5_and_10(grant_type: str) -> None:
    bound = _of_record(key=PROOF.thumbprint)(GOOD[grant_type])
    assert issue(replace(bound, proof=PROOF))
    assert refused(bound).code == "invalid_grant"
    assert refused(replace(bound, proof=Proof("u" * 43, "x"))).code == "invalid_grant"


def test_fapi2_clients_bind_tokens_to_a_key_or_a_certificate_fapi2_5_3_2_1_4() -> None:
    policy = policy_for("web", "fapi2").by("private_key_jwt")
    fapi = replace(REDEEMING, client=client("web", "fapi2", policy=policy))
    assert refused(fapi).code == "invalid_dpop_proof"
    assert issue(replace(fapi, proof=PROOF)).claims["cnf"] == {"jkt": PROOF.thumbprint}
    assert issue(replace(fapi, certificate=CERTIFICATE)).claims["cnf"] == {"x5t#S256": CERTIFICATE.x5t_s256}


def test_json_is_read_for_who_was_allowed_it_alone_rfc6749_3_2() -> None:
    assert issue(replace(GOOD[PASSWORD], is_json=True))


def test_rich_requests_need_a_customer_who_is_asked_rfc9396_6() -> None:
    told = refused(_of_form(authorization_details="[]")(GOOD[PASSWORD]))
    assert (told.code, "authorization_details" in told.description) == ("invalid_request", True)


@pytest.mark.parametrize("address", ["", "unknown", "192.0.2.1:443", "198.51.100.7"])
def test_an_address_that_is_in_no_range_is_refused_features_c2(address: str) -> None:
    limited = _of_client(source_ranges=(ip_network("192.0.2.0/24"),))(replace(REDEEMING, source_address=address))
    assert refused(limited).code == "unauthorized_client"


@pytest.mark.parametrize("address", ["192.0.2.255", "::ffff:192.0.2.1"])
def test_an_ipv4_address_is_the_same_on_an_ipv6_socket_features_c2(address: str) -> None:
    assert issue(_of_client(source_ranges=(ip_network("192.0.2.0/24"),))(replace(REDEEMING, source_address=address)))


def test_a_denied_customer_is_told_before_the_time_is_looked_at_ciba_11() -> None:
    assert refused(_of_record(approval=DENIED, expires_at=NOW)(POLLING)).code == "access_denied"


def test_rules_by_themselves_refuse_where_nothing_was_stored_rfc6749_5_2() -> None:
    """Another order of the rules would not open anything."""
    empty = replace(REDEEMING, code=None)
    for rule, code in (
        (check_grant_alive, "invalid_grant"),
        (check_redirect_uri_repeated, "invalid_grant"),
        (check_approval_given, "authorization_pending"),
    ):
        with pytest.raises(OAuthError) as caught:
            rule(empty)
        assert caught.value.code == code
    check_proof_key(empty)


def test_the_grant_type_is_said_and_known_rfc6749_5_2() -> None:
    for form, code in (
        ({}, "invalid_request"),
        ({"grant_type": "device"}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
    ):
        with pytest.raises(OAuthError) as caught:
            grant_type_of(form)
        assert caught.value.code == code
    assert [grant_type_of({"grant_type": name}) for name in RULES] == list(RULES)
