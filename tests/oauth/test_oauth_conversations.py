"""Two sides without a wire: a client that speaks the protocol, and the engine that answers."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propylon.kernel.peer_certificate import PeerCertificate
from propylon.oauth.attempts import AuthorizationAttempt, TokenAttempt
from propylon.oauth.authorization_request import CheckedRequest, SentBack, check_authorization
from propylon.oauth.authorization_response import WayBack, answer_address
from propylon.oauth.client_authentication import authenticate, read_presented
from propylon.oauth.errors import OAuthError
from propylon.oauth.form import parse_form, parse_parameters
from propylon.oauth.policy import policy_for
from propylon.oauth.records import ClientRecord, CodeRecord, GrantRecord, RefreshRecord
from propylon.oauth.rules.check_code_verifier import s256
from propylon.oauth.token_request import RULES, decide, grant_type_of
from propylon.oauth.tokens import Issue, token_response

NOW = 1_800_000_000
ISSUER = "https://bank.example"
VERIFIER = "A" * 43
CALLBACK = "https://partner.example/cb"
CERTIFICATE = PeerCertificate("ab" * 32, "svcPartnerV01", "CN=svcPartnerV01")


def client(type_: str, profile: str = "standard", **changes: Any) -> ClientRecord:
    policy = policy_for(type_, profile)
    record = ClientRecord(
        client_id="cl_1",
        generation=3,
        application="app_1",
        application_name="Spending",
        organization="org_1",
        organization_name="Partner",
        environment="sandbox",
        audience=f"{ISSUER}/sandbox",
        policy=policy,
        auth_method=policy.default_auth_method,
        secret_digest=hashlib.sha256(b"secret").hexdigest() if policy.has_secret else "",
        redirect_uris=(CALLBACK,),
        binds_tokens=False,
        plan="standard",
        service_account="svcPartnerV01" if policy.needs_service_account else "",
        source_ranges=(),
        scopes=frozenset({"accounts", "payments"}),
        certificates={CERTIFICATE.fingerprint: NOW + 1000},
        is_active=True,
    )
    return replace(record, **changes)


def address_with(back: WayBack, **members: str) -> str:
    return answer_address(back, members, issuer=ISSUER, now=NOW, sign=lambda _: "")


class Server:
    """The authorization server's side: keeps what a store would keep, decides with the engine."""

    def __init__(self, record: ClientRecord) -> None:
        self.client = record
        self.code: CodeRecord | None = None
        self.refresh: RefreshRecord | None = None

    def authorize(self, parameters: dict[str, str]) -> str:
        """The address that the customer's browser goes to, after a yes."""
        try:
            checked = check_authorization(AuthorizationAttempt(self.client, parameters, is_pushed=False))
        except SentBack as answer:
            return address_with(answer.back, **answer.error.body())
        grant = GrantRecord("gr_1", self.client.client_id, "cus_1", 1, NOW + 90 * 86_400, is_revoked=False)
        self.code = CodeRecord(
            grant=grant,
            redirect_uri=checked.redirect_uri,
            scope=" ".join(checked.scope),
            nonce=checked.nonce,
            code_challenge=checked.code_challenge,
            authenticated_at=NOW,
            expires_at=NOW + 60,
            is_used=False,
        )
        back = WayBack(self.client.client_id, checked.redirect_uri, checked.state)
        return address_with(back, code="the-code")

    def token(
        self, body: str, *, listener: str = "public", certificate: PeerCertificate | None = None, now: int = NOW + 1
    ) -> Issue:
        form = parse_form(content_type="application/x-www-form-urlencoded", query=b"", body=body.encode())
        proven = authenticate(self.client, read_presented(form, ""), certificate, now, issuer=ISSUER).client
        attempt = TokenAttempt(
            client=proven,
            grant_type=grant_type_of(form),
            form=form,
            certificate=certificate,
            listener=listener,
            source_address="192.0.2.1",
            now=now,
            code=self.code if form.get("code") == "the-code" else None,
            refresh=self.refresh if form.get("refresh_token") == "the-refresh-token" else None,
        )
        issue = decide(attempt, issuer=ISSUER, jti="at_1")
        if self.code and attempt.code:
            self.refresh = RefreshRecord(self.code.grant, issue.scope, now + 1000, is_rotated=False, is_revoked=False)
            self.code = replace(self.code, is_used=True)
        return issue


REQUEST = {
    "response_type": "code",
    "client_id": "cl_1",
    "redirect_uri": CALLBACK,
    "scope": "openid accounts",
    "code_challenge": s256(VERIFIER),
    "code_challenge_method": "S256",
    "state": "x",
    "nonce": "n",
}
REDEEM = f"grant_type=authorization_code&code=the-code&redirect_uri={CALLBACK}&code_verifier={VERIFIER}&client_id=cl_1"
REFRESH = "grant_type=refresh_token&refresh_token=the-refresh-token&client_id=cl_1"
SERVICE = "grant_type=client_credentials&client_id=cl_1&scope=accounts"


def test_a_customer_says_yes_and_the_client_redeems_and_refreshes() -> None:
    server = Server(client("spa"))
    assert server.authorize(REQUEST) == f"{CALLBACK}?code=the-code&state=x&iss=https%3A%2F%2Fbank.example"
    issue = server.token(REDEEM)
    assert issue.claims["gid"] == "gr_1"
    assert issue.claims["ggn"] == "gr_1.1"
    assert issue.claims["cgn"] == "cl_1.3"
    assert issue.id_token_claims is not None
    assert issue.id_token_claims["nonce"] == "n"
    again = server.token(REFRESH)
    assert again.claims["sub"] == "cus_1"
    assert again.id_token_claims is None
    assert token_response(again, access_token="t")["token_type"] == "Bearer"


def test_a_second_redemption_asks_for_the_grants_end_rfc6749_4_1_2() -> None:
    server = Server(client("spa"))
    server.authorize(REQUEST)
    server.token(REDEEM)
    with pytest.raises(OAuthError) as refused:
        server.token(REDEEM)
    assert (refused.value.code, refused.value.ends_grant) == ("invalid_grant", True)


def test_a_code_dies_after_sixty_seconds_fapi2_5_3_2_1() -> None:
    server = Server(client("spa"))
    server.authorize(REQUEST)
    with pytest.raises(OAuthError) as refused:
        server.token(REDEEM, now=NOW + 60)
    assert (refused.value.code, refused.value.ends_grant) == ("invalid_grant", False)
    assert server.token(REDEEM, now=NOW + 59).scope == "openid accounts"


def test_a_service_token_is_bound_and_says_so_rfc8705_3_1() -> None:
    issue = Server(client("server")).token(SERVICE, listener="mutual", certificate=CERTIFICATE)
    assert issue.claims["x5h"] == CERTIFICATE.fingerprint
    assert issue.claims["cnf"] == {"x5t#S256": CERTIFICATE.x5t_s256}
    assert issue.claims["sub"] == "cl_1"


@pytest.mark.parametrize(
    ("record", "listener", "certificate", "error"),
    [
        (client("server"), "public", CERTIFICATE, "invalid_client"),
        (client("server"), "mutual", None, "invalid_client"),
        (client("server"), "mutual", replace(CERTIFICATE, common_name="svcOther"), "invalid_client"),
        (client("server"), "mutual", replace(CERTIFICATE, fingerprint="cd" * 32), "invalid_client"),
        (client("server", service_account=""), "mutual", replace(CERTIFICATE, common_name=""), "invalid_client"),
        (client("server", is_active=False), "mutual", CERTIFICATE, "invalid_client"),
        (client("server", certificates={CERTIFICATE.fingerprint: NOW}), "mutual", CERTIFICATE, "invalid_client"),
        (client("server", scopes=frozenset()), "mutual", CERTIFICATE, "invalid_scope"),
        (client("server", source_ranges=(ip_network("10.0.0.0/8"),)), "mutual", CERTIFICATE, "unauthorized_client"),
        (client("spa"), "public", None, "unauthorized_client"),
    ],
)
def test_service_tokens_refused(
    record: ClientRecord, listener: str, certificate: PeerCertificate | None, error: str
) -> None:
    with pytest.raises(OAuthError) as refused:
        Server(record).token(SERVICE, listener=listener, certificate=certificate)
    assert refused.value.code == error


def test_a_client_that_binds_its_tokens_must_show_its_certificate() -> None:
    server = Server(client("web", auth_method="client_secret_post", binds_tokens=True))
    server.authorize(REQUEST)
    with pytest.raises(OAuthError) as refused:
        server.token(REDEEM + "&client_secret=secret")
    assert refused.value.code == "invalid_client"
    issue = server.token(REDEEM + "&client_secret=secret", certificate=CERTIFICATE)
    assert issue.claims["x5h"] == CERTIFICATE.fingerprint


def test_errors_never_leave_for_an_address_that_is_not_registered_rfc9700_4_11() -> None:
    server = Server(client("spa"))
    for changes in ({"redirect_uri": "https://evil.example/cb"}, {"redirect_uri": ""}):
        with pytest.raises(OAuthError):
            server.authorize({**REQUEST, **changes, "response_type": "token"})


def test_what_is_checked_is_what_is_kept() -> None:
    checked = check_authorization(AuthorizationAttempt(client("spa"), REQUEST, is_pushed=False))
    assert checked == CheckedRequest(CALLBACK, ("openid", "accounts"), "x", "n", s256(VERIFIER))
    assert checked.as_dict()["scope"] == "openid accounts"


def test_every_grant_type_begins_with_the_same_rules() -> None:
    common = RULES["client_credentials"]
    assert all(rules[: len(common)] == common for rules in RULES.values())


def test_error_descriptions_keep_to_the_characters_of_rfc6749_5_2() -> None:
    allowed = set(map(chr, [*range(0x20, 0x22), *range(0x23, 0x5C), *range(0x5D, 0x7F)]))
    server = Server(client("spa"))
    bodies = ["grant_type=x&client_id=cl_1", "client_id=cl_1", REDEEM.replace("the-code", "no"), REFRESH, SERVICE]
    for body in bodies:
        with pytest.raises(OAuthError) as refused:
            server.token(body)
        assert set(refused.value.description) <= allowed


@given(st.dictionaries(st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cc"]), min_size=1),
                       st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cc"]), min_size=1),
                       max_size=20))  # fmt: skip
def test_a_form_reads_back_as_it_was_written_rfc6749_b(values: dict[str, str]) -> None:
    from urllib.parse import urlencode

    parameters = parse_parameters(urlencode(values).encode())
    assert parameters.values == values
    assert not parameters.repeated


@given(st.binary(max_size=200))
def test_no_bytes_bring_the_form_parser_down(body: bytes) -> None:
    with contextlib.suppress(OAuthError):  # anything else fails the test
        parse_form(content_type="application/x-www-form-urlencoded", query=b"", body=body)
