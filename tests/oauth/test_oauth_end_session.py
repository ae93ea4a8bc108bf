"""OpenID Connect RP-Initiated Logout 1.0 in the engine: whose customer leaves, and where nobody is sent."""

from __future__ import annotations

import pytest

from propylon.oauth.end_session import check_way_back, client_that_asks
from propylon.oauth.errors import OAuthError

WAY = "https://partner.example/bye"


@pytest.mark.parametrize(
    ("named", "hinted", "client"),
    [("", "", ""), ("cl_1", "", "cl_1"), ("", "cl_1", "cl_1"), ("cl_1", "cl_1", "cl_1")],
)
def test_the_client_is_named_or_hinted_rpinitiated_2(named: str, hinted: str, client: str) -> None:
    assert client_that_asks({"client_id": named} if named else {}, hinted) == client


def test_the_named_client_is_the_hints_audience_rpinitiated_2() -> None:
    with pytest.raises(OAuthError, match="client_id"):
        client_that_asks({"client_id": "cl_2"}, "cl_1")


def test_nobody_is_sent_to_an_address_that_is_not_registered_rpinitiated_3() -> None:
    check_way_back({}, ())
    check_way_back({"post_logout_redirect_uri": WAY, "state": "x" * 2000}, [WAY])
    for uri, registered in ((WAY, []), (f"{WAY}/", [WAY]), (f"{WAY}?x", [WAY]), ("https://evil.example", [WAY])):
        with pytest.raises(OAuthError, match="not registered"):
            check_way_back({"post_logout_redirect_uri": uri}, registered)


def test_a_state_has_a_bound_rpinitiated_3() -> None:
    with pytest.raises(OAuthError, match="state"):
        check_way_back({"post_logout_redirect_uri": WAY, "state": "x" * 2001}, [WAY])
