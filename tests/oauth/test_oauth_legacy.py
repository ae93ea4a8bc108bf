"""The profile `legacy` in the engine: what an operator may allow a client of the profile `standard`, no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oauth.test_oauth_conversations import CALLBACK, ISSUER, NOW, REDEEM, REQUEST, VERIFIER, Server, client
from propylon.oauth.attempts import AuthorizationAttempt, TokenAttempt
from propylon.oauth.authorization_request import CheckedRequest, SentBack, check_authorization, check_still_allowed
from propylon.oauth.authorization_response import FormPost, WayBack, answer_address
from propylon.oauth.errors import OAuthError
from propylon.oauth.implicit_grant import at_hash, decide_implicit, implicit_members
from propylon.oauth.metadata import metadata
from propylon.oauth.policy import PASSWORD, TYPES, ProfilePolicy, legacy_policy, policy_for
from propylon.oauth.records import ClientRecord, CodeRecord, GrantRecord, RefreshRecord
from propylon.oauth.token_request import check_before_password, decide, grant_type_of

END = NOW + 86_400
WITHOUT_PKCE = {name: value for name, value in REQUEST.items() if not name.startswith("code_")}
NO_VERIFIER = f"grant_type=authorization_code&code=the-code&redirect_uri={CALLBACK}&client_id=cl_1&client_secret=secret"


def legacy(type_: str, **changes: Any) -> ClientRecord:
    policy = legacy_policy(type_, "standard")
    assert policy is not None
    return client(type_, policy=policy, legacy_ends_at=END, **changes)


def web(**changes: Any) -> ClientRecord:
    return legacy("web", auth_method="client_secret_post", **changes)


def refusal_of(record: ClientRecord, **changes: str) -> OAuthError:
    """Of an authorization request, sent back by redirect; "" leaves a parameter out."""
    parameters = {name: value for name, value in ({**REQUEST, **changes}).items() if value}
    with pytest.raises(SentBack) as refused:
        check_authorization(AuthorizationAttempt(record, parameters, is_pushed=False))
    return refused.value.error


def checked(record: ClientRecord, **changes: str) -> CheckedRequest:
    parameters = {name: value for name, value in ({**REQUEST, **changes}).items() if value}
    return check_authorization(AuthorizationAttempt(record, parameters, is_pushed=False))


def test_what_legacy_adds_to_each_type_and_nothing_else() -> None:
    assert {name: type_.legacy is not None for name, type_ in TYPES.items()} == {
        "server": False, "web": True, "internal": True, "spa": True, "native": False,
    }  # fmt: skip
    for name, added in {"web": frozenset(), "internal": {"password"}, "spa": {"implicit"}}.items():
        old, standard = legacy_policy(name, "standard"), policy_for(name, "standard")
        assert old is not None
        assert old.grants - standard.grants == added
        assert old.requires_pkce == (name != "web")
        differs = ("grants", "response_types", "requires_pkce", "is_legacy")
        same = [each for each in ProfilePolicy.__slots__ if each not in differs]
        assert [getattr(old, each) for each in same] == [getattr(standard, each) for each in same]


@pytest.mark.parametrize("type_", sorted(TYPES))
def test_a_fapi2_client_never_gets_it_fapi2_5_3_2_1_2(type_: str) -> None:
    assert legacy_policy(type_, "fapi2") is None


def test_no_metadata_claims_what_only_single_clients_may_rfc8414_2() -> None:
    document = metadata(issuer=ISSUER, mutual_url=ISSUER, scopes=())
    assert {"password", "implicit"}.isdisjoint(document["grant_types_supported"])
    assert document["response_types_supported"] == ["code"]
    assert {"fragment", "form_post"}.isdisjoint(document["response_modes_supported"])


# Code without PKCE, for web applications


def test_a_web_application_may_leave_pkce_out() -> None:
    server = Server(web())
    assert "code=the-code" in server.authorize(WITHOUT_PKCE)
    assert server.token(NO_VERIFIER).claims["gid"] == "gr_1"


def test_a_challenge_that_was_sent_must_be_met_rfc9700_4_8_2() -> None:
    server = Server(web())
    server.authorize(REQUEST)
    with pytest.raises(OAuthError, match="code_verifier is missing"):
        server.token(NO_VERIFIER)
    assert server.token(f"{NO_VERIFIER}&code_verifier={VERIFIER}").claims


def test_a_verifier_without_a_challenge_is_refused_rfc9700_2_1_1() -> None:
    server = Server(web())
    server.authorize(WITHOUT_PKCE)
    with pytest.raises(OAuthError, match="invalid_grant"):
        server.token(f"{NO_VERIFIER}&code_verifier={VERIFIER}")


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": "short"},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": ""},
        {"code_challenge": ""},
    ],
)
def test_half_a_challenge_is_refused_rfc7636_4_4_1(changes: dict[str, str]) -> None:
    assert refusal_of(web(), **changes).code == "invalid_request"


@pytest.mark.parametrize("type_", ["internal", "spa"])
def test_only_web_applications_may_leave_it_out(type_: str) -> None:
    assert refusal_of(legacy(type_), code_challenge="", code_challenge_method="").code == "invalid_request"


def test_a_code_got_without_pkce_is_worthless_once_the_permission_has_ended() -> None:
    server = Server(web())
    server.authorize(WITHOUT_PKCE)
    server.client = client("web", auth_method="client_secret_post")
    with pytest.raises(OAuthError, match="code_verifier is missing"):
        server.token(NO_VERIFIER)


# Implicit, for single-page applications

IMPLICIT = {"code_challenge": "", "code_challenge_method": ""}


@pytest.mark.parametrize("response_type", ["token", "id_token", "id_token token", "token id_token"])
def test_the_answer_is_in_the_fragment_or_posted_rfc6749_4_2_2(response_type: str) -> None:
    asked = {"response_type": response_type, **IMPLICIT}
    assert checked(legacy("spa"), **asked).response_mode == "fragment"
    assert checked(legacy("spa"), response_mode="form_post", **asked).response_mode == "form_post"
    for mode in ("query", "jwt", "query.jwt", "fragment.jwt", "web_message"):
        assert refusal_of(legacy("spa"), response_mode=mode, **asked).code == "invalid_request"


@pytest.mark.parametrize("response_type", ["code token", "code id_token", "none", "token token", "TOKEN", ""])
def test_no_other_response_type_comes_with_it(response_type: str) -> None:
    assert refusal_of(legacy("spa"), response_type=response_type, **IMPLICIT).code in {
        "unsupported_response_type",
        "invalid_request",
    }


@pytest.mark.parametrize("record", [client("spa"), client("web"), client("native"), client("web", "fapi2"), web()])
def test_who_was_not_allowed_it_gets_no_token_from_the_address_rfc9700_2_1_2(record: ClientRecord) -> None:
    for response_type in ("token", "id_token", "id_token token"):
        code = refusal_of(record, response_type=response_type, **IMPLICIT).code
        assert code == ("invalid_request" if record.policy.requires_par else "unsupported_response_type")


@pytest.mark.parametrize("response_type", ["id_token", "id_token token"])
def test_an_id_token_needs_a_nonce_and_openid_oidc_core_3_2_2_1(response_type: str) -> None:
    asked = {"response_type": response_type, **IMPLICIT}
    assert refusal_of(legacy("spa"), nonce="", **asked).code == "invalid_request"
    assert refusal_of(legacy("spa"), scope="accounts", **asked).code == "invalid_scope"
    assert checked(legacy("spa"), nonce="", scope="accounts", response_type="token", **IMPLICIT)


def test_a_key_cannot_be_asked_for_where_nothing_is_bound() -> None:
    asked = {"response_type": "token", **IMPLICIT, "dpop_jkt": "A" * 43}
    assert refusal_of(legacy("spa"), **asked).code == "invalid_request"


def test_errors_of_the_implicit_flow_go_back_in_the_fragment_rfc6749_4_2_2_1() -> None:
    parameters = {**WITHOUT_PKCE, "response_type": "token", "scope": "unknown"}
    with pytest.raises(SentBack) as refused:
        check_authorization(AuthorizationAttempt(legacy("spa"), parameters, is_pushed=False))
    members = {"error": refused.value.error.code}
    address = answer_address(refused.value.back, members, issuer=ISSUER, now=NOW, sign=lambda _: "")
    assert address == f"{CALLBACK}#error=invalid_scope&state=x&iss=https%3A%2F%2Fbank.example"


def _consented(scope: str = "openid accounts") -> CodeRecord:
    grant = GrantRecord("gr_1", "cl_1", "cus_1", 1, NOW + 300, is_revoked=False, made_by="implicit")
    return CodeRecord(grant, CALLBACK, scope, "n", "", NOW, NOW, is_used=True)


def test_its_token_is_short_lived_unbound_and_tied_to_the_id_token_oidc_core_3_2_2_10() -> None:
    issue = decide_implicit(
        legacy("spa"), _consented(), response_type="id_token token", issuer=ISSUER, jti="at_1", now=NOW
    )
    assert issue.claims is not None
    assert issue.id_token_claims is not None
    assert issue.claims["exp"] - NOW == 300
    assert "cnf" not in issue.claims
    assert issue.claims["ggn"] == "gr_1.1"
    assert issue.id_token_claims["nonce"] == "n"
    members = implicit_members(issue, access_token="a.b.c", id_token="i")
    assert members["expires_in"] == "300"
    assert "refresh_token" not in members
    # OpenID Connect Core, A.3: the example there
    example = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
    assert at_hash(example) == "77QmUPtjPfzWtF2AnpK9RQ"


def test_its_token_never_outlives_the_permission() -> None:
    record = legacy("spa")
    issue = decide_implicit(record, _consented(), response_type="token", issuer=ISSUER, jti="at_1", now=END - 20)
    assert issue.claims is not None
    assert issue.claims["exp"] == END
    assert issue.id_token_claims is None


def test_its_token_carries_what_is_still_subscribed_to() -> None:
    record = legacy("spa", scopes=frozenset({"payments"}))
    only_id = decide_implicit(record, _consented(), response_type="token", issuer=ISSUER, jti="at_1", now=NOW)
    assert only_id.scope == "openid"
    with pytest.raises(OAuthError, match="invalid_scope"):
        decide_implicit(record, _consented("accounts"), response_type="token", issuer=ISSUER, jti="at_1", now=NOW)


def test_a_permission_that_ends_while_the_customer_reads_ends_the_request() -> None:
    for record, parameters in (
        (legacy("spa"), checked(legacy("spa"), response_type="token", **IMPLICIT).as_dict()),
        (web(), check_authorization(AuthorizationAttempt(web(), WITHOUT_PKCE, is_pushed=False)).as_dict()),
    ):
        back = WayBack("cl_1", CALLBACK)
        check_still_allowed(record.policy, parameters, back)
        with pytest.raises(SentBack) as refused:
            check_still_allowed(policy_for("spa" if record.policy.is_public else "web"), parameters, back)
        assert refused.value.error.code == "unauthorized_client"


# Password, for the bank's internal applications

FORM = {"grant_type": "password", "username": "199001019876", "password": "x", "scope": "accounts"}
MAJA = GrantRecord("gr_9", "cl_1", "cus_maja", 1, NOW + 90 * 86_400, is_revoked=False, made_by="password")


def attempt(record: ClientRecord, form: dict[str, str] | None = None, **changes: Any) -> TokenAttempt:
    base = TokenAttempt(record, PASSWORD, FORM if form is None else form, None, "public", "192.0.2.1", NOW)
    return replace(base, **changes)


def test_the_password_grant_gives_what_it_names_rfc6749_4_3_3() -> None:
    record = legacy("internal")
    check_before_password(attempt(record))
    issue = decide(attempt(record, password_grant=MAJA), issuer=ISSUER, jti="at_1")
    assert (issue.claims["sub"], issue.claims["gid"], issue.scope) == ("cus_maja", "gr_9", "accounts")
    assert issue.id_token_claims is None


def test_its_tokens_never_outlive_the_permission() -> None:
    late = attempt(legacy("internal"), password_grant=MAJA, now=END - 5)
    assert decide(late, issuer=ISSUER, jti="at_1").claims["exp"] == END


@pytest.mark.parametrize("type_", ["web", "spa"])
def test_the_permission_of_another_type_does_not_bring_it(type_: str) -> None:
    with pytest.raises(OAuthError, match="unsupported_grant_type"):
        check_before_password(attempt(legacy(type_)))


@pytest.mark.parametrize("record", [client("internal"), client("internal", "fapi2"), client("server")])
def test_without_permission_the_grant_does_not_exist_rfc9700_2_4(record: ClientRecord) -> None:
    assert grant_type_of(FORM) == PASSWORD
    with pytest.raises(OAuthError, match="unsupported_grant_type"):
        decide(attempt(record, password_grant=MAJA), issuer=ISSUER, jti="at_1")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"username": ""}, "invalid_request"),
        ({"password": ""}, "invalid_request"),
        ({"password": "x" * 201}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
def test_name_password_and_scope_are_sent_rfc6749_4_3_2(changes: dict[str, str], code: str) -> None:
    with pytest.raises(OAuthError) as refused:
        check_before_password(attempt(legacy("internal"), FORM | changes))
    assert refused.value.code == code


def test_a_scope_that_is_not_subscribed_to_is_refused_rfc6749_5_2() -> None:
    for scope in ("unknown", "openid"):
        with pytest.raises(OAuthError, match="invalid_scope"):
            decide(attempt(legacy("internal"), FORM | {"scope": scope}, password_grant=MAJA), issuer=ISSUER, jti="x")


def test_no_customer_no_token() -> None:
    with pytest.raises(OAuthError, match="invalid_grant"):
        decide(attempt(legacy("internal")), issuer=ISSUER, jti="at_1")


def test_a_source_range_holds_for_it_too() -> None:
    from ipaddress import ip_network

    record = legacy("internal", source_ranges=(ip_network("198.51.100.0/24"),))
    with pytest.raises(OAuthError, match="unauthorized_client"):
        check_before_password(attempt(record))


@pytest.mark.parametrize("way", ["password", "implicit"])
def test_its_refresh_token_ends_with_the_permission(way: str) -> None:
    grant = replace(MAJA, made_by=way)
    row = RefreshRecord(grant, "accounts", NOW + 1000, is_rotated=False, is_revoked=False)
    form = {"grant_type": "refresh_token", "refresh_token": "r"}
    allowed = legacy("internal" if way == "password" else "spa")
    refresh = TokenAttempt(allowed, "refresh_token", form, None, "public", "192.0.2.1", NOW, refresh=row)
    assert decide(refresh, issuer=ISSUER, jti="at_1").claims["sub"] == "cus_maja"
    ended = replace(refresh, client=client("internal" if way == "password" else "spa"))
    with pytest.raises(OAuthError, match=f"permission for the {way} grant has ended"):
        decide(ended, issuer=ISSUER, jti="at_1")


def test_grants_of_the_code_flow_go_on_when_it_ends() -> None:
    server = Server(client("spa"))
    server.authorize(REQUEST)
    assert server.token(REDEEM).claims


def test_a_form_post_holds_the_members_for_the_page() -> None:
    assert FormPost(CALLBACK, {"id_token": "x"}).members == {"id_token": "x"}
