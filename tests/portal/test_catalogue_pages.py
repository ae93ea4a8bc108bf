"""The catalogue: what is found, what is shown to whom, and what a subscription changes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from django.test import Client as Browser

from management import Program
from propylon.applications.models import Subscription
from propylon.catalog.actions import import_product, publish, set_listing, set_visibility
from propylon.catalog.models import Product, Upstream
from propylon.customers.actions import add_customer
from propylon.kernel.actor import SYSTEM

SCRIPT = "<script>alert(1)</script>"


def document(title: str, **more: Any) -> str:
    operation = {
        "operationId": "list",
        "summary": f"List {title}",
        "tags": [title],
        "responses": {"200": {"description": "ok"}},
        **more,
    }
    whole = {"openapi": "3.0.3", "info": {"title": title, "version": "1"}, "paths": {"/things": {"get": operation}}}
    return json.dumps(whole)


def page(path: str, browser: Browser | None = None, status: int = 200) -> str:
    answer = (browser or Browser()).get(path, secure=True)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.content.decode()


def cards(html: str) -> list[str]:
    return re.findall(r'<h[23] class="h3"><a href="/products/([a-z0-9-]+)"', html)


@pytest.fixture
def developer(program: Program) -> Browser:
    browser = Browser()
    browser.force_login(program.people["developer"])
    return browser


def imported(title: str, program: Program, *, published: bool = True, **more: Any) -> Product:
    version = import_product(acting_user=SYSTEM, text=document(title, **more))
    if published:
        upstream = Upstream.objects.get(name="bank")
        publish(acting_user=SYSTEM, product_version=version, environment=program.sandbox, upstream=upstream)
    return version.product


def test_search_looks_at_titles_operations_paths_and_scopes(program: Program) -> None:
    imported("Payments", program)
    assert cards(page("/products")) == ["authentication", "accounts", "payments"]
    assert cards(page("/products?q=PAYM")) == ["payments"]
    assert cards(page("/products?q=transactions+accounts")) == ["accounts"]
    assert cards(page("/products?q=%2Fthings")) == ["payments"]
    assert cards(page("/products?q=revoke")) == ["authentication"]
    assert "Nothing fits" in page("/products?q=nothing-of-the-kind")


def test_filters_by_environment_and_access(program: Program) -> None:
    imported("Unborn", program, published=False)
    product = imported("Licensed", program)
    set_listing(acting_user=SYSTEM, product=product, is_psd2_only=True, geography="Finland")
    assert cards(page("/products?environment=production")) == ["authentication", "accounts"]
    assert cards(page("/products?access=psd2")) == ["licensed"]
    assert "Finland" in page("/products/licensed")


def test_a_hidden_product_is_nowhere_for_partners_and_there_for_staff(program: Program, developer: Browser) -> None:
    set_visibility(acting_user=SYSTEM, product=Product.objects.get(name="accounts"), is_visible=False)
    staff = Browser()
    staff.force_login(program.people["auditor"])
    for path in ("/products/accounts", "/products/accounts/v1/reference/listAccounts", "/products/accounts/subscribe"):
        page(path, developer, 404)
    assert "accounts" not in cards(page("/products"))
    assert "accounts" in cards(page("/products", staff))
    page("/products/accounts/v1/token", staff)


def test_a_thousand_products_are_listed_in_pages_with_few_questions(
    program: Program, django_assert_max_num_queries: Any
) -> None:
    Product.objects.bulk_create(
        [
            Product(
                name=f"p{n:04}",
                title=f"Product {n:04}",
                default_scope=f"p{n}",
                search_text=f"product {n:04} accounts",
                created_at=program.bank.created_at,
            )
            for n in range(1000)
        ]
    )
    with django_assert_max_num_queries(8):
        first = page("/products")
    assert len(cards(first)) == 25
    following = re.search(r'href="(\?[^"]*after=[^"]*)" rel="next"', first)
    assert following
    second = page("/products" + following[1].replace("&amp;", "&"))
    assert len(cards(second)) == 24
    assert not set(cards(first)) & set(cards(second))
    with django_assert_max_num_queries(8):
        assert cards(page("/products?q=0999")) == ["p0999"]


def test_words_of_a_document_are_words_and_no_markup(program: Program) -> None:
    imported(
        "Hostile",
        program,
        description=f"{SCRIPT} [x](javascript:alert(1))",
        parameters=[
            {"name": SCRIPT, "in": "query", "description": SCRIPT, "schema": {"type": "string", "enum": [SCRIPT]}}
        ],
        externalDocs={"url": "javascript:alert(1)"},
    )
    for path in ("", "/v1/reference", "/v1/reference/list", "/v1/scopes", "/v1/downloads"):
        html = page(f"/products/hostile{path}")
        assert SCRIPT not in html
        assert 'href="javascript' not in html


def test_the_reference_says_what_a_call_needs(program: Program) -> None:
    html = page("/products/accounts/v1/reference/listTransactions")
    assert "<code>transactions</code>" in html
    assert "gateway.scope.missing" in html
    assert "gateway.body.too_large" not in html, "a GET has no body"
    assert 'rel="prev"' in html


def test_failures_of_a_large_document_are_shown_when_asked_for(program: Program) -> None:
    many = {f"p{n}": {"type": "string"} for n in range(30)}
    content = {"application/json": {"schema": {"type": "object", "properties": many}}}
    imported(
        "Large", program, responses={"200": {"description": "ok"}, "400": {"description": "bad", "content": content}}
    )
    path = "/products/large/v1/reference/list"
    assert "<code>p29</code>" not in page(path)
    assert "<code>p29</code>" in page(f"{path}?answer=400")
    assert "<code>p29</code>" not in page(f"{path}?answer=999")


def test_passwords_of_sandbox_identities_are_for_those_who_signed_in(program: Program, developer: Browser) -> None:
    add_customer(
        acting_user=SYSTEM,
        environment="sandbox",
        identity_number="199001019999",
        name="Astrid",
        password="four-small-boats",
        subject="cus_1",
        product="accounts",
        is_sandbox_identity=True,
    )
    stranger = page("/products/accounts/v1/identities")
    assert "199001019999" in stranger
    assert "four-small-boats" not in stranger
    assert "four-small-boats" in page("/products/accounts/v1/identities", developer)


def test_subscribing_from_the_product(program: Program, developer: Browser) -> None:
    _, client, _ = program.register(products=[])
    assert client.client_id in page("/products/accounts/subscribe", developer)
    answer = developer.post("/products/accounts/subscribe", {"client": client.client_id}, secure=True)
    assert answer.status_code == 303
    assert Subscription.objects.filter(client=client, product__name="accounts").exists()
    html = page(answer["Location"], developer)
    assert client.client_id in html, "the commands carry the client id now"
    assert client.client_id not in page("/products/accounts/subscribe", developer)
    again = developer.post("/products/accounts/subscribe", {"client": client.client_id}, secure=True)
    assert again.status_code == 400
    assert Subscription.objects.filter(client=client).count() == 1


def offered(html: str) -> list[str]:
    return re.findall(r'type="radio" name="client" value="([^"]+)"', html)


def test_of_many_applications_the_newest_can_be_chosen_and_any_by_its_name(
    program: Program, developer: Browser, django_assert_max_num_queries: Any
) -> None:
    clients = [program.register(name=f"Ledger {number:02}", products=[])[1] for number in range(23)]
    path = "/products/accounts/subscribe"
    with django_assert_max_num_queries(13):
        html = page(path, developer)
    assert offered(html) == [each.client_id for each in reversed(clients[3:])]
    assert "there are more" in html
    with django_assert_max_num_queries(13):
        found = page(f"{path}?q=ledger+01", developer)
    assert offered(found) == [clients[1].client_id]
    assert 'value="ledger 01"' in found
    assert developer.post(f"{path}?q=ledger+01", {"client": clients[1].client_id}, secure=True).status_code == 303
    assert Subscription.objects.filter(client=clients[1], product__name="accounts").exists()
    nothing = page(f"{path}?q=ledger+01", developer)
    assert offered(nothing) == []
    assert "has this in its name" in nothing


def test_another_organizations_client_cannot_be_subscribed(program: Program, developer: Browser) -> None:
    _, foreign, _ = program.register(organization=program.other, products=[])
    answer = developer.post("/products/accounts/subscribe", {"client": foreign.client_id}, secure=True)
    assert answer.status_code == 400
    assert "client.unknown" in answer.content.decode()
    assert not Subscription.objects.filter(client=foreign).exists()


def test_versions_are_compared(program: Program) -> None:
    import_product(acting_user=SYSTEM, text=document("Notes"), version="v1")
    whole = json.loads(document("Notes", summary="Other words", deprecated=True))
    whole["paths"]["/more"] = {"get": {"operationId": "more", "responses": {"200": {"description": "ok"}}}}
    import_product(acting_user=SYSTEM, text=json.dumps(whole), version="v2")
    html = page("/products/notes/v2/versions")
    assert "From v1 to v2" in html
    assert "/products/notes/v2/reference/more" in html
    assert "described in other words" in html
    assert "Programs written for the old version go on working" in html
    assert "The newest version is v2" in page("/products/notes/v1")


def test_documents_are_downloaded_with_the_addresses_here(program: Program) -> None:
    as_json = json.loads(page("/products/accounts/v1/openapi.json"))
    as_yaml = yaml.safe_load(page("/products/accounts/v1/openapi.yaml"))
    assert as_json == as_yaml
    assert as_json["servers"][0]["url"].endswith("/sandbox/accounts/v1")
    assert "/oauth/token" in json.loads(page("/products/authentication/v1/openapi.json"))["paths"]


def test_the_name_of_the_authentication_api_is_taken(program: Program) -> None:
    answer = program.callers["operator"].post("/products", {"document": document("X"), "name": "authentication"})
    assert answer.status == 400
    assert "name" in answer.fields
