"""The policy table, read as sentences."""

from __future__ import annotations

import pytest

from propylon.kernel.errors import PropylonError
from propylon.oauth.policy import PROFILES, TYPES, Certificate, Listener, RedirectRule, policy_for
from propylon.oauth.redirect_uris import form_action_source, is_registered, registration_problem

_ALL = [(name, profile) for name, type_ in TYPES.items() for profile in type_.profiles]


def test_the_types_are_those_of_the_contract() -> None:
    assert list(TYPES) == ["server", "web", "internal", "spa", "native"]


@pytest.mark.parametrize(("name", "profile"), _ALL)
def test_the_code_flow_always_has_pkce_rfc9700_2_1_1(name: str, profile: str) -> None:
    policy = policy_for(name, profile)
    assert policy.requires_pkce == ("authorization_code" in policy.grants)


@pytest.mark.parametrize(("name", "profile"), [pair for pair in _ALL if pair[1] == "fapi2"])
def test_fapi2_means_certificates_or_signatures_and_no_rotation_5_3_2_1(name: str, profile: str) -> None:
    policy = policy_for(name, profile)
    assert {*policy.auth_methods} <= {"tls_client_auth", "private_key_jwt"}
    assert policy.binds_tokens
    by_certificate = policy.by("tls_client_auth")
    assert (by_certificate.certificate, by_certificate.listener) == (Certificate.REQUIRED, Listener.MUTUAL)
    assert not policy.is_public
    assert not policy.rotates_refresh_tokens
    assert policy.requires_par == ("authorization_code" in policy.grants)


def test_who_signs_needs_no_certificate_but_still_binds_its_tokens_fapi2_5_3_2_1() -> None:
    policy = policy_for("web", "fapi2").by("private_key_jwt")
    assert (policy.certificate, policy.listener) == (Certificate.OPTIONAL, Listener.ANY)
    assert policy.binds_tokens
    assert not policy.needs_service_account
    assert not policy_for("web").by("private_key_jwt").has_secret
    assert policy_for("web").by("none") == policy_for("web")


@pytest.mark.parametrize(("name", "profile"), _ALL)
def test_public_clients_rotate_refresh_tokens_rfc9700_2_2_2(name: str, profile: str) -> None:
    policy = policy_for(name, profile)
    assert policy.rotates_refresh_tokens == policy.is_public


def test_only_servers_have_tokens_of_their_own() -> None:
    assert [pair for pair in _ALL if "client_credentials" in policy_for(*pair).grants] == [
        ("server", "fapi2"),
        ("server", "standard"),
    ]


@pytest.mark.parametrize(
    ("name", "profile", "code"),
    [
        ("robot", "", "oauth.type.unknown"),
        ("spa", "fapi2", "oauth.profile.not_allowed"),
        ("native", "fapi2", "oauth.profile.not_allowed"),
        *((name, "legacy", "oauth.profile.not_allowed") for name in TYPES),
    ],
)
def test_what_the_table_does_not_have_is_refused(name: str, profile: str, code: str) -> None:
    with pytest.raises(PropylonError) as refused:
        policy_for(name, profile)
    assert refused.value.code == code
    assert "legacy" in PROFILES


_R = RedirectRule


@pytest.mark.parametrize(
    ("uri", "allowed"),
    [
        ("https://partner.example/cb", {_R.HTTPS, _R.WEB, _R.NATIVE}),
        ("https://partner.example:8443/cb?a=b", {_R.HTTPS, _R.WEB, _R.NATIVE}),
        ("http://localhost:3000/cb", {_R.WEB, _R.NATIVE}),
        ("http://127.0.0.1/cb", {_R.WEB, _R.NATIVE}),
        ("http://[::1]/cb", {_R.WEB, _R.NATIVE}),
        ("com.partner.app:/cb", {_R.NATIVE}),
        ("http://partner.example/cb", set()),
        ("partner:/cb", set()),
        ("javascript:alert(1)", set()),
        ("data:text/html,x", set()),
        ("https://partner.example/cb#part", set()),
        ("https://partner.example/cb#", set()),
        ("https://user@partner.example/cb", set()),
        ("https:///cb", set()),
        ("//partner.example/cb", set()),
        ("https://partner.example/c b", set()),
        ("https://partner.example/\ncb", set()),
        ("https://pärtner.example/cb", set()),
        ("https://partner.example:port/cb", set()),
        ("https://partner.example/" + "x" * 2000, set()),
        ("", set()),
    ],
)
def test_which_redirect_uris_may_be_registered(uri: str, allowed: set[RedirectRule]) -> None:
    assert {rule for rule in RedirectRule if not registration_problem(uri, rule)} == allowed


def test_the_port_is_free_for_loopback_addresses_of_native_applications_only_rfc8252_7_3() -> None:
    registered = ["http://127.0.0.1/cb"]
    assert is_registered("http://127.0.0.1:50000/cb", registered, RedirectRule.NATIVE)
    assert not is_registered("http://127.0.0.1:50000/cb", registered, RedirectRule.WEB)
    assert not is_registered("http://127.0.0.1.evil.example/cb", registered, RedirectRule.NATIVE)
    assert not is_registered("http://127.0.0.1:50000/cb/..", registered, RedirectRule.NATIVE)


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("https://partner.example/cb?x", "https://partner.example"),
        ("http://127.0.0.1:5000/cb", "http://127.0.0.1:5000"),
        ("http://[::1]:5000/cb", "http:"),
        ("com.partner.app:/cb", "com.partner.app:"),
    ],
)
def test_form_action_names_where_the_answer_leads(uri: str, source: str) -> None:
    assert form_action_source(uri) == source


# The grant matrix: what a client of each type may do under each profile, and what it must have.
_SECRETS = "client_secret_basic client_secret_post private_key_jwt"
_CODE = "authorization_code refresh_token"
MATRIX = {
    # grants, authentication, listener, redirects, certificate, service account, ranges, PKCE, PAR, rotation, binding
    "server fapi2": ("client_credentials", "tls_client_auth", "mutual", "none", "required", "A R . . . B"),
    "server standard": ("client_credentials", "tls_client_auth", "mutual", "none", "required", "A R . . . B"),
    "web fapi2": (_CODE, "tls_client_auth private_key_jwt", "mutual", "https", "required", "A R K P . B"),
    "web standard": (_CODE, _SECRETS, "any", "web", "optional", ". R K . . ."),
    "internal fapi2": (_CODE, "tls_client_auth private_key_jwt", "mutual", "https", "required", "A R K P . B"),
    "internal standard": (_CODE, _SECRETS, "any", "web", "optional", ". R K . . ."),
    "spa standard": (_CODE, "none", "any", "web", "none", ". . K . O ."),
    "native standard": (_CODE, "none", "any", "native", "none", ". . K . O ."),
}


def test_the_grant_matrix_is_this_one() -> None:
    found = {}
    for name, profile in _ALL:
        row = policy_for(name, profile)
        flags = {
            "A": row.needs_service_account,
            "R": row.takes_source_ranges,
            "K": row.requires_pkce,
            "P": row.requires_par,
            "O": row.rotates_refresh_tokens,
            "B": row.binds_tokens,
        }
        words = (row.listener.value, row.redirect_rule.value, row.certificate.value)
        said = " ".join(flag if is_set else "." for flag, is_set in flags.items())
        found[f"{name} {profile}"] = (" ".join(sorted(row.grants)), " ".join(row.auth_methods), *words, said)
    assert found == MATRIX
