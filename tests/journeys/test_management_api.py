"""The management API on the running system: its document, and who sees what through the real gateway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from journeys.management_client import MANAGE, ManagementClient
from journeys.partners import Partner, partner
from propylon.kernel.tracking import is_tracking_id
from running_system import RunningSystem

OTHER_PARTNER = "hedda@havn.example"


@dataclass
class Scene:
    system: RunningSystem
    operator: ManagementClient
    partner: Partner
    own: ManagementClient

    def paths(self, names: dict[str, str]) -> list[tuple[str, str, object]]:
        """Looks and changes of one application's things."""
        application, client = f"/applications/{names['application']}", f"/clients/{names['client']}"
        certificate = f"/certificates/{names['certificate']}"
        return [
            ("GET", application, None),
            ("GET", f"{application}/usage", None),
            ("GET", f"{application}/calls", None),
            ("GET", f"{application}/history", None),
            ("PATCH", application, {"name": "Mine now"}),
            ("DELETE", application, None),
            ("GET", client, None),
            ("GET", f"{client}/certificates", None),
            ("POST", f"{client}/certificate-orders", {}),
            ("PUT", f"{client}/source-ranges", {"source_ranges": ["192.0.2.0/24"]}),
            ("POST", f"{client}/subscriptions", {"product": "accounts"}),
            ("GET", certificate, None),
            ("POST", f"{certificate}/revocation", {"reason": "superseded"}),
            ("GET", f"/calls/{names['call']}", None),
        ]

    def state(self) -> object:
        """What a change would change."""
        client = self.own("GET", f"/clients/{self.partner.client_id}")
        certificates = self.own("GET", f"/clients/{self.partner.client_id}/certificates")["data"]
        history = self.own("GET", f"/applications/{self.partner.application_id}/history")["data"]
        return client, certificates, history

    @property
    def names(self) -> dict[str, str]:
        with self.partner.mutual() as session:
            call = session.get("/sandbox/accounts/v1/accounts", Authorization=f"Bearer {self.partner.token()}")
        self.operator.record(call.tracking_id)
        return {
            "application": self.partner.application_id,
            "client": self.partner.client_id,
            "certificate": self.partner.certificate_id,
            "call": call.tracking_id,
        }


@pytest.fixture(scope="module")
def scene(running_system: RunningSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder: Path = tmp_path_factory.mktemp("management-api")
    with (
        ManagementClient(running_system, "developer") as developer,
        ManagementClient(running_system, "operator") as operator,
        partner(running_system, developer, folder) as found,
    ):
        yield Scene(running_system, operator, found, developer)


def test_ids_of_another_organization_are_ids_that_do_not_exist(scene: Scene) -> None:
    """404 with the very words that an invented id gets."""
    names = scene.names
    invented = {name: value[:-4] + "zzzz" for name, value in names.items()} | {"call": names["call"][:-4] + "0000"}
    before = scene.state()
    with ManagementClient(scene.system, email=OTHER_PARTNER) as stranger:
        for (method, path, body), (_, other, _) in zip(scene.paths(names), scene.paths(invented), strict=True):
            answers = [stranger.request(method, each, body) for each in (path, other)]
            told = [(each.status_code, each.json()["code"], each.json()["message"]) for each in answers]
            assert told[0] == told[1], path
            assert told[0][0] == 404, path
            assert all(is_tracking_id(each.headers["RequestTrackingId"]) for each in answers)
        listed = [each["id"] for each in stranger("GET", "/applications?limit=500")["data"]]
        assert names["application"] not in listed
    assert scene.state() == before


def test_an_auditor_sees_everything_and_changes_nothing(scene: Scene) -> None:
    before = scene.state()
    with ManagementClient(scene.system, "auditor") as auditor:
        for method, path, body in scene.paths(scene.names):
            status = auditor.request(method, path, body).status_code
            assert status == (200 if method == "GET" else 403), f"{method} {path}: {status}"
        for method, path, body in (
            ("POST", "/marks", {"kind": "token", "value": "x", "reason": "r", "hours": 1}),
            ("POST", "/products", {"document": "{}"}),
            ("POST", "/environments", {"name": "pilot", "title": "Pilot"}),
            ("POST", "/organizations", {"name": "Third"}),
            ("POST", f"/clients/{scene.partner.client_id}/decision", {"decision": "reject", "reason": "r"}),
        ):
            assert auditor.request(method, path, body).status_code == 403, path
        assert auditor.request("GET", "/events").status_code == 200
    assert scene.state() == before


def test_without_a_token_there_is_nothing_to_see(scene: Scene) -> None:
    with scene.system.client() as nobody:
        for method, path, body in scene.paths(scene.names):
            answer = nobody.request(method, MANAGE + path, json=body)
            assert (answer.status_code, answer.json()["code"]) == (401, "request.token.missing"), path
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_tampered_cursor_is_refused(scene: Scene) -> None:
    following = httpx.QueryParams(scene.operator("GET", "/events?limit=1")["paging"]["next"])
    assert scene.operator.request("GET", f"/events?{following}").status_code == 200
    cursor = following["after"]
    changed = [cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :] for place in (0, 5, -9)]
    for tampered in (*changed, cursor + "A", cursor[:-1], "x", "\0"):
        answer = scene.operator.request("GET", f"/events?{httpx.QueryParams(after=tampered)}")
        assert (answer.status_code, answer.json()["code"]) == (400, "paging.cursor.invalid"), tampered
    elsewhere = scene.operator.request("GET", f"/marks?{httpx.QueryParams(after=cursor)}")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (400, "paging.cursor.invalid")


def test_a_one_time_link_works_once(scene: Scene) -> None:
    """The link of a mail is for one download; the second answer tells nothing (FEATURES C4)."""
    order = scene.own("POST", f"/clients/{scene.partner.client_id}/certificate-orders", {}, status=201)
    body = {"token": link_of_the_newest_mail(scene), "format": "pem"}
    assert scene.own("POST", "/certificate-downloads", body)["filename"].endswith(".zip")
    again = scene.own.request("POST", "/certificate-downloads", body)
    assert again.status_code in {404, 409}
    assert "content" not in again.json()
    assert scene.own("GET", f"/certificate-orders/{order['id']}")["certificate_id"]


def link_of_the_newest_mail(scene: Scene) -> str:
    mails = scene.operator("GET", "/mails?to=journeys@partner.example&limit=10")["data"]
    for each in mails:
        body: str = scene.operator("GET", f"/mails/{each['id']}")["body"]
        if "/certificates/download?token=" in body:
            return body.split("/certificates/download?token=")[1].split(maxsplit=1)[0]
    raise LookupError(mails)


def test_its_document_is_openapi_3_1_and_lists_what_there_is(scene: Scene) -> None:
    with scene.system.client() as client:
        answer = client.get(f"{MANAGE}/openapi.json")
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()
    assert f"{MANAGE}/applications" in document["paths"]
    ids = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids))


def test_its_answers_are_no_pages_and_are_not_kept(scene: Scene) -> None:
    answer = scene.operator.request("GET", "/me")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers.get("Cache-Control", "")
    assert "set-cookie" not in answer.headers
