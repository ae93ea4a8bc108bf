"""Which clients see the same pairwise subject: OpenID Connect Core, section 8.1."""

from __future__ import annotations

import pytest

from propylon.oauth.sectors import sector_of


@pytest.mark.parametrize(
    ("addresses", "sector"),
    [
        (["https://a.example/callback"], "a.example"),
        (["https://a.example/callback", "https://a.example:8443/other"], "a.example"),
        (["https://a.example/callback", "https://b.example/callback"], ""),
        (["https://a.example/callback", "http://a.example/callback"], ""),
        (["com.example.app:/callback"], ""),
        ([], ""),
    ],
)
def test_a_sector_is_the_one_host_of_all_redirect_uris_oidc_core_8_1(addresses: list[str], sector: str) -> None:
    assert sector_of(addresses) == sector
