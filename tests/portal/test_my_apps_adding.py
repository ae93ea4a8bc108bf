"""Add App (FEATURES A1): type, one short form, mistakes at their fields, nothing half-stored."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certificate_examples import signing_request
from management import Program
from portal.my_apps_pages import person
from propylon.accounts.actions import add_member
from propylon.applications.actions import approve_client, ask_again, reject_client
from propylon.applications.models import Application, Client
from propylon.catalog.models import Product, ProductVersion, Publication, Upstream
from propylon.certificates.actions import ensure_authorities, order_wished
from propylon.certificates.models import Order
from propylon.kernel.actor import SYSTEM
from propylon.notifications.models import Mail
from propylon.oauth.policy import TYPES, Certificate, policy_for
from propylon.portal.my_apps.type_words import policy_facts, security_choices, type_cards

both = pytest.mark.django_db(databases=["default", "usage"])
WEB = {
    "name": "Ledger",
    "contact_email": "team@partner.example",
    "environment": "sandbox",
    "redirect_uris": "https://localhost/callback",
    "security": "standard:client_secret_basic",
    "certificate": "usual",
    "products": ["accounts"],
}
SERVER = {"name": "Ledger", "contact_email": "team@partner.example", "environment": "sandbox", "certificate": "later"}


def test_every_type_of_the_policy_has_a_card_with_words() -> None:
    assert [card.name for card in type_cards()] == list(TYPES)
    for card in type_cards():
        assert card.story.purpose
        assert len({fact.label for fact in card.facts}) == 5
        assert all(fact.text for fact in card.facts)


@pytest.mark.parametrize("name", list(TYPES))
def test_the_words_follow_the_table(name: str) -> None:
    words = {fact.label: fact.text for fact in policy_facts(policy_for(name))}
    assert words["Mutual TLS"].startswith("Required") is (policy_for(name).certificate is Certificate.REQUIRED)
    assert words["PKCE"].startswith("Required") is policy_for(name).requires_pkce


@pytest.mark.parametrize("name", list(TYPES))
def test_every_security_choice_is_one_that_the_policy_allows(name: str) -> None:
    choices = security_choices(name)
    assert choices[0].profile == TYPES[name].default_profile
    assert all(choice.method in policy_for(name, choice.profile).auth_methods for choice in choices)


@both
@pytest.mark.parametrize(
    ("runs", "people", "bank", "advice"),
    [
        ("server", "no", "no", "server"),
        ("server", "yes", "no", "web"),
        ("server", "yes", "yes", "internal"),
        ("browser", "yes", "no", "spa"),
        ("device", "yes", "no", "native"),
    ],
)
def test_three_questions_lead_to_a_type(program: Program, runs: str, people: str, bank: str, advice: str) -> None:
    role = "operator" if bank == "yes" else "developer"  # of the bank, or of a partner, who is not asked
    seen = person(program, role).get("/apps/new", runs=runs, people=people, bank=bank, product="accounts")
    assert ("Is it the bank" in seen.html) is (role == "operator")
    assert seen.context["advice"].type == advice
    assert f"/apps/new/{advice}?product=accounts" in seen.html


@both
@pytest.mark.parametrize("name", ["server", "web", "spa", "native"])
def test_the_form_asks_only_what_its_type_needs(program: Program, name: str) -> None:
    fields = set(person(program, "developer").get(f"/apps/new/{name}").context["form"].fields)
    assert ("redirect_uris" in fields) is (name != "server")
    assert ("certificate" in fields) is (name in {"server", "web"})
    assert ("source_ranges" in fields) is (name in {"server", "web"})
    assert "organization" not in fields


def test_an_organizations_first_application_is_named_already_and_the_next_one_is_not(program: Program) -> None:
    dana = person(program, "developer")
    assert dana.get("/apps/new/server").context["form"]["name"].value() == program.partner.name
    program.register("Ledger", "server")
    assert not dana.get("/apps/new/server").context["form"]["name"].value()


@both
def test_a_web_application_with_its_name_typed_and_nothing_else(program: Program) -> None:
    dana = person(program, "developer")
    form = dana.get("/apps/new/web", product="accounts")
    assert form.context["form"]["contact_email"].value() == "developer@people.example"
    assert [product.name for product in form.context["products"].chosen] == ["accounts"]

    seen = dana.post("/apps/new/web", **WEB)

    application = Application.objects.get()
    client = application.clients.get()
    assert (seen.status, seen.location) == (303, f"/apps/{application.public_id}")
    assert (client.status, client.token_endpoint_auth_method) == ("approved", "client_secret_basic")
    assert client.secret_digest
    assert [row.product.name for row in client.subscriptions.all()] == ["accounts"]
    shown = dana.get(seen.location)
    assert "Ledger was added to Sandbox and has its keys." in shown.text
    assert f"/reference/listAccounts?app={client.client_id}" in shown.html


@both
def test_a_type_of_the_bank_is_for_the_bank_only(program: Program) -> None:
    dana, otto = person(program, "developer"), person(program, "operator")
    assert "/apps/new/internal" not in dana.get("/apps/new").html
    assert dana.get("/apps/new/internal").status == 404
    wish = {"name": "Desk", "type": "internal", "contact_email": "desk@bank.example", "environment": "sandbox"}
    wish = {**wish, "redirect_uris": ["https://localhost/callback"]}
    refused = program.callers["developer"].post("/applications", wish)
    assert (refused.status, refused.fields) == (400, {"type"})
    assert not Application.objects.exists()

    assert "/apps/new/internal" in otto.get("/apps/new").html
    assert otto.get("/apps/new/internal").status == 200
    assert program.callers["operator"].post("/applications", wish).status == 201


@both
def test_it_is_said_what_is_subscribed_and_that_nothing_is(program: Program) -> None:
    dana = person(program, "developer")
    assert "None is ticked" in dana.get("/apps/new/web").html
    added = dana.get(dana.post("/apps/new/web", **WEB).location)
    assert "It is subscribed to Accounts" in added.text
    bare = dana.get(dana.post("/apps/new/web", **{**WEB, "name": "Bare", "products": []}).location)
    assert "It is subscribed to no product yet" in bare.text
    assert "Choose products" in bare.text


@both
def test_the_first_request_takes_a_note_to_who_decides(program: Program) -> None:
    dana, otto = person(program, "developer"), person(program, "operator")
    asked = {**WEB, "environment": "production", "certificate": "usual", "note": " For the app of our <shops>. "}
    dana.post("/apps/new/web", **asked)
    client = Client.objects.get()
    assert (client.status, client.request_note) == ("pending", "For the app of our <shops>.")
    assert "For the app of our &lt;shops&gt;." in otto.get(f"/console/clients/{client.client_id}/decision").html
    assert "For the app of our &lt;shops&gt;." in dana.get(f"/apps/{client.application.public_id}/history").html
    mail = Mail.objects.get(to="operator@people.example")
    assert "For the app of our <shops>." in mail.body
    refused = dana.post("/apps/new/web", **{**asked, "name": "Second", "note": "x" * 401})
    assert (refused.status, "note" in refused.context["form"].errors) == (400, True)


@both
def test_postmans_callback_is_one_tick(program: Program) -> None:
    person(program, "developer").post("/apps/new/web", **WEB, allows_postman="on")
    assert Client.objects.get().redirect_uris == ["https://localhost/callback", "https://oauth.pstmn.io/v1/callback"]


@both
def test_my_own_address_is_a_suggestion(program: Program) -> None:
    dana = person(program, "developer")
    assert "192.0.2.10" in dana.get("/apps/new/server").text
    dana.post("/apps/new/server", **SERVER, source_ranges="198.51.100.0/24", from_here="on")
    assert sorted(row.cidr for row in Client.objects.get().source_ranges.all()) == ["192.0.2.10/32", "198.51.100.0/24"]


@both
def test_every_mistake_stands_at_its_field_and_nothing_is_stored(program: Program) -> None:
    seen = person(program, "developer").post(
        "/apps/new/web",
        **{**WEB, "name": "x", "redirect_uris": "http://elsewhere.example/", "products": ["no-such-product"]},
        source_ranges="192.0.2.77/24",
    )
    errors = seen.context["form"].errors
    assert seen.status == 400
    assert {"name", "redirect_uris", "source_ranges"} <= set(errors)
    assert "there is no such product" in seen.text
    assert not Application.objects.exists()


@both
def test_a_name_is_taken_once(program: Program) -> None:
    program.register("Ledger")
    seen = person(program, "developer").post("/apps/new/web", **WEB)
    assert seen.context["form"].errors["name"] == ["your organization has an application of this name"]
    assert Application.objects.count() == 1


@both
def test_production_waits_for_the_operator(program: Program) -> None:
    dana = person(program, "developer")
    seen = dana.post("/apps/new/web", **{**WEB, "environment": "production"})
    assert Client.objects.get().status == "pending"
    shown = dana.get(seen.location)
    assert "The operator decides about Production." in shown.text
    assert "There is no secret before the approval" in dana.get(f"{seen.location}/keys").text


@both
def test_searching_products_keeps_what_was_typed(program: Program) -> None:
    _many_products(30)
    seen = person(program, "developer").post("/apps/new/web", **{**WEB, "look_up": "1", "products_like": "Product 17"})
    assert seen.status == 200
    assert seen.context["form"]["name"].value() == "Ledger"
    assert [product.name for product in seen.context["products"].chosen] == ["accounts"]
    assert [product.name for product in seen.context["products"].others] == ["product-17"]
    assert not Application.objects.exists()


@both
def test_a_thousand_products_make_no_slow_or_long_page(program: Program) -> None:
    _many_products(1000)
    dana = person(program, "developer")
    with CaptureQueriesContext(connection) as queries:
        seen = dana.get("/apps/new/web", product="accounts")
    assert len(queries) <= 14, [query["sql"][:120] for query in queries]
    assert len(seen.context["products"].others) == 10
    assert seen.context["products"].has_more
    part = dana.get("/apps/new/products", products_like="999", products="accounts")
    assert "Product 999" in part.html
    assert 'value="accounts" checked' in part.html


@both
def test_whose_role_does_not_manage_is_refused(program: Program) -> None:
    for role in ("product_manager", "analyst", "auditor", "relationship_manager"):
        somebody = person(program, role)
        assert somebody.get("/apps/new").status == 403
        assert somebody.get("/apps/new/web").status == 403
        assert somebody.post("/apps/new/web", **WEB).status == 403
    assert not Application.objects.exists()


@both
def test_who_belongs_to_several_organizations_chooses_one(program: Program) -> None:
    add_member(
        acting_user=SYSTEM, organization=program.other, user=program.people["developer"], role="organization_manager"
    )
    dana = person(program, "developer")
    assert "organization" in dana.get("/apps/new/web").context["form"].fields
    dana.post("/apps/new/web", **WEB, organization=program.other.public_id)
    assert Application.objects.get().organization == program.other
    refused = dana.post("/apps/new/web", **{**WEB, "name": "Bank's"}, organization=program.bank.public_id)
    assert refused.status == 400
    assert Application.objects.count() == 1


@both
def test_a_further_environment_has_credentials_of_its_own(program: Program) -> None:
    application, sandbox, _ = program.register("Ledger")
    dana, address = person(program, "developer"), f"/apps/{application.public_id}"
    form = dana.get(f"{address}/environments/new")
    assert [product.name for product in form.context["products"].chosen] == ["accounts"]
    seen = dana.post(
        f"{address}/environments/new",
        **{**WEB, "environment": "production", "redirect_uris": "https://ledger.example/callback"},
    )
    production = application.clients.get(environment=program.production)
    assert seen.location == f"{address}?environment=production"
    assert production.client_id != sandbox.client_id
    assert (production.status, production.redirect_uris) == ("pending", ["https://ledger.example/callback"])
    shown = dana.get(seen.location)
    assert production.client_id in shown.text
    assert "/api" in shown.text
    assert sandbox.client_id not in shown.text
    assert dana.get(f"{address}/environments/new").status == 303


@pytest.mark.django_db(transaction=True)
@both
def test_a_certificate_wished_for_production_is_made_and_mailed_with_the_approval(program: Program) -> None:
    ensure_authorities(acting_user=SYSTEM)
    asked = {**SERVER, "environment": "production", "certificate": "program"}
    dana = person(program, "developer")
    seen = dana.post("/apps/new/server", **asked)
    assert "Once it is approved, its certificate is made" in dana.get(seen.location).text
    client = Client.objects.get(application__name=SERVER["name"])
    order_wished()
    assert not Order.objects.exists()
    decision = person(program, "operator").get(f"/console/clients/{client.client_id}/decision")
    assert "the approval makes it" in decision.text
    approve_client(acting_user=SYSTEM, client=client)
    order_wished()
    order_wished()
    order = Order.objects.get()
    assert (order.client, order.status) == (client, "issued")
    assert Mail.objects.filter(body__contains="/certificates/download?token=").count() == 1
    client.refresh_from_db()
    assert not client.orders_certificate


@both
def test_a_rejected_request_keeps_its_wish_and_one_later_orders_nothing(program: Program) -> None:
    ensure_authorities(acting_user=SYSTEM)
    dana = person(program, "developer")
    dana.post("/apps/new/server", **{**SERVER, "environment": "production"})
    dana.post("/apps/new/server", **{**SERVER, "name": "Other", "environment": "production", "certificate": "program"})
    later, wished = Client.objects.order_by("pk")
    reject_client(acting_user=SYSTEM, client=wished, reason="Who are you?")
    approve_client(acting_user=SYSTEM, client=later)
    order_wished()
    assert not Order.objects.exists()
    ask_again(acting_user=SYSTEM, client=wished, note="We are the shop.")
    approve_client(acting_user=SYSTEM, client=wished)
    order_wished()
    assert Order.objects.get().client == wished


def test_the_programs_certificate_comes_with_a_mail(program: Program) -> None:
    ensure_authorities(acting_user=SYSTEM)
    person(program, "developer").post("/apps/new/server", **{**SERVER, "certificate": "program"})
    assert Order.objects.get().status == "issued"
    assert "/certificates/download?token=" in Mail.objects.get().body


@pytest.mark.django_db(transaction=True)
def test_my_own_signing_request_with_the_registration(program: Program) -> None:
    ensure_authorities(acting_user=SYSTEM)
    dana = person(program, "developer")
    own = {**SERVER, "certificate": "own"}
    assert "svcPartnerABV01" in dana.get("/apps/new/server").text

    assert "csr" in dana.post("/apps/new/server", **own).context["form"].errors
    later = dana.post("/apps/new/server", **{**own, "environment": "production"}, csr="x")
    assert "certificate" in later.context["form"].errors
    refused = dana.post("/apps/new/server", **own, csr=signing_request("svcSomebodyElseV01")[0])
    assert refused.status == 400
    assert "csr" in refused.context["form"].errors
    assert not Application.objects.exists()

    dana.post("/apps/new/server", **own, csr=signing_request("svcPartnerABV01")[0])
    order = Order.objects.get()
    assert order.csr_pem
    assert order.status == "issued"


def _many_products(count: int) -> None:
    now = timezone.now()
    products = Product.objects.bulk_create(
        Product(name=f"product-{n}", title=f"Product {n}", default_scope=f"p{n}", created_at=now) for n in range(count)
    )
    versions = ProductVersion.objects.bulk_create(
        ProductVersion(
            product=each, version="v1", document={}, document_hash="", mount_path=f"/{each.name}", created_at=now
        )
        for each in products
    )
    from propylon.catalog.models import Environment

    place, upstream = Environment.objects.get(name="sandbox"), Upstream.objects.get()
    Publication.objects.bulk_create(
        Publication(product_version=each, environment=place, upstream=upstream, created_at=now) for each in versions
    )
