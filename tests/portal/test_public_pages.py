"""Home, guides and catalogue without a person and with one: they answer, quickly, with what is true here."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from management import Program
from propylon.catalog.actions import set_listing, set_visibility
from propylon.catalog.models import Product
from propylon.kernel.actor import SYSTEM
from propylon.news.actions import ArticleWish, change_article, write_article
from propylon.portal.home.guides import ORDER

PAGES = (
    "/",
    "/getting-started",
    "/guides",
    "/news",
    "/terms",
    "/privacy",
    "/errors",
    "/products",
    "/products/accounts",
    "/products/accounts/v1",
    "/products/accounts/v1/token",
    "/products/accounts/v1/reference",
    "/products/accounts/v1/reference/listAccounts",
    "/products/accounts/v1/reference/getAccount",
    "/products/accounts/v1/scopes",
    "/products/accounts/v1/errors",
    "/products/accounts/v1/identities",
    "/products/accounts/v1/versions",
    "/products/accounts/v1/downloads",
    "/products/authentication",
    "/products/authentication/v1/token",
    "/products/authentication/v1/reference",
    "/products/authentication/v1/reference/token",
    "/products/authentication/v1/reference/authorize",
    "/products/authentication/v1/errors",
    "/products/authentication/v1/versions",
    "/products/authentication/v1/downloads",
)


def page(path: str, browser: Browser | None = None, status: int = 200) -> str:
    answer = (browser or Browser()).get(path, secure=True)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def developer(program: Program) -> Browser:
    browser = Browser()
    browser.force_login(program.people["developer"])
    return browser


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_heading_and_few_questions_for_the_database(
    program: Program, path: str, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(16):
        html = page(path)
    assert html.count("<h1") == 1
    assert " style=" not in html
    assert "{{" not in html
    assert len(html) < 250_000


@pytest.mark.parametrize("slug", ORDER)
def test_a_guide_is_filled_in_and_links_to_pages_that_are_there(program: Program, slug: str) -> None:
    html = page(f"/guides/{slug}")
    assert "{{" not in html
    assert html.count("<h1") == 1
    for address in set(re.findall(r'href="(/[^"#?]*)', html)) - {"/ca.crt"}:
        if not address.startswith(("/static", "/sign", "/apps")):
            page(address)
