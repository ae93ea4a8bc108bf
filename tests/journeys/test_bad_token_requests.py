"""Bad requests at the authorization server, over the real listeners: refused in RFC 6749 form, and nothing changes."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from journeys.customers import authorization, get_code, redeem
from journeys.management_client import ManagementClient
from journeys.partners import CALLBACK, SANDBOX, Partner, bearer, partner
from propylon.cli.demo.http_session import Answer, HttpSession
from propylon.kernel.tracking import is_tracking_id
from running_system import RunningSystem, wait_until

TOKEN, PAR, REVOKE = "/oauth/token", "/oauth/par", "/oauth/revoke"
FORM = "application/x-www-form-urlencoded"
CLIENT_CREDENTIALS = {"grant_type": "client_credentials", "scope": "accounts"}


@dataclass
class Scene:
    """A server application with a certificate and source ranges, another such one, and a web application."""

    system: RunningSystem
    operator: ManagementClient
    server: Partner
    other: Partner
    web: Partner

    def form(self, **more: str) -> dict[str, str]:
        return {**CLIENT_CREDENTIALS, "client_id": self.server.client_id, **more}

    def audit_trail(self) -> list[tuple[str, str]]:
        """What the applications did so far: tokens, codes, grants."""
        applications = (self.server, self.other, self.web)
        events = [event for each in applications for event in self.operator.events(actor=each.client_id)]
        return [(event["action"], event["object_id"]) for event in events]

    def changes_nothing(self, answer: Answer, status: int, *errors: str, before: list[tuple[str, str]]) -> None:
        assert_refused(answer, status, *errors)
        assert self.audit_trail() == before


def assert_refused(answer: Answer, status: int, *errors: str) -> None:
    """RFC 6749 section 5.2."""
    assert answer.status == status, answer.body
    body = answer.json()
    assert body["error"] in errors, body
    assert set(body) <= {"error", "error_description", "trackingId"}
    assert re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]+", body["error_description"])
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert is_tracking_id(answer.tracking_id)


@pytest.fixture(scope="module")
def scene(running_system: RunningSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder: Path = tmp_path_factory.mktemp("bad-token-requests")
    with (
        ManagementClient(running_system, "developer") as developer,
        ManagementClient(running_system, "operator") as operator,
        partner(running_system, developer, folder, source_ranges=["127.0.0.1/32"]) as server,
        partner(running_system, developer, folder) as other,
        partner(running_system, developer, folder, "web") as web,
    ):
        yield Scene(running_system, operator, server, other, web)


@pytest.fixture
def mutual(scene: Scene) -> Iterator[HttpSession]:
    with scene.server.mutual() as session:
        yield session


@pytest.fixture
def public(scene: Scene) -> Iterator[HttpSession]:
    with scene.server.public() as session:
        yield session


def post(session: HttpSession, path: str, body: str | bytes, content_type: str = FORM, **headers: str) -> Answer:
    sent = body.encode() if isinstance(body, str) else body
    given = {"Content-Type": content_type} if content_type else {}
    return session.request("POST", path, headers={**given, **headers}, body=sent)


class TestForm:
    """RFC 6749 section 3.2: POST, form body only, no parameter twice."""

    def test_what_these_tests_vary_is_answered(self, scene: Scene, mutual: HttpSession) -> None:
        answer = mutual.post_form(TOKEN, scene.form())
        assert answer.status == 200
        assert answer.headers["cache-control"] == "no-store"
        wait_until(lambda: "token.issued" in dict(scene.audit_trail()), 5, lambda: str(scene.audit_trail()))

    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("application/json", '{{"grant_type":"client_credentials","client_id":"{client}"}}'),
            (
                "multipart/form-data; boundary=x",
                '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n',
            ),
            ("text/plain", "grant_type=client_credentials&client_id={client}"),
            ("", "grant_type=client_credentials&client_id={client}"),
            (f"{FORM}; charset=utf-16", "grant_type=client_credentials&client_id={client}"),
            (FORM, '{{"grant_type":"client_credentials"}}'),
            (FORM, ""),
            (FORM, "grant_type"),
            (FORM, "grant_type=client_credentials&client_id={client}%00"),
            (FORM, "grant_type=client_credentials&client_id={client}&scope=%zz"),
            (FORM, "grant_type=client_credentials&client_id={client}&scope=%ff"),
            (FORM, "&".join(["a=b"] * 200)),
            (FORM, "x=y&client_id={client}&"),
        ],
    )
    @pytest.mark.parametrize("path", [TOKEN, PAR])
    def test_a_body_that_is_no_form(
        self, scene: Scene, mutual: HttpSession, path: str, content_type: str, body: str
    ) -> None:
        before = scene.audit_trail()
        answer = post(mutual, path, body.format(client=scene.server.client_id), content_type)
        # A form without anything in it names no client.
        errors = ("invalid_request", "invalid_client") if body == "" else ("invalid_request",)
        scene.changes_nothing(
            answer, 401 if answer.json()["error"] == "invalid_client" else 400, *errors, before=before
        )

    @pytest.mark.parametrize("name", ["grant_type", "client_id", "scope", "unknown"])
    def test_a_parameter_that_comes_twice(self, scene: Scene, mutual: HttpSession, name: str) -> None:
        before = scene.audit_trail()
        pairs = [*scene.form(unknown="x").items(), (name, scene.form(unknown="x")[name])]
        scene.changes_nothing(post(mutual, TOKEN, urlencode(pairs)), 400, "invalid_request", before=before)

    def test_parameters_in_the_address(self, scene: Scene, mutual: HttpSession) -> None:
        before = scene.audit_trail()
        for query, form in ((scene.form(), {}), ({"scope": "accounts"}, scene.form()), ({"x": ""}, scene.form())):
            answer = mutual.post_form(f"{TOKEN}?{urlencode(query)}", form)
            scene.changes_nothing(answer, 400, "invalid_request", before=before)

    @pytest.mark.parametrize("path", [TOKEN, PAR, REVOKE, "/oauth/introspect"])
    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
    def test_another_method(self, scene: Scene, mutual: HttpSession, path: str, method: str) -> None:
        before = scene.audit_trail()
        answer = mutual.request(method, f"{path}?{urlencode(scene.form())}")
        assert "POST" in answer.headers["allow"]
        if method == "HEAD":
            assert (answer.status, answer.body) == (405, b"")
        else:
            scene.changes_nothing(answer, 405, "invalid_request", before=before)

    @pytest.mark.parametrize("path", [TOKEN, PAR])
    @pytest.mark.parametrize("megabytes", [0.1, 1, 12])
    def test_a_huge_body(self, scene: Scene, path: str, megabytes: float) -> None:
        before = scene.audit_trail()
        body = urlencode(scene.form(x="a" * int(megabytes * 1024 * 1024)))
        with scene.server.mutual() as session:  # one of its own: the server may close it
            if megabytes > 10:  # refused by its announced length, before any of it is sent
                headers = {"Content-Type": FORM, "Content-Length": str(len(body))}
                answer = session.request("POST", path, headers=headers)
            else:
                answer = post(session, path, body)
            scene.changes_nothing(answer, 413, "invalid_request", before=before)


class TestClientAuthentication:
    """RFC 6749 section 2.3, RFC 8705 section 2.1: one answer for every reason."""

    def test_an_unknown_client(self, scene: Scene, mutual: HttpSession, public: HttpSession) -> None:
        before = scene.audit_trail()
        for session in (mutual, public):
            answer = session.post_form(TOKEN, scene.form(client_id="cli_nobody"))
            scene.changes_nothing(answer, 401, "invalid_client", before=before)

    def test_a_wrong_secret(self, scene: Scene, public: HttpSession) -> None:
        before = scene.audit_trail()
        for secret in ("wrong", scene.web.secret[:-1], scene.web.secret + "x", scene.web.secret.swapcase()):
            basic = "Basic " + base64.b64encode(f"{scene.web.client_id}:{secret}".encode()).decode()
            answer = public.post_form(TOKEN, {"grant_type": "refresh_token", "refresh_token": "x"}, Authorization=basic)
            scene.changes_nothing(answer, 401, "invalid_client", before=before)
            assert answer.headers["www-authenticate"].startswith("Basic ")

    def test_two_methods_in_one_request(self, scene: Scene, public: HttpSession) -> None:
        before = scene.audit_trail()
        form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": scene.web.client_id}
        answer = public.post_form(TOKEN, {**form, "client_secret": scene.web.secret}, Authorization=scene.web.basic)
        scene.changes_nothing(answer, 400, "invalid_request", before=before)

    def test_another_method_than_the_registered_one(self, scene: Scene, public: HttpSession) -> None:
        """The right secret in the form does not do for a client_secret_basic client."""
        before = scene.audit_trail()
        form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": scene.web.client_id}
        answer = public.post_form(TOKEN, {**form, "client_secret": scene.web.secret})
        scene.changes_nothing(answer, 401, "invalid_client", before=before)

    def test_the_certificate_of_another_client(self, scene: Scene) -> None:
        before = scene.audit_trail()
        with scene.server.mutual(identity=scene.other.identity) as session:
            answer = session.post_form(TOKEN, scene.form())
        scene.changes_nothing(answer, 401, "invalid_client", before=before)

    def test_no_certificate(self, scene: Scene, public: HttpSession) -> None:
        before = scene.audit_trail()
        with scene.server.without_certificate() as mutual:
            for session in (public, mutual):
                answer = session.post_form(TOKEN, scene.form())
                scene.changes_nothing(answer, 401, "invalid_client", before=before)

    def test_a_certificate_in_a_header(self, scene: Scene, public: HttpSession) -> None:
        """Nobody but the gateway says who is at the other end of the connection (RFC 9700 section 4.13)."""
        before = scene.audit_trail()
        assert scene.server.identity is not None
        pem = scene.server.identity.certificate_file.read_text()
        leaf = x509.load_pem_x509_certificate(pem.encode())
        fingerprint = hashlib.sha256(leaf.public_bytes(Encoding.DER)).hexdigest()
        forged = {
            "x-propylon-peer-certificate": quote(pem, safe=""),
            "x-propylon-peer-fingerprint": fingerprint,
            "x-propylon-listener": "mutual",
            "x-forwarded-client-cert": f'Hash={fingerprint};Cert="{quote(pem, safe="")}"',
        }
        underscored = {name.replace("-", "_"): value for name, value in forged.items()}
        with scene.server.without_certificate() as mutual:
            for session in (public, mutual):
                for headers in (forged, underscored, {**forged, **underscored}):
                    answer = session.post_form(TOKEN, scene.form(), **headers)
                    scene.changes_nothing(answer, 401, "invalid_client", before=before)
        with scene.server.mutual(identity=scene.other.identity) as session:
            answer = session.post_form(TOKEN, scene.form(), **forged)
        scene.changes_nothing(answer, 401, "invalid_client", before=before)

    @pytest.mark.parametrize("name", ["x-propylon-source-address", "x-forwarded-for", "x_propylon_source_address"])
    def test_an_address_outside_the_ranges(self, scene: Scene, name: str) -> None:
        """FEATURES C2; saying that one is somebody else does not help."""
        before = scene.audit_trail()
        with scene.server.mutual(source_address="127.0.0.2") as session:
            answer = session.post_form(TOKEN, scene.form(), **{name: "127.0.0.1"})
        scene.changes_nothing(answer, 400, "unauthorized_client", before=before)

    def test_a_forged_tracking_id_is_not_taken(self, scene: Scene, mutual: HttpSession) -> None:
        forged = "11111111-2222-4333-8444-555555555555"
        answer = mutual.post_form(TOKEN, scene.form(client_id="cli_nobody"), RequestTrackingId=forged)
        assert_refused(answer, 401, "invalid_client")
        assert answer.tracking_id != forged
        record = scene.operator.record(answer.tracking_id)
        assert (record["status"], record["path"]) == (401, TOKEN)

    def test_a_server_application_may_not_ask_for_other_grants(self, scene: Scene, mutual: HttpSession) -> None:
        before = scene.audit_trail()
        for grant_type, error in (
            ("password", "unsupported_grant_type"),
            ("authorization_code", "unauthorized_client"),
            ("urn:ietf:params:oauth:grant-type:jwt-bearer", "unsupported_grant_type"),
        ):
            answer = mutual.post_form(TOKEN, scene.form(grant_type=grant_type, code="x", username="a", password="b"))
            scene.changes_nothing(answer, 400, error, before=before)

    def test_a_scope_that_is_not_subscribed_to(self, scene: Scene, mutual: HttpSession) -> None:
        before = scene.audit_trail()
        for scope in ("payments", "accounts payments", "accounts\t", "ACCOUNTS", '"'):
            answer = mutual.post_form(TOKEN, scene.form(scope=scope))
            scene.changes_nothing(answer, 400, "invalid_scope", "invalid_request", before=before)


class TestRedirectUri:
    """RFC 6749 section 3.1.2.4, RFC 9700 section 4.1.3: compared letter by letter, followed only if equal."""

    @pytest.mark.parametrize(
        "uri",
        [
            "",
            CALLBACK + "/",
            CALLBACK[:-1],
            CALLBACK.replace("/callback", "/Callback"),
            CALLBACK.replace("https", "http"),
            CALLBACK.replace("https", "HTTPS"),
            CALLBACK + "?x=y",
            CALLBACK + "#",
            CALLBACK.replace("localhost", "localhost:443"),
            CALLBACK.replace("localhost", "localhost.evil.example"),
            CALLBACK.replace("localhost", "localhost@evil.example"),
            CALLBACK.replace("/callback", "/x/../callback"),
            CALLBACK.replace("/callback", "/%63allback"),
            "//evil.example/callback",
            "javascript:alert(1)",
        ],
    )
    def test_one_character_more_or_less(self, scene: Scene, public: HttpSession, uri: str) -> None:
        before = scene.audit_trail()
        query, _ = authorization(scene.web, redirect_uri=uri)
        answer = public.get(f"/oauth/authorize?{query}")
        assert answer.status == 400
        assert answer.headers["content-type"].startswith("text/html")
        assert "location" not in answer.headers
        assert is_tracking_id(answer.tracking_id)
        assert answer.tracking_id in answer.body.decode()
        assert "<script" not in answer.body.decode().lower()
        assert "evil.example" not in answer.body.decode()
        assert scene.audit_trail() == before

    def test_twice(self, scene: Scene, public: HttpSession) -> None:
        query, _ = authorization(scene.web)
        answer = public.get(f"/oauth/authorize?{query}&{urlencode({'redirect_uri': CALLBACK})}")
        assert (answer.status, "location" in answer.headers) == (400, False)

    def test_of_an_unknown_client(self, scene: Scene, public: HttpSession) -> None:
        query, _ = authorization(scene.web, client_id="cli_nobody")
        answer = public.get(f"/oauth/authorize?{query}")
        assert (answer.status, "location" in answer.headers) == (400, False)


class TestCode:
    """RFC 6749 sections 4.1.2 and 4.1.3, RFC 7636 section 4.6."""

    def test_a_wrong_verifier(self, scene: Scene, public: HttpSession) -> None:
        code, verifier = get_code(scene.web)
        before = scene.audit_trail()
        for wrong in (
            verifier[:-1] + ("A" if verifier[-1] != "A" else "B"),
            verifier[:42],
            "",
            secrets.token_urlsafe(48),
        ):
            answer = redeem(scene.web, public, code, wrong)
            scene.changes_nothing(answer, 400, "invalid_grant", "invalid_request", before=before)

    @pytest.mark.parametrize("uri", [CALLBACK + "/", ""])
    def test_another_redirect_uri_than_before(self, scene: Scene, public: HttpSession, uri: str) -> None:
        code, verifier = get_code(scene.web)
        before = scene.audit_trail()
        answer = redeem(scene.web, public, code, verifier, redirect_uri=uri)
        scene.changes_nothing(answer, 400, "invalid_grant", "invalid_request", before=before)

    def test_a_code_that_comes_twice_ends_what_the_first_use_gave(self, scene: Scene, public: HttpSession) -> None:
        """RFC 6749 section 4.1.2: the tokens that were issued by this code are revoked."""
        code, verifier = get_code(scene.web)
        first = redeem(scene.web, public, code, verifier)
        assert first.status == 200
        tokens = first.json()
        assert public.get(f"{SANDBOX}/accounts", **bearer(tokens["access_token"])).status == 200
        assert_refused(redeem(scene.web, public, code, verifier), 400, "invalid_grant")
        wait_until(lambda: public.get(f"{SANDBOX}/accounts", **bearer(tokens["access_token"])).status == 401, 1)
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        assert_refused(public.post_form(TOKEN, form, Authorization=scene.web.basic), 400, "invalid_grant")
        assert "grant.ended" in dict(scene.audit_trail())

    def test_a_code_of_another_client(self, scene: Scene, public: HttpSession) -> None:
        code, verifier = get_code(scene.web)
        before = scene.audit_trail()
        spa = scene.system.demo.application("spa")
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier}
        answer = public.post_form(TOKEN, {**form, "client_id": spa.client_id})
        scene.changes_nothing(answer, 400, "invalid_grant", before=before)

    def test_a_made_up_code(self, scene: Scene, public: HttpSession) -> None:
        before = scene.audit_trail()
        for code in ("x", "a" * 5000, "'; DROP TABLE authserver_grant; --"):
            answer = redeem(scene.web, public, code, secrets.token_urlsafe(48))
            scene.changes_nothing(answer, 400, "invalid_grant", before=before)
