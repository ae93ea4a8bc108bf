"""Parameters as JSON, at the aliases of the token endpoint: what holds for a form holds here (RFC 6749, 3.2)."""

from __future__ import annotations

import json

import pytest

from propylon.oauth.errors import OAuthError
from propylon.oauth.form import LONGEST_BODY
from propylon.oauth.json_form import is_json_type, parse_json

SENT = b'{"grant_type": "password", "scope": ""}'


def _many(number: int) -> bytes:
    return json.dumps({str(each): "x" for each in range(number)}).encode()


def refused(body: bytes, query: bytes = b"") -> OAuthError:
    with pytest.raises(OAuthError) as caught:
        parse_json(content_type="application/json", query=query, body=body)
    assert caught.value.code == "invalid_request"
    return caught.value


def test_text_members_are_parameters_and_empty_ones_are_omitted_rfc6749_3_2() -> None:
    assert parse_json(content_type="application/json", query=b"", body=SENT) == {"grant_type": "password"}
    assert len(parse_json(content_type="application/json", query=b"", body=_many(64))) == 64


def test_nothing_stands_in_the_address_rfc6749_2_3_1() -> None:
    assert "address" in refused(SENT, query=b"scope=x").description


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 60_000, "no JSON"),
        (b"[]", "one JSON object"),
        (b'"grant_type"', "one JSON object"),
        (b"7", "one JSON object"),
        (b"null", "one JSON object"),
        (_many(65), "one JSON object"),
        (b'{"a": "b", "a": "c"}', "more than once"),
        (b'{"a": 7}', "is text"),
        (b'{"a": {"b": "c"}}', "is text"),
        (b'{"a": ["b"]}', "is text"),
        (b'{"a": null}', "is text"),
        (b'{"a\\u0000": "b"}', "control character"),
        (b'{"a": "b\\n"}', "control character"),
        (b'{"a": "\\ud800"}', "control character"),
        (b'{"\\udfff": "a"}', "control character"),
    ],
)
def test_what_is_not_one_object_with_texts_is_refused_rfc6749_5_2(body: bytes, reason: str) -> None:
    assert reason in refused(body).description


def test_a_body_has_a_bound_rfc6749_5_2() -> None:
    whole = SENT + b" " * (LONGEST_BODY - len(SENT))
    assert parse_json(content_type="application/json", query=b"", body=whole)
    assert refused(whole + b" ").status == 413


@pytest.mark.parametrize(
    ("content_type", "is_json"),
    [
        ("application/json", True),
        ("Application/JSON; charset=UTF-8", True),
        ("application/json; charset=latin-1", False),
        ("application/x-www-form-urlencoded", False),
        ("application/jsonp", False),
        ("", False),
    ],
)
def test_json_says_that_it_is_rfc8259_11(content_type: str, is_json: bool) -> None:
    assert is_json_type(content_type) is is_json
