"""Who may do what: every operation of the management API in one table, tried by every role."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.db import transaction

from approvals import question
from management import PASSWORD, ROLES, Caller, Program
from propylon.accounts.actions import invite_member
from propylon.applications.actions import ask_for_regeneration, create_contract, make_registration_token
from propylon.applications.actions.end_users import ask_for_end_users
from propylon.applications.check_contract import ContractTerms
from propylon.applications.check_persons import Person
from propylon.applications.contracts import today
from propylon.catalog.actions import add_detail_type, create_plan
from propylon.catalog.detail_type_wish import DetailTypeWish
from propylon.catalog.models import Product
from propylon.customers.actions import add_customer
from propylon.kernel.actor import SYSTEM
from propylon.news.actions import ArticleWish, write_article
from propylon.notifications.actions import queue_mail
from propylon.project.manage import api

ALL = frozenset(ROLES)
STAFF = frozenset({"relationship_manager", "operator", "security_officer", "auditor"})
OPERATOR = frozenset({"operator"})
DECIDERS = frozenset({"operator", "security_officer"})  # Permission.APPROVE, Permission.SECURE
DEVELOPERS = frozenset({"developer", "organization_manager"})
VIEWERS = DEVELOPERS | STAFF | {"product_manager"}
MANAGERS = frozenset({"organization_manager", "operator"})
MEMBERS = ALL - {"outsider"}

ORGANIZATION, APPLICATION, CLIENT = "/organizations/{organization}", "/applications/{application}", "/clients/{client}"
ORDERS = "/clients/{server_client}/certificate-orders"
ASKED_END_USERS = "/end-user-requests/{end_users}"
END_USERS = {
    "persons": [{"name": "Maja Lind", "email": "m@a.example", "identity_number": "19900101"}],
    "reason": "Tests",
}
NEW_KEYS = "/regeneration-requests/{regeneration}"
VERSION = "/products/{product}/versions/{version}"
REASON = {"reason": "because"}
DIRECTORY = "/environments/{environment}/customer-directory"

CUSTOMER_ACCOUNTS = "/environments/{environment}/customers/{customer}/accounts"
DETAIL_TYPE = {"title": "See", "object_schema": {"type": "object", "properties": {}}, "versions": ["v1"]}

# (method, path, body, who may). What belongs to the partner answers 404 to the outsider, 403 to who may not.
CONTRACT = {"number": "OF-2", "title": "Payments", "starts_on": "2026-01-01"}
PARTNERS_OWN = [
    ("GET", ORGANIZATION, None, MEMBERS),
    ("GET", f"{ORGANIZATION}/history", None, VIEWERS),
    ("GET", f"{ORGANIZATION}/members", None, MEMBERS),
    ("PATCH", f"{ORGANIZATION}/members/{{member}}", {"role": "analyst"}, MANAGERS),
    ("DELETE", f"{ORGANIZATION}/members/{{member}}", None, MANAGERS),
    ("GET", f"{ORGANIZATION}/invitations", None, MANAGERS),
    ("POST", f"{ORGANIZATION}/invitations", {"email": "new@people.example", "role": "developer"}, MANAGERS),
    ("DELETE", f"{ORGANIZATION}/invitations/{{invitation}}", None, MANAGERS),
    (
        "POST",
        "/applications",
        {
            "organization": "{organization}",
            "name": "New",
            "type": "server",
            "contact_email": "x@partner.example",
        },
        DEVELOPERS | OPERATOR,
    ),
    ("GET", f"{ORGANIZATION}/contracts", None, VIEWERS),
    ("POST", f"{ORGANIZATION}/contracts", CONTRACT, OPERATOR),
    ("GET", "/contracts/{contract}", None, VIEWERS),
    ("PUT", "/contracts/{contract}", CONTRACT, OPERATOR),
    ("POST", "/contracts/{contract}/end", REASON, OPERATOR),
    ("GET", "/applications?organization={organization}", None, VIEWERS),
    ("GET", APPLICATION, None, VIEWERS),
    ("PATCH", APPLICATION, {"name": "Renamed"}, DEVELOPERS | OPERATOR),
    ("DELETE", APPLICATION, None, DEVELOPERS | OPERATOR),
    ("GET", f"{APPLICATION}/history", None, VIEWERS),
    (
        "POST",
        f"{APPLICATION}/clients",
        {"environment": "production", "redirect_uris": ["https://a.example/"]},
        DEVELOPERS | OPERATOR,
    ),
    ("GET", f"{APPLICATION}/calls", None, VIEWERS),
    ("GET", f"{APPLICATION}/usage", None, VIEWERS),
    ("GET", f"{CLIENT}/quota", None, VIEWERS),
    ("GET", f"{APPLICATION}/analytics", None, VIEWERS),
    ("GET", f"{ORGANIZATION}/analytics", None, VIEWERS),
    ("GET", CLIENT, None, VIEWERS),
    ("POST", f"{CLIENT}/decision", {"decision": "reject", **REASON}, DECIDERS),
    ("POST", f"{CLIENT}/secret", {"password": PASSWORD}, DEVELOPERS),
    ("POST", f"{CLIENT}/secret-regeneration", REASON, OPERATOR),
    ("DELETE", f"{CLIENT}/old-secret", None, DECIDERS),
    ("POST", f"{CLIENT}/regeneration-requests", REASON, DEVELOPERS),
    ("GET", "/regeneration-requests?client_id={client}", None, VIEWERS),
    ("GET", NEW_KEYS, None, VIEWERS),
    ("POST", f"{CLIENT}/end-user-requests", END_USERS, DEVELOPERS | OPERATOR),
    ("GET", ASKED_END_USERS, None, VIEWERS),
    ("POST", f"{ASKED_END_USERS}/decision", {"decision": "refuse", "note": "No."}, DECIDERS),
    ("POST", f"{ASKED_END_USERS}/withdrawal", None, DEVELOPERS | OPERATOR),
    ("POST", f"{NEW_KEYS}/decision", {"decision": "approve"}, DECIDERS),
    ("POST", f"{NEW_KEYS}/withdrawal", None, DEVELOPERS),
    ("POST", f"{CLIENT}/request", {"note": "Added the address."}, DEVELOPERS | OPERATOR),
    ("POST", f"{CLIENT}/token-refusal", {"reason": "Leaked."}, DECIDERS),
    ("PUT", f"{CLIENT}/plan", {"plan": "standard"}, OPERATOR),
    ("PUT", f"{CLIENT}/public-keys", {"keys": []}, DEVELOPERS),
    ("PUT", f"{CLIENT}/asking-customers", {"is_allowed": True}, DEVELOPERS | OPERATOR),
    ("GET", f"{CLIENT}/simulated-approvals", None, VIEWERS),
    ("POST", f"{CLIENT}/simulated-approvals/{{approval}}", {"answer": "deny"}, DEVELOPERS | OPERATOR),
    ("PUT", f"{CLIENT}/authorization-details-types", {"types": []}, DEVELOPERS | OPERATOR),
    ("PUT", f"{CLIENT}/certificate-name", {}, DEVELOPERS | OPERATOR),
    ("DELETE", "/registration-tokens/{registration_token}", None, MANAGERS),
    (
        "POST",
        "/registration-tokens",
        {"organization": "{organization}", "environment": "sandbox", "note": "x"},
        OPERATOR,
    ),
    ("PUT", f"{CLIENT}/legacy", {"last_day": "2030-01-01", **REASON}, OPERATOR),
    ("POST", f"{CLIENT}/legacy/end", REASON, OPERATOR),
    ("PUT", f"{CLIENT}/authorization-details-types", {"types": []}, DEVELOPERS | OPERATOR),
    ("GET", f"{CLIENT}/subject-type", None, VIEWERS),
    ("PUT", f"{CLIENT}/subject-type", {"subject_type": "public"}, OPERATOR),
    ("GET", f"{CLIENT}/logout-uris", None, VIEWERS),
    ("PUT", f"{CLIENT}/logout-uris", {"post_logout_redirect_uris": []}, DEVELOPERS | OPERATOR),
    ("PUT", f"{CLIENT}/redirect-uris", {"redirect_uris": ["https://b.example/"]}, DEVELOPERS | OPERATOR),
    ("GET", f"{CLIENT}/source-ranges", None, VIEWERS),
    ("PUT", f"{CLIENT}/source-ranges", {"source_ranges": []}, DEVELOPERS | OPERATOR),
    ("GET", f"{CLIENT}/subscriptions", None, VIEWERS),
    ("POST", f"{CLIENT}/subscriptions", {"product": "accounts"}, DEVELOPERS | OPERATOR),
    ("DELETE", f"{CLIENT}/subscriptions/{{subscription}}", None, DEVELOPERS | OPERATOR),
    ("GET", "/clients/{server_client}/service-account", None, VIEWERS),
    ("GET", f"{CLIENT}/certificate-orders", None, VIEWERS),
    ("GET", f"{CLIENT}/certificates", None, VIEWERS),
    ("POST", f"{CLIENT}/certificates", {"certificate": ""}, DEVELOPERS | OPERATOR),
    ("POST", ORDERS, {}, DEVELOPERS | OPERATOR),
]
PROGRAM_WIDE = [
    ("GET", "/registration-tokens", None, ALL),
    ("GET", "/me", None, ALL),
    ("PATCH", "/me", {"name": "Another Name"}, ALL),
    ("GET", "/me/sessions", None, ALL),
    ("GET", "/access-tokens", None, ALL),
    ("GET", "/organizations", None, ALL),
    ("POST", "/organizations", {"name": "Third AB"}, OPERATOR),
    ("GET", "/applications", None, ALL),
    ("GET", "/clients", None, ALL),
    ("GET", "/regeneration-requests", None, ALL),
    ("GET", "/end-user-requests", None, ALL),
    ("GET", DIRECTORY, None, STAFF),
    ("PUT", DIRECTORY, {"kind": "built_in"}, OPERATOR),
    ("POST", f"{DIRECTORY}/trial", {"kind": "ldap", "settings": {}}, OPERATOR),
    ("GET", "/users", None, STAFF),
    ("GET", "/users/{member}", None, STAFF),
    ("PATCH", "/users/{member}", {"is_active": False}, DECIDERS),
    ("GET", "/events", None, STAFF),
    ("GET", "/mails", None, STAFF),
    ("GET", "/mails/{mail}", None, STAFF),
    ("GET", "/news", None, ALL),
    ("POST", "/news", {"title": "New"}, OPERATOR),
    ("GET", "/news/{article}", None, ALL),
    ("PUT", "/news/{article}", {"title": "Newer"}, OPERATOR),
    ("DELETE", "/news/{article}", None, OPERATOR),
    ("GET", "/marks", None, STAFF),
    ("POST", "/marks", {"kind": "token", "value": "x", "reason": "r", "hours": 1}, DECIDERS),
    ("POST", "/marks/lift", {"kind": "token", "value": "x"}, DECIDERS),
    ("GET", "/gateway/kill-switches", None, STAFF),
    ("POST", "/gateway/kill-switches", {"kind": "product", "target": "nothing"}, DECIDERS),
    ("POST", "/gateway/kill-switches/lift", {"kind": "nothing", "target": "nothing"}, DECIDERS),
    ("GET", "/gateway/revisions", None, STAFF),
    ("GET", "/gateway/nodes", None, STAFF),
    ("GET", "/certificate-orders", None, STAFF),
    ("GET", "/certificates", None, STAFF),
    ("GET", "/trust-anchors", None, STAFF),
    ("POST", "/trust-anchors", {"text": ""}, DECIDERS),
    ("GET", "/calls", None, STAFF),
    ("GET", "/analytics", None, STAFF),
    ("GET", "/metrics", None, STAFF),
    ("GET", "/products", None, ALL),
    ("POST", "/products", {"document": "{}"}, OPERATOR),
    ("POST", "/products/previews", {"document": "{}"}, OPERATOR),
    ("GET", "/products/{product}", None, ALL),
    ("PATCH", "/products/{product}", {"is_visible": False}, OPERATOR),
    ("GET", "/products/{product}/detail-types", None, ALL),
    ("POST", "/products/{product}/detail-types", {**DETAIL_TYPE, "name": "other"}, OPERATOR),
    ("PUT", "/products/{product}/detail-types/{detail_type}", DETAIL_TYPE, OPERATOR),
    ("DELETE", "/products/{product}/detail-types/{detail_type}", None, OPERATOR),
    ("PATCH", "/products/{product}/scopes/{scope}", {"asks_accounts": True}, OPERATOR),
    ("GET", CUSTOMER_ACCOUNTS.removesuffix("/accounts"), None, OPERATOR),
    ("GET", CUSTOMER_ACCOUNTS, None, OPERATOR),
    ("PUT", CUSTOMER_ACCOUNTS, {"data": [{"id": "a-1", "name": "Everyday"}]}, OPERATOR),
    ("GET", f"{VERSION}/operations", None, ALL),
    (
        "PATCH",
        f"{VERSION}/operations/{{operation}}",
        {"is_public": False, "requires_certificate": True},
        OPERATOR,
    ),
    ("PUT", f"{VERSION}/lifecycle", {"deprecated_at": "2026-01-01T00:00:00Z"}, OPERATOR),
    ("GET", f"{VERSION}/changes?since=v1", None, ALL),
    ("GET", f"{VERSION}/callers", None, STAFF),
    ("GET", f"{VERSION}/openapi", None, ALL),
    ("GET", f"{VERSION}/postman-collection", None, ALL),
    ("GET", f"{VERSION}/postman-environment", None, ALL),
    ("GET", f"{VERSION}/operations/{{operation}}/samples", None, ALL),
    ("POST", f"{VERSION}/publications", {"environment": "sandbox", "upstream": "bank"}, OPERATOR),
    ("DELETE", f"{VERSION}/publications/{{environment}}", None, OPERATOR),
    ("GET", "/environments", None, ALL),
    ("POST", "/environments", {"name": "pilot", "title": "Pilot"}, OPERATOR),
    ("PATCH", "/environments/{environment}", {"title": "Other"}, OPERATOR),
    ("GET", "/upstreams", None, STAFF),
    ("POST", "/upstreams", {"name": "core", "address": "https://core.example:443"}, OPERATOR),
    ("PATCH", "/upstreams/{upstream}", {"timeout_ms": 900}, OPERATOR),
    ("GET", "/plans", None, ALL),
    ("POST", "/plans", {"name": "fast", "title": "Fast", "requests_per_second": 9, "burst": 9}, OPERATOR),
    ("PATCH", "/plans/{plan}", {"burst": 90}, OPERATOR),
    ("DELETE", "/plans/{plan}", None, OPERATOR),
]
OPEN = {
    ("POST", "/sign-ups"),
    ("POST", "/email-verifications"),
    ("POST", "/invitation-acceptances"),
    ("POST", "/access-tokens"),
    ("POST", "/certificate-downloads"),
}
# Checked by the tests of their rooms, which make what they are about.
ELSEWHERE = {
    ("POST", "/me/password"),
    ("DELETE", "/me/sessions/{session_id}"),
    ("POST", "/products/{name}/versions/{version}/operations/{operation_id}/try"),
    ("DELETE", "/access-tokens/{token_id}"),
    ("GET", "/calls/{tracking_id}"),
    ("GET", "/certificate-orders/{order_id}"),
    ("GET", "/certificate-orders/{order_id}/history"),
    ("POST", "/certificate-orders/{order_id}/approval"),
    ("POST", "/certificate-orders/{order_id}/refusal"),
    ("POST", "/certificate-orders/{order_id}/link"),
    ("GET", "/certificates/{certificate_id}"),
    ("POST", "/certificates/{certificate_id}/revocation"),
    ("PUT", "/trust-anchors/{anchor_id}/revocation-list"),
    ("DELETE", "/trust-anchors/{anchor_id}"),
}


@pytest.fixture
def names(program: Program) -> dict[str, str]:
    """What the placeholders of the table stand for: things of the partner."""
    application, client, _ = program.register()
    _, server, _ = program.register("Server", "server")
    invitation = invite_member(
        acting_user=SYSTEM, organization=program.partner, email="i@people.example", role="developer"
    )
    subscription = client.subscriptions.get()
    regeneration = ask_for_regeneration(
        acting_user=SYSTEM, client=client, asked_by=program.people["developer"], reason="lost"
    )
    add_customer(
        acting_user=SYSTEM,
        environment="sandbox",
        identity_number="2",
        name="Maja",
        password="p",
        subject="cus_maja",
        is_sandbox_identity=True,
    )
    registration_token, _ = make_registration_token(
        acting_user=SYSTEM,
        organization=program.partner,
        environment=program.sandbox,
        created_by=None,
        note="x",
        uses=1,
        days=1,
    )
    terms = ContractTerms("OF-1", "Accounts", today())
    contract = create_contract(acting_user=SYSTEM, organization=program.partner, terms=terms)
    return {
        "approval": question(client, "cus_maja"),
        "contract": contract.public_id,
        "regeneration": regeneration.public_id,
        "end_users": ask_for_end_users(
            acting_user=SYSTEM,
            client=program.register("With people")[1],
            asked_by=program.people["developer"],
            persons=[Person("Maja Lind", "m@a.example", "19900101")],
            reason="Tests",
        ).public_id,
        "organization": program.partner.public_id,
        "member": program.people["product_manager"].public_id,
        "invitation": invitation.public_id,
        "application": application.public_id,
        "client": client.client_id,
        "server_client": server.client_id,
        "subscription": subscription.public_id,
        "product": "accounts",
        "version": "v1",
        "operation": "listAccounts",
        "detail_type": add_detail_type(
            acting_user=SYSTEM,
            product=Product.objects.get(name="accounts"),
            wish=DetailTypeWish("accounts_read", "See", {"type": "object", "properties": {}}, ["v1"]),
        ).name,
        "scope": "accounts",
        "customer": add_customer(
            acting_user=SYSTEM, environment="sandbox", identity_number="1", name="C", password="p", subject="cus_x"
        ).subject,
        "environment": "sandbox",
        "registration_token": registration_token.public_id,
        "upstream": "bank",
        "plan": create_plan(acting_user=SYSTEM, name="spare", title="Spare", requests_per_second=1, burst=2).name,
        "article": write_article(acting_user=SYSTEM, wish=ArticleWish("Old", is_published=True)).slug,
        "mail": queue_mail(to="x@people.example", subject="s", body="b").public_id,
    }


def tried(caller: Caller, method: str, path: str, body: object, names: dict[str, str]) -> int:
    """The status; what the call changed is taken back."""
    text = json.dumps(body)
    for name, value in names.items():
        text = text.replace("{" + name + "}", value)
    with transaction.atomic():
        status = caller(method, path.format(**names), None if body is None else json.loads(text)).status
        transaction.set_rollback(True)
    return status


def verdict(status: int) -> str:
    return {401: "unauthenticated", 403: "forbidden", 404: "unknown"}.get(
        status, "server error" if status >= 500 else "may"
    )


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.django_db(databases=["default", "usage"])
def test_every_role_may_exactly_what_the_table_says(program: Program, names: dict[str, str], role: str) -> None:
    differences = []
    for rows, stranger in ((PARTNERS_OWN, "unknown"), (PROGRAM_WIDE, "forbidden")):
        for method, path, body, allowed in rows:
            if path == ORDERS and method == "POST" and role in allowed:
                continue  # commits before it signs, which this test's transaction forbids; certificates tests it
            denied = stranger if role == "outsider" else "forbidden"
            expected = "may" if role in allowed else denied
            found = verdict(tried(program.callers[role], method, path, body, names))
            if found != expected:
                differences.append(f"{method} {path}: {found}, expected {expected}")
    assert differences == []


@pytest.mark.django_db(databases=["default", "usage"])
def test_nobody_may_anything_without_a_token(program: Program, names: dict[str, str]) -> None:
    for method, path, body, _ in PARTNERS_OWN + PROGRAM_WIDE:
        assert verdict(tried(Caller(), method, path, body, names)) == "unauthenticated", (method, path)
        assert verdict(tried(Caller("propylon_pat_x"), method, path, body, names)) == "unauthenticated", (method, path)


def operations() -> Iterator[tuple[str, str]]:
    for path, methods in api.get_openapi_schema(path_prefix="")["paths"].items():
        for method in methods:
            yield method.upper(), "/" + path.strip("/")


def shape(path: str) -> str:
    """Every placeholder alike, without the query."""
    return "/".join("{}" if part.startswith("{") else part for part in path.partition("?")[0].split("/"))


def test_every_operation_has_its_place_in_the_table() -> None:
    placed = {(method, shape(path)) for method, path, *_ in PARTNERS_OWN + PROGRAM_WIDE}
    placed |= {(method, shape(path)) for method, path in OPEN | ELSEWHERE}
    assert {(method, path) for method, path in operations() if (method, shape(path)) not in placed} == set()
