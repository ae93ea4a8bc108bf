"""Decisions in the console and what follows from them, as the other side sees it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from console_examples import DOCUMENT, call_record
from console_visitor import Visitor
from django.core.files.uploadedfile import SimpleUploadedFile

from management import Program
from propylon.accounts.actions import add_member, create_user
from propylon.accounts.models import User
from propylon.applications.actions import approve_client
from propylon.audit.models import Event
from propylon.audit.paging import PageQuery
from propylon.catalog.models import ImportDraft, Product, Publication, Scope
from propylon.certificates.actions import ensure_authorities, order_certificate
from propylon.console.queue.waiting import counts, waiting_page
from propylon.kernel.actor import SYSTEM
from propylon.marks.models import Mark
from propylon.notifications.actions import queue_mail
from propylon.notifications.models import Mail

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def operator(program: Program) -> Visitor:
    return Visitor(program.people["operator"])


def decide(visitor: Visitor, client_id: str, decision: str, reason: str = "", seen: str = "pending") -> int:
    data = {"decision": decision, "reason": reason, "seen_status": seen}
    return int(visitor.post(f"/console/clients/{client_id}/decision", data).status_code)


def test_what_waits_is_in_the_queue_oldest_first_and_leaves_it_when_decided(
    program: Program, operator: Visitor
) -> None:
    clients = [program.register(f"App {n}", environment=program.production)[1] for n in range(3)]
    text = operator.text("/console")
    places = [text.index(f">App {n}</a>") for n in range(3)]
    assert places == sorted(places)
    assert "3 things wait" in text
    assert decide(operator, clients[0].client_id, "approve") == 303
    assert ">App 0</a>" not in operator.text("/console")
    clients[0].refresh_from_db()
    assert clients[0].status == "approved"
    assert Mail.objects.filter(to="team@partner.example", subject__contains="approved").exists()


def test_the_queue_goes_on_page_by_page_and_loses_nothing(program: Program) -> None:
    for number in range(5):
        program.register(f"App {number}", environment=program.production)
    seen, after = [], ""
    for _ in range(9):
        rows, paging = waiting_page(PageQuery(limit=2, after=after), counts())
        seen += [row.title for row in rows]
        if paging.next is None:
            break
        after = parse_qs(paging.next)["after"][0]
    assert seen == [f"App {number}" for number in range(5)]


def test_a_rejection_needs_a_reason_which_the_developers_read(program: Program, operator: Visitor) -> None:
    _, client, _ = program.register(environment=program.production)
    assert decide(operator, client.client_id, "reject") == 400
    client.refresh_from_db()
    assert client.status == "pending"
    assert decide(operator, client.client_id, "reject", f"No contract yet {HOSTILE}") == 303
    client.refresh_from_db()
    assert client.status == "rejected"
    assert client.decision_reason == f"No contract yet {HOSTILE}"
    assert "No contract yet" in Mail.objects.order_by("-pk")[0].body
    text = operator.text(f"/console/clients/{client.client_id}/decision")
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text


def test_a_stale_tab_decides_nothing_and_says_so(program: Program, operator: Visitor) -> None:
    _, client, _ = program.register(environment=program.production)
    assert decide(operator, client.client_id, "reject", "first") == 303
    events = Event.objects.count()
    answer = operator.post(
        f"/console/clients/{client.client_id}/decision", {"decision": "approve", "seen_status": "pending"}
    )
    assert answer.status_code == 409
    assert "Somebody was faster" in answer.content.decode()
    client.refresh_from_db()
    assert client.status == "rejected"
    assert Event.objects.count() == events


def test_an_order_is_decided_once(program: Program, operator: Visitor) -> None:
    ensure_authorities(acting_user=SYSTEM)
    _, client, _ = program.register("Server", "server", environment=program.production)
    approve_client(acting_user=SYSTEM, client=client)
    order = order_certificate(acting_user=SYSTEM, client=client)
    path = f"/console/certificate-orders/{order.public_id}"
    assert operator.post(path, {"decision": "refuse"}).status_code == 400
    assert operator.post(path, {"decision": "approve"}).status_code == 303
    order.refresh_from_db()
    assert order.status == "issued"
    stale = operator.post(path, {"decision": "refuse", "reason": "late"})
    assert stale.status_code == 409
    order.refresh_from_db()
    assert order.status == "issued"


def test_revoking_asks_for_the_name_and_marks_the_certificate(program: Program, operator: Visitor) -> None:
    ensure_authorities(acting_user=SYSTEM)
    _, client, _ = program.register("Server", "server")
    certificate = order_certificate(acting_user=SYSTEM, client=client).certificate
    path = f"/console/certificates/{certificate.public_id}/revocation"
    assert operator.post(path, {"reason": "key_compromise", "typed": "wrong"}).status_code == 400
    certificate.refresh_from_db()
    assert certificate.revoked_at is None
    assert operator.post(path, {"reason": "key_compromise", "typed": certificate.common_name}).status_code == 303
    certificate.refresh_from_db()
    assert certificate.revocation_reason == "key_compromise"
    assert Mark.objects.filter(kind="certificate", value=certificate.fingerprint).exists()


def test_a_person_is_switched_off_with_a_reason_and_on_again(program: Program, operator: Visitor) -> None:
    person = program.people["developer"]
    path = f"/console/users/{person.public_id}/switch"
    assert operator.post(path, {"is_active": "no"}).status_code == 400
    assert operator.post(path, {"is_active": "no", "reason": "left the company"}).status_code == 303
    person.refresh_from_db()
    assert not person.is_active
    assert Event.objects.get(action="user.deactivated").data == {"reason": "left the company"}
    operator.post(path, {"is_active": "no", "reason": "again, from a stale tab"})
    person.refresh_from_db()
    assert not person.is_active
    own = program.people["operator"]
    refused = operator.post(f"/console/users/{own.public_id}/switch", {"is_active": "no", "reason": "me"})
    assert refused.status_code == 409


def test_somebody_without_an_organization_waits_and_is_taken_in(
    program: Program, operator: Visitor, make_alone: Callable[[], User]
) -> None:
    person = make_alone()
    assert ">Lone Person</a>" in operator.text("/console")
    path = f"/console/users/{person.public_id}/organizations"
    assert operator.post(path, {"organization": "No such", "role": "developer"}).status_code == 400
    assert operator.post(path, {"organization": "partner ab", "role": "auditor"}).status_code == 400
    assert operator.post(path, {"organization": "partner ab", "role": "developer"}).status_code == 303
    assert person.memberships.get().organization == program.partner
    assert ">Lone Person</a>" not in operator.text("/console")


@pytest.fixture
def make_alone(program: Program) -> Callable[[], User]:
    return lambda: create_user(acting_user=SYSTEM, email="alone@people.example", name="Lone Person", password_hash="!")


def test_an_import_shows_what_it_becomes_before_anything_is_stored(program: Program, operator: Visitor) -> None:
    file = SimpleUploadedFile("cards.yaml", DOCUMENT.encode())
    answer = operator.post("/console/imports", {"file": file, "name": "cards"})
    assert answer.status_code == 303
    assert not Product.objects.filter(name="cards").exists()
    text = operator.text(answer["Location"])
    assert "/cards/v1" in text
    assert "/cards/{id}" in text.replace("<wbr>", "")
    done = operator.post(answer["Location"], {"environment": "sandbox", "upstream": "bank"})
    assert done["Location"] == "/console/products/cards/v1"
    assert Publication.objects.filter(product_version__product__name="cards", environment__name="sandbox").exists()
    assert Scope.objects.filter(name="cards").exists()
    assert not ImportDraft.objects.exists()
    assert operator.get(answer["Location"]).status_code == 404


def test_a_preview_may_be_given_another_name(program: Program, operator: Visitor) -> None:
    path = operator.post("/console/imports", {"text": DOCUMENT})["Location"]
    assert operator.post(path, {"step": "change", "name": "Not A Name"}).status_code == 400
    assert operator.post(path, {"step": "change", "name": "wallet", "version": "v7"}).status_code == 303
    assert "/wallet/v7" in operator.text(path)
    assert "/console/products/wallet/v7" in operator.post(path, {})["Location"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "choose a file"),
        ({"text": "openapi: 3.0.3\ninfo: {}\npaths: {}"}, "#/info/title"),
        ({"text": "{" * 500}, "catalog.document.invalid"),
        ({"text": f"openapi: '{HOSTILE}'"}, "catalog.document.invalid"),
        ({"file": SimpleUploadedFile("a.bin", b"\xff\xfe\x00")}, "no text in UTF-16"),
        ({"text": DOCUMENT, "name": "No Name!"}, "lower-case letters"),
    ],
)
def test_what_is_wrong_with_a_document_is_said_and_nothing_is_kept(
    operator: Visitor, data: dict[str, object], said: str
) -> None:
    answer = operator.post("/console/imports", data)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert said in text
    assert HOSTILE not in text
    assert not ImportDraft.objects.exists()
    assert len(answer.content) < 300_000


def test_a_text_beyond_the_bound_is_refused_with_a_code(operator: Visitor) -> None:
    answer = operator.post("/console/imports", {"text": "a" * (7 * 1024 * 1024)})
    assert answer.status_code == 400
    assert "request.body.too_large" in answer.content.decode()


def test_another_operators_draft_is_unknown(operator: Visitor, program: Program) -> None:
    path = operator.post("/console/imports", {"text": DOCUMENT})["Location"]
    other = create_user(acting_user=SYSTEM, email="second@people.example", name="Second", password_hash="!")
    add_member(acting_user=SYSTEM, organization=program.bank, user=other, role="operator")
    assert Visitor(other).get(path).status_code == 404


def test_the_audit_as_a_file_is_narrowed_and_harmless_in_a_spreadsheet(program: Program, operator: Visitor) -> None:
    program.register('=HYPERLINK("x")')
    answer = operator.get("/console/audit/export?action=application")
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode())))
    assert rows[0][:2] == ["at", "action"]
    assert {row[1] for row in rows[1:]} == {"application.registered"}
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_a_call_is_found_by_its_tracking_id(operator: Visitor) -> None:
    record = call_record(path=f"/x?{HOSTILE}")
    answer = operator.get(f"/console/calls?tracking_id={record.tracking_id.upper()}")
    assert answer["Location"] == f"/console/calls/{record.tracking_id}"
    text = operator.text(answer["Location"])
    assert "expired" in text
    assert HOSTILE not in text
    assert operator.get("/console/calls?tracking_id=unknown").status_code == 404
    assert record.tracking_id in operator.text("/console/calls")
    assert record.tracking_id not in operator.text("/console/calls?refusal_code=gateway.rate.exceeded")


def test_a_call_from_the_call_console_says_so(operator: Visitor) -> None:
    said = "from the portal's console"
    own, tried = call_record(jti="tok_abc"), call_record(jti="ct_abc")
    assert operator.text("/console/calls").count(said) == 1
    assert said not in operator.text(f"/console/calls/{own.tracking_id}")
    assert said in operator.text(f"/console/calls/{tried.tracking_id}")


def test_a_mail_is_shown_as_text(operator: Visitor) -> None:
    mail = queue_mail(to="x@people.example", subject=f"Hi {HOSTILE}", body=f"<b>{HOSTILE}</b>")
    text = operator.text(f"/console/mails/{mail.public_id}")
    assert HOSTILE not in text
    assert "<b>" not in text
    assert "Waiting to be sent" in text


@pytest.mark.parametrize("path", ["users", "organizations", "applications", "certificates", "mails", "products/x"])
def test_an_unknown_id_answers_404(operator: Visitor, path: str) -> None:
    assert operator.get(f"/console/{path}/nope-{HOSTILE.replace('/', '')}").status_code == 404


def test_a_cursor_of_another_list_is_refused(operator: Visitor) -> None:
    assert operator.get("/console/users?after=AAAA").status_code == 400
    assert operator.get("/console?after=AAAA").status_code == 400
