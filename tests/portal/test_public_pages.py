"""Home, guides and catalogue without a person and with one: they answer, quickly, with what is true here."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser

from management import Program
from propylon.accounts.legal import current_terms
from propylon.catalog.actions import set_listing
from propylon.catalog.models import Environment, Product
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
    with django_assert_max_num_queries(17):
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
        if not address.startswith(("/static", "/sign", "/apps", "/tools")):
            page(address)


def test_getting_started_names_this_installation_and_my_own_client(program: Program, developer: Browser) -> None:
    stranger = page("/getting-started")
    assert "https://localhost:8443/sandbox" in stranger
    assert "https://localhost:8444/oauth/token" in stranger
    assert "your-client-id" in stranger
    _, client, _ = program.register("Ledger", "server")
    mine = page("/getting-started", developer)
    assert f"CLIENT_ID={client.client_id}" in words(mine).replace(" =", "=").replace("= ", "=")


def test_home_leads_who_signed_in_to_the_next_step(program: Program, developer: Browser) -> None:
    assert "Build on your bank." in page("/")
    assert "Add your first application" in page("/", developer)
    program.register("Ledger", "server", products=[])
    assert "Subscribe Ledger to a product" in page("/", developer)


def test_home_of_an_empty_installation_says_so(db: None) -> None:
    assert "The operator has not published anything yet." in page("/")
    assert page("/getting-started")
    assert page("/products")


def test_home_features_what_the_operator_chose_and_what_is_new(program: Program) -> None:
    product = Product.objects.get(name="accounts")
    set_listing(acting_user=SYSTEM, product=product, is_featured=True, geography="Sweden")
    told = words(page("/"))
    assert "Accounts v1 now answers in" in told
    assert "Sweden" in told


def test_news_is_read_by_all_and_a_draft_by_staff_only(program: Program, developer: Browser) -> None:
    wish = ArticleWish(title="New rates", summary="Tomorrow.", text="# Rates\n\n<script>alert(1)</script>")
    article = write_article(acting_user=SYSTEM, wish=wish)
    staff = Browser()
    staff.force_login(program.people["operator"])
    page("/news/new-rates", developer, 404)
    assert "Draft" in page("/news/new-rates", staff)
    assert "New rates" not in page("/news")
    published = ArticleWish(**{**{name: getattr(wish, name) for name in wish.__slots__}, "is_published": True})
    change_article(acting_user=SYSTEM, article=article, wish=published)
    html = page("/news/new-rates")
    assert "<script>alert" not in html
    assert html.count("<h1") == 1
    assert "New rates" in page("/")
    assert "New rates" not in page("/news?kind=solution")


def test_the_operators_own_terms_replace_ours_and_their_version_is_their_text(program: Program) -> None:
    placeholder = current_terms()
    assert placeholder.is_placeholder
    folder = settings.PROPYLON_HOME.root / "pages"
    folder.mkdir()
    try:
        (folder / "terms.md").write_text("## Our own words")
        own = current_terms()
        assert not own.is_placeholder
        assert own.version != placeholder.version
        html = page("/terms")
        assert "Our own words" in html
        assert own.version in html
    finally:
        (folder / "terms.md").unlink()
        folder.rmdir()


def test_environments_appear_as_soon_as_there_is_one(program: Program) -> None:
    Environment.objects.create(name="pilot", title="Pilot bank", path_prefix="/pilot", position=5)
    for path in ("/", "/getting-started", "/guides/principles"):
        assert "https://localhost:8443/pilot" in page(path)
