"""How a client may wish its customer to sign in: OpenID Connect Core 3.1.2.1 and 5.5, RFC 9470."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propylon.oauth.acr import ACR_VALUES, ONE_STEP, TWO_STEPS, is_enough, wanted_acr
from propylon.oauth.errors import OAuthError
from propylon.oauth.sign_in_wish import PARAMETERS, SignInWish, read_sign_in_wish

ACR = {"id_token": {"acr": {"essential": True, "values": [TWO_STEPS]}}}


def refused(error: str, **parameters: str) -> str:
    with pytest.raises(OAuthError) as caught:
        read_sign_in_wish(parameters)
    assert caught.value.code == error
    return caught.value.description


def test_no_wish_is_none() -> None:
    assert read_sign_in_wish({}) == SignInWish()


@pytest.mark.parametrize("prompt", ["login", "consent", "select_account", "login consent", "select_account login"])
def test_prompts_are_read_oidc_core_3_1_2_1(prompt: str) -> None:
    wish = read_sign_in_wish({"prompt": prompt})
    assert wish == SignInWish(prompts=frozenset(prompt.split()))
    assert not wish.is_silent


def test_prompt_none_stands_alone_oidc_core_3_1_2_1() -> None:
    assert read_sign_in_wish({"prompt": "none"}).is_silent


@pytest.mark.parametrize("prompt", ["none login", "none consent select_account", "Login", "create", "login,consent"])
def test_a_wrong_prompt_is_refused_oidc_core_3_1_2_1(prompt: str) -> None:
    assert "prompt" in refused("invalid_request", prompt=prompt)


@pytest.mark.parametrize(("text", "seconds"), [("0", 0), ("3600", 3600), ("007", 7)])
def test_max_age_is_read_oidc_core_3_1_2_1(text: str, seconds: int) -> None:
    assert read_sign_in_wish({"max_age": text}).max_age == seconds


@pytest.mark.parametrize("text", ["-1", "1.5", "soon", " 5", "٣", "99999999999"])
def test_a_wrong_max_age_is_refused(text: str) -> None:
    assert "max_age" in refused("invalid_request", max_age=text)


def test_acr_values_are_a_wish_in_their_order_oidc_core_3_1_2_1() -> None:
    wish = read_sign_in_wish({"acr_values": f"urn:other {TWO_STEPS} {ONE_STEP}"})
    assert (wish.acr_values, wish.is_essential) == (("urn:other", TWO_STEPS, ONE_STEP), False)


def test_essential_acr_of_claims_wins_over_acr_values_oidc_core_5_5_1_1() -> None:
    wish = read_sign_in_wish({"acr_values": ONE_STEP, "claims": json.dumps(ACR)})
    assert (wish.acr_values, wish.is_essential) == ((TWO_STEPS,), True)
    one = {"id_token": {"acr": {"essential": True, "value": TWO_STEPS}, "auth_time": {"essential": True}}}
    assert read_sign_in_wish({"claims": json.dumps(one)}) == wish


def test_an_essential_acr_that_nobody_has_is_unmet_oidc_core_5_5_1_1() -> None:
    unknown = {"id_token": {"acr": {"essential": True, "values": ["urn:mace:silver"]}}}
    told = refused("unmet_authentication_requirements", claims=json.dumps(unknown))
    assert all(value in told for value in ACR_VALUES)
    unknown["id_token"]["acr"]["essential"] = False
    assert read_sign_in_wish({"claims": json.dumps(unknown)}).is_essential is False


def test_other_claims_are_passed_over_oidc_core_5_5_1() -> None:
    asked = {"userinfo": {"email": {"essential": True}}, "id_token": {"auth_time": None, "name": None, "acr": None}}
    assert read_sign_in_wish({"claims": json.dumps(asked)}) == SignInWish()


@pytest.mark.parametrize(
    "claims",
    ["", "[]", "7", "{", '{"id_token":[]}'.replace("[]", "[1]"), '{"userinfo":"all"}', '{"id_token":{"acr":"x"}}',
     '{"id_token":{"acr":{"essential":"yes"}}}', '{"id_token":{"acr":{"values":"x"}}}',
     '{"id_token":{"acr":{"values":[1]}}}', '{"id_token":{"sub":{"value":1}}}', "[" * 3000],
)  # fmt: skip
def test_wrong_claims_are_refused_oidc_core_5_5(claims: str) -> None:
    assert "claims" in refused("invalid_request", claims=claims)


@pytest.mark.parametrize("name", ["acr_values", "claims", "login_hint", "id_token_hint", "ui_locales"])
def test_each_wish_has_a_bound(name: str) -> None:
    assert name in refused("invalid_request", **{name: "x" * 8001})


@given(st.dictionaries(st.sampled_from(PARAMETERS), st.text(max_size=300)))
def test_any_input_is_a_wish_or_an_error_of_oauth(parameters: dict[str, str]) -> None:
    try:
        assert isinstance(read_sign_in_wish(parameters), SignInWish)
    except OAuthError as error:
        assert error.code in {"invalid_request", "login_required", "unmet_authentication_requirements"}  # noqa: PT017


def test_high_risk_needs_the_stronger_way_whatever_is_asked_rfc9470_1() -> None:
    assert wanted_acr((), ()) == wanted_acr(("urn:other",), ("low", "normal")) == ONE_STEP
    assert wanted_acr((ONE_STEP,), ("normal", "high")) == wanted_acr((), ("high",)) == TWO_STEPS
    assert wanted_acr(("urn:other", TWO_STEPS, ONE_STEP), ()) == TWO_STEPS
    assert wanted_acr((ONE_STEP, TWO_STEPS), ()) == ONE_STEP


def test_the_stronger_way_is_enough_for_the_weaker_one_and_nothing_else_is() -> None:
    assert is_enough(TWO_STEPS, ONE_STEP)
    assert is_enough(ONE_STEP, ONE_STEP)
    assert not is_enough(ONE_STEP, TWO_STEPS)
    assert not any(is_enough(other, ONE_STEP) for other in ("", "urn:other"))
