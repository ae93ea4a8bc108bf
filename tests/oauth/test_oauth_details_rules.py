"""Each rule about `authorization_details` by itself: what is read, what a schema is, what tokens carry (RFC 9396)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from oauth.test_oauth_authorization_details import TYPES
from oauth.test_oauth_token_rules import CODE, GOOD, GRANT, REDEEMING, REFRESHING, issue, refused
from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.authorization_details import DetailType, check_details, read_details
from propylon.oauth.detail_schema import problem_of, schema_mistake
from propylon.oauth.errors import OAuthError
from propylon.oauth.granted_details import details_for
from propylon.oauth.policy import CIBA, CLIENT_CREDENTIALS, PASSWORD

# ── what is read ──


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("7", "not an array"),
        ("{}", "not an array"),
        ('{"type": "t"}', "not an array"),
        ('"type"', "not an array"),
        ("null", "not an array"),
        ("[]", "at least one object"),
        ("[7]", "at least one object"),
        ('[{"type": "t"}, "t"]', "at least one object"),
        ("[", "not JSON"),
        ('[{"type": "t", "type": "u"}]', "a member stands twice"),
        ('[{"a": {"b": 1, "b": 2}}]', "a member stands twice"),
        ('[{"a": NaN}]', "not JSON"),
        ('[{"a": -Infinity}]', "not JSON"),
        ('[{"a": 1e999}]', "not a finite number"),
        ('[{"a": 9007199254740994}]', "53"),
        ('[{"a": -1e16}]', "53"),
        ('[{"a": "\\u202e"}]', "control characters"),
        ('[{"a\\u0007": 1}]', "control characters"),
        ('[{"a": ["b", {"c": "\\ud800"}]}]', "control characters"),
        (json.dumps([{"a": 1}] * 11), "more than 10 objects"),
        (json.dumps([{"a": "x" * 4090}]), "longer than 4096"),
        (" " * 17_000 + "[]", "longer than 4096"),
        (json.dumps([{"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}]), "deeper than 6"),
    ],
)
def test_what_is_not_an_array_of_plain_objects_is_refused_rfc9396_2(text: str, reason: str) -> None:
    with pytest.raises(OAuthError) as caught:
        read_details(text)
    assert caught.value.code == "invalid_authorization_details"
    assert reason in caught.value.description


def test_plain_objects_are_read_as_they_stand_rfc9396_2() -> None:
    written = [{"type": "t", "n": 2**53, "f": -1.5, "b": True, "s": "Åsa: 100 kr", "l": [None, {"x": ""}]}]
    assert read_details(json.dumps(written)) == tuple(written)


# ── what a schema is ──


@pytest.mark.parametrize(
    "schema",
    [
        7,
        None,
        [],
        {"type": "object"},
        {"type": "object", "properties": []},
        {"type": "array", "properties": {}},
        {"properties": {}},
        {"type": "object", "properties": {"type": {}}},
        {"type": "object", "properties": {"a": {"type": "no"}}},
        {"type": "object", "properties": {"a": {"$ref": "https://evil.example/schema"}}},
        {"type": "object", "properties": {"a": {"const": "x" * 20_000}}},
    ],
)
def test_a_schema_names_the_members_of_an_object_rfc9396_2(schema: object) -> None:
    assert schema_mistake(schema) != ""


def test_a_reference_that_leads_nowhere_refuses_each_object_rfc9396_5() -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/missing"}}}
    assert problem_of({"type": "t", "a": 1}, schema) is not None


@pytest.mark.parametrize(
    ("member", "is_fit"),
    [
        ({"type": "string"}, True),
        ({"type": "array", "items": {"type": "string"}}, True),
        ({"type": "array", "items": {"type": "integer"}}, False),
        ({"type": "array"}, False),
        ({"type": "array", "items": True}, False),
        ({"type": "object", "items": {"type": "string"}}, False),
        ({"type": "integer"}, False),
        ({"items": {"type": "string"}}, False),
        (True, False),
        (None, False),
    ],
)
def test_chosen_accounts_stand_in_a_text_or_a_list_of_texts_rfc9396_7_1(member: Any, is_fit: bool) -> None:
    properties = {} if member is None else {"accounts": member}
    schema = {"type": "object", "properties": properties}
    assert (schema_mistake(schema, account_member="accounts") == "") is is_fit
    assert schema_mistake(schema) == ""


@pytest.mark.parametrize(
    ("detail", "place", "reason"),
    [
        ({}, ".who", "missing"),
        ({"who": {"name": "x"}, "what": 1}, ".what", "a field that the type does not have"),
        ({"who": {}}, ".who", "not as the type's schema says"),
        ({"who": {"name": {}}}, ".who.name", "not of the type string"),
        ({"who": {"name": "x", "tags": [1]}}, ".who.tags[0]", "not of the type string or null"),
        ({"who": {"name": "x", "iban": "SE12"}}, ".who.iban", "not a valid iban"),
    ],
)
def test_a_refusal_names_the_place_and_what_is_wrong_there_rfc9396_5(
    detail: dict[str, Any], place: str, reason: str
) -> None:
    inner = {
        "name": {"type": "string"},
        "iban": {"type": "string", "format": "iban"},
        "tags": {"type": "array", "items": {"type": ["string", "null"]}},
    }
    who = {"type": "object", "minProperties": 1, "properties": inner}
    schema = {"type": "object", "required": ["who"], "properties": {"who": who}}
    problem = problem_of({"type": "t"} | detail, schema)
    assert problem is not None
    assert (problem.place, problem.reason) == (place, reason)
    assert problem_of({"type": "t", "who": {"name": "x", "iban": "SE4550000000058398257466"}}, schema) is None


def test_a_type_without_accounts_awaits_no_choice_rfc9396_7_1() -> None:
    """Nothing may be missing, not even a member whose name is as empty as that of its accounts."""
    schema = {"type": "object", "required": [""], "properties": {"": {"type": "string"}}}
    types = {"t": DetailType("t", "T", schema)}
    check_details([{"type": "t", "": "x"}], types, awaits_choice=True)
    with pytest.raises(OAuthError, match="missing"):
        check_details([{"type": "t"}], types, awaits_choice=True)


# ── what a token carries ──

WHOLE = {"type": "reading", "accounts": ["1", "2"]}
ALLOWED = DetailType("plain", "Plain", {"type": "object", "properties": {"limits": {"type": "array"}}})
ALL_TYPES = {**TYPES, "plain": ALLOWED}


def with_details(attempt: TokenAttempt, asked: object = None, details: tuple[Any, ...] = (WHOLE,)) -> TokenAttempt:
    grant = replace(GRANT, details=details)
    form = dict(attempt.form) | ({} if asked is None else {"authorization_details": json.dumps(asked)})
    stored: dict[str, Any] = {
        name: replace(record, grant=grant)
        for name in ("code", "refresh", "backchannel")
        if (record := getattr(attempt, name)) is not None
    }
    return replace(attempt, client=replace(attempt.client, detail_types=ALL_TYPES), form=form, **stored)


@pytest.mark.parametrize("attempt", [REDEEMING, REFRESHING])
def test_without_a_word_a_token_carries_all_that_was_granted_rfc9396_6(attempt: TokenAttempt) -> None:
    given = issue(with_details(attempt))
    assert given.claims["authorization_details"] == [WHOLE]
    assert given.claims["acc"] == {"accounts": ["1", "2"]}


@pytest.mark.parametrize(
    ("asked", "carried"),
    [
        ([{"type": "reading"}], [WHOLE]),  # the client does not know what the customer chose
        ([{"type": "reading", "accounts": ["2"]}], [{"type": "reading", "accounts": ["2"]}]),
        ([{"type": "plain", "limits": ["a"]}], [{"type": "plain", "limits": ["a"]}]),
    ],
)
def test_a_token_may_carry_less_rfc9396_6(asked: object, carried: object) -> None:
    granted = (WHOLE, {"type": "plain", "limits": ["a", "b"]})
    assert issue(with_details(REFRESHING, asked, granted)).claims["authorization_details"] == carried


@pytest.mark.parametrize(
    "asked",
    [
        [{"type": "reading", "accounts": ["3"]}],
        [{"type": "reading", "accounts": []}],
        [{"type": "paying", "from": "1"}],
        [{"type": "nobody_knows"}],
        [{"accounts": ["1"]}],
        [WHOLE, {"type": "paying", "from": "1"}],
        [{**WHOLE, "more": 1}],
    ],
)
def test_a_token_never_carries_more_rfc9396_6(asked: object) -> None:
    told = refused(with_details(REFRESHING, asked))
    assert told.code == "invalid_authorization_details"
    assert "more than the customer granted" in told.description


def test_what_the_client_may_no_longer_use_is_in_no_token_rfc9396_6() -> None:
    attempt = with_details(REFRESHING, None, (WHOLE, {"type": "gone", "accounts": ["1"]}))
    assert issue(attempt).claims["authorization_details"] == [WHOLE]
    asked = with_details(REFRESHING, [{"type": "gone", "accounts": ["1"]}], (WHOLE, {"type": "gone", "accounts": []}))
    assert refused(asked).code == "invalid_authorization_details"


def test_details_stand_for_a_scope_and_may_be_all_that_is_left_rfc9396_3() -> None:
    alone = with_details(replace(REDEEMING, code=replace(CODE, scope="")), None, ({"type": "plain"},))
    given = issue(alone)
    assert (given.scope, "scope" in given.claims, "scp" in given.claims) == ("", False, False)
    reading = issue(with_details(replace(REDEEMING, code=replace(CODE, scope=""))))
    assert reading.scope == "accounts"


def test_a_clients_own_token_carries_the_details_that_it_names_rfc9396_6() -> None:
    own = with_details(GOOD[CLIENT_CREDENTIALS], [{"type": "plain", "limits": ["a"]}])
    assert issue(own).claims["authorization_details"] == [{"type": "plain", "limits": ["a"]}]
    bare = replace(own, form={name: value for name, value in own.form.items() if name != "scope"})
    assert issue(bare).scope == "", "details instead of a scope: not all that it is subscribed to"
    wrong = with_details(GOOD[CLIENT_CREDENTIALS], [{"type": "plain", "limits": "a"}])
    assert refused(wrong).code == "invalid_authorization_details"


@pytest.mark.parametrize("grant_type", [CIBA, PASSWORD])
def test_no_other_grant_type_takes_details_rfc9396_6(grant_type: str) -> None:
    """The customer was not asked for them."""
    attempt = with_details(GOOD[grant_type], [{"type": "plain", "limits": ["a"]}], ())
    assert details_for(attempt) == ()
