"""Every refusal that Envoy itself makes: status, code, tracking id, `WWW-Authenticate`, call record; nothing passes."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

from propylon.gateway.compiler import compile_snapshot
from propylon.gateway.fitting import Fit
from propylon.gateway.marks import ClientSourceRanges, Enforcement, GatewayMark
from propylon.gateway.refusals import OTHER_FAULT, OTHER_REFUSAL, REFUSALS, refusal_code
from propylon.gateway.resources import resource
from propylon.gateway.wire_reading import decoded
from propylon.kernel.token_claims import client_generation, grant_generation
from propylon.kernel.tracking import is_tracking_id

LIST = "/sandbox/accounts/v1/accounts"


def assert_refused(gateway, answer, code, status):
    """The standard error body, and the same story in the call record."""
    assert answer.status == status, (answer.status, answer.headers, answer.body)
    row = next(row for row in (*REFUSALS, OTHER_FAULT, OTHER_REFUSAL) if row.code == code)
    body = answer.json()
    assert sorted(body) == ["code", "errors", "message", "trackingId", "transient"]
    assert body["code"] == code
    assert body["transient"] == ("true" if row.transient else "false")
    assert body["errors"] == []
    assert answer.headers["content-type"] == "application/json"
    assert body["trackingId"] == answer.tracking_id
    assert is_tracking_id(answer.tracking_id)
    assert ("www-authenticate" in answer.headers) == (status == 401 or code == "gateway.scope.missing")
    record = gateway.record(answer.tracking_id)
    assert record["status"] == str(status)
    assert refusal_code(record["details"], record["flags"], int(record["status"])) == code
    return record


def test_a_token_is_asked_for_rfc6750_3(gateway):
    answer = gateway.call(LIST)
    assert_refused(gateway, answer, "gateway.token.missing", 401)
    assert answer.headers["www-authenticate"] == 'Bearer realm="api"'


def test_a_token_in_the_address_is_no_token_fapi2_5_3_4(gateway):
    answer = gateway.call(f"{LIST}?access_token={gateway.token()}")
    assert_refused(gateway, answer, "gateway.token.missing", 401)


@pytest.mark.parametrize("scheme", ["Basic", "DPoP", "XBearer", "Bearer x,"])
def test_another_scheme_is_no_bearer_token(gateway, scheme):
    answer = gateway.call(LIST, Authorization=f"{scheme} {gateway.token()}")
    assert answer.status == 401
    assert answer.json()["code"] in ("gateway.token.missing", "gateway.token.malformed", "gateway.token.unbound")


@pytest.mark.parametrize("more", [",x", " x", ", Bearer x", ";q=1"])
def test_nothing_follows_the_token_rfc6750_2_1(gateway, more):
    assert gateway.call(LIST, Authorization=f"Bearer {gateway.token()}{more}").status == 401


def test_two_credentials_are_no_bearer_token(gateway):
    connection = gateway.connect()
    connection.putrequest("GET", LIST)
    connection.putheader("Authorization", f"Bearer {gateway.token()}")
    connection.putheader("Authorization", "Bearer another")
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 401
    connection.close()


def _tokens(gateway):
    now = int(time.time())
    other = type(gateway.issuer)(gateway.issuer.issuer)
    stranger = type(gateway.issuer)("https://stranger.example")
    stranger.key = gateway.issuer.key
    unsigned = "eyJhbGciOiJub25lIn0." + gateway.token().split(".")[1] + "."
    head, payload, signature = gateway.token().split(".")
    return {
        "expired": ("gateway.token.expired", gateway.token(exp=now - 60)),
        "without expiry": ("gateway.token.signature", gateway.token(exp=None)),
        "not yet valid": ("gateway.token.not_yet_valid", gateway.token(nbf=now + 600)),
        "signed by a foreign key": ("gateway.token.signature", other.token(gateway.audience)),
        "signature cut": ("gateway.token.signature", f"{head}.{payload}.{signature[:-6]}"),
        "payload changed": ("gateway.token.signature", f"{head}.{gateway.token().split('.')[1]}.{signature}"),
        "another issuer": ("gateway.token.issuer", stranger.token(gateway.audience)),
        "another environment": (
            "gateway.token.audience",
            gateway.token(audience=gateway.model.environments[1].audience),
        ),
        "alg none": ("gateway.token.malformed", unsigned),
        "garbage": ("gateway.token.malformed", "abc"),
    }


@pytest.mark.parametrize(
    "case",
    [
        "expired",
        "without expiry",
        "not yet valid",
        "signed by a foreign key",
        "signature cut",
        "payload changed",
        "another issuer",
        "another environment",
        "alg none",
        "garbage",
    ],
)
def test_a_token_that_does_not_hold_is_invalid_rfc6750_3_1(gateway, case):
    code, token = _tokens(gateway)[case]
    answer = gateway.call(LIST, token=token)
    assert_refused(gateway, answer, code, 401)
    assert answer.headers["www-authenticate"].startswith(
        'Bearer realm="api", error="invalid_token", error_description='
    )


@pytest.mark.parametrize("presented", ["another certificate", "public listener"])
def test_a_bound_token_works_with_its_certificate_only_rfc8705_3(gateway, presented):
    mine, other = gateway.certificate("svc-a"), gateway.certificate("svc-b")
    token = gateway.token(x5h=mine.fingerprint)
    assert gateway.call(LIST, token=token, listener="mutual", certificate=mine).status == 200
    if presented == "public listener":
        answer = gateway.call(LIST, token=token)
    else:
        answer = gateway.call(LIST, token=token, listener="mutual", certificate=other)
    assert_refused(gateway, answer, "gateway.token.binding", 401)
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("value", ["0", "not a fingerprint"])
def test_a_binding_to_nothing_is_no_binding_that_holds(gateway, value):
    answer = gateway.call(LIST, token=gateway.token(x5h=value))
    assert answer.status == 401, answer.body


@pytest.mark.parametrize("token", [True, False])
def test_mutual_asks_for_a_certificate_before_anything_else(gateway, token):
    answer = gateway.call(LIST, token=gateway.token() if token else None, listener="mutual")
    record = assert_refused(gateway, answer, "gateway.certificate.missing", 401)
    assert (record["listener"], record["product"]) == ("mutual", "accounts")


def test_an_unknown_product_on_mutual_asks_for_a_certificate_too(gateway):
    answer = gateway.call("/sandbox/nothing/v1/x", listener="mutual")
    assert_refused(gateway, answer, "gateway.certificate.missing", 401)


def test_an_operation_may_ask_for_a_certificate(gateway):
    path = "/sandbox/accounts/v1/secured"
    record = assert_refused(gateway, gateway.call(path, token=gateway.token()), "gateway.certificate.missing", 401)
    assert record["operation"] == "secured"
    mine = gateway.certificate("svc-a")
    answer = gateway.call(path, token=gateway.token(), listener="mutual", certificate=mine)
    assert answer.status == 200


@pytest.mark.parametrize("path", ["/oauth/token", "/.well-known/openid-configuration", "/health/ready"])
def test_mutual_lets_through_what_needs_no_certificate(gateway, path):
    assert gateway.call(path, listener="mutual").status == 200


@pytest.mark.parametrize("path", ["/", "/manage/v1/users", "/console", "/ca.crt"])
def test_mutual_serves_no_pages(gateway, path):
    assert_refused(gateway, gateway.call(path, listener="mutual"), "gateway.path.unknown", 404)


MARKED = {
    "client": (client_generation("client-1", 1), client_generation("client-1", 2), "gateway.token.revoked"),
    "grant": (grant_generation("grant-1", 1), grant_generation("grant-1", 2), "gateway.token.revoked"),
    "token": ("jti-marked", "jti-other", "gateway.token.revoked"),
}


@pytest.mark.parametrize("kind", sorted(MARKED))
def test_a_mark_refuses_its_generation_at_once_and_on_open_connections(gateway, kind):
    value, other, code = MARKED[kind]
    token = gateway.token(gid="grant-1", jti="jti-marked")
    connection = gateway.connect()
    gateway.enforce(Enforcement(marks=(GatewayMark(kind, other),)))
    assert gateway.call(LIST, token=token, connection=connection).status == 200
    gateway.enforce(Enforcement(marks=(GatewayMark(kind, other), GatewayMark(kind, value))))
    answer = gateway.call(LIST, token=token, connection=connection)
    connection.close()
    assert_refused(gateway, answer, code, 401)
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("kind", sorted(MARKED))
def test_a_settled_mark_refuses_as_a_recent_one_does(gateway, kind):
    value, other, code = MARKED[kind]
    token = gateway.token(gid="grant-1", jti="jti-marked")
    connection = gateway.connect()
    gateway.settle([GatewayMark(kind, other), GatewayMark("certificate", "0" * 64)])
    assert gateway.call(LIST, token=token, connection=connection).status == 200
    gateway.settle([GatewayMark(kind, other), GatewayMark(kind, value)])
    assert_refused(gateway, gateway.call(LIST, token=token, connection=connection), code, 401)
    gateway.settle([])
    assert gateway.call(LIST, token=token, connection=connection).status == 200
    connection.close()


@pytest.mark.parametrize("is_bound", [True, False])
def test_a_revoked_certificate_is_refused_on_its_open_connection(gateway, is_bound):
    mine = gateway.certificate("svc-a")
    token = gateway.token(x5h=mine.fingerprint if is_bound else None)
    connection = gateway.connect("mutual", mine)
    assert gateway.call(LIST, token=token, connection=connection).status == 200
    gateway.enforce(Enforcement(marks=(GatewayMark("certificate", mine.fingerprint),)))
    forged = {"x-propylon-certificate": "0" * 64}
    answer = gateway.call(LIST, token=token, connection=connection, **forged)
    assert_refused(gateway, answer, "gateway.certificate.revoked", 401)
    # A token request is the authorization server's to refuse, but not with this certificate.
    assert gateway.call("/oauth/token", "POST", connection=connection, body=b"").status == 401
    connection.close()
    other = gateway.certificate("svc-b")
    assert gateway.call(LIST, token=gateway.token(), listener="mutual", certificate=other).status == 200


def test_a_certificate_revoked_a_while_ago_is_refused_on_its_open_connection(gateway):
    mine = gateway.certificate("svc-a")
    connection = gateway.connect("mutual", mine)
    assert gateway.call(LIST, token=gateway.token(), connection=connection).status == 200
    gateway.settle([GatewayMark("certificate", mine.fingerprint)])
    answer = gateway.call(LIST, token=gateway.token(), connection=connection)
    assert_refused(gateway, answer, "gateway.certificate.revoked", 401)
    connection.close()


def test_source_ranges_hold_for_their_client_only(gateway):
    ranges = (ClientSourceRanges("client-1", ("127.0.0.2/32", "192.0.2.0/24", "2001:db8::/32")),)
    gateway.enforce(Enforcement(source_ranges=(*ranges, ClientSourceRanges("client-none", ()))))
    assert gateway.call(LIST, token=gateway.token(), source="127.0.0.2").status == 200
    assert gateway.call(LIST, token=gateway.token(client="client-2")).status == 200
    assert_refused(gateway, gateway.call(LIST, token=gateway.token()), "gateway.source.refused", 403)
    forged = {"X-Forwarded-For": "127.0.0.2", "X-Real-IP": "127.0.0.2"}
    assert gateway.call(LIST, token=gateway.token(), **forged).status == 403
    assert gateway.call(LIST, token=gateway.token(client="client-none")).status == 403


@pytest.mark.parametrize(
    "scope",
    [
        "payments",
        "accountsx",
        "xaccounts",
        "accounts.write",
        "a accountsx b",
        "accountsx accounts.write",
        "x xaccounts",
    ],
)
def test_another_scope_is_insufficient_rfc6750_3_1(gateway, scope):
    answer = gateway.call(LIST, token=gateway.token(scope=scope))
    assert_refused(gateway, answer, "gateway.scope.missing", 403)
    assert answer.headers["www-authenticate"] == 'Bearer realm="api", error="insufficient_scope", scope="accounts"'
    assert "(accounts)" in answer.json()["message"]


@pytest.mark.parametrize("scope", ["accounts", "accounts x", "x accounts", "x accounts y"])
def test_a_scope_stands_anywhere_among_the_others(gateway, scope):
    assert gateway.call(LIST, token=gateway.token(scope=scope)).status == 200


def test_a_token_without_any_scope_is_insufficient(gateway):
    assert gateway.call(LIST, token=gateway.token(scope=None)).status == 403


def test_every_scope_of_an_operation_is_needed(gateway):
    path = "/sandbox/accounts/v1/accounts/1"
    assert gateway.call(path, "PATCH", token=gateway.token(), body=b"{}").status == 403
    both = gateway.token(scope="accounts.write accounts")
    assert gateway.call(path, "PATCH", token=both, body=b"{}").status == 200


@pytest.mark.parametrize(
    "path", ["/sandbox/nothing/v1/x", "/sandbox", "/sandbox/accounts/v1/unknown", "/sandbox/accounts/v1/accounts/1/x"]
)
def test_an_unknown_path_of_an_environment_is_no_page(gateway, path):
    record = assert_refused(gateway, gateway.call(path), "gateway.path.unknown", 404)
    assert record["environment"] == "sandbox"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/sandbox/accounts/v1/accounts", "GET, HEAD, POST"),
        ("OPTIONS", "/sandbox/accounts/v1/accounts", "GET, HEAD, POST"),
        ("PUT", "/sandbox/accounts/v1/accounts/1", "GET, HEAD, PATCH"),
        ("TRACE", "/sandbox/accounts/v1/accounts/1", "GET, HEAD, PATCH"),
    ],
)
def test_another_method_is_refused_with_those_that_answer_rfc9110_15_5_6(gateway, method, path, allow):
    answer = gateway.call(path, method, token=gateway.token())
    assert_refused(gateway, answer, "gateway.method.refused", 405)
    assert answer.headers["allow"] == allow


def test_a_template_does_not_take_the_methods_that_a_literal_path_lacks(gateway):
    # POST /v1/{payment-service}/{payment-product} exists; /v1/consents/{consentId} has no POST.
    token = gateway.token(scope="accounts payments")
    answer = gateway.call("/sandbox/psd2/v1/consents/1", "POST", token=token, body=b"{}")
    assert answer.status == 405
    assert answer.headers["allow"] == "DELETE, GET, HEAD"


def test_an_announced_body_is_measured_before_it_is_sent(gateway):
    answer = gateway.call(LIST, "POST", token=gateway.token(), body=b"x" * 20_001)
    assert_refused(gateway, answer, "gateway.body.too_large", 413)
    assert gateway.call(LIST, "POST", token=gateway.token(), body=b"x" * 20_000).status == 200


def test_a_body_of_unknown_length_is_measured_as_it_comes(gateway):
    answer = gateway.call(LIST, "POST", token=gateway.token(), body=iter([b"x" * 4000] * 6))
    assert_refused(gateway, answer, "gateway.body.too_large", 413)


def test_a_get_address_has_2048_characters_at_most(gateway):
    def path(length):
        return f"{LIST}?x=".ljust(length, "x")

    assert gateway.call(path(2048), token=gateway.token()).status == 200
    assert_refused(gateway, gateway.call(path(2049), token=gateway.token()), "gateway.url.too_long", 414)
    assert gateway.call(path(3000), "POST", token=gateway.token(), body=b"{}").status == 200
    assert gateway.call("/oauth/authorize?x=".ljust(3000, "x")).status == 200


def test_a_foreign_host_name_is_not_served(gateway):
    assert_refused(gateway, gateway.call(LIST, Host="evil.example"), "gateway.host.unknown", 421)


def test_the_rate_of_a_plan_is_counted_per_client(gateway):
    tokens = [gateway.token(plan="tiny", client=f"hurried-{n}") for n in (1, 2)]
    first = [gateway.call(LIST, token=tokens[0]) for _ in range(4)]
    refused = next(answer for answer in first if answer.status == 429)
    assert_refused(gateway, refused, "gateway.rate.exceeded", 429)
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["ratelimit-limit"] == "2"
    assert refused.headers["ratelimit-remaining"] == "0"
    assert refused.headers["ratelimit-reset"] in ("0", "1")
    assert gateway.call(LIST, token=tokens[1]).status == 200


@pytest.mark.parametrize("plan", [None, "unheard-of"])
def test_an_unknown_plan_gets_the_smallest_bucket(gateway, plan):
    token = gateway.token(plan=plan, client=f"planless-{plan}")
    assert 429 in [gateway.call(LIST, token=token).status for _ in range(4)]


def test_an_upstreams_own_429_is_its_own(gateway):
    answer = gateway.call("/sandbox/broken/v1/busy", token=gateway.token())
    assert answer.status == 429
    assert "code" not in answer.json()
    record = gateway.record(answer.tracking_id)
    assert refusal_code(record["details"], record["flags"], int(record["status"])) == ""


@pytest.mark.parametrize("many", [True, False])
def test_too_many_or_too_large_headers(gateway, many):
    headers = {f"x-h{n}": "x" for n in range(70)} if many else {"x-large": "x" * 20_000}
    answer = gateway.call(LIST, token=gateway.token(), **headers)
    assert_refused(gateway, answer, "gateway.headers.too_large", 431)


def test_an_upstream_that_is_away(gateway):
    answer = gateway.call("/sandbox/gone/v1/x", token=gateway.token())
    assert_refused(gateway, answer, "gateway.upstream.unreachable", 503)
    assert answer.headers["retry-after"] == "5"


def _problem(gateway, answer, code, status):
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["code"], body["status"], body["trackingId"]) == (code, status, answer.tracking_id)
    record = gateway.record(answer.tracking_id)
    assert refusal_code(record["details"], record["flags"], int(record["status"])) == code


def test_an_upstream_that_takes_too_long_in_rfc9457_form(gateway):
    answer = gateway.call("/sandbox/broken/v1/slow", token=gateway.token())
    _problem(gateway, answer, "gateway.upstream.timeout", 504)


def test_an_upstream_that_breaks_off_in_rfc9457_form(gateway):
    answer = gateway.call("/sandbox/broken/v1/break", token=gateway.token())
    _problem(gateway, answer, "gateway.upstream.failed", 502)


def test_a_node_without_sites_says_that_they_are_elsewhere_and_serves_apis(gateway, until):
    """One whose control plane is on another machine (gateway.fitting)."""
    before = compile_snapshot(gateway.model).resources
    fit = Fit(has_sites=False)
    for kind in ("cds", "lds"):
        gateway.deliver(fit(before[kind]))
    until(lambda: gateway.call("/console").status == 421, "the web application to be taken away")
    try:
        until(lambda: gateway.call("/health").status == 200, "the listeners that tell their own health")
        for listener, host in itertools.product(("public", "mutual"), ("localhost", "10.0.0.7", "nobody.example")):
            answer = gateway.call("/health", listener=listener, Host=host)
            assert (answer.status, answer.body) == (200, b"")
            assert answer.tracking_id
            assert gateway.call("/health/ready", listener=listener).status == 421
        assert_refused(gateway, gateway.call("/console"), "gateway.site.elsewhere", 421)
        assert gateway.call("/oauth/token", "POST").json()["error"] == "invalid_request"
        assert gateway.call(LIST, token=gateway.token()).status == 200
        preflight = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
        assert gateway.call(LIST, "OPTIONS", **preflight).status == 200
    finally:
        for kind in ("cds", "lds"):
            gateway.deliver(before[kind])
        until(lambda: gateway.call("/health").body, "the web application to be back")


def test_berlin_group_form(gateway):
    answer = gateway.call("/sandbox/psd2/v1/accounts/1/transactions")
    assert answer.status == 401
    message = answer.json()["tppMessages"][0]
    assert (message["category"], message["code"]) == ("ERROR", "TOKEN_UNKNOWN")
    assert is_tracking_id(answer.tracking_id)


def test_oauth_form_rfc6749_5_2(gateway):
    answer = gateway.call("/oauth/token", "POST", body=b"x" * 20_001)
    assert answer.status == 413
    assert answer.json()["error"] == "invalid_request"


EARLY = {
    "bad path": (b"GET /sandbox/%00 HTTP/1.1\r\nHost: localhost\r\n", "gateway.request.malformed", 400),
    "escaped slash": (b"GET /sandbox/..%2f HTTP/1.1\r\nHost: localhost\r\n", "gateway.request.malformed", 400),
    "no host": (b"GET /sandbox/x HTTP/1.1\r\n", "gateway.request.malformed", 400),
    "two framings": (
        b"POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "gateway.request.malformed",
        400,
    ),
    "old protocol": (b"GET /sandbox/x HTTP/1.0\r\nHost: localhost\r\n", "gateway.protocol.too_old", 426),
}


@pytest.mark.parametrize("case", sorted(EARLY))
def test_what_is_refused_before_the_filters_has_an_id_of_ours_too(gateway, case):
    data, code, status = EARLY[case]
    forged = b"RequestTrackingId: 00000000-0000-4000-8000-00000000000f\r\nX-Request-ID: forged\r\n\r\n"
    received = gateway.raw(data + forged)
    head, _, body = received.partition(b"\r\n\r\n")
    assert f" {status} ".encode() in head.split(b"\r\n")[0] + b" ", received
    headers = dict(line.decode().lower().split(": ", 1) for line in head.split(b"\r\n")[1:])
    answer = type(gateway.call("/health"))(status, headers, body)
    assert "0000000f" not in received.decode()
    assert_refused(gateway, answer, code, status)


def test_a_drip_of_headers_is_cut(gateway):
    received = gateway.raw(b"GET /sandbox/x HTTP/1.1\r\nHost: localhost\r\n")
    assert b" 408 " in received
    assert b'"code":"gateway.request.timeout"' in received


def test_a_stale_route_never_opens(gateway):
    """A route configuration without the policy of a route: the filters' own defaults refuse."""
    snapshot = compile_snapshot(gateway.model)
    stripped = decoded(snapshot.resources["rds"])["resources"]

    def strip(node):
        if isinstance(node, dict):
            node.pop("typed_per_filter_config", None)
            for value in node.values():
                strip(value)
        elif isinstance(node, list):
            for value in node:
                strip(value)

    strip(stripped)
    gateway.deliver(resource("rds", stripped))
    gateway.wait_for_versions()
    try:
        assert gateway.call(LIST, token=gateway.token()).status in (401, 403)
        assert gateway.call("/sandbox/accounts/v1/rates").status in (401, 403)
    finally:
        gateway.deliver_model(gateway.model)
        gateway.wait_for_versions()


def test_every_row_of_the_table_has_its_test_here():
    """What Envoy was not brought to do here is named, with the reason."""
    cannot = {
        "gateway.overloaded": "needs the whole machine's memory or ten thousand connections",
    }
    text = "".join(file.read_text() for file in Path(__file__).parent.glob("test_envoy_*.py"))
    assert all(text.count(f'"{row.code}"') == (row.code in cannot) for row in REFUSALS if row.code in cannot)
    assert {row.code for row in REFUSALS if f'"{row.code}"' not in text} == set()
