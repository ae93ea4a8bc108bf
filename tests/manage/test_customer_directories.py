"""Where customers log in, by management API and console: tried first, stored sealed, never shown (FEATURES R8)."""

from __future__ import annotations

import pytest

from management import Program
from portal.my_apps_pages import person
from propylon.audit.models import Event
from propylon.customers.directory_records import directory_of, secret_of
from propylon.customers.models import CustomerDirectory

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
PATH = "/environments/sandbox/customer-directory"
PAGE = "/console/environments/sandbox/customers"
SECRET = "what the bank gave propylon"
SETTINGS = {"title": "Mobile ID", "issuer": "https://localhost:1", "client_id": "propylon"}
OPENID = {"kind": "openid", "settings": SETTINGS, "secret": SECRET}


def test_a_directory_is_used_shown_without_its_secret_and_given_up(program: Program) -> None:
    operator = program.callers["operator"]
    assert operator.get(PATH).body["kind"] == "built_in"
    made = operator("PUT", PATH, OPENID)
    assert (made.status, made.body["kind"], made.body["has_secret"]) == (200, "openid", True)
    row = directory_of("sandbox")
    assert row is not None
    assert secret_of(row).reveal() == SECRET
    seen = str(operator.get(PATH).body) + str(list(Event.objects.values_list("data", flat=True)))
    seen += row.secret_sealed + person(program, "operator").get(PAGE).html
    seen += person(program, "operator").get(f"{PAGE}/change/openid").html
    assert SECRET not in seen
    assert operator("PUT", PATH, {"kind": "built_in"}).body["has_secret"] is False
    assert not CustomerDirectory.objects.exclude(secret_sealed="").exists()
    actions = Event.objects.filter(object_kind="customer_directory").values_list("action", flat=True)
    assert sorted(actions) == ["customer_directory.removed", "customer_directory.set"]


def test_a_trial_stores_nothing_and_says_what_fails(program: Program) -> None:
    tried = program.callers["operator"]("POST", f"{PATH}/trial", OPENID)
    assert tried.status == 200
    assert tried.body["is_good"] is False
    assert "Nothing listens" in tried.body["steps"][-1]["reason"]
    assert not CustomerDirectory.objects.exists()
    page = person(program, "operator").post(f"{PAGE}/change/openid", **_form(), step="try")
    assert "Nothing listens" in page.text
    assert SECRET not in page.html
    assert not CustomerDirectory.objects.exists()


def test_the_console_stores_it_and_every_mistake_is_at_its_field(program: Program) -> None:
    operator = person(program, "operator")
    wrong = _form() | {"issuer": "http://plain.example", "scope": "profile", "secret": ""}
    refused = operator.post(f"{PAGE}/change/openid", **wrong, step="use")
    assert refused.status == 400
    assert "https://host/path" in refused.text
    assert "must contain openid" in refused.text
    assert not CustomerDirectory.objects.exists()
    assert operator.post(f"{PAGE}/change/openid", **_form(), step="use").status == 303
    assert "Mobile ID" in operator.get(PAGE).text
    assert operator.post(f"{PAGE}/built-in").status == 303
    assert directory_of("sandbox") is None


@pytest.mark.parametrize("wish", [{"kind": "saml"}, {"kind": "ldap"}, OPENID | {"secret": None}])
def test_what_is_missing_is_refused_and_nothing_stored(program: Program, wish: dict[str, object]) -> None:
    answer = program.callers["operator"]("PUT", PATH, wish)
    assert (answer.status, answer.code) == (400, "customer.directory.invalid")
    assert not CustomerDirectory.objects.exists()


def _form() -> dict[str, str]:
    return {**SETTINGS, "secret": SECRET, "auth_method": "client_secret_basic", "scope": "openid"}
