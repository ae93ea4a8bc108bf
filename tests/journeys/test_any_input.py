"""Inputs that nobody thought of, made by schemathesis from a product's document and sent through the real gateway.

Issue 4, "Bad input and faults": nothing of it ends in a 5xx. The services behind these products (the simulated bank,
and mocks) are ours too, so that none is theirs to give either.
"""

from __future__ import annotations

import contextlib
import json
import ssl
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from journeys.management_client import ManagementClient
from journeys.partners import bearer, partner
from propylon.kernel.tracking import is_tracking_id
from running_system import RunningSystem, wait_until

pytestmark = pytest.mark.slow  # some thousand calls
CASES = 30  # of each operation and kind
MOCKED = "journey-any-input"
LEDGER = """
openapi: 3.0.3
info: {title: Ledger, version: "1.0"}
paths:
  /entries:
    get:
      parameters:
        - {name: kind, in: query, schema: {type: string, enum: [debit, credit]}}
        - {name: from, in: query, schema: {type: string, format: date}}
        - {name: ids, in: query, schema: {type: array, items: {type: integer}}}
        - {name: X-Channel, in: header, schema: {type: string, maxLength: 8}}
      responses: {"200": {description: all, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Entry"}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Entry"}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Entry"}}}}}
  /entries/{id}/notes/{name}.txt:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
      - {name: name, in: path, required: true, schema: {type: string, minLength: 1}}
    put:
      requestBody: {content: {text/plain: {schema: {type: string}}, application/x-www-form-urlencoded: {schema: {type: object, properties: {text: {type: string}}}}}}
      responses: {"204": {description: kept}, "404": {description: unknown}}
    delete: {responses: {"204": {description: gone}, "404": {description: unknown}}}
components:
  schemas:
    Entry:
      type: object
      required: [amount, currency]
      properties:
        amount: {type: number, multipleOf: 0.01}
        currency: {type: string, pattern: "^[A-Z]{3}$"}
        at: {type: string, format: date-time}
        parent: {$ref: "#/components/schemas/Entry"}
        tags: {type: object, additionalProperties: {type: string}}
"""  # noqa: E501


@dataclass
class Scene:
    """A partner's client on the mutual listener, and the documents of the products that it may call."""

    client: httpx.Client
    documents: dict[str, dict[str, Any]]  # base address: document
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def send(self, case: Any, base: str) -> None:
        """Without what HTTP itself cannot carry."""
        told = case.as_transport_kwargs(base_url=base)
        headers = {name: str(value) for name, value in (told.get("headers") or {}).items()}
        body = {"json": told["json"]} if "json" in told else {"content": _bytes(told.get("data"))}
        try:
            answer = self.client.request(
                told["method"],
                told["url"],
                params=told.get("params"),
                headers={**headers, "Authorization": self.client.headers["Authorization"]},
                **body,
            )
        except (httpx.InvalidURL, httpx.LocalProtocolError, ValueError, TypeError):
            return
        assert is_tracking_id(answer.headers["requesttrackingid"])
        self.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            self.faults.append(f"{answer.status_code} {told['method']} {answer.url} {answer.text[:200]}")


def _bytes(data: Any) -> bytes | None:
    if data is None or isinstance(data, bytes):
        return data
    return data.encode() if isinstance(data, str) else json.dumps(data, default=str).encode()


@pytest.fixture(scope="module")
def scene(running_system: RunningSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("any-input")
    with (
        ManagementClient(running_system, "operator") as operator,
        ManagementClient(running_system, "developer") as developer,
    ):
        operator("POST", "/products", {"document": LEDGER, "name": MOCKED}, status=201)
        operator("POST", f"/products/{MOCKED}/versions/v1/publications", {"environment": "sandbox"}, status=201)
        with partner(running_system, developer, folder, products=["accounts", MOCKED]) as found:
            token = found.token(f"accounts transactions {MOCKED}")
            assert found.identity is not None
            context = ssl.create_default_context(cafile=str(running_system.ca_file))
            context.load_cert_chain(found.identity.certificate_file, found.identity.private_key_file)
            documents = {
                f"{running_system.mutual_url}/sandbox/{name}/v1": operator(
                    "GET", f"/products/{name}/versions/v1/openapi"
                )
                for name in ("accounts", MOCKED)
            }
            with httpx.Client(verify=context, trust_env=False, timeout=20, headers=bearer(token)) as client:
                ready = f"{running_system.mutual_url}/sandbox/{MOCKED}/v1/entries"
                wait_until(lambda: client.get(ready).status_code == 200, 10.0)
                yield Scene(client, documents)
        operator("DELETE", f"/products/{MOCKED}/versions/v1/publications/sandbox", status=204)


@pytest.mark.parametrize(("mode", "status"), [("POSITIVE", 200), ("NEGATIVE", 400)], ids=["right", "wrong"])
def test_no_input_ends_in_a_5xx(scene: Scene, mode: str, status: int) -> None:
    import schemathesis  # takes seconds: not where tests are only collected

    kind = schemathesis.GenerationMode[mode]
    scene.statuses.clear()
    for base, document in scene.documents.items():
        for result in schemathesis.openapi.from_dict(document).get_all_operations():
            _tried(scene, base, result.ok().as_strategy(generation_mode=kind))
    assert scene.faults == []
    assert scene.statuses[status] > 20, scene.statuses  # they did reach the services


def _tried(scene: Scene, base: str, strategy: Any) -> None:
    from schemathesis.errors import SchemathesisError

    @settings(
        max_examples=CASES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=strategy)
    def call(case: Any) -> None:
        scene.send(case, base)

    with contextlib.suppress(Unsatisfiable, SchemathesisError):
        call()  # an operation without parameters has no wrong ones
