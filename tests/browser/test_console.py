"""The operator's work by page, with its effect as the other side sees it (rows R2, P5, D6, P1)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser.person import People
from browser.sizes import both_sizes
from journeys.management_client import ManagementClient
from journeys.partners import SANDBOX, Partner, bearer, partner
from propylon.cli.demo.http_session import Answer
from running_system import RunningSystem, wait_until

RATES = """
openapi: 3.0.3
info: {title: "Rates %s", version: 1.0.0}
paths:
  /rates:
    get:
      operationId: listRates
      summary: Today's rates
      responses:
        "200":
          description: every currency
          content: {application/json: {schema: {type: object, properties: {rate: {type: number}}}}}
"""


@pytest.fixture
def dana(running_system: RunningSystem) -> Iterator[ManagementClient]:
    with ManagementClient(running_system, "developer") as manage:
        yield manage


@pytest.fixture
def asking(dana: ManagementClient) -> Iterator[tuple[str, str, str]]:
    """An application that asks for production: its name, its id, its client id there."""
    name = f"Asking {secrets.token_hex(4)}"
    wish = {
        "name": name,
        "type": "web",
        "contact_email": "dana@nordlicht.example",
        "environment": "production",
        "products": ["accounts"],
        "redirect_uris": ["https://accounts.nordlicht.example/callback"],
    }
    made = dana("POST", "/applications", wish, status=201)
    yield name, made["id"], made["clients"][0]["client_id"]
    dana.request("DELETE", f"/applications/{made['id']}")


@both_sizes
def test_an_operator_approves_and_the_developer_sees_it(
    people: People, asking: tuple[str, str, str], size: str
) -> None:
    name, application_id, client_id = asking
    otto = people.sign_in("operator", size=size)
    otto.goes_to("/console")
    otto.follows(name)
    otto.sees(client_id)
    otto.sees("https://accounts.nordlicht.example/callback")
    otto.is_accessible()
    otto.presses("Approve")
    otto.sees(f"{name} was approved")
    otto.does_not_see(name, within=".table-frame")
    dana = people.sign_in("developer", size=size)
    dana.goes_to(f"/apps/{application_id}")
    dana.sees("Approved")


def test_a_rejection_and_its_reason_reach_the_developer(people: People, asking: tuple[str, str, str]) -> None:
    name, application_id, client_id = asking
    otto = people.sign_in("operator")
    otto.goes_to(f"/console/clients/{client_id}/decision")
    otto.presses("Reject")
    otto.sees("Say why not")
    otto.fills("Reason", "The order form is not signed yet.")
    otto.presses("Reject")
    otto.sees(f"{name} was rejected")
    dana = people.sign_in("developer")
    dana.goes_to(f"/apps/{application_id}")
    dana.sees("Rejected")
    dana.sees("The order form is not signed yet.")


def test_of_two_tabs_the_second_decides_nothing(
    people: People, dana: ManagementClient, asking: tuple[str, str, str]
) -> None:
    _, _, client_id = asking
    first, second = people.sign_in("operator"), people.sign_in("operator")
    for tab in (first, second):
        tab.goes_to(f"/console/clients/{client_id}/decision")
    first.fills("Reason", "No contract.")
    first.presses("Reject")
    first.sees("was rejected")
    second.presses("Approve")
    second.sees("Somebody was faster.")
    assert dana("GET", f"/clients/{client_id}")["status"] == "rejected"


def test_an_auditor_sees_and_cannot_change(people: People, asking: tuple[str, str, str]) -> None:
    name, _, client_id = asking
    alma = people.sign_in("auditor")
    alma.goes_to("/console")
    alma.follows(name)
    alma.does_not_see("Approve")
    alma.goes_to("/console/marks/new", status=403)
    session = people.session("auditor")
    token = session.client.cookies.get("__Host-csrf", "")
    answer = session.client.post(
        f"/console/clients/{client_id}/decision",
        data={"decision": "approve", "csrfmiddlewaretoken": token},
        headers={"Referer": f"{people.system.public_url}/console", "Origin": people.system.public_url},
    )
    assert answer.status_code == 403


def test_a_previewed_document_answers_at_the_gateway_once_it_is_imported(
    running_system: RunningSystem, people: People, dana: ManagementClient, tmp_path: Path
) -> None:
    name = f"rates-{secrets.token_hex(4)}"
    file = tmp_path / "rates.yaml"
    file.write_text(RATES % name)
    otto = people.sign_in("operator")
    otto.goes_to("/console/imports")
    otto.page.get_by_label("OpenAPI document").set_input_files(file)
    otto.opens("Other than the document says")
    otto.fills("Name", name)
    otto.presses("Preview")
    otto.sees("Becomes a new product. Nothing is stored yet.")
    otto.sees(f"/{name}/v1")
    assert dana.request("GET", f"/products/{name}").status_code == 404
    otto.chooses("Environment", "Sandbox")
    otto.presses("Import", exact=True)
    otto.sees("Imported and published.")
    path = f"/sandbox/{name}/v1/rates"
    with partner(running_system, dana, tmp_path, products=[name]) as app:
        token = app.token(scope=name)
        answer = _until_answered(app, path, token)
        assert answer.status == 200, answer.body
    otto.goes_to(f"/console/products/{name}/v1")
    otto.follows("Unpublish from Sandbox")
    otto.presses("Unpublish")
    otto.sees("It no longer answers there.")
    with running_system.client() as client:
        wait_until(lambda: client.get(path).status_code == 404, 10, lambda: "it still answers")


def _until_answered(app: Partner, path: str, token: str) -> Answer:
    deadline = time.monotonic() + 10
    with app.mutual() as session:
        while True:
            answer = session.request("GET", path, headers=bearer(token))
            if answer.status == 200 or time.monotonic() > deadline:
                return answer


def test_the_mistakes_of_a_document_are_named_and_nothing_is_stored(people: People) -> None:
    otto = people.sign_in("operator")
    otto.goes_to("/console/imports")
    otto.fills("Or its text", "openapi: 3.0.3\ninfo: {title: Broken}\npaths:\n  /a/{id}:\n    get: {}\n")
    otto.presses("Preview")
    otto.sees("#/info/version")
    otto.is_accessible()


def test_a_revoked_certificate_is_refused_at_once(
    running_system: RunningSystem, people: People, dana: ManagementClient, tmp_path: Path
) -> None:
    with partner(running_system, dana, tmp_path) as app:
        token = app.token()
        path = f"{SANDBOX}/accounts"
        assert _until_answered(app, path, token).status == 200
        common_name = dana("GET", f"/certificates/{app.certificate_id}")["common_name"]
        otto = people.sign_in("operator")
        otto.goes_to(f"/console/certificates/{app.certificate_id}")
        otto.presses("Revoke")
        otto.chooses("Reason", "The private key is known to others")
        otto.fills(f"Type {common_name} to confirm", common_name)
        otto.presses("Revoke it for good")
        otto.sees("The certificate was revoked.")
        statuses: list[int] = []

        def is_refused() -> bool:
            try:
                with app.mutual() as session:
                    statuses.append(session.request("GET", path, headers=bearer(token)).status)
            except OSError:  # the handshake is refused by the revocation list
                statuses.append(0)
            return statuses[-1] in {0, 401}

        wait_until(is_refused, 5, lambda: f"not refused: {statuses}")
        otto.goes_to("/console/marks")
        otto.sees("certificate revoked")


def test_a_call_is_looked_up_and_the_audit_says_who_did_what(running_system: RunningSystem, people: People) -> None:
    with running_system.client() as client:
        tracking_id = client.get(f"{SANDBOX}/accounts").headers["RequestTrackingId"]
    with ManagementClient(running_system) as manage:
        manage.record(tracking_id)
    rita = people.sign_in("relationship_manager")
    rita.goes_to("/console/calls")
    rita.fills("RequestTrackingId", tracking_id)
    rita.presses("Find it")
    rita.sees("Send an access token in the header")
    rita.sees("gateway.token.missing")
    rita.goes_to("/console/nodes")
    rita.sees("Connected")
    rita.goes_to("/console/audit?action=client")
    file = rita.downloads("As a CSV file")
    assert file.read_text().startswith("at,action,")


def test_partners_are_refused(people: People) -> None:
    dana = people.sign_in("developer")
    dana.goes_to("/console", status=403)
    dana.sees("This is not allowed")
