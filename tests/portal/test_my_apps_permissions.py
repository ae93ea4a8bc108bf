"""Who may do what at My apps: every page and method, tried by every role, in one table (FEATURES P5)."""

from __future__ import annotations

import itertools

import pytest
from django.forms.models import model_to_dict
from django.urls import get_resolver
from django.utils import timezone

from management import PASSWORD, ROLES, Program
from portal.my_apps_pages import Visitor, person, visitor
from propylon.applications.models import Application, Client, Subscription
from propylon.audit.models import Event
from propylon.certificates.actions import ensure_authorities, issue_identity
from propylon.certificates.models import Certificate
from propylon.kernel.actor import SYSTEM
from propylon.usage.models import CallRecord

pytestmark = pytest.mark.django_db(databases=["default", "usage"])

DEVELOPERS = frozenset({"developer", "organization_manager"})
MANAGERS = DEVELOPERS | {"operator"}
STAFF = frozenset({"relationship_manager", "operator", "security_officer", "auditor"})
LOOKERS = ("product_manager", "auditor", "relationship_manager", "security_officer")
VIEWERS = DEVELOPERS | STAFF | {"product_manager"}
APP = "/apps/{app}"

# (name, path, what is sent (None: GET), who may). Everybody else of the organization gets 403, other partners 404.
PAGES = [
    ("detail", APP, None, VIEWERS),
    ("keys", f"{APP}/keys", None, VIEWERS),
    ("keys", f"{APP}/keys", {"password": PASSWORD}, DEVELOPERS),
    ("keys", f"{APP}/keys", {"ask": "1", "reason": "lost"}, DEVELOPERS),
    ("public_keys", f"{APP}/keys/public", None, DEVELOPERS),
    ("public_keys", f"{APP}/keys/public", {"keys": "none"}, DEVELOPERS),
    ("certificates", f"{APP}/certificates", None, VIEWERS),
    ("certificates", f"{APP}/certificates", {"key": "own"}, MANAGERS),
    ("certificate", f"{APP}/certificates/{{certificate}}", None, VIEWERS),
    ("certificate", f"{APP}/certificates/{{certificate}}", {"reason": "superseded", "typed": "x"}, MANAGERS),
    ("certificate_order", f"{APP}/certificate-orders/{{order}}", None, VIEWERS),
    ("certificate_order", f"{APP}/certificate-orders/{{order}}", {}, MANAGERS),
    ("subscriptions", f"{APP}/subscriptions", None, VIEWERS),
    ("subscriptions", f"{APP}/subscriptions", {"product": "accounts"}, MANAGERS),
    ("unsubscribe", f"{APP}/subscriptions/{{subscription}}", {}, MANAGERS),
    ("source_ranges", f"{APP}/source-ranges", None, VIEWERS),
    ("source_ranges", f"{APP}/source-ranges", {"source_ranges": "192.0.2.0/24"}, MANAGERS),
    ("end_users", f"{APP}/end-users", None, VIEWERS),
    ("end_users", f"{APP}/end-users", {"persons": "Maja Lind; m@a.example; 19900101", "reason": "Tests"}, MANAGERS),
    ("usage", f"{APP}/usage", None, VIEWERS),
    ("calls", f"{APP}/calls", None, VIEWERS),
    ("call", f"{APP}/calls/{{call}}", None, VIEWERS),
    ("history", f"{APP}/history", None, VIEWERS),
    ("settings", f"{APP}/settings", None, VIEWERS),
    ("settings", f"{APP}/settings", {"name": "Other", "contact_email": "a@b.example"}, MANAGERS),
    ("approvals", f"{APP}/approvals", None, VIEWERS),
    ("approvals", f"{APP}/approvals", {"allow": "yes"}, MANAGERS),
    ("ask_again", f"{APP}/request", None, MANAGERS),
    ("ask_again", f"{APP}/request", {"note": "Added the address."}, MANAGERS),
    ("delete", f"{APP}/delete", None, MANAGERS),
    ("delete", f"{APP}/delete", {"typed": "Engine"}, MANAGERS),
    ("add_environment", f"{APP}/environments/new", None, MANAGERS),
    ("add_environment", f"{APP}/environments/new", {"environment": "production"}, MANAGERS),
]
OF_NO_APPLICATION = {"list", "new", "new_products", "register"}


def test_the_table_has_every_address() -> None:
    known = {pattern.name for pattern in get_resolver().namespace_dict["portal_apps"][1].url_patterns}
    assert {name for name, *_ in PAGES} | OF_NO_APPLICATION == known


@pytest.fixture
def things(program: Program) -> dict[str, str]:
    ensure_authorities(acting_user=SYSTEM)
    application, client, _ = program.register("Engine", "server")
    certificate = _certificate(client)
    tracking_id = "0b5a1e54-6f0c-4a44-9a3f-51f6d9a3a111"
    CallRecord.objects.create(
        tracking_id=tracking_id,
        at=timezone.now(),
        node="n",
        listener="mutual",
        method="GET",
        path="/",
        status=200,
        application_id=application.public_id,
        duration_ms=1,
    )
    order = certificate.order
    assert order is not None
    return {
        "app": application.public_id,
        "certificate": certificate.public_id,
        "order": order.public_id,
        "subscription": Subscription.objects.get(client=client).public_id,
        "call": tracking_id,
    }


def confirmed(program: Program, role: str) -> Visitor:
    """Who has just given the password once more: some pages ask for it before they say anything else."""
    found = person(program, role)
    assert found.post("/account/confirm?next=/apps", password=PASSWORD).status == 303
    return found


def _certificate(client: Client) -> Certificate:
    issue_identity(acting_user=SYSTEM, client=client)
    return Certificate.objects.get()


@pytest.mark.django_db(transaction=True, databases=["default", "usage"])
def test_each_role_at_each_page(program: Program, things: dict[str, str]) -> None:
    """Those who may are not refused; whatever else happens to their form is another test's."""
    wrong = []
    people = {role: confirmed(program, role) for role in ROLES}
    for (name, path, data, allowed), (role, somebody) in itertools.product(PAGES, people.items()):
        if data is not None and role in allowed:
            continue  # tried by the tests of that page, as it changes things
        seen = _seen(somebody, path.format(**things), data)
        expected = 404 if role == "outsider" else (200 if role in allowed else 403)
        if seen != expected:
            wrong.append(f"{role} {name} {'GET' if data is None else 'POST'}: {seen}, not {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db(transaction=True, databases=["default", "usage"])
def test_a_refused_form_changes_nothing(program: Program, things: dict[str, str]) -> None:
    before = _state()
    people = [confirmed(program, role) for role in (*LOOKERS, "analyst", "outsider")]
    for (_name, path, data, _allowed), somebody in itertools.product(PAGES, people):
        if data is not None:
            _seen(somebody, path.format(**things), data)
    assert _state() == before


@pytest.mark.django_db(transaction=True, databases=["default", "usage"])
def test_the_forms_of_the_table_are_taken_from_who_may(program: Program, things: dict[str, str]) -> None:
    """Else the table above would prove nothing: 303, or 400/409 from the room that the form leads to."""
    dana = confirmed(program, "developer")
    for name, path, data, _allowed in PAGES:
        if data is not None and name != "delete":
            assert _seen(dana, path.format(**things), data) in {200, 303, 400, 409}, name
    dana.post(f"/apps/{things['app']}/settings", name="Engine", contact_email="a@b.example")
    assert _seen(dana, f"/apps/{things['app']}/delete", {"typed": "Engine"}) == 303


@pytest.mark.django_db(transaction=True, databases=["default", "usage"])
def test_who_may_only_look_is_shown_no_button(program: Program, things: dict[str, str]) -> None:
    people = {role: confirmed(program, role) for role in LOOKERS}
    for (_name, path, data, allowed), (role, somebody) in itertools.product(PAGES, people.items()):
        if data is None and role in allowed:
            html = somebody.get(path.format(**things)).html
            main = html[html.index("<main") : html.index("</main>")]
            assert 'method="post"' not in main, path
            assert "/environments/new" not in main, path
            assert "/delete" not in main, path


@pytest.mark.django_db(transaction=True, databases=["default", "usage"])
def test_a_stranger_is_sent_to_sign_in_and_back(program: Program, things: dict[str, str]) -> None:
    for _name, path, data, _allowed in PAGES:
        address = path.format(**things)
        seen = visitor(None).post(address, **data) if data is not None else visitor(None).get(address)
        assert seen.status in {302, 303}
        assert seen.location.startswith("/sign-in?next=%2Fapps%2F")


def _seen(somebody: Visitor, path: str, data: dict[str, str] | None) -> int:
    return (somebody.get(path) if data is None else somebody.post(path, **data)).status


def _state() -> list[object]:
    rows = [
        model_to_dict(each)
        for model in (Application, Client, Subscription, Certificate)
        for each in model.objects.all()
    ]
    return [*rows, Event.objects.count()]
