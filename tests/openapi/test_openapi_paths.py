"""Path templates: the literal beats the parameter, from the left, and the path decides before the method."""

from __future__ import annotations

import itertools

import pytest

from propylon.gateway.path_template import parse_path_template
from propylon.openapi.paths import PathFinder, precedence, template_mistakes

TEMPLATES = [
    "/v1/{payment-service}/{payment-product}",
    "/v1/{payment-service}/{payment-product}/{paymentId}",
    "/v1/{payment-service}/{payment-product}/{paymentId}/status",
    "/v1/accounts",
    "/v1/accounts/{id}",
    "/v1/accounts/{id}/transactions",
    "/v1/consents/{consentId}",
    "/v1/consents/{consentId}/status",
    "/v1/reports/{id}.json",
]


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/v1/payments/sepa", "/v1/{payment-service}/{payment-product}"),
        ("/v1/accounts/1", "/v1/accounts/{id}"),
        ("/v1/consents/status", "/v1/consents/{consentId}"),
        ("/v1/consents/1/status", "/v1/consents/{consentId}/status"),
        ("/v1/payments/sepa/1/status", "/v1/{payment-service}/{payment-product}/{paymentId}/status"),
        ("/v1/accounts/1/balances", "/v1/{payment-service}/{payment-product}/{paymentId}"),
        ("/v1/reports/7.json", "/v1/reports/{id}.json"),
        ("/v1/reports/7", "/v1/{payment-service}/{payment-product}"),
        ("/v1/accounts/", None),
        ("/v1", None),
    ],
)
def test_literal_beats_template(path: str, template: str | None) -> None:
    for order in (TEMPLATES, TEMPLATES[::-1]):
        found = PathFinder(order).find(path)
        assert (found[0] if found else None) == template


def test_an_encoded_slash_stays_within_its_parameter() -> None:
    assert PathFinder(["/a/{x}"]).find("/a/b%2Fc") == ("/a/{x}", {"x": "b%2Fc"})


def test_the_order_is_the_gateways_order() -> None:
    for one, two in itertools.combinations(TEMPLATES, 2):
        first, second = parse_path_template(one), parse_path_template(two)
        assert first is not None
        assert second is not None
        assert (precedence(one) < precedence(two)) == (first.precedence < second.precedence)


@pytest.mark.parametrize(
    "template", ["/", "/a", "/a/", "/a/{b}", "/{a}/{b}.json", "/a-b_c~d/{x-y}", "/a:b", "/%41", "/{a}-{b}"]
)
def test_legal_templates_are_legal_for_the_gateway_too(template: str) -> None:
    assert template_mistakes(template) == []
    assert parse_path_template(template) is not None


@pytest.mark.parametrize(
    "template",
    ["a", "", "/a b", "/{", "/}", "/{}", "/{a{b}}", "/{a}{b}", "//a", "/a/../b", "/.", "/{a}/{a}", "/a?b", "/ä"],
)
def test_illegal_templates_are_refused(template: str) -> None:
    assert template_mistakes(template)
