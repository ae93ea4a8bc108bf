"""`propylon catalog import` on a running system: the Berlin Group's document becomes a product that answers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator

from journeys.management_client import ManagementClient
from journeys.partners import Partner, bearer, partner
from propylon.cli.demo.http_session import Answer, HttpSession
from running_system import RunningSystem, wait_until

NAME = "nextgenpsd2-1.3.11.yaml"
FOLDER = Path(os.environ.get("PROPYLON_REALITY") or Path(__file__).resolve().parents[3] / "shared" / "reality")
PRODUCT = "journey-xs2a"
BASE = f"/sandbox/{PRODUCT}"
OPERATIONS = 38
VALUES = {"payment-service": "payments", "payment-product": "sepa-credit-transfers"}
SUCCESS = {"GET": {200}, "PUT": {200}, "POST": {200, 201}, "DELETE": {202, 204}}
ANSWERS_SECONDS = 10.0

BROKEN = {
    "yaml": "openapi: 3.0.3\npaths:\n  /a: {get: [\n",
    "no document": "- just\n- a list\n",
    "references": """
openapi: 3.0.3
info: {title: Broken, version: "1"}
paths:
  /things:
    get:
      responses:
        "200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Nothing"}}}}
        "404": {$ref: "#/components/responses/Missing"}
  /things/{id}:
    parameters: [{$ref: "#/components/parameters/Id"}]
    get: {responses: {"200": {description: x}}}
""",
}
MISTAKES = {
    "yaml": [r"line \d+"],
    "no document": ["object|mapping"],
    "references": ["responses/Missing", "parameters/Id"],  # a schema that is missing is told, and stops nothing
}


def catalog(system: RunningSystem, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "propylon.cli.main", "catalog", *arguments],
        env=dict(system.environment),
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass
class Scene:
    """The imported document, and an application that is subscribed to its product."""

    system: RunningSystem
    operator: ManagementClient
    document: dict[str, Any]
    partner: Partner
    token: str

    def mistakes(self, method: str, template: str, answer: Answer) -> list[str]:
        """What of the answer's body is not as its own schema says."""
        operation = self.document["paths"][template][method.lower()]
        response = self._resolved(operation["responses"][str(answer.status)])
        if not answer.body:
            return [] if "content" not in response else ["no body"]
        media_type = answer.headers["content-type"].split(";")[0]
        schema = response["content"][media_type].get("schema", {})
        judge = OAS30Validator(self.document, format_checker=OAS30Validator.FORMAT_CHECKER)
        return [error.message for error in judge.evolve(schema=schema).iter_errors(answer.json())]

    def properties(self, schema: str) -> set[str]:
        return set(self.document["components"]["schemas"][schema]["properties"])

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = found
        return node


@pytest.fixture(scope="module")
def scene(
    running_system: RunningSystem,
    tmp_path_factory: pytest.TempPathFactory,
    record_testsuite_property: Callable[[str, object], None],
) -> Iterator[Scene]:
    file = FOLDER / "openapi" / NAME
    if not file.exists():
        pytest.skip(f"{NAME} is not here; set PROPYLON_REALITY to the folder of real documents")
    began = time.monotonic()
    told = catalog(running_system, "import", str(file), "--name", PRODUCT)
    record_testsuite_property("import_seconds", time.monotonic() - began)
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"{OPERATIONS} operations" in told.stdout
    assert f"{running_system.public_url}{BASE}" in told.stdout
    folder = tmp_path_factory.mktemp("import")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with (
        ManagementClient(running_system, "developer") as developer,
        ManagementClient(running_system, "operator") as operator,
        partner(running_system, developer, folder, products=[PRODUCT]) as found,
    ):
        scope = operator("GET", f"/products/{PRODUCT}")["default_scope"]
        document = yaml.load(file.read_text(), Loader=loader)  # both are safe loaders
        yield Scene(running_system, operator, document, found, found.token(scope))
        operator("DELETE", f"/products/{PRODUCT}/versions/v1/publications/sandbox", status=204)


@pytest.fixture
def call(scene: Scene) -> Iterator[HttpSession]:
    """The mutual listener with a token, once the product answers there."""
    with scene.partner.mutual(headers=bearer(scene.token)) as session:
        wait_until(lambda: session.get(f"{BASE}/v1/accounts").status == 200, ANSWERS_SECONDS)
        yield session


def test_all_38_operations_answer_as_their_own_schemas_say(scene: Scene, call: HttpSession) -> None:
    operations = scene.operator("GET", f"/products/{PRODUCT}/versions/v1/operations?limit=500")["data"]
    assert len(operations) == OPERATIONS
    records: dict[str, str] = {}
    for each in operations:
        path = re.sub(r"{([^}]+)}", lambda name: VALUES.get(name[1], "abc-123"), each["path"])
        answer = call.request(each["method"], BASE + path, headers={"X-Request-ID": f"call-{each['operation_id']}"})
        assert answer.status in SUCCESS[each["method"]], f"{each['method']} {path}: {answer.status} {answer.body!r}"
        assert scene.mistakes(each["method"], each["path"], answer) == [], path
        assert answer.headers["x-request-id"] == f"call-{each['operation_id']}"
        records[answer.tracking_id] = each["operation_id"]
    for tracking_id, operation in records.items():
        assert scene.operator.record(tracking_id)["operation"] == operation


def test_the_general_template_swallows_no_special_path(scene: Scene, call: HttpSession) -> None:
    """`/v1/{payment-service}/{payment-product}` fits every path of two segments; only POST means it."""
    for path, operation in (
        ("/v1/consents/abc-123", "getConsentInformation"),
        ("/v1/accounts/abc-123", "readAccountDetails"),
        ("/v1/payments/sepa-credit-transfers/abc-123", "getPaymentInformation"),
    ):
        answer = call.get(BASE + path)
        assert answer.status == 200
        assert scene.operator.record(answer.tracking_id)["operation"] == operation
    for path in ("/v1/consents/abc-123", "/v1/accounts/abc-123"):
        refused = call.request("POST", BASE + path)
        assert (refused.status, "POST" in refused.headers["allow"]) == (405, False)
    other = call.request("DELETE", f"{BASE}/v1/payments/sepa-credit-transfers")
    assert (other.status, other.headers["allow"]) == (405, "POST")


def test_optional_fields_are_filled(scene: Scene, call: HttpSession) -> None:
    consent = call.get(f"{BASE}/v1/consents/abc-123").json()
    assert consent.keys() == scene.properties("consentInformationResponse-200_json")
    account = call.get(f"{BASE}/v1/accounts/3dc3d5b3-7023-4848-9853-f5400a64e80f").json()["account"]
    assert account.keys() == scene.properties("accountDetails")


def test_the_same_id_is_always_the_same_item_and_lists_agree_with_items(scene: Scene, call: HttpSession) -> None:
    accounts = call.get(f"{BASE}/v1/accounts").json()["accounts"]
    assert call.get(f"{BASE}/v1/accounts").json()["accounts"] == accounts
    for listed in accounts:
        first = call.get(f"{BASE}/v1/accounts/{listed['resourceId']}").json()["account"]
        with scene.partner.mutual(headers=bearer(scene.token)) as another_connection:
            again = another_connection.get(f"{BASE}/v1/accounts/{listed['resourceId']}").json()["account"]
        assert first == again
        assert {name: first.get(name) for name in listed} == listed
    ids = [listed["resourceId"] for listed in accounts]
    assert len(set(ids)) == len(ids)


def test_the_product_asks_for_its_scope(scene: Scene, call: HttpSession) -> None:
    with ManagementClient(scene.system, "developer") as developer:
        client = developer("GET", f"/clients/{scene.partner.client_id}")
        assert all(scope.startswith(PRODUCT) for scope in client["scopes"])
    refused = call.get("/sandbox/accounts/v1/accounts")
    assert (refused.status, refused.json()["code"]) == (403, "gateway.scope.missing")


@pytest.mark.parametrize("kind", BROKEN)
def test_of_a_broken_document_every_mistake_is_listed_and_nothing_stored(
    running_system: RunningSystem, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN[kind])
    with ManagementClient(running_system, "operator") as operator:
        before = stored(running_system, operator)
        told = catalog(running_system, "import", str(file))
        assert told.returncode == 1
        assert "Traceback" not in told.stderr
        for mistake in MISTAKES[kind]:
            assert re.search(mistake, told.stderr), told.stderr
        by_api = operator.request("POST", "/products", {"document": BROKEN[kind]})
        assert by_api.status_code == 400
        assert by_api.json()["errors"]
        assert all(error["field"] or error["location"] for error in by_api.json()["errors"])
        assert stored(running_system, operator) == before


def test_an_unknown_environment_or_upstream_stores_nothing(running_system: RunningSystem, tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_text(
        'openapi: 3.0.3\ninfo: {title: Good, version: "1"}\n'
        'paths: {/a: {get: {responses: {"200": {description: x}}}}}\n'
    )
    with ManagementClient(running_system, "operator") as operator:
        before = stored(running_system, operator)
        for option in ("--environment", "--upstream"):
            told = catalog(running_system, "import", str(file), option, "nowhere")
            assert (told.returncode, "nowhere" in told.stderr) == (1, True)
        assert stored(running_system, operator) == before


def stored(system: RunningSystem, operator: ManagementClient) -> tuple[object, ...]:
    """Products, what has been done with them, and the documents that the sandbox mocks."""
    mocks = sorted(str(path) for path in (system.home.sandbox / "mocks").rglob("*.json"))
    products = operator("GET", "/products?limit=500")["data"]
    return products, operator.events(actor="command-line"), mocks
