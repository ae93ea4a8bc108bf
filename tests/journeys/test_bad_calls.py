"""Bad calls at the real gateway: each gets its clear, coded answer with a tracking id, and a call record."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from journeys.management_client import ManagementClient
from journeys.partners import PRODUCTION, SANDBOX, Mint, Partner, bearer, claims_of, mint, partner
from propylon.cli.demo.http_session import Answer, HttpSession
from propylon.kernel.tracking import is_tracking_id
from running_system import RunningSystem

ACCOUNTS = f"{SANDBOX}/accounts"
LONGEST_URL = 2048
MEMBERS = {"code", "message", "trackingId", "transient", "errors"}


@dataclass
class Scene:
    """A partner with a token, a second one with its own certificate, and the operator who looks calls up."""

    system: RunningSystem
    operator: ManagementClient
    partner: Partner
    other: Partner
    token: str
    mint: Mint
    told: list[tuple[str, int, str]] = field(default_factory=list)

    def refused(self, answer: Answer, status: int, code: str) -> None:
        """The standard error body (FEATURES G2). This file's last test compares the call records with what was told."""
        body: dict[str, Any] = answer.json()
        assert (answer.status, body.get("code")) == (status, code), answer.body
        assert set(body) == MEMBERS
        assert body["message"].endswith(".")
        assert is_tracking_id(body["trackingId"])
        assert body["trackingId"] == answer.tracking_id
        assert [name.lower() for name, _ in answer.all_headers].count("requesttrackingid") == 1
        assert body["transient"] in {"true", "false"}
        assert isinstance(body["errors"], list)
        assert answer.headers["content-type"] == "application/json"
        assert ("www-authenticate" in answer.headers) == (status == 401 or code == "gateway.scope.missing")
        self.told.append((answer.tracking_id, status, code if code.startswith("gateway.") else ""))

    def recorded(self, answer: Answer) -> dict[str, Any]:
        return self.operator.record(answer.tracking_id)


@pytest.fixture(scope="module")
def scene(running_system: RunningSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("bad-calls")
    with (
        ManagementClient(running_system, "developer") as developer,
        ManagementClient(running_system, "operator") as operator,
        partner(running_system, developer, folder) as first,
        partner(running_system, developer, folder) as second,
        mint(running_system) as signer,
    ):
        yield Scene(running_system, operator, first, second, first.token(), signer)


@pytest.fixture
def call(scene: Scene) -> Iterator[HttpSession]:
    """The mutual listener, with the partner's certificate."""
    with scene.partner.mutual() as session:
        yield session


def foreign_token(token: str, kid: str, **claims: str) -> str:
    """The same claims, signed by a key that this installation has never seen."""
    key = ECKey.generate_key("P-256")
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": kid}, {**claims_of(token), **claims}, key)


def kid_of(system: RunningSystem) -> str:
    with system.client() as client:
        uri: str = client.get("/.well-known/oauth-authorization-server").json()["jwks_uri"]
        kid: str = client.get(uri.removeprefix(system.public_url)).json()["keys"][0]["kid"]
    return kid


class TestTokens:
    """RFC 6750 section 3.1, RFC 9068 section 4, RFC 8705 section 3."""

    def test_no_token(self, scene: Scene, call: HttpSession) -> None:
        answer = call.get(ACCOUNTS)
        scene.refused(answer, 401, "gateway.token.missing")
        assert answer.headers["www-authenticate"] == 'Bearer realm="api"'

    def test_of_another_issuer(self, scene: Scene, call: HttpSession) -> None:
        token = foreign_token(scene.token, "foreign", iss="https://elsewhere.example")
        scene.refused(call.get(ACCOUNTS, **bearer(token)), 401, "gateway.token.issuer")

    @pytest.mark.parametrize("kid", ["foreign", "ours"])
    def test_signed_by_a_foreign_key(self, scene: Scene, call: HttpSession, kid: str) -> None:
        token = foreign_token(scene.token, kid_of(scene.system) if kid == "ours" else kid)
        answer = call.get(ACCOUNTS, **bearer(token))
        scene.refused(answer, 401, "gateway.token.signature")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]

    def test_of_another_issuer_with_our_signature(self, scene: Scene, call: HttpSession) -> None:
        token = scene.mint.like(scene.token, iss="https://elsewhere.example")
        scene.refused(call.get(ACCOUNTS, **bearer(token)), 401, "gateway.token.issuer")

    def test_unsigned(self, scene: Scene, call: HttpSession) -> None:
        """RFC 8725 section 3.1."""
        _, payload, _ = scene.token.split(".")
        scene.refused(call.get(ACCOUNTS, **bearer(f"eyJhbGciOiJub25lIn0.{payload}.")), 401, "gateway.token.malformed")

    def test_that_is_no_jwt(self, scene: Scene, call: HttpSession) -> None:
        scene.refused(call.get(ACCOUNTS, **bearer("prt_not-a-jwt")), 401, "gateway.token.malformed")

    def test_with_one_letter_changed(self, scene: Scene, call: HttpSession) -> None:
        header, payload, signature = scene.token.split(".")
        changed = ("B" if signature[10] == "A" else "A").join((signature[:10], signature[11:]))
        answer = call.get(ACCOUNTS, **bearer(f"{header}.{payload}.{changed}"))
        scene.refused(answer, 401, "gateway.token.signature")

    def test_expired(self, scene: Scene, call: HttpSession) -> None:
        token = scene.mint.changed(scene.token, exp=int(time.time()) - 60)
        answer = call.get(ACCOUNTS, **bearer(token))
        scene.refused(answer, 401, "gateway.token.expired")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]

    def test_without_an_end(self, scene: Scene, call: HttpSession) -> None:
        token = scene.mint.changed(scene.token, exp=None)
        scene.refused(call.get(ACCOUNTS, **bearer(token)), 401, "gateway.token.signature")

    def test_of_another_certificate(self, scene: Scene) -> None:
        with scene.other.mutual() as session:
            answer = session.get(ACCOUNTS, **bearer(scene.token))
        scene.refused(answer, 401, "gateway.token.binding")
        assert scene.recorded(answer)["client_id"] == scene.partner.client_id  # whose token, not whose certificate

    def test_that_is_bound_but_comes_without_any_certificate(self, scene: Scene) -> None:
        with scene.partner.public() as session:
            scene.refused(session.get(ACCOUNTS, **bearer(scene.token)), 401, "gateway.token.binding")

    def test_of_the_sandbox_in_production(self, scene: Scene, call: HttpSession) -> None:
        answer = call.get(f"{PRODUCTION}/accounts", **bearer(scene.token))
        scene.refused(answer, 401, "gateway.token.audience")

    def test_of_production_in_the_sandbox(self, scene: Scene, call: HttpSession) -> None:
        token = scene.mint.like(scene.token, aud=f"{scene.system.public_url}/api", env="production")
        assert call.get(f"{PRODUCTION}/accounts", **bearer(token)).status == 200
        scene.refused(call.get(ACCOUNTS, **bearer(token)), 401, "gateway.token.audience")

    def test_without_the_scope(self, scene: Scene, call: HttpSession) -> None:
        token = scene.partner.token("accounts")
        answer = call.get(f"{ACCOUNTS}/acc-000001/transactions", **bearer(token))
        scene.refused(answer, 403, "gateway.scope.missing")
        assert 'error="insufficient_scope", scope="transactions"' in answer.headers["www-authenticate"]
        assert scene.recorded(answer)["operation"] == "listTransactions"

    @pytest.mark.parametrize("scheme", ["bEaReR", "bearer", "BEARER"])
    def test_the_scheme_is_case_insensitive(self, scene: Scene, call: HttpSession, scheme: str) -> None:
        """RFC 9110 section 11.1."""
        assert call.get(ACCOUNTS, Authorization=f"{scheme} {scene.token}").status == 200

    @pytest.mark.parametrize(
        "value", ["Basic {}", "DPoP {}", "{}", "Bearer", "Bearer {0} {0}", "Bearer {0}, Bearer {0}"]
    )
    def test_other_schemes(self, scene: Scene, call: HttpSession, value: str) -> None:
        answer = call.get(ACCOUNTS, Authorization=value.format(scene.token))
        code = answer.json()["code"]
        assert code in {"gateway.token.missing", "gateway.token.malformed", "gateway.token.unbound"}
        scene.refused(answer, 401, code)

    @pytest.mark.parametrize("name", ["access_token", "token", "Authorization"])
    def test_in_the_address(self, scene: Scene, call: HttpSession, name: str) -> None:
        """RFC 6750 section 2.3 is not supported; and the record does not keep the token."""
        answer = call.get(f"{ACCOUNTS}?{name}={scene.token}")
        scene.refused(answer, 401, "gateway.token.missing")
        assert scene.token not in json.dumps(scene.recorded(answer))


class TestRequests:
    def test_a_url_of_2048_characters_passes(self, scene: Scene, call: HttpSession) -> None:
        assert call.get(_url_of(LONGEST_URL), **bearer(scene.token)).status == 200

    @pytest.mark.parametrize("length", [LONGEST_URL + 1, 3000])
    @pytest.mark.parametrize("with_token", [True, False])
    def test_a_longer_url(self, scene: Scene, call: HttpSession, length: int, *, with_token: bool) -> None:
        answer = call.get(_url_of(length), **(bearer(scene.token) if with_token else {}))
        scene.refused(answer, 414, "gateway.url.too_long")

    def test_a_body_that_is_too_large(self, scene: Scene, call: HttpSession) -> None:
        headers = {**bearer(scene.token), "Content-Length": str(1024**3)}  # announced, not sent
        scene.refused(call.request("POST", ACCOUNTS, headers=headers), 413, "gateway.body.too_large")

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
    def test_a_wrong_method(self, scene: Scene, call: HttpSession, method: str) -> None:
        """RFC 9110 section 15.5.6: with Allow."""
        answer = call.request(method, ACCOUNTS, headers=bearer(scene.token))
        scene.refused(answer, 405, "gateway.method.refused")
        assert answer.headers["allow"] == "GET, HEAD"

    @pytest.mark.parametrize(
        "path",
        [
            "/sandbox",
            "/sandbox/",
            "/sandbox/nothing/v1/accounts",
            "/sandbox/accounts",
            "/sandbox/accounts/v2/accounts",
            "/sandbox/accounts/v1/accountss",
            "/sandbox/accounts/v1/accounts/",
            "/sandboxx/accounts/v1/accounts",
            "/Sandbox/accounts/v1/accounts",
            "/manage/v1/me",
            "/console",
            "/",
        ],
    )
    def test_an_unknown_path(self, scene: Scene, call: HttpSession, path: str) -> None:
        """Also the web application's own prefixes: the mutual listener does not serve them."""
        scene.refused(call.get(path, **bearer(scene.token)), 404, "gateway.path.unknown")

    def test_an_unknown_host(self, scene: Scene, call: HttpSession) -> None:
        """RFC 9110 section 15.5.20."""
        answer = call.get(ACCOUNTS, Host="evil.example", **bearer(scene.token))
        scene.refused(answer, 421, "gateway.host.unknown")

    def test_no_certificate_on_the_mutual_listener(self, scene: Scene) -> None:
        """A clear answer, not a handshake that fails (ARCHITECTURE, addresses)."""
        with scene.partner.without_certificate() as session:
            answer = session.get(ACCOUNTS, **bearer(scene.token))
        scene.refused(answer, 401, "gateway.certificate.missing")
        record = scene.recorded(answer)
        assert record["listener"] == "mutual"
        assert record["certificate_fingerprint"] == ""

    @pytest.mark.parametrize("cursor", ["tampered", "%00", "MTUvc3RhcnQ", "a" * 500])
    @pytest.mark.parametrize("name", ["after", "before"])
    def test_a_cursor_that_was_made_up(self, scene: Scene, call: HttpSession, name: str, cursor: str) -> None:
        answer = call.get(f"{ACCOUNTS}?{name}={cursor}", **bearer(scene.token))
        scene.refused(answer, 400, "paging.cursor.invalid")
        assert answer.json()["errors"][0]["field"] == name

    def test_a_cursor_that_was_tampered_with(self, scene: Scene, call: HttpSession) -> None:
        """Each letter of a real cursor, changed; and the cursor of another list."""
        paging = call.get(f"{ACCOUNTS}?limit=1", **bearer(scene.token)).json()["paging"]
        name, cursor = next(pair.split("=") for pair in paging["next"].split("&") if not pair.endswith("="))
        assert call.get(f"{ACCOUNTS}?{name}={cursor}", **bearer(scene.token)).status == 200
        for place in range(0, len(cursor), 5):
            letter = "A" if cursor[place] != "A" else "B"
            changed = cursor[:place] + letter + cursor[place + 1 :]
            answer = call.get(f"{ACCOUNTS}?{name}={changed}", **bearer(scene.token))
            assert answer.json().get("code") == "paging.cursor.invalid", changed
        other_list = f"{ACCOUNTS}/acc-000001/transactions?{name}={cursor}"
        scene.refused(call.get(other_list, **bearer(scene.token)), 400, "paging.cursor.invalid")


class TestPathTricks:
    """A path leads where it leads once normalized (RFC 3986 section 6.2.2), under that place's policy."""

    @pytest.mark.parametrize(
        "trick",
        [
            "/sandbox/accounts/v1/accounts/../../../../api/accounts/v1/accounts",
            "/sandbox/accounts/v1/accounts/%2e%2e/%2E%2e/%2e./.%2e/api/accounts/v1/accounts",
            "/sandbox/..//api/./accounts/v1//accounts",
            "/sandbox/accounts/v1/\\..\\../../../api/accounts/v1/accounts",
        ],
    )
    def test_another_environment_asks_for_its_own_token(self, scene: Scene, call: HttpSession, trick: str) -> None:
        scene.refused(call.get(trick, **bearer(scene.token)), 401, "gateway.token.audience")

    @pytest.mark.parametrize(
        "trick",
        ["/sandbox/../manage/v1/me", "/sandbox/accounts/v1/%2e%2e/%2e%2e/%2e%2e/manage/v1/me", "//manage/v1/me"],
    )
    def test_the_web_application_stays_away_from_the_mutual_listener(
        self, scene: Scene, call: HttpSession, trick: str
    ) -> None:
        scene.refused(call.get(trick, **bearer(scene.operator.token)), 404, "gateway.path.unknown")

    @pytest.mark.parametrize(
        "trick",
        [
            "/sandbox/..%2fmanage/v1/me",
            "/sandbox/accounts/v1/accounts/..%2f..%2f..%2f..%2fapi%2faccounts",
            "/sandbox/accounts/v1/accounts/acc-000001%2Ftransactions",
            "/sandbox/accounts/v1/accounts/%5c..%5c..",
            "/sandbox/accounts/v1/accounts%00",
            "/sandbox/accounts/v1/accounts#/../..",
        ],
    )
    def test_encoded_separators_are_refused(self, scene: Scene, call: HttpSession, trick: str) -> None:
        scene.refused(call.get(trick, **bearer(scene.token)), 400, "gateway.request.malformed")

    @pytest.mark.parametrize("trick", ["%252e%252e%252f", "%252e%252e", "...", "%25"])
    def test_what_is_encoded_twice_is_an_id_like_any_other(self, scene: Scene, call: HttpSession, trick: str) -> None:
        scene.refused(call.get(f"{ACCOUNTS}/{trick}", **bearer(scene.token)), 404, "account.unknown")

    @pytest.mark.parametrize("trick", ["//sandbox/accounts/v1/accounts", "/sandbox/./accounts/x/../v1//accounts"])
    def test_a_longer_way_to_the_same_place_is_the_same_place(
        self, scene: Scene, call: HttpSession, trick: str
    ) -> None:
        assert call.get(trick, **bearer(scene.token)).status == 200
        scene.refused(call.get(trick), 401, "gateway.token.missing")


FORGED_ID = "11111111-2222-4333-8444-555555555555"


class TestForgedHeaders:
    """What the gateway says to those behind it, nobody else can say."""

    @staticmethod
    def identity(name: str) -> list[str]:
        """The name as it is, and as a server with CGI's rules would read it as the same."""
        return [name, name.replace("-", "_"), name.upper()]

    NAMES = (
        "x-propylon-client",
        "x-propylon-application",
        "x-propylon-subject",
        "x-propylon-scope",
        "x-propylon-scp",
        "x-propylon-grant",
        "x-propylon-environment",
        "x-propylon-plan",
        "x-propylon-client-generation",
        "x-propylon-bound-certificate",
        "x-propylon-certificate",
        "x-propylon-jti",
        "x-propylon-listener",
        "x-propylon-source-address",
        "x-forwarded-client-cert",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-forwarded-prefix",
        "x-forwarded-for",
        "forwarded",
        "x-original-url",
        "x-envoy-original-path",
        "requesttrackingid",
    )

    def test_they_change_nothing_of_an_answer(self, scene: Scene, call: HttpSession) -> None:
        path = f"{ACCOUNTS}?limit=2"
        plain = call.get(path, **bearer(scene.token))
        for name in self.NAMES:
            for spelled in self.identity(name):
                answer = call.get(path, **bearer(scene.token), **{spelled: "forged.example"})
                assert (answer.status, answer.body) == (200, plain.body), spelled
                assert "forged.example" not in str(answer.all_headers), spelled
                time.sleep(0.02)  # the plan's rate
        record = scene.recorded(plain)
        assert (record["client_id"], record["source_address"]) == (scene.partner.client_id, "127.0.0.1")

    def test_a_foreign_customer_is_not_seen_by_naming_them(self, scene: Scene) -> None:
        """The sandbox shows a customer's accounts by grant and subject: both come from the token only."""
        token = scene.mint.like(scene.token, x5h=None, cnf=None, gid="grt_nobody", ggn="grt_nobody.1", sub="cus_nobody")
        with scene.partner.public() as session:
            plain = session.get(ACCOUNTS, **bearer(token))
            forged = {"x-propylon-grant": "", "x-propylon-subject": "", "x_propylon_subject": "cus-0001"}
            answer = session.get(ACCOUNTS, **bearer(token), **forged)
        assert (answer.status, answer.body) == (plain.status, plain.body)

    def test_no_token_and_a_forged_identity_is_no_token(self, scene: Scene, call: HttpSession) -> None:
        forged = {name: "accounts" for name in self.NAMES if name != "requesttrackingid"}
        scene.refused(call.get(ACCOUNTS, **forged), 401, "gateway.token.missing")

    def test_a_forged_certificate_is_none(self, scene: Scene) -> None:
        fingerprint = claims_of(scene.token)["x5h"]
        forged = {
            spelled: fingerprint
            for name in ("x-propylon-certificate", "x-propylon-peer-fingerprint", "x-forwarded-client-cert")
            for spelled in self.identity(name)
        }
        with scene.partner.without_certificate() as session:
            answer = session.get(ACCOUNTS, **bearer(scene.token), **forged)
            scene.refused(answer, 401, "gateway.certificate.missing")
        with scene.partner.public() as session:
            scene.refused(session.get(ACCOUNTS, **bearer(scene.token), **forged), 401, "gateway.token.binding")

    def test_the_tracking_id_is_always_ours(self, scene: Scene, call: HttpSession) -> None:
        """And the caller's X-Request-ID is echoed and kept, never taken as ours (ARCHITECTURE, tracking)."""
        for name in ("RequestTrackingId", "requesttrackingid", "request_tracking_id"):
            answer = call.get(ACCOUNTS, **bearer(scene.token), **{name: FORGED_ID, "X-Request-ID": "my-own-7"})
            assert is_tracking_id(answer.tracking_id)
            assert answer.tracking_id != FORGED_ID
            assert answer.headers["x-request-id"] == "my-own-7"
            assert scene.operator.record(answer.tracking_id)["caller_request_id"] == "my-own-7"
        refused = call.get(ACCOUNTS, RequestTrackingId=FORGED_ID)
        scene.refused(refused, 401, "gateway.token.missing")
        malformed = call.get("/sandbox/%2f", **{"RequestTrackingId": FORGED_ID, "X-Request-ID": FORGED_ID})
        scene.refused(malformed, 400, "gateway.request.malformed")
        assert scene.operator.request("GET", f"/calls/{FORGED_ID}").status_code == 404

    def test_method_override_headers_mean_nothing(self, scene: Scene, call: HttpSession) -> None:
        answer = call.request(
            "POST",
            ACCOUNTS,
            headers={**bearer(scene.token), "X-HTTP-Method-Override": "GET", "X-Method-Override": "GET"},
        )
        scene.refused(answer, 405, "gateway.method.refused")


def test_every_refusal_of_this_file_is_found_again_by_its_tracking_id(scene: Scene) -> None:
    """With the same status and the same code (FEATURES P8): the operator and the caller speak of the same thing."""
    for tracking_id, status, code in scene.told:
        record = scene.operator.record(tracking_id)
        assert (record["status"], record["refusal_code"]) == (status, code), record
    assert len({tracking_id for tracking_id, _, _ in scene.told}) == len(scene.told)


def _url_of(length: int) -> str:
    base = f"{ACCOUNTS}?x="
    return base + "a" * (length - len(base))
