"""Client metadata against application types (RFC 7591, 2): every member accepted, replaced or refused by rule."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc.jwk import ECKey

from propylon.oauth.errors import OAuthError
from propylon.oauth.registration import Registered, client_information, read_registration

CALLBACK = "https://app.example/callback"
KEY = ECKey.generate_key("P-256", {"kid": "one"})
JWKS = {"keys": [KEY.as_dict(private=False)]}
NATIVE = {"application_type": "native", "token_endpoint_auth_method": "none"}
SIGNED = {"token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS}
SERVER = {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "tls_client_auth", "redirect_uris": None}


def metadata(**changes: Any) -> dict[str, Any]:
    """None leaves a member out."""
    sent = {"client_name": "Ledger", "contacts": ["dev@partner.example"], "redirect_uris": [CALLBACK]} | changes
    return {name: value for name, value in sent.items() if value is not None}


def refused(**changes: Any) -> OAuthError:
    with pytest.raises(OAuthError) as found:
        read_registration(metadata(**changes))
    assert found.value.status == 400
    return found.value


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, ("web", "standard", "client_secret_basic")),
        ({"token_endpoint_auth_method": "client_secret_post"}, ("web", "standard", "client_secret_post")),
        (SIGNED, ("web", "standard", "private_key_jwt")),
        (SIGNED | {"require_pushed_authorization_requests": True}, ("web", "fapi2", "private_key_jwt")),
        (SIGNED | {"require_pushed_authorization_requests": True, "dpop_bound_access_tokens": True},
         ("web", "fapi2", "private_key_jwt")),
        ({"token_endpoint_auth_method": "tls_client_auth"}, ("web", "fapi2", "tls_client_auth")),
        ({"token_endpoint_auth_method": "none"}, ("spa", "standard", "none")),
        (NATIVE, ("native", "standard", "none")),
        (NATIVE | {"redirect_uris": ["com.example.app:/cb"]}, ("native", "standard", "none")),
        (SERVER, ("server", "standard", "tls_client_auth")),
    ],
)  # fmt: skip
def test_the_type_follows_from_grants_and_method_rfc7591_2(changes: dict[str, Any], kind: tuple[str, ...]) -> None:
    found = read_registration(metadata(**changes))
    assert (found.type, found.profile, found.auth_method) == kind


@pytest.mark.parametrize(
    "changes",
    [{"subject_type": "private"}, {"subject_type": 1}, {"sector_identifier_uri": "https://app.example/sector"},
     {"subject_type": "pairwise", "redirect_uris": [CALLBACK, "https://other.example/cb"]},
     {"subject_type": "pairwise", **NATIVE, "redirect_uris": ["com.example.app:/cb"]}],
)  # fmt: skip
def test_pairwise_needs_one_host_oidc_registration_2(changes: dict[str, Any]) -> None:
    assert refused(**changes).code == "invalid_client_metadata"
    assert read_registration(metadata(subject_type="pairwise")).is_pairwise
    assert not read_registration(metadata(subject_type="public")).is_pairwise


@pytest.mark.parametrize(
    "uris",
    [None, [], "https://app.example/", ["http://app.example/"], [f"{CALLBACK}#x"], [CALLBACK, CALLBACK], [1], [None],
     ["https://*.app.example/"], ["javascript:alert(1)"], ["com.example.app:/cb"], [CALLBACK] * 11, {"a": "b"}],
)  # fmt: skip
def test_invalid_redirect_uri_rfc7591_3_2_2(uris: Any) -> None:
    assert refused(redirect_uris=uris).code == "invalid_redirect_uri"


@pytest.mark.parametrize(
    ("member", "value", "told"),
    [
        ("dns", "App.example", "app.example"), ("uri", "urn:a:b", "urn:a:b"), ("ip", "::0001", "::1"),
        ("email", "a@App.example", "a@app.example"),
    ],
)  # fmt: skip
def test_a_certificate_is_known_by_one_registered_name_rfc8705_2_1_2(member: str, value: str, told: str) -> None:
    wish = read_registration(metadata(**{f"tls_client_auth_san_{member}": value}, **SERVER))
    answer = client_information(Registered("cl_1", 1, wish, [], "svcV01", "", True, "https://bank.example/x"))
    assert answer[f"tls_client_auth_san_{member}"] == told
    assert "tls_client_auth_subject_dn" not in answer


@pytest.mark.parametrize(
    "changes",
    [
        {"client_name": None}, {"client_name": "  "}, {"client_name": 5}, {"client_name": "a\nb"},
        {"client_name": "x" * 1001}, {"contacts": None}, {"contacts": []}, {"contacts": "dev@partner.example"},
        {"grant_types": ["password"]}, {"grant_types": ["implicit"]}, {"grant_types": ["refresh_token"]},
        {"grant_types": "authorization_code"}, {"grant_types": ["authorization_code", "client_credentials"]},
        {"grant_types": ["urn:openid:params:grant-type:ciba"]},
        {"response_types": ["token"]}, {"response_types": ["code", "id_token"]}, {"response_types": "code"},
        SERVER | {"response_types": ["code"]}, SERVER | {"token_endpoint_auth_method": None},
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": "self_signed_tls_client_auth"},
        {"token_endpoint_auth_method": ["none"]}, {"application_type": "desktop"},
        {"application_type": "native"}, {"jwks_uri": "http://app.example/jwks"}, NATIVE | {"jwks_uri": "https://a.example"},
        {"jwks_uri": "https://app.example/jwks", "jwks": JWKS}, {"jwks_uri": 5},
        {"jwks": []}, {"jwks": {}}, {"jwks": {"keys": {}}}, {"jwks": {"keys": [{"kty": "oct", "k": "x"}]}},
        {"jwks": {"keys": [KEY.as_dict(private=True)]}}, {"token_endpoint_auth_method": "private_key_jwt"},
        NATIVE | {"jwks": JWKS}, {"require_signed_request_object": True}, {"require_signed_request_object": "yes"},
        {"tls_client_auth_san_dns": "app.example"}, SERVER | {"tls_client_auth_san_dns": "*.app.example"},
        SERVER | {"tls_client_auth_san_dns": "app.example", "tls_client_auth_san_ip": "192.0.2.7"},
        {"authorization_details_types": ["payment_initiation"]},
        {"dpop_bound_access_tokens": True}, {"require_pushed_authorization_requests": True},
        {"token_endpoint_auth_signing_alg": "RS256"}, {"id_token_signed_response_alg": "none"},
        NATIVE | {"tls_client_certificate_bound_access_tokens": True}, {"scope": ["accounts"]},
    ],
)  # fmt: skip
def test_invalid_client_metadata_rfc7591_3_2_2(changes: dict[str, Any]) -> None:
    assert refused(**changes).code == "invalid_client_metadata"


def test_a_software_statement_is_refused_clearly_rfc7591_2_3() -> None:
    error = refused(software_statement="a.b.c")
    assert error.code == "invalid_software_statement"
    assert "not taken here" in error.description


def test_what_is_not_known_is_left_aside_rfc7591_2() -> None:
    assert read_registration(metadata(logo_uri="https://x.example/l", software_id="1", x="y")).name == "Ledger"


def test_the_answer_says_what_was_registered_rfc7591_3_2_1() -> None:
    wish = read_registration(metadata(tls_client_auth_subject_dn="CN=mine", **SERVER))
    answer = client_information(
        Registered("cl_1", 1, wish, ["accounts"], "svcPartnerV01", "", False, "https://bank.example/x", "prg_t")
    )
    assert answer["tls_client_auth_subject_dn"] == "CN=svcPartnerV01", "replaced by the program's own"
    assert answer["grant_types"] == ["client_credentials"]
    assert answer["response_types"] == []
    assert answer["registration_status"] == "pending"
    assert answer["registration_access_token"] == "prg_t"
    assert "client_secret" not in answer
    code = read_registration(metadata(**SIGNED))
    told = client_information(Registered("cl_1", 1, code, [], "", "", True, "https://bank.example/x"))
    assert told["jwks"]["keys"][0]["kid"] == "one"
    assert "registration_access_token" not in told
