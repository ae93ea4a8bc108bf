"""The pages of one application: what they say, what they change, and what a refusal leaves as it was (A2, A4, A5)."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certificate_examples import signing_request
from management import PASSWORD, Program
from portal.my_apps_pages import Visitor, person
from propylon.accounts.access import actor_of
from propylon.applications.actions import approve_client, delete_application, reject_client
from propylon.applications.models import Application, Client, Subscription
from propylon.audit.models import Event
from propylon.authserver.logout_addresses import logout_addresses
from propylon.certificates.actions import ensure_authorities, order_certificate
from propylon.certificates.models import Certificate
from propylon.kernel.actor import SYSTEM
from propylon.marks.models import Mark
from propylon.notifications.models import Mail
from propylon.usage.models import CallRecord
from propylon.usage.refusal_words import refusal_sentence

pytestmark = pytest.mark.django_db(databases=["default", "usage"])


@pytest.fixture
def ledger(program: Program) -> Application:
    application, _, _ = program.register("Ledger")
    return application


@pytest.fixture
def dana(program: Program) -> Visitor:
    return person(program, "developer")


def at(application: Application, page: str = "") -> str:
    return f"/apps/{application.public_id}{page}"


def call(application: Application, **given: Any) -> CallRecord:
    known = {
        "tracking_id": str(uuid.uuid4()),
        "at": timezone.now(),
        "node": "node-1",
        "listener": "public",
        "environment": "sandbox",
        "product": "accounts",
        "version": "v1",
        "operation": "listAccounts",
        "method": "GET",
        "path": "/sandbox/accounts/v1/accounts",
        "status": 200,
        "application_id": application.public_id,
        "client_id": application.clients.get(environment__name="sandbox").client_id,
        "source_address": "198.51.100.7",
        "duration_ms": 12,
    }
    return CallRecord.objects.create(**{**known, **given})


# ── the list ──
def test_the_list_shows_environments_and_the_last_call(ledger: Application, dana: Visitor) -> None:
    call(ledger, at=timezone.now() - timedelta(days=2))
    last = call(ledger)
    row = dana.get("/apps").context["rows"][0]
    assert (row.application, row.last_call) == (ledger, last.at)


def test_the_list_is_searched_by_name_and_paged(program: Program, dana: Visitor) -> None:
    for number in range(25):
        program.register(f"App {number:02d}", "server")
    first = dana.get("/apps")
    assert first.context["rows"][0].application.name == "App 24"
    assert len(first.context["rows"]) == 20
    rest = dana.get("/apps?" + first.context["paging"].next)
    assert [row.application.name for row in rest.context["rows"]] == [
        f"App {number:02d}" for number in range(4, -1, -1)
    ]
    assert [row.application.name for row in dana.get("/apps", q="app 07").context["rows"]] == ["App 07"]
    assert "Nothing found" in dana.get("/apps", q="nowhere").text


def test_twenty_applications_take_as_many_queries_as_one(program: Program, dana: Visitor) -> None:
    counts = []
    for number in range(20):
        program.register(f"App {number:02d}", "server")
        if number in {0, 19}:
            with CaptureQueriesContext(connections["default"]) as queries:
                dana.get("/apps")
            counts.append(len(queries))
    assert counts[1] <= counts[0] <= 12, counts


def test_an_empty_list_leads_on(program: Program) -> None:
    assert "/apps/new" in person(program, "developer").get("/apps").html
    assert "/apps/new" not in person(program, "product_manager").get("/apps").html
    analyst = person(program, "analyst").get("/apps")
    assert "Your role shows documentation" in analyst.text


# ── overview ──
def test_the_overview_says_what_code_needs(ledger: Application, dana: Visitor, settings: Any) -> None:
    seen = dana.get(at(ledger))
    client = ledger.clients.get()
    for needed in (client.client_id, f"{settings.PROPYLON_PUBLIC_URL}/sandbox", "/oauth/token", "5 calls a second"):
        assert needed in seen.text
    assert "Make the first call" in seen.text


def test_a_rejection_is_told_with_its_reason_and_history(program: Program, dana: Visitor) -> None:
    application, client, _ = program.register("Ledger", environment=program.production)
    otto = actor_of(program.people["operator"])
    approve_client(acting_user=otto, client=client, reason="Welcome")
    reject_client(acting_user=otto, client=client, reason="The contract has ended.")
    seen = dana.get(at(application))
    assert "The request for Production was rejected. The contract has ended." in seen.text
    decisions = [(event.what, event.notes) for event in seen.context["decisions"]]
    assert decisions == [
        ("Rejected", ("Reason: The contract has ended.",)),
        ("Approved", ("Reason: Welcome",)),
        ("Requested", ()),
    ]


def test_an_environment_that_the_application_is_not_in_is_unknown(ledger: Application, dana: Visitor) -> None:
    assert dana.get(at(ledger), environment="production").status == 404


@pytest.mark.parametrize(
    "page",
    ["", "/keys", "/certificates", "/subscriptions", "/source-ranges", "/calls", "/history", "/settings", "/delete"],
)
def test_pages_take_few_queries(ledger: Application, dana: Visitor, page: str) -> None:
    for _ in range(30):
        call(ledger)
    with CaptureQueriesContext(connections["default"]) as queries, CaptureQueriesContext(connections["usage"]) as calls:
        assert dana.get(at(ledger, page)).status == 200
    assert len(queries) + len(calls) <= 20, "\n".join(query["sql"][:100] for query in queries)


# ── keys ──
def test_the_secret_is_hidden_until_the_password_is_given(program: Program, dana: Visitor) -> None:
    application, client, secret = program.register("Vault")
    assert secret is not None
    assert secret.reveal() not in dana.get(at(application, "/keys")).html

    wrong = dana.post(at(application, "/keys"), password="not my password")
    assert wrong.status == 400
    assert "This is not your password" in wrong.context["form"].errors["password"][0]
    assert secret.reveal() not in wrong.html
    assert not Event.objects.filter(action="client.secret_shown").exists()

    shown = dana.post(at(application, "/keys"), password=PASSWORD)
    assert secret.reveal() in shown.html
    assert base64.b64encode(f"{client.client_id}:{secret.reveal()}".encode()).decode() in shown.html
    event = Event.objects.get(action="client.secret_shown")
    assert event.actor_id == program.people["developer"].public_id


def test_a_shown_secret_is_kept_by_no_cache(program: Program, dana: Visitor) -> None:
    application, _, _ = program.register("Vault")
    answer = dana.browser.post(at(application, "/keys"), {"password": PASSWORD})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("type_", "why"),
    [("spa", "This type has no secret."), ("native", "This type has no secret."), ("server", "client certificate")],
)
def test_types_without_secret_say_why(program: Program, dana: Visitor, type_: str, why: str) -> None:
    application, _, _ = program.register("Bare", type_)
    seen = dana.get(at(application, "/keys"))
    assert why in seen.text
    assert 'type="password"' not in seen.html
    assert dana.post(at(application, "/keys"), password=PASSWORD).status == 400


def test_the_password_is_not_tried_without_end(program: Program, dana: Visitor) -> None:
    application, _, _ = program.register("Vault")
    answers = [dana.post(at(application, "/keys"), password=f"guess {number}") for number in range(12)]
    assert "tried too often" in answers[-1].text
    assert "tried too often" in dana.post(at(application, "/keys"), password=PASSWORD).text


# ── subscriptions ──
def test_subscribing_and_unsubscribing(program: Program, dana: Visitor) -> None:
    application, client, _ = program.register("Ledger", products=[])
    assert "None yet" in dana.get(at(application, "/subscriptions")).text
    seen = dana.post(at(application, "/subscriptions"), product="accounts")
    assert (seen.status, seen.location) == (303, at(application, "/subscriptions"))
    subscription = Subscription.objects.get(client=client)
    assert "transactions" in dana.get(at(application, "/subscriptions")).text
    assert dana.post(at(application, "/subscriptions"), product="accounts").status == 409

    assert dana.post(at(application, f"/subscriptions/{subscription.public_id}")).status == 303
    assert not Subscription.objects.exists()
    assert Mark.objects.filter(kind="client").exists()
    assert dana.post(at(application, f"/subscriptions/{subscription.public_id}")).status == 404


def test_a_product_that_is_not_there(ledger: Application, dana: Visitor) -> None:
    assert dana.post(at(ledger, "/subscriptions"), product="<script>").status == 400


# ── source ranges, settings ──
def test_source_ranges_are_set_or_refused_as_a_whole(program: Program, dana: Visitor) -> None:
    application, client, _ = program.register("Ledger", "server")
    dana.post(at(application, "/source-ranges"), source_ranges="192.0.2.0/24\n\n 198.51.100.7 ")
    assert sorted(row.cidr for row in client.source_ranges.all()) == ["192.0.2.0/24", "198.51.100.7/32"]
    refused = dana.post(at(application, "/source-ranges"), source_ranges="192.0.2.0/24\nnowhere")
    assert refused.status == 400
    assert "nowhere" in refused.context["form"].errors["source_ranges"][0]
    assert client.source_ranges.count() == 2


def test_name_contact_and_redirect_uris_are_changed_each_by_its_form(ledger: Application, dana: Visitor) -> None:
    dana.post(at(ledger, "/settings"), name="Great Ledger", contact_email="NEW@partner.example")
    ledger.refresh_from_db()
    assert (ledger.name, ledger.contact_email) == ("Great Ledger", "new@partner.example")
    dana.post(at(ledger, "/settings"), redirect_uris="https://a.example/\nhttps://b.example/", set_redirect_uris="1")
    assert ledger.clients.get().redirect_uris == ["https://a.example/", "https://b.example/"]
    refused = dana.post(at(ledger, "/settings"), redirect_uris="http://a.example/", set_redirect_uris="1")
    assert refused.status == 400
    assert ledger.clients.get().redirect_uris == ["https://a.example/", "https://b.example/"]


def test_addresses_after_logging_out_have_a_form_of_their_own(ledger: Application, dana: Visitor) -> None:
    client_id, name = ledger.clients.get().client_id, ledger.name
    for sent, status in (("https://a.example/bye\n\nhttps://b.example/", 303), ("ftp://a.example/bye", 400)):
        answer = dana.post(at(ledger, "/settings"), post_logout_redirect_uris=sent, set_logout_uris="1")
        assert answer.status == status
        assert logout_addresses(client_id) == ["https://a.example/bye", "https://b.example/"]
    assert "https://b.example/" in dana.get(at(ledger, "/settings")).text
    ledger.refresh_from_db()
    assert ledger.name == name


# ── calls ──
def test_calls_with_their_refusals_in_words(ledger: Application, dana: Visitor) -> None:
    call(ledger)
    refused = call(ledger, status=403, refusal_code="gateway.scope.missing")
    wrong = call(ledger, status=404)
    seen = dana.get(at(ledger, "/calls"))
    assert refusal_sentence("gateway.scope.missing") in seen.text
    assert "%METADATA" not in seen.text
    ids = {
        outcome: [row.tracking_id for row in dana.get(at(ledger, "/calls"), outcome=outcome).context["calls"]]
        for outcome in ("refused", "error", "nonsense")
    }
    assert (ids["refused"], ids["error"], len(ids["nonsense"])) == ([refused.tracking_id], [wrong.tracking_id], 3)


def test_a_call_from_the_call_console_says_so(ledger: Application, dana: Visitor) -> None:
    said = "from the portal's console"
    own = call(ledger, jti="tok_abc")
    assert said not in dana.get(at(ledger, "/calls")).text
    tried = call(ledger, jti="ct_abc")
    assert dana.get(at(ledger, "/calls")).text.count(said) == 1
    for record, is_from_console in ((own, False), (tried, True)):
        assert (said in dana.get(at(ledger, f"/calls/{record.tracking_id}")).text) is is_from_console


def test_calls_are_paged(ledger: Application, dana: Visitor) -> None:
    for number in range(30):
        call(ledger, at=timezone.now() - timedelta(minutes=number))
    first = dana.get(at(ledger, "/calls"))
    rest = dana.get(at(ledger, "/calls?") + first.context["paging"].next)
    assert (len(first.context["calls"]), len(rest.context["calls"])) == (25, 5)
    assert dana.get(at(ledger, "/calls"), after="nonsense").status == 400


def test_one_call_says_what_to_do_next(ledger: Application, dana: Visitor) -> None:
    refused = call(ledger, status=403, refusal_code="gateway.source.refused")
    seen = dana.get(at(ledger, f"/calls/{refused.tracking_id}"))
    assert "The call came from 198.51.100.7." in seen.text
    assert at(ledger, "/source-ranges") in seen.html
    found = dana.get(at(ledger, "/calls"), tracking_id=f" {refused.tracking_id.upper()} ")
    assert found.location == at(ledger, f"/calls/{refused.tracking_id}")
    assert "No call of this application" in dana.get(at(ledger, "/calls"), tracking_id="nonsense").text


def test_a_call_of_another_application_is_not_there(program: Program, ledger: Application, dana: Visitor) -> None:
    own, _, _ = program.register("Second")
    foreign, _, _ = program.register("Foreign", organization=program.other)
    for record in (call(own), call(foreign)):
        assert dana.get(at(ledger, f"/calls/{record.tracking_id}")).status == 404


# ── certificates ──
@pytest.fixture
def server(program: Program) -> Application:
    ensure_authorities(acting_user=SYSTEM)
    application, _, _ = program.register("Engine", "server")
    return application


@pytest.mark.django_db(transaction=True, databases=["default", "usage"])
def test_a_certificate_is_ordered_linked_anew_and_revoked(server: Application, dana: Visitor) -> None:
    assert dana.post(at(server, "/certificates"), key="program").status == 303
    certificate = Certificate.objects.get()
    assert certificate.order is not None
    seen = dana.get(at(server, "/certificates"))
    assert certificate.serial in seen.text
    assert certificate.fingerprint in seen.text

    order = at(server, f"/certificate-orders/{certificate.order.public_id}")
    assert dana.post(order).status == 303
    assert Mail.objects.filter(body__contains="/certificates/download?token=").count() == 2
    assert "Download link mailed" in dana.get(order).text

    page = at(server, f"/certificates/{certificate.public_id}")
    assert "BEGIN CERTIFICATE" in dana.get(page).html
    wrong = dana.post(page, reason="superseded", typed="something else")
    certificate.refresh_from_db()
    assert (wrong.status, certificate.revoked_at) == (400, None)
    assert dana.post(page, reason="superseded", typed=certificate.common_name).status == 303
    certificate.refresh_from_db()
    assert certificate.revocation_reason == "superseded"
    assert dana.post(order).status == 409, "a revoked certificate has no link"


@pytest.mark.django_db(transaction=True, databases=["default", "usage"])
def test_a_signing_request_is_pasted_or_uploaded(server: Application, dana: Visitor) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    name = server.clients.get().service_account.name
    missing = dana.post(at(server, "/certificates"), key="own")
    assert missing.status == 400
    assert "csr" in missing.context["form"].errors
    refused = dana.post(at(server, "/certificates"), key="own", csr=signing_request("svcOtherV01")[0])
    assert refused.status == 400
    assert "csr" in refused.context["form"].errors
    assert not Certificate.objects.exists()
    file = SimpleUploadedFile("my.csr", signing_request(name)[0].encode())
    assert dana.post(at(server, "/certificates"), key="own", csr="", csr_file=file).status == 303
    assert Certificate.objects.get().common_name == name


def test_types_without_certificate_say_why(program: Program, dana: Visitor) -> None:
    application, _, _ = program.register("Board", "spa")
    seen = dana.get(at(application, "/certificates"))
    assert "run on their users' devices" in seen.text.replace("&#x27;", "'")
    assert "Order a certificate" not in seen.text


@pytest.mark.django_db(transaction=True, databases=["default", "usage"])
def test_what_belongs_to_another_application_is_not_under_this_one(
    program: Program, server: Application, dana: Visitor
) -> None:
    other, client, _ = program.register("Other engine", "server")
    order = order_certificate(acting_user=SYSTEM, client=client)
    assert other.pk != server.pk
    assert dana.get(at(server, f"/certificates/{order.certificate.public_id}")).status == 404
    assert dana.post(at(server, f"/certificate-orders/{order.public_id}")).status == 404


# ── history, deletion ──
def test_history_tells_who_did_what(program: Program, ledger: Application, dana: Visitor) -> None:
    dana.post(at(ledger, "/keys"), password=PASSWORD)
    dana.post(at(ledger, "/settings"), name="Great Ledger", contact_email="team@partner.example")
    told = {event.what: event for event in dana.get(at(ledger, "/history")).context["events"]}
    assert told["Client secret shown"].who == "developer@people.example"
    assert told["Client secret shown"].environment == "Sandbox"
    assert "Great Ledger" in told["Name or contact changed"].notes[0]
    assert told["Approved"].who == "Propylon"


def test_deleting_takes_the_typed_name(program: Program, ledger: Application, dana: Visitor) -> None:
    refused = dana.post(at(ledger, "/delete"), typed="ledger")
    ledger.refresh_from_db()
    assert (refused.status, ledger.deleted_at) == (400, None)

    seen = dana.post(at(ledger, "/delete"), typed="Ledger")
    assert (seen.status, seen.location) == (303, "/apps")
    assert "Ledger was deleted" in dana.get("/apps").text
    assert not Client.objects.exclude(status="deleted").exists()
    for role in ("developer", "organization_manager", "product_manager", "operator"):
        assert person(program, role).get(at(ledger)).status == 404
    assert dana.post(at(ledger, "/delete"), typed="Ledger").status == 404, "a second press does no harm"


def test_adding_it_again_gives_new_keys(program: Program, dana: Visitor) -> None:
    application, client, _ = program.register("Ledger")
    delete_application(acting_user=SYSTEM, application=application)
    again, new, _ = program.register("Ledger")
    assert again.public_id != application.public_id
    assert new.client_id != client.client_id
