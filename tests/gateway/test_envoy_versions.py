"""RFC 9745, RFC 8594: what a version that is to end says, and what one that has ended answers, on a real Envoy."""

from __future__ import annotations

import pytest

from propylon.gateway.refusals import refusal_code

ENDING = "/sandbox/ending/v1"
LINKS = (
    '<https://bank.example/50%25>; rel="deprecation"',
    '<https://bank.example/50%25>; rel="sunset"',
    '</sandbox/accounts/v1>; rel="successor-version"',
)


def assert_told(answer):
    assert answer.headers["deprecation"] == "@1767225600"
    assert answer.headers["sunset"] == "Wed, 01 Jul 2026 00:00:00 GMT"
    assert answer.headers["link"] == LINKS[-1]  # the last of three lines


def test_an_answer_says_since_when_and_until_when_rfc9745_2_rfc8594_3(gateway):
    answer = gateway.call(f"{ENDING}/accounts", token=gateway.token())
    assert answer.status == 200
    assert_told(answer)
    assert "deprecation" not in gateway.call("/sandbox/accounts/v1/accounts", token=gateway.token()).headers


def test_the_links_lead_to_the_documentation_and_the_successor(gateway):
    connection = gateway.connect()
    connection.request("GET", f"{ENDING}/rates")
    response = connection.getresponse()
    assert tuple(response.headers.get_all("Link")) == LINKS
    response.read()
    connection.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/accounts", 401),
        ("PUT", "/accounts", 405),
        ("GET", "/nothing", 404),
        ("GET", "/secured", 401),
        ("GET", f"/accounts?x={'x' * 2100}", 414),
    ],
)
def test_a_refusal_says_it_too(gateway, method, path, status):
    answer = gateway.call(ENDING + path, method)
    assert answer.status == status
    assert_told(answer)
    assert ("allow" in answer.headers) == (status == 405)


def test_a_token_without_the_scope_is_told_too(gateway):
    answer = gateway.call(f"{ENDING}/accounts", token=gateway.token(scope="other"))
    assert answer.status == 403
    assert_told(answer)


@pytest.mark.parametrize("path", ["/accounts", "/accounts/1", "/rates", "/secured"])
def test_a_version_that_has_ended_is_gone(gateway, path):
    answer = gateway.call(f"/sandbox/ended/v1{path}", token=gateway.token())
    assert answer.status == 410
    assert answer.json()["code"] == "gateway.version.sunset"
    assert answer.headers["sunset"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    record = gateway.record(answer.tracking_id)
    assert (record["product"], record["version"]) == ("ended", "v1")
    assert record["operation"]
    assert refusal_code(record["details"], record["flags"], 410) == "gateway.version.sunset"


def test_what_an_ended_version_never_had_is_unknown_as_before(gateway):
    assert gateway.call("/sandbox/ended/v1/nothing").status == 404
    assert gateway.call("/sandbox/ended/v1/accounts", "PUT").status == 405
