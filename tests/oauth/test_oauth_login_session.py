"""What a login that has happened is good for: OpenID Connect Core 3.1.2.1 and 3.1.2.6."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propylon.oauth.acr import BY_CODE_AS_WELL, BY_PASSWORD, ONE_STEP, TWO_STEPS, SignIn
from propylon.oauth.errors import OAuthError
from propylon.oauth.login_session import (
    Login,
    StandingConsent,
    carried_over,
    check_silent,
    covers,
    spares_password,
)
from propylon.oauth.sign_in_wish import SignInWish

NOW = 1_000_000
LOGIN = Login("cus_maja", BY_PASSWORD, NOW - 100)
STANDING = StandingConsent(frozenset({"openid", "accounts"}), ())
DETAIL = {"type": "account_information", "accounts": ["a1"], "most": 1}


def refusal(
    login: Login | None = LOGIN,
    wish: SignInWish = SignInWish(),  # noqa: B008  (frozen)
    *,
    scopes: tuple[str, ...] = ("accounts", "openid"),
    risks: tuple[str, ...] = ("normal",),
    standing: tuple[StandingConsent, ...] = (STANDING,),
) -> str:
    try:
        check_silent(login, wish, scopes=scopes, details=(), risks=risks, standing=standing)
    except OAuthError as error:
        return error.code
    return ""


def test_a_consent_that_stands_is_enough_oidc_core_3_1_2_1() -> None:
    assert refusal() == ""


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_who_is_to_log_in_does_oidc_core_3_1_2_1(prompt: str) -> None:
    assert not spares_password(LOGIN, SignInWish(prompts=frozenset({prompt})), NOW)
    assert spares_password(LOGIN, SignInWish(prompts=frozenset({"consent"})), NOW)


@pytest.mark.parametrize(("max_age", "spared"), [(None, True), (101, True), (100, False), (1, False), (0, False)])
def test_max_age_forces_a_login_oidc_core_3_1_2_1(max_age: int | None, spared: bool) -> None:
    assert spares_password(LOGIN, SignInWish(max_age=max_age), NOW) is spared


def test_where_the_risk_is_high_a_second_step_is_taken_again() -> None:
    assert carried_over(BY_CODE_AS_WELL, {"low", "high"}) == BY_PASSWORD
    assert carried_over(BY_CODE_AS_WELL, {"low"}) == BY_CODE_AS_WELL
    assert carried_over(SignIn(TWO_STEPS, ("otp",)), {"high"}) == SignIn(ONE_STEP, ())
    assert carried_over(BY_PASSWORD, {"high"}) == BY_PASSWORD


def test_the_refusals_of_prompt_none_oidc_core_3_1_2_6() -> None:
    assert refusal(None) == "login_required"
    assert refusal(risks=("high",)) == "interaction_required"
    assert refusal(Login("cus_maja", BY_CODE_AS_WELL, NOW), risks=("high",)) == "interaction_required"
    assert refusal(wish=SignInWish(acr_values=(TWO_STEPS,))) == "interaction_required"
    assert refusal(scopes=("openid",)) == "consent_required"


def test_a_client_that_was_never_let_in_learns_nothing_of_a_login() -> None:
    """Not even that there is one: every answer is the one that it gets where nobody has logged in."""
    for risks in (("low",), ("high",)):
        assert refusal(standing=(), risks=risks) == refusal(None, standing=(), risks=risks) == "login_required"


@given(st.sets(st.sampled_from(["openid", "accounts", "transactions", "payments"])))
def test_nothing_but_exactly_what_was_allowed(asked: set[str]) -> None:
    assert covers(STANDING, asked, ()) is (asked == STANDING.scopes)


def test_details_are_those_that_were_granted_word_by_word() -> None:
    consent = StandingConsent(frozenset(), (DETAIL,))
    assert covers(consent, (), (dict(reversed(DETAIL.items())),))
    for other in ((), (DETAIL, DETAIL), (DETAIL | {"accounts": ["a2"]},), (DETAIL | {"most": True},)):
        assert not covers(consent, (), other)


def test_a_login_without_a_second_step_is_carried_over_as_it_was() -> None:
    assert carried_over(SignIn(ONE_STEP, ("hwk",)), {"high"}) == SignIn(ONE_STEP, ("hwk",))
