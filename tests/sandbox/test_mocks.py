"""Mocks of imported documents, asked over HTTP as the gateway asks them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS30Validator

from propylon.kernel.home import Home
from propylon.kernel.tracking import TRACKING_HEADER, is_tracking_id
from propylon.openapi.read import read_api

CHECKOUT = Path(__file__).resolve().parents[2]
TRACKING_ID = "6cfbfd80-60ef-44bb-8b67-95f164846a3d"
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/things/{id}": {
            "get": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 9}}
                ],
                "responses": {
                    "200": {
                        "description": "x",
                        "headers": {"X-Request-ID": {"schema": {"type": "string", "format": "uuid"}}},
                        "content": {
                            "application/json": {"schema": {"type": "object", "properties": {"id": {"type": "string"}}}}
                        },
                    }
                },
            },
            "delete": {"responses": {"204": {"description": "gone"}}},
        }
    },
}


def write(folder: Path, document: dict[str, Any], name: str = "things/v1.json") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(document))
    temporary.replace(path)


@pytest.fixture
def folder(sandbox_home: Home) -> Iterator[Path]:
    """Where the catalogue puts documents for the real application."""
    mocks = sandbox_home.sandbox / "mocks"
    write(mocks, DOCUMENT)
    yield mocks
    shutil.rmtree(mocks)


@pytest.fixture
def client(bank_client: httpx.Client, folder: Path) -> httpx.Client:
    return bank_client


def test_an_operation_answers_below_product_and_version(client: httpx.Client) -> None:
    response = client.get("/mocks/things/v1/things/abc", headers={TRACKING_HEADER: TRACKING_ID})
    assert (response.status_code, response.json()) == (200, {"id": "abc"})
    assert response.headers[TRACKING_HEADER] == TRACKING_ID
    assert response.headers["content-type"] == "application/json"
    assert is_tracking_id(response.headers["x-request-id"])


def test_the_callers_own_request_id_comes_back(client: httpx.Client) -> None:
    response = client.get("/mocks/things/v1/things/abc", headers={"X-Request-ID": "mine"})
    assert response.headers["x-request-id"] == "mine"


def test_an_encoded_slash_belongs_to_the_id(client: httpx.Client) -> None:
    assert client.get("/mocks/things/v1/things/a%2Fb%20c?x=1").json() == {"id": "a/b c"}


def test_head_and_answers_without_content(client: httpx.Client) -> None:
    assert client.head("/mocks/things/v1/things/abc").status_code == 200
    response = client.delete("/mocks/things/v1/things/abc")
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/mocks/things/v1/nothing", 404, "mock.path.unknown"),
        ("GET", "/mocks/things/v1", 404, "mock.path.unknown"),
        ("GET", "/mocks/things/v2/things/abc", 404, "mock.product.unknown"),
        ("GET", "/mocks/..%2F..%2Fetc/v1/things/abc", 404, "mock.product.unknown"),
        ("GET", "/mocks/things/..%2Fv1/things/abc", 404, "mock.product.unknown"),
        ("GET", "/mocks/things/v1/things/much-too-long", 404, "mock.item.unknown"),
        ("POST", "/mocks/things/v1/things/abc", 405, "mock.method.not_allowed"),
    ],
)
def test_what_is_not_there_is_refused_in_the_standard_body(
    client: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    response = client.request(method, path, headers={TRACKING_HEADER: TRACKING_ID})
    assert response.status_code == status
    assert response.json()["code"] == code
    assert response.json()["trackingId"] == TRACKING_ID
    if status == 405:
        assert response.headers["allow"] == "DELETE, GET"


def test_a_changed_document_is_noticed_and_a_removed_one_is_gone(client: httpx.Client, folder: Path) -> None:
    assert client.get("/mocks/things/v1/others").status_code == 404
    paths = {"/others": {"get": {"responses": {"202": {"description": "later"}}}}}
    write(folder, {**DOCUMENT, "paths": paths})
    assert client.get("/mocks/things/v1/others").status_code == 202
    assert client.get("/mocks/things/v1/things/abc").status_code == 404
    (folder / "things/v1.json").unlink()
    assert client.get("/mocks/things/v1/others").json()["code"] == "mock.product.unknown"


def test_the_berlin_group_document_answers_over_http(client: httpx.Client, folder: Path) -> None:
    reality = Path(os.environ.get("PROPYLON_REALITY") or CHECKOUT.parent / "shared" / "reality")
    path = reality / "openapi" / "nextgenpsd2-1.3.11.yaml"
    if not path.exists():
        pytest.skip(f"{path.name} is not here; set PROPYLON_REALITY to the folder of real documents")
    document = dict(read_api(path.read_text()).document)
    write(folder, document, "psd2/v1.json")
    judge = OAS30Validator(document, format_checker=OAS30Validator.FORMAT_CHECKER)
    accounts = client.get("/mocks/psd2/v1/v1/accounts").json()
    judge.evolve(schema={"$ref": "#/components/schemas/accountList"}).validate(accounts)
    for account in accounts["accounts"]:
        one = client.get(f"/mocks/psd2/v1/v1/accounts/{account['resourceId']}")
        assert one.json() == {"account": account}
        assert one.json() == client.get(f"/mocks/psd2/v1/v1/accounts/{account['resourceId']}").json()
    assert client.post("/mocks/psd2/v1/v1/payments/sepa-credit-transfers", json={}).status_code == 201
    assert client.post("/mocks/psd2/v1/v1/consents/x").status_code == 405
