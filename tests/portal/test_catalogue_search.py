"""The catalogue's search finds what a person means: products, guides, error codes pasted from an answer."""

from __future__ import annotations

import re

import pytest
from django.test import Client as Browser

from management import Program
from propylon.gateway.refusals import REFUSALS
from propylon.oauth.error_table import OAUTH_ERRORS
from propylon.portal.catalogue.reading import found_reading

CODES = [each.code for each in (*REFUSALS, *OAUTH_ERRORS)]


def search(text: str, browser: Browser | None = None, language: str = "en") -> str:
    browser = browser or Browser(headers={"accept-language": language})
    answer = browser.get("/products", {"q": text}, secure=True)
    assert answer.status_code == 200
    return answer.content.decode()


def linked_codes(html: str) -> list[str]:
    return re.findall(r'href="/errors#([^"]+)"', html)


@pytest.mark.parametrize("code", CODES)
def test_a_pasted_code_leads_to_its_explanation_alone(code: str) -> None:
    assert [each.code for each in found_reading(code).codes] == [code]
    assert [each.code for each in found_reading(f'  {{"code": "{code}", "transient": "false"}}').codes] == [code]


def test_a_code_s_link_leads_to_its_row_on_the_page_of_codes(program: Program) -> None:
    assert linked_codes(search("gateway.token.expired")) == ["gateway.token.expired"]
    assert 'id="gateway.token.expired"' in Browser().get("/errors", secure=True).content.decode()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("414", ["gateway.url.too_long"]),
        ("HTTP/1.1 414 URI Too Long", ["gateway.url.too_long"]),
        ("Status: 410.", ["gateway.version.sunset"]),
        ("token.expired", ["gateway.token.expired"]),
        ("GATEWAY.TOKEN.EXPIRED", ["gateway.token.expired"]),
        ("token has expired", ["gateway.token.expired"]),
        ("https://app.example/callback?error=access_denied&state=1", ["access_denied"]),
        ("8e0f2c1a-5b7d-4f0e-9a63-414d7c9b4e55", []),
        ("zeppelin", []),
        ("", []),
    ],
)
def test_words_of_an_answer_find_its_code(asked: str, expected: list[str]) -> None:
    assert [each.code for each in found_reading(asked).codes] == expected


def test_a_status_finds_all_of_its_codes() -> None:
    found = found_reading("429")
    assert {each.code for each in found.codes} == {each.code for each in REFUSALS if each.status == 429}
    assert found.is_named


def test_guides_are_found_by_title_first_and_by_their_words() -> None:
    assert found_reading("consent").guides[0].title == "Consent and scopes"
    assert "Client certificates and two-way TLS" in [each.title for each in found_reading("pfx").guides]
    assert found_reading("getting started").guides[0].address == "/getting-started"
    assert len(found_reading("the").guides) <= 4


def test_products_guides_and_codes_stand_on_one_page_and_what_was_named_comes_first(program: Program) -> None:
    html = search("accounts")
    assert 'href="/products/accounts"' in html
    html = search("scope")
    assert html.index('id="found-guides"') > html.index('id="found-codes"')
    html = search("gateway.scope.missing")
    assert html.index('id="found-codes"') < html.index('id="found-guides"')
    assert "Nothing fits" not in html


def test_when_nothing_is_found_the_page_says_where_else_to_look(program: Program) -> None:
    html = search("zeppelin")
    assert "Nothing fits" in html
    for address in ("/getting-started", "/guides", "/errors", "/apps"):
        assert f'href="{address}"' in html[html.index("Nothing fits") :]


def test_a_tracking_id_is_known_as_one(program: Program) -> None:
    assert "Is this a RequestTrackingId?" in search("8e0f2c1a-5b7d-4f0e-9a63-2f1d7c9b4e55")


def test_a_swedish_page_finds_swedish_guides_by_words_of_both_languages(program: Program) -> None:
    assert "Samtycke och scopes" in search("samtycke", language="sv")
    assert "Samtycke och scopes" in search("consent", language="sv")


def test_what_was_typed_stays_text(program: Program) -> None:
    assert "<script>alert" not in search("<script>alert(1)</script> 414")
