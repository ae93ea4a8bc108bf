"""The call console, samples and downloads as pages: who sees what, and what is refused before anything is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client as Browser

from management import Program
from propylon.accounts.models import User
from propylon.applications.actions import add_client, approve_client
from propylon.applications.models import Client
from propylon.applications.plan_client import ClientWish
from propylon.authserver.actions import ensure_signing_key
from propylon.certificates.actions import ensure_authorities
from propylon.customers.actions import add_customer
from propylon.kernel.actor import SYSTEM
from propylon.openapi.collection import TOKEN_REQUEST
from propylon.usage.models import CallRecord

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "usage"])
VERSION = "/products/accounts/v1"
TRY = f"{VERSION}/try/getAccount"


def browser_of(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


@pytest.fixture
def developer(program: Program) -> Browser:
    ensure_signing_key(acting_user=SYSTEM)
    ensure_authorities(acting_user=SYSTEM)
    return browser_of(program.people["developer"])


def in_production(program: Program) -> Client:
    application, _, _ = program.register("Far", type_="server")
    wish = ClientWish("server", "standard", products=["accounts"])
    client, _ = add_client(acting_user=SYSTEM, application=application, environment=program.production, wish=wish)
    approve_client(acting_user=SYSTEM, client=client, reason="tests")
    return client


def calls(program: Program, path: str, body: dict[str, Any], role: str = "developer") -> Any:
    return program.callers[role].post(f"/products/accounts/versions/v1/operations/getAccount/{path}", body)


def test_a_stranger_is_asked_to_sign_in_and_led_back() -> None:
    answer = Browser().get(TRY)
    assert answer.status_code == 302
    assert answer["Location"] == f"/sign-in?next={TRY}"


def test_an_analyst_is_told_that_developers_call(program: Program) -> None:
    program.register()
    page = browser_of(program.people["analyst"]).get(TRY).content.decode()
    assert "Your role reads the documentation" in page
    assert "Send the request" not in page


def test_a_developer_without_an_application_is_led_to_one(developer: Browser) -> None:
    page = developer.get(TRY).content.decode()
    assert "/apps/new?product=accounts" in page
    assert "CLIENT_ID" in page  # the samples are there all the same


def test_the_form_is_filled_in_with_the_documents_example(program: Program, developer: Browser) -> None:
    program.register(type_="server")
    page = developer.get(TRY).content.decode()
    assert 'value="acc-000001"' in page
    assert "https://localhost:8444/sandbox/accounts/v1/accounts/{id}" in page


def test_the_choice_of_an_application_is_remembered(program: Program, developer: Browser) -> None:
    program.register("First", type_="server")
    _, second, _ = program.register("Second", type_="server")
    assert f'value="{second.client_id}" selected' in developer.get(f"{TRY}?client={second.client_id}").content.decode()
    assert f'value="{second.client_id}" selected' in developer.get(TRY).content.decode()


def test_an_application_that_is_not_subscribed_is_led_to_subscribing_and_not_switched(
    program: Program, developer: Browser
) -> None:
    _, own, _ = program.register("Subscribed", type_="server")
    _, other, _ = program.register("Not yet", type_="server")
    other.subscriptions.all().delete()
    page = developer.get(f"{TRY}?client={other.client_id}").content.decode()
    assert "<strong>Not yet</strong>" in page
    assert f"/apps/{other.application.public_id}/subscriptions?environment=sandbox" in page
    assert "Send the request" not in page
    assert f"?client={own.client_id}#try" in page


def test_the_tokens_page_offers_a_choice_of_application(program: Program, developer: Browser) -> None:
    _, first, _ = program.register("First", type_="server")
    _, second, _ = program.register("Second", type_="server")
    page = "/products/accounts/v1/token"
    assert f'value="{second.client_id}" selected' in developer.get(page).content.decode()
    chosen = developer.get(f"{page}?client={first.client_id}").content.decode()
    assert f'value="{first.client_id}" selected' in chosen


def test_an_analyst_is_offered_no_application_to_add_and_told_why_in_words(program: Program) -> None:
    analyst = browser_of(program.people["analyst"])
    page = analyst.get("/products/accounts/subscribe").content.decode()
    assert "/apps/new" not in page
    refused = analyst.get("/apps/new")
    assert refused.status_code == 403
    assert "applications.manage" not in refused.content.decode()
    assert "add and change applications" in refused.content.decode()


def test_another_organizations_application_cannot_be_chosen(program: Program, developer: Browser) -> None:
    _, foreign, _ = program.register("Foreign", type_="server", organization=program.other)
    program.register("Own", type_="server")
    page = developer.get(f"{TRY}?client={foreign.client_id}").content.decode()
    assert foreign.client_id not in page.split("<main")[1].split("<footer")[0]
    assert "Foreign" not in page
    answer = developer.post(TRY, {"client": foreign.client_id, "path-0": "acc-000001"})
    assert answer.status_code == 404
    assert calls(program, "try", {"client_id": foreign.client_id}).code == "client.not_callable"
    unknown = calls(program, "try", {"client_id": "cli_unknown"})
    assert (unknown.status, unknown.code) == (404, "client.not_callable")  # no difference to be seen


@pytest.mark.parametrize("text", ["a/b", "..", "a\\b"])
def test_a_value_that_leads_elsewhere_is_refused_at_its_field(program: Program, developer: Browser, text: str) -> None:
    _, client, _ = program.register(type_="server")
    answer = developer.post(TRY, {"client": client.client_id, "path-0": text})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "must be one step of the path" in page
    assert "Nothing was sent" in page
    assert not CallRecord.objects.exists()


def test_production_is_not_called(program: Program, developer: Browser) -> None:
    client = in_production(program)
    page = developer.get(f"{TRY}?client={client.client_id}").content.decode()
    assert "calls test environments only" in page
    assert "Send the request" not in page
    answer = calls(program, "try", {"client_id": client.client_id})
    assert (answer.status, answer.code) == (403, "console.call.environment_refused")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"parameters": [{"location": "path", "name": "id", "value": "../x"}]}, "id"),
        ({"parameters": []}, "id"),
        ({"parameters": [{"location": "query", "name": "undeclared", "value": "1"}]}, "undeclared"),
        ({"parameters": [{"location": "header", "name": "Host", "value": "evil.example"}]}, "Host"),
        ({"listener": "public"}, "listener"),
        ({"body": "{}"}, "body"),
    ],
)
def test_only_what_the_operation_declares_is_sent(
    program: Program, developer: Browser, change: dict[str, Any], field: str
) -> None:
    _, client, _ = program.register(type_="server")
    good = {"client_id": client.client_id, "parameters": [{"location": "path", "name": "id", "value": "a"}]}
    answer = calls(program, "try", {**good, **change})
    assert (answer.status, answer.code) == (400, "console.call.invalid")
    assert field in answer.fields


def test_without_a_gateway_the_page_says_so(program: Program, developer: Browser) -> None:
    """Nothing listens on 8443 here: what cannot be reached is no failure of ours, and the form keeps what was typed."""
    _, client, _ = program.register()
    add_customer(
        acting_user=SYSTEM,
        environment="sandbox",
        identity_number="199001019876",
        name="Ada",
        password=None,
        subject="cus_ada",
        is_sandbox_identity=True,
    )
    sent = {"client": client.client_id, "path-0": "acc-7", "customer": "199001019876", "listener": "public"}
    answer = developer.post(TRY, sent)
    assert answer.status_code == 400
    assert "could not reach the gateway" in answer.content.decode()
    assert 'value="acc-7"' in answer.content.decode()


def test_source_ranges_without_the_portal_are_told_before_the_call(program: Program, developer: Browser) -> None:
    application, _, _ = program.register(type_="server", source_ranges=["192.0.2.0/24"])
    page = developer.get(TRY).content.decode()
    assert "127.0.0.1" in page
    assert f"/apps/{application.public_id}/source-ranges" in page


def test_htmx_gets_the_section_alone(program: Program, developer: Browser) -> None:
    program.register(type_="server")
    page = developer.get(TRY, headers={"HX-Request": "true"}).content.decode()
    assert page.strip().startswith('<section class="card stack" id="try"')


def test_downloads_are_files_for_the_chosen_application(program: Program, developer: Browser) -> None:
    _, client, _ = program.register("Ledger", type_="server")
    answer = developer.get(f"{VERSION}/postman-collection.json")
    assert answer["Content-Disposition"] == 'attachment; filename="accounts-v1.postman_collection.json"'
    collection = json.loads(answer.content)
    assert collection["info"]["name"] == "Accounts v1 for Ledger"
    assert collection["item"][0]["name"] == TOKEN_REQUEST
    environment = json.loads(developer.get(f"{VERSION}/postman-environment.json").content)
    values = {each["key"]: each["value"] for each in environment["values"]}
    assert values["client_id"] == client.client_id
    assert values["base_url"] == "https://localhost:8444/sandbox"
    sample = developer.get(f"{VERSION}/samples/python/getAccount")
    assert sample["Content-Disposition"] == 'attachment; filename="get_account.py"'
    assert client.client_id in sample.content.decode()
    assert developer.get(f"{VERSION}/samples/cobol/getAccount").status_code == 404


def test_no_download_holds_the_secret(program: Program, developer: Browser) -> None:
    _, client, secret = program.register("Web")
    assert secret
    for name in ("postman-collection.json", "postman-environment.json", "samples/curl/getAccount"):
        answer = developer.get(f"{VERSION}/{name}?client={client.client_id}")
        assert answer.status_code == 200
        assert secret.reveal() not in answer.content.decode()


def test_a_page_asks_the_database_little(
    program: Program, developer: Browser, django_assert_max_num_queries: Any
) -> None:
    for at in range(12):
        program.register(f"App {at}", type_="server")
    developer.get(TRY)
    with django_assert_max_num_queries(20):
        developer.get(TRY)
