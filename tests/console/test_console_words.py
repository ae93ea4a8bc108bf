"""What the console says: counts of calls and nothing else, sentences at fields, events in words."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from console_examples import call_record
from console_visitor import Visitor
from django.utils import timezone

from call_lines import call_line
from management import PASSWORD, Program
from propylon.applications.models import Client, ClientStatus
from propylon.audit.models import Event
from propylon.catalog.models import Plan, Product
from propylon.console.templatetags.console import in_short, until
from propylon.news.models import Article
from propylon.usage.actions import ingest_lines
from propylon.usage.rollups import add_up

pytestmark = pytest.mark.django_db(databases=["default", "usage"])


@pytest.fixture
def operator(program: Program) -> Visitor:
    return Visitor(program.people["operator"])


def test_the_queue_counts_api_calls_not_pages(program: Program, operator: Visitor) -> None:
    known = {"at": timezone.now().timestamp(), "duration_ms": 3, "environment": "sandbox", "status": 200}
    refused = {"status": 401, "details": "jwt_authn_access_denied{Jwt_is_expired}"}
    calls = [{}, refused, *({"environment": None, "path": path} for path in ("/console", "/products", "/oauth/token"))]
    lines = [call_line({**known, "id": str(uuid.uuid4()), **call}) for call in calls]
    ingest_lines(node="node-1", segment="s", offset=0, data=b"".join(lines))
    add_up()
    page = operator.text("/console")
    assert "<strong>2</strong><span>calls in 24 hours" in page
    assert "refused by the gateway (1)" in page


@pytest.mark.parametrize(("role", "place"), [("operator", "/console"), ("developer", "/apps")])
def test_everybody_begins_where_their_work_is(program: Program, role: str, place: str) -> None:
    sent = {"login": program.people[role].email, "password": PASSWORD}
    answer = Visitor(None).post("/sign-in", sent)
    assert (answer.status_code, answer["Location"]) == (303, place)
    assert Visitor(None).post("/sign-in?next=/products", {**sent, "next": "/products"})["Location"] == "/products"


def test_a_rejection_without_a_reason_says_so_at_the_field(program: Program, operator: Visitor) -> None:
    client = waiting(program)
    path = f"/console/clients/{client.client_id}/decision"
    shown = operator.text(path)
    assert "You must give one to reject, and may give one to approve." in shown
    assert "(optional)" not in shown
    answer = operator.post(path, {"decision": "reject", "seen_status": "pending"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Nothing was decided yet." in page
    assert "Say why not: the developers read it" in page
    client.refresh_from_db()
    assert client.status == ClientStatus.PENDING


def test_the_decision_page_names_its_dates(program: Program, operator: Visitor) -> None:
    client = waiting(program)
    path = f"/console/clients/{client.client_id}/decision"
    assert "asked for on" in operator.text(path)
    assert "decided on" not in operator.text(path)
    operator.post(path, {"decision": "approve", "seen_status": "pending"})
    assert "decided on" in operator.text(path)


def test_a_deletion_that_was_not_confirmed_speaks_of_no_storing(program: Program, operator: Visitor) -> None:
    path = f"/console/applications/{waiting(program).application.public_id}/deletion"
    page = operator.post(path, {"typed": "wrong"}).content.decode()
    assert "Nothing was done yet." in page
    assert "not stored" not in page


def test_mistakes_of_a_plan_are_named_by_labels(program: Program, operator: Visitor) -> None:
    assert "Lower-case letters, digits and hyphens." in operator.text("/console/plans/new")
    sent = {"name": "Gold", "title": "Gold", "requests_per_second": "10", "burst": "5"}
    page = operator.post("/console/plans/new", sent).content.decode()
    assert "at least as much as “Calls a second”" in page
    assert "requests_per_second," not in page
    assert not Plan.objects.filter(title="Gold").exists()


def test_the_product_of_an_article_is_chosen(program: Program, operator: Visitor) -> None:
    product = Product.objects.get(name="accounts")
    assert f'<option value="{product.name}">{product.title}' in operator.text("/console/news/new")
    sent = {"title": "Cards", "kind": "news", "publishing": "draft", "product": product.name}
    assert operator.post("/console/news/new", sent).status_code == 303
    assert Article.objects.get(title="Cards").product == product.name
    assert operator.post("/console/news/new", {**sent, "title": "Odd", "product": "nosuch"}).status_code == 400
    Article.objects.filter(title="Cards").update(product="gone")
    slug = Article.objects.get(title="Cards").slug
    assert '<option value="gone" selected>' in operator.text(f"/console/news/articles/{slug}")


def test_events_are_told_in_words_and_found_by_their_name(program: Program, operator: Visitor) -> None:
    waiting(program)
    page = operator.text("/console/audit?action=client.requested")
    assert '<span title="client.requested">Approval asked for</span>' in page
    assert '<option value="client.rejected">Application rejected</option>' in page


def waiting(program: Program) -> Client:
    _, client, _ = program.register(environment=program.production)
    assert client.status == ClientStatus.PENDING
    return client


def test_a_call_names_its_environment_by_its_title(program: Program, operator: Visitor) -> None:
    title = program.sandbox.title
    record = call_record(environment="sandbox")
    assert f"<dd>{title}, public</dd>" in operator.text(f"/console/calls/{record.tracking_id}")
    application = program.register()[0]
    own = call_record(environment="sandbox", application_id=application.public_id)
    developer = Visitor(program.people["developer"])
    assert f">{title}</td>" in developer.text(f"/apps/{application.public_id}/calls")
    assert f"<dd>{title}</dd>" in developer.text(f"/apps/{application.public_id}/calls/{own.tracking_id}")


def test_a_problem_below_the_console_leads_back_to_it(program: Program, operator: Visitor) -> None:
    assert "To the console" in operator.text("/console/organizations/unknown", 404)
    assert "To the console" not in operator.text("/apps/unknown", 404)


def test_a_thousand_choices_are_escaped(program: Program, operator: Visitor) -> None:
    Product.objects.filter(name="accounts").update(title='<b>"Cards" & more')
    page = operator.text("/console/news/new")
    assert '<option value="accounts">&lt;b&gt;&quot;Cards&quot; &amp; more</option>' in page


def test_a_decision_of_the_rule_is_told_in_the_readers_language(program: Program, operator: Visitor) -> None:
    application = program.register()[0]
    operator.browser.cookies["__Host-language"] = "sv"
    page = operator.text(f"/console/applications/{application.public_id}")
    assert "automatiskt, enligt sandboxens regel" in page.partition("Vad som har hänt")[0]


def test_fingerprints_are_short_in_lists() -> None:
    assert in_short({"serial": "0123456789abcdef" * 3, "name": "Ledger"}) == "serial: 0123456789ab…, name: Ledger"


def test_the_audit_is_searched_by_the_words_that_it_shows(program: Program, operator: Visitor) -> None:
    program.register(name="Searched")
    event = Event.objects.filter(action="application.registered").latest("pk")
    person = program.people["operator"]
    Event.objects.filter(pk=event.pk).update(actor_id=person.public_id)

    def found(query: str) -> str:
        text = operator.text(f"/console/audit?{query}")
        return text[text.index("</datalist>") :]

    assert "Application approved" in found("action=APPROVED")
    assert "Application added" not in found("action=approved")
    assert "No event fits" in found("action=nothing+such")
    assert "Application added" in found(f"actor={person.email}")
    assert "No event fits" in found("actor=nobody@people.example")
    assert "Application added" in found("organization=partner+ab")
    assert "No event fits" in found("organization=other+ltd&action=application.registered")


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=2 * 365 - 1), "in 2\xa0years"),
        (timedelta(days=7, seconds=-5), "in 1\xa0week"),
        (timedelta(days=3, hours=1), "in 3\xa0days"),
        (timedelta(minutes=59, seconds=40), "in 1\xa0hour"),
        (timedelta(seconds=50), "in 0\xa0minutes"),
    ],
)
def test_what_is_left_is_said_to_the_nearest_unit(left: timedelta, said: str) -> None:
    assert until(timezone.now() + left) == said


def test_unpublishing_says_whom_it_concerns_and_a_look_changes_nothing(program: Program, operator: Visitor) -> None:
    program.register(name="Concerned")
    here = "/console/products/accounts/v1/publications/sandbox/end"
    page = operator.text(here)
    assert "1 application there subscribes to the product." in page
    assert "Concerned" in page
    assert Event.objects.filter(action="product.unpublished").count() == 0
    assert operator.post(here)["Location"] == "/console/products/accounts/v1"
    assert Event.objects.filter(action="product.unpublished").count() == 1
