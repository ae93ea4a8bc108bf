"""Who may do what in the console: every address in one table, tried by every role (FEATURES P5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from console_examples import DOCUMENT, call_record
from console_visitor import Visitor
from django.db import transaction
from django.urls import get_resolver

from foreign_authority import ForeignAuthority
from management import ROLES, Program
from propylon.accounts.actions import invite_member
from propylon.applications.actions import allow_legacy, ask_for_regeneration, create_contract, make_registration_token
from propylon.applications.actions.end_users import ask_for_end_users
from propylon.applications.check_contract import ContractTerms
from propylon.applications.check_persons import Person
from propylon.applications.contracts import today
from propylon.audit.models import Event
from propylon.catalog.actions import add_detail_type, draft_import
from propylon.catalog.detail_type_wish import DetailTypeWish
from propylon.catalog.import_preview import ImportWish
from propylon.catalog.models import Product
from propylon.certificates.actions import add_trust_anchors, ensure_authorities, order_certificate
from propylon.controlplane.kill_switches import KillSwitch, throw_kill_switch
from propylon.controlplane.models import Node, Revision
from propylon.kernel.actor import SYSTEM
from propylon.marks.actions import UNTIL_LIFTED, place_mark
from propylon.news.actions import ArticleWish, write_article
from propylon.notifications.actions import queue_mail

STAFF = frozenset({"relationship_manager", "operator", "security_officer", "auditor"})
OPERATOR = frozenset({"operator"})
DECIDERS = frozenset({"operator", "security_officer"})
NOBODY: frozenset[str] = frozenset()

ARTICLE = "console/news/articles/{article}"
ORGANIZATION, USER = "console/organizations/{organization}", "console/users/{user}"
VERSION = "console/products/{product}/{version}"
DIRECTORY = {
    "title": "Mobile ID",
    "issuer": "https://login.example",
    "client_id": "propylon",
    "secret": "long enough",
    "auth_method": "client_secret_basic",
    "scope": "openid",
}
REGISTRATION = {"environment": "sandbox", "note": "Build system", "uses": "1", "days": "7"}
CONTRACT = {"number": "OF-2", "title": "Payments", "starts_on": "2026-01-01"}
DETAIL_TYPE = {"title": "See", "schema": '{"type": "object", "properties": {}}', "versions": "v1"}
# address: (who may look, who may change, what is sent)
TABLE: dict[str, tuple[frozenset[str], frozenset[str], dict[str, str]]] = {
    "console": (STAFF, NOBODY, {}),
    "console/organizations": (STAFF, NOBODY, {}),
    "console/organizations/new": (OPERATOR, OPERATOR, {"name": "Third AB"}),
    ORGANIZATION: (STAFF, OPERATOR, {"email": "n@people.example", "role": "developer"}),
    f"{ORGANIZATION}/members/{{user}}/role": (NOBODY, OPERATOR, {"role": "analyst"}),
    f"{ORGANIZATION}/members/{{user}}/removal": (NOBODY, OPERATOR, {}),
    f"{ORGANIZATION}/invitations/{{invitation}}/withdrawal": (NOBODY, OPERATOR, {}),
    f"{ORGANIZATION}/contracts/new": (OPERATOR, OPERATOR, CONTRACT),
    "console/contracts/{contract}": (STAFF, OPERATOR, CONTRACT),
    "console/contracts/{contract}/end": (NOBODY, OPERATOR, {"reason": "Merged."}),
    "console/users": (STAFF, NOBODY, {}),
    USER: (STAFF, NOBODY, {}),
    f"{USER}/switch": (NOBODY, DECIDERS, {"reason": "left", "is_active": "no"}),
    f"{USER}/organizations": (NOBODY, OPERATOR, {"organization": "Other Ltd", "role": "developer"}),
    "console/roles": (STAFF, NOBODY, {}),
    "console/products": (STAFF, NOBODY, {}),
    "console/imports": (OPERATOR, OPERATOR, {"text": DOCUMENT}),
    "console/imports/{draft}": (OPERATOR, OPERATOR, {"step": "import"}),
    "console/products/{product}": (STAFF, OPERATOR, {"is_visible": "on"}),
    "console/products/{product}/rules": (
        OPERATOR,
        OPERATOR,
        {"max_body_bytes": "0", "max_answer_bytes": "0", "timeout_ms": "0"},
    ),
    "console/products/{product}/consents": (OPERATOR, OPERATOR, {"scopes": "accounts"}),
    "console/products/{product}/consents/new": (OPERATOR, OPERATOR, {**DETAIL_TYPE, "name": "another"}),
    "console/products/{product}/consents/types/{detail_type}": (OPERATOR, OPERATOR, DETAIL_TYPE),
    "console/products/{product}/risks": (OPERATOR, OPERATOR, {"accounts": "high"}),
    VERSION: (STAFF, OPERATOR, {"environment": "sandbox", "upstream": "bank"}),
    f"{VERSION}/lifecycle": (STAFF, OPERATOR, {"deprecated_at": "2026-01-01"}),
    f"{VERSION}/operations/{{operation}}": (NOBODY, OPERATOR, {"access": "certificate"}),
    f"{VERSION}/publications/sandbox/end": (OPERATOR, OPERATOR, {}),
    f"{VERSION}/operations/{{operation}}/rules": (OPERATOR, OPERATOR, {"access": "token"}),
    "console/environments": (STAFF, NOBODY, {}),
    "console/environments/new": (OPERATOR, OPERATOR, {"name": "pilot", "title": "Pilot", "position": "3"}),
    "console/upstreams/new": (
        OPERATOR,
        OPERATOR,
        {"name": "core", "address": "https://core.example:443", "timeout_ms": "1000", "max_parallel_calls": "9"},
    ),
    "console/plans/new": (
        OPERATOR,
        OPERATOR,
        {"name": "fast", "title": "Fast", "requests_per_second": "9", "burst": "9"},
    ),
    "console/environments/{environment}/change": (
        OPERATOR,
        OPERATOR,
        {"title": "Other", "path_prefix": "/sandbox", "position": "3"},
    ),
    "console/environments/{environment}/customers": (STAFF, NOBODY, {}),
    "console/environments/{environment}/customers/trial": (NOBODY, OPERATOR, {}),
    "console/environments/{environment}/customers/built-in": (NOBODY, OPERATOR, {}),
    "console/environments/{environment}/customers/change/{directory}": (OPERATOR, OPERATOR, DIRECTORY),
    "console/upstreams/{upstream}/change": (
        OPERATOR,
        OPERATOR,
        {"address": "http://127.0.0.1:8", "timeout_ms": "1000", "max_parallel_calls": "9"},
    ),
    "console/plans/{plan}/change": (
        OPERATOR,
        OPERATOR,
        {"title": "Other", "requests_per_second": "9", "burst": "9", "is_default": "on"},
    ),
    "console/plans/{plan}/removal": (NOBODY, OPERATOR, {}),
    "console/news": (STAFF, NOBODY, {}),
    "console/news/new": (OPERATOR, OPERATOR, {"title": "New", "kind": "news", "publishing": "draft"}),
    ARTICLE: (STAFF, OPERATOR, {"title": "Newer", "kind": "news", "publishing": "now"}),
    f"{ARTICLE}/withdrawal": (NOBODY, OPERATOR, {}),
    f"{ARTICLE}/deletion": (NOBODY, OPERATOR, {}),
    "console/applications": (STAFF, NOBODY, {}),
    "console/applications/{application}": (STAFF, NOBODY, {}),
    "console/applications/{application}/deletion": (OPERATOR, OPERATOR, {"typed": "Ledger"}),
    "console/clients/{client}": (STAFF, NOBODY, {}),
    "console/clients/{client}/decision": (STAFF, DECIDERS, {"decision": "reject", "reason": "no"}),
    "console/clients/{client}/secret": (OPERATOR, OPERATOR, {"reason": "lost", "overlap": "24h"}),
    "console/clients/{client}/plan": (OPERATOR, OPERATOR, {"plan": "standard"}),
    "console/clients/{client}/legacy": (OPERATOR, OPERATOR, {"reason": "old", "last_day": str(today())}),
    "console/clients/{client}/legacy/end": (OPERATOR, OPERATOR, {"reason": "leaked"}),
    "console/clients/{client}/subjects": (OPERATOR, OPERATOR, {"subject_type": "public"}),
    "console/clients/{client}/asking-customers": (OPERATOR, OPERATOR, {"allow": "yes"}),
    "console/clients/{client}/logout-addresses": (OPERATOR, OPERATOR, {}),
    "console/registration-tokens": (STAFF, NOBODY, {}),
    "console/registration-tokens/{registration_token}/end": (NOBODY, OPERATOR, {}),
    f"{ORGANIZATION}/registration-tokens/new": (OPERATOR, OPERATOR, REGISTRATION),
    "console/clients/{client}/tokens": (DECIDERS, DECIDERS, {"reason": "leaked"}),
    "console/clients/{client}/old-secret": (NOBODY, DECIDERS, {}),
    "console/end-user-requests/{end_users}": (STAFF, DECIDERS, {"decision": "refuse", "note": "No."}),
    "console/key-requests/{key_request}": (STAFF, DECIDERS, {"decision": "approve", "overlap": "1h"}),
    "console/certificates": (STAFF, NOBODY, {}),
    "console/certificates/authorities": (STAFF, NOBODY, {}),
    "console/trust-anchors": (STAFF, DECIDERS, {"text": "{anchor_text}"}),
    "console/trust-anchors/{anchor}": (STAFF, DECIDERS, {"text": "{anchor_list}"}),
    "console/trust-anchors/{anchor}/removal": (NOBODY, DECIDERS, {}),
    "console/certificates/{certificate}": (STAFF, NOBODY, {}),
    "console/certificates/{certificate}/revocation": (
        DECIDERS,
        DECIDERS,
        {"reason": "superseded", "typed": "{common_name}"},
    ),
    "console/certificate-orders": (STAFF, NOBODY, {}),
    "console/certificate-orders/{order}": (STAFF, DECIDERS, {"decision": "refuse", "reason": "no"}),
    "console/nodes": (STAFF, NOBODY, {}),
    "console/nodes/{node}": (STAFF, NOBODY, {}),
    "console/revisions": (STAFF, NOBODY, {}),
    "console/revisions/{revision}": (STAFF, NOBODY, {}),
    "console/kill-switches": (STAFF, NOBODY, {}),
    "console/kill-switches/new/{kind}": (DECIDERS, DECIDERS, {"target": "{product}", "reason": "wrong balances"}),
    "console/kill-switches/{kind}/{stopped}": (DECIDERS, DECIDERS, {"reason": "mended"}),
    "console/marks": (STAFF, NOBODY, {}),
    "console/marks/new": (DECIDERS, DECIDERS, {"kind": "token", "value": "x", "hours": "1", "reason": "stolen"}),
    "console/analytics": (STAFF, NOBODY, {}),
    "console/marks/{marked}/{mark}": (DECIDERS, DECIDERS, {"reason": "mended"}),
    "console/calls": (STAFF, NOBODY, {}),
    "console/calls/{tracking_id}": (STAFF, NOBODY, {}),
    "console/audit": (STAFF, NOBODY, {}),
    "console/audit/export": (STAFF, NOBODY, {}),
    "console/audit/{event}": (STAFF, NOBODY, {}),
    "console/mails": (STAFF, NOBODY, {}),
    "console/mails/{mail}": (STAFF, NOBODY, {}),
}


@pytest.fixture
def things(program: Program, make_person: Callable[[str], object]) -> dict[str, str]:
    """What the placeholders stand for."""
    make_person("security_officer")
    ensure_authorities(acting_user=SYSTEM)
    application, client, _ = program.register()
    _, server, _ = program.register("Server", "server")
    done = order_certificate(acting_user=SYSTEM, client=server)
    _, waiting, _ = program.register("Waiting", "server", environment=program.production)
    waiting.status = "approved"
    waiting.save()
    order = order_certificate(acting_user=SYSTEM, client=waiting)
    invitation = invite_member(
        acting_user=SYSTEM, organization=program.partner, email="i@people.example", role="developer"
    )
    record = call_record()
    node = Node.objects.create(name="node-1", first_seen_at=record.at, last_seen_at=record.at)
    revision = Revision.objects.create(version="abc", created_at=record.at, published_at=record.at)
    draft = draft_import(made_by=program.people["operator"], text=DOCUMENT, wish=ImportWish())
    key_request = ask_for_regeneration(
        acting_user=SYSTEM, client=client, asked_by=program.people["developer"], reason="lost"
    )
    throw_kill_switch(acting_user=SYSTEM, switch=KillSwitch("product", "accounts", "production"), reason="down")
    place_mark(acting_user=SYSTEM, kind="subject", value="customer-1", reason="stolen", lifetime=UNTIL_LIFTED)
    allow_legacy(acting_user=SYSTEM, client=client, reason="old", last_day=today())
    terms = ContractTerms("OF-1", "Accounts", today())
    contract = create_contract(acting_user=SYSTEM, organization=program.partner, terms=terms)
    token, _ = make_registration_token(
        acting_user=SYSTEM,
        organization=program.partner,
        environment=client.environment,
        created_by=None,
        note="Build system",
        uses=1,
        days=7,
    )
    foreign = ForeignAuthority("Trust Service AG Web CA")
    anchor = add_trust_anchors(acting_user=SYSTEM, data=foreign.pem.encode()).anchors[0]
    return {
        "anchor": anchor.public_id,
        "anchor_text": foreign.pem,
        "anchor_list": foreign.crl().decode(),
        "contract": contract.public_id,
        "marked": "subject",
        "mark": "customer-1",
        "kind": "product",
        "stopped": "accounts@production",
        "key_request": key_request.public_id,
        "organization": program.partner.public_id,
        "user": program.people["product_manager"].public_id,
        "invitation": invitation.public_id,
        "application": application.public_id,
        "client": client.client_id,
        "certificate": done.certificate.public_id,
        "common_name": done.certificate.common_name,
        "order": order.public_id,
        "registration_token": token.public_id,
        "environment": "sandbox",
        "directory": "openid",
        "end_users": ask_for_end_users(
            acting_user=SYSTEM,
            client=client,
            asked_by=program.people["developer"],
            persons=[Person("Maja Lind", "m@a.example", "19900101")],
            reason="Tests",
        ).public_id,
        "upstream": "bank",
        "plan": "standard",
        "product": "accounts",
        "version": "v1",
        "operation": "listAccounts",
        "detail_type": add_detail_type(
            acting_user=SYSTEM,
            product=Product.objects.get(name="accounts"),
            wish=DetailTypeWish("accounts_read", "See", {"type": "object", "properties": {}}, ["v1"]),
        ).name,
        "draft": draft.public_id,
        "article": write_article(acting_user=SYSTEM, wish=ArticleWish("Rates", is_published=True)).slug,
        "node": node.name,
        "revision": revision.version,
        "tracking_id": record.tracking_id,
        "event": str(Event.objects.order_by("pk").values_list("pk", flat=True)[0]),
        "mail": queue_mail(to="x@people.example", subject="s", body="b").public_id,
    }


def outcome(status: int) -> str:
    """A redirect answers who may; a form that is wrong would say 400."""
    return {200: "may", 302: "may", 303: "may", 403: "forbidden", 405: "no such method"}.get(status, str(status))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.django_db(databases=["default", "usage"])
def test_every_role_may_exactly_what_the_table_says(program: Program, things: dict[str, str], role: str) -> None:
    differences = []
    visitor = Visitor(program.people[role])
    for address, (lookers, changers, data) in TABLE.items():
        path = "/" + address.format(**things)
        sent = {name: things.get(value[1:-1], value) if value[:1] == "{" else value for name, value in data.items()}
        for method, allowed in (("GET", lookers), ("POST", changers)):
            with transaction.atomic():
                answer = visitor.get(path) if method == "GET" else visitor.post(path, sent)
                list(answer)
                transaction.set_rollback(True)
            expected = "may" if role in allowed else "forbidden" if allowed else "no such method"
            if outcome(answer.status_code) != expected:
                differences.append(f"{method} {path}: {answer.status_code}, expected {expected}")
    assert differences == []


@pytest.mark.django_db(databases=["default", "usage"])
def test_a_stranger_is_led_to_sign_in_and_changes_nothing(things: dict[str, str]) -> None:
    stranger, before = Visitor(None), Event.objects.count()
    for address, (lookers, changers, data) in TABLE.items():
        path = "/" + address.format(**things)
        if lookers:
            assert stranger.get(path)["Location"].startswith("/sign-in?next=%2Fconsole"), path
        if changers:
            assert stranger.post(path, data)["Location"].startswith("/sign-in?next=%2Fconsole"), path
    assert Event.objects.count() == before


@pytest.mark.django_db
def test_staff_without_the_permission_see_no_button_for_it(program: Program) -> None:
    _, client, _ = program.register("Asking", environment=program.production)
    for role, may in (("auditor", False), ("relationship_manager", False), ("operator", True)):
        text = Visitor(program.people[role]).text(f"/console/clients/{client.client_id}/decision")
        assert ('value="approve"' in text) is may
        assert ("/console/organizations/new" in Visitor(program.people[role]).text("/console/organizations")) is may


def addresses() -> Iterator[str]:
    for area in get_resolver().url_patterns:
        for inner in getattr(area, "url_patterns", []):
            for entry in getattr(inner, "url_patterns", []):
                route = str(entry.pattern)
                if route == "console" or route.startswith("console/"):
                    yield "/".join("{}" if part.startswith("<") else part for part in route.split("/"))


def test_every_address_has_its_place_in_the_table() -> None:
    placed = {
        "/".join("{}" if part.startswith("{") else part for part in address.split("/"))
        for address in (*TABLE, f"{VERSION}/publications/{{environment}}/end")
    }
    assert set(addresses()) - placed == set()
    assert len(set(addresses())) > 40
