"""The engine of rich authorization requests (RFC 9396) by itself: schemas, narrowing, choices of accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propylon.oauth.account_choice import SCOPES, Choice, choices, granted
from propylon.oauth.authorization_details import DetailType, check_details, compact, read_details
from propylon.oauth.detail_schema import problem_of, schema_mistake
from propylon.oauth.errors import OAuthError
from propylon.oauth.granted_details import _is_within

READING = DetailType(
    "reading",
    "See",
    {"type": "object", "properties": {"accounts": {"type": "array", "items": {"type": "string"}}}},
    account_member="accounts",
    scope="accounts",
    covers=frozenset({"accounts", "transactions"}),
)
PAYING = DetailType(
    "paying",
    "Pay",
    {"type": "object", "required": ["from"], "properties": {"from": {"type": "string"}}},
    account_member="from",
)
TYPES = {each.name: each for each in (READING, PAYING)}

_scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["a", "b", ""])
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str, object]]:
    """Every scalar with the names that lead to it; places in lists do not count."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield path, type(value).__name__, value


@given(_values, _values)
def test_rfc9396_6_nothing_is_within_that_says_what_was_not_granted(asked: Any, whole: Any) -> None:
    if _is_within(asked, whole):
        assert set(leaves(asked)) <= set(leaves(whole))


@given(_values)
def test_rfc9396_6_the_same_is_always_within(value: Any) -> None:
    assert _is_within(value, value)


@pytest.mark.parametrize(
    ("asked", "whole"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),  # leaving a limit out would be more
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"a": True}, {"a": 1}),
        ({"a": 1.0}, {"a": 1}),
        ({"a": []}, {"a": ["x"]}),  # an empty list may mean all
        ({"a": ["x", "z"]}, {"a": ["x", "y"]}),
        ({"a": {"b": "x"}}, {"a": "x"}),
        ({"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 1, "c": 3}, {"b": 2, "c": 2}]}),  # mixed of two
    ],
)
def test_rfc9396_6_what_is_not_less(asked: dict[str, Any], whole: dict[str, Any]) -> None:
    assert not _is_within(asked, whole)


def read(text: str) -> object:
    """The objects, or the refusal."""
    try:
        return read_details(text)
    except OAuthError as refusal:
        return refusal


@given(st.text(max_size=300) | st.lists(_values, max_size=3).map(json.dumps))
def test_any_text_is_read_or_refused_with_the_code_of_section_5(text: str) -> None:
    found = read(text)
    if isinstance(found, OAuthError):
        assert found.code == "invalid_authorization_details"
        assert all(" " <= each <= "~" and each not in '"\\' for each in found.description)
    else:
        assert isinstance(found, tuple)
        assert found == read_details(compact(found))


def test_what_a_schema_does_not_name_is_refused_at_every_depth() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"$ref": "#/$defs/b"}}},
        "$defs": {"b": {"type": "object", "properties": {"c": {}}}},
    }
    assert schema_mistake(schema) == ""
    assert problem_of({"a": [{"c": 1}]}, schema) is None
    problem = problem_of({"a": [{"c": 1}, {"d": 1}]}, schema)
    assert problem
    assert (problem.place, problem.reason) == (".a[1].d", "a field that the type does not have")


def test_a_schema_that_leads_to_itself_without_end_refuses() -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}}
    assert problem_of({"a": 1}, schema) is not None
    assert problem_of({}, schema) is None


@pytest.mark.parametrize("kind", [{"type": "string"}, {"type": "array", "maxItems": 1, "items": {"type": "string"}}])
def test_a_type_for_one_account_takes_one(kind: dict[str, Any]) -> None:
    type_ = DetailType("t", "T", {"type": "object", "properties": {"a": kind}}, account_member="a")
    asked = choices([{"type": "t"}], [], {"t": type_}, asking=frozenset(), own=["1", "2"])
    assert asked == (Choice("0", ("1", "2"), takes_one=True),)
    with pytest.raises(OAuthError):
        granted([{"type": "t"}], [], {"t": type_}, asking=frozenset(), asked=asked, chosen={"0": ["1", "2"]})
    found = granted([{"type": "t"}], [], {"t": type_}, asking=frozenset(), asked=asked, chosen={"0": ["2"]})
    assert type_.accounts_of(found.details[0]) == ("2",)
    assert found.accounts == {}, "a type without a scope limits none"


def test_a_choice_for_details_answers_for_the_scopes_of_its_product() -> None:
    details, scopes, asking = [{"type": "reading"}], ["transactions", "loans"], frozenset({"transactions", "loans"})
    asked = choices(details, scopes, TYPES, asking=asking, own=["1", "2"])
    assert [each.key for each in asked] == ["0", SCOPES], "loans are of another product"
    chosen = {"0": ["1"], SCOPES: ["2"]}
    found = granted(details, scopes, TYPES, asking=asking, asked=asked, chosen=chosen)
    assert found.accounts == {"transactions": ["1"], "loans": ["2"], "accounts": ["1"]}


@pytest.mark.parametrize("chosen", [{}, {"0": []}, {"0": ["9"]}, {"0": ["1", "1"]}])
def test_a_choice_is_among_what_was_offered(chosen: dict[str, list[str]]) -> None:
    asked = choices([{"type": "reading"}], [], TYPES, asking=frozenset(), own=["1", "2"])
    with pytest.raises(OAuthError):
        granted([{"type": "reading"}], [], TYPES, asking=frozenset(), asked=asked, chosen=chosen)


def test_more_accounts_than_a_token_can_carry_are_refused() -> None:
    own = [f"account-with-a-long-name-{number:04}" for number in range(150)]
    asked = choices([{"type": "reading"}], [], TYPES, asking=frozenset(), own=own)
    with pytest.raises(OAuthError, match="too many accounts"):
        granted([{"type": "reading"}], [], TYPES, asking=frozenset(), asked=asked, chosen={"0": own})


def test_a_required_account_may_be_missing_until_it_is_chosen() -> None:
    check_details([{"type": "paying"}], TYPES, awaits_choice=True)
    with pytest.raises(OAuthError, match=r"\[0\].from: missing"):
        check_details([{"type": "paying"}], TYPES)
