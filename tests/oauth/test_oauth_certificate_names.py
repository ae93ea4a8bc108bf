"""Alternative names of certificates, each rule by itself: RFC 8705, 2.1.2."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oauth.test_oauth_conversations import CERTIFICATE, ISSUER, NOW, client
from propylon.oauth.certificate_names import comparable
from propylon.oauth.client_authentication import authenticate, read_presented
from propylon.oauth.errors import OAuthError

NAME = ("dns", "client.partner.example")


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("dns", "*.partner.example", "host name"),
        ("dns", "localhost", "host name"),
        ("uri", "urn:bänk", "absolute URI"),
        ("uri", "urn:a\x01b", "absolute URI"),
        ("uri", "urn:a b", "absolute URI"),
        ("uri", "ledger", "absolute URI"),
        ("ip", "192.0.2.0/24", "one address"),
        ("ip", "one", "one address"),
        ("email", "ledger", "mail address"),
        ("email", "a b@partner.example", "mail address"),
        ("email", "@partner.example", "mail address"),
        ("email", "client@localhost", "mail address"),
        ("email", "client@", "mail address"),
        ("name", "x", "one of the kinds"),
        ("", "x", "one of the kinds"),
        ("uri", "urn:" + "x" * 250, "at most 253"),
    ],
)
def test_a_name_is_one_of_its_kind_rfc8705_2_1_2(kind: str, value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        comparable(kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "compared"),
    [
        ("dns", "Client.Partner.EXAMPLE", "client.partner.example"),
        ("uri", "urn:example:Client", "urn:example:Client"),
        ("uri", "urn:" + "x" * 249, "urn:" + "x" * 249),
        ("ip", "2001:DB8:0::7", "2001:db8::7"),
        ("email", "Client@Partner.EXAMPLE", "Client@partner.example"),
    ],
)
def test_a_name_has_one_form_rfc8705_2_1_2(kind: str, value: str, compared: str) -> None:
    assert comparable(kind, value) == (kind, compared)


def test_the_registered_name_counts_and_the_cn_no_longer_rfc8705_2_1_2() -> None:
    record = client("server", certificate_name=NAME)
    asked = read_presented({"client_id": "cl_1"}, "")
    named = replace(CERTIFICATE, common_name="another", names=frozenset({NAME}))
    assert authenticate(record, asked, named, NOW, issuer=ISSUER).client is record
    for names in (frozenset(), frozenset({("dns", "other.partner.example")}), frozenset({("uri", NAME[1])})):
        with pytest.raises(OAuthError) as caught:
            authenticate(record, asked, replace(CERTIFICATE, names=names), NOW, issuer=ISSUER)
        assert caught.value.code == "invalid_client"
