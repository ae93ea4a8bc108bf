"""Postman collections and environments: complete, unattended, and without anybody's secret."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from openapi.described_requests import parameter, request_of
from propylon.openapi.collection import (
    CALLBACK,
    TOKEN_REQUEST,
    CollectionClient,
    CollectionVersion,
    postman_collection,
    postman_environment,
)
from propylon.openapi.examples import Examples
from propylon.openapi.postman_request import CollectionOperation
from propylon.openapi.read import read_api

SERVICE = CollectionClient(
    name="Ledger Sync",
    client_id="cli_x",
    auth_method="tls_client_auth",
    uses_client_credentials=True,
    has_certificate=True,
    pushes_requests=False,
    scopes=("accounts", "transactions"),
    base_url="https://localhost:8444/sandbox",
    token_url="https://localhost:8444/oauth/token",
    authorize_url="https://localhost:8443/oauth/authorize",
    ca_url="https://localhost:8443/ca.crt",
)
WEB = replace(SERVICE, auth_method="client_secret_basic", uses_client_credentials=False, has_certificate=False)
PUBLIC = replace(WEB, auth_method="none")


@pytest.fixture
def version(accounts_text: str) -> CollectionVersion:
    api = read_api(accounts_text)
    examples = Examples(api.document)
    found = [(each, examples.request(each.method, each.path)) for each in api.operations]
    operations = [CollectionOperation(each.operation_id, request) for each, request in found if request]
    return CollectionVersion("accounts", "Accounts", "v1", "Sandbox", "About accounts.", "/accounts/v1", operations)


def oauth2(collection: dict[str, Any]) -> dict[str, Any]:
    assert collection["auth"]["type"] == "oauth2"
    return {each["key"]: each["value"] for each in collection["auth"]["oauth2"]}


def variables(environment: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {each["key"]: (each["value"], each["type"]) for each in environment["values"]}


def test_the_first_request_gets_the_token_and_each_operation_follows_in_its_folder(version: CollectionVersion) -> None:
    first, folder = postman_collection(version, SERVICE)["item"]
    assert first["name"] == TOKEN_REQUEST
    assert folder["name"] == "Accounts"
    raw = [each["request"]["url"]["raw"] for each in folder["item"]]
    base = "{{base_url}}/accounts/v1/accounts"
    assert raw == [base, f"{base}/:id", f"{base}/:id/transactions"]


def test_optional_parameters_are_there_to_be_ticked(version: CollectionVersion) -> None:
    [_, folder] = postman_collection(version, SERVICE)["item"]
    query = folder["item"][0]["request"]["url"]["query"]
    assert [(each["key"], each["disabled"]) for each in query] == [("limit", True), ("before", True), ("after", True)]


def test_the_oauth_2_tab_of_a_service_is_filled_in(version: CollectionVersion) -> None:
    tab = oauth2(postman_collection(version, SERVICE))
    assert tab["grant_type"] == "client_credentials"
    assert (tab["accessTokenUrl"], tab["clientId"], tab["scope"]) == ("{{token_url}}", "{{client_id}}", "{{scope}}")
    assert tab["client_authentication"] == "body"


def test_the_oauth_2_tab_of_a_web_application_is_filled_in(version: CollectionVersion) -> None:
    """RFC 6749 section 4.1 with RFC 7636; FEATURES D4."""
    tab = oauth2(postman_collection(version, WEB))
    assert tab["grant_type"] == "authorization_code_with_pkce"
    assert tab["challengeAlgorithm"] == "S256"
    assert tab["redirect_uri"] == CALLBACK
    assert tab["authUrl"] == "{{authorize_url}}"
    assert tab["clientSecret"] == "{{client_secret}}"
    assert tab["client_authentication"] == "header"
    assert tab["state"]
    assert oauth2(postman_collection(version, PUBLIC))["clientSecret"] == ""


@pytest.mark.parametrize("client", [SERVICE, WEB, PUBLIC])
def test_secrets_are_places_only(version: CollectionVersion, client: CollectionClient) -> None:
    found = variables(postman_environment(version, client))
    secrets = {key for key, (_, kind) in found.items() if kind == "secret"}
    assert all(found[key][0] == "" for key in secrets)
    assert ("client_secret" in found) == (client is WEB)
    assert {"client_secret", "access_token", "refresh_token"} & found.keys() <= secrets


@pytest.mark.parametrize("client", [SERVICE, WEB, PUBLIC])
def test_every_variable_that_is_used_is_there(version: CollectionVersion, client: CollectionClient) -> None:
    collection = postman_collection(version, client)
    known = variables(postman_environment(version, client)).keys() | {each["key"] for each in collection["variable"]}
    text = json.dumps(collection)
    used = {piece.split("}}")[0] for piece in text.split("{{")[1:]}
    assert {name for name in used if not name.startswith("$")} <= known


def test_the_same_download_twice_has_the_same_identifiers(version: CollectionVersion) -> None:
    assert postman_collection(version, SERVICE) == postman_collection(version, SERVICE)
    names = {
        postman_collection(version, each)["info"]["_postman_id"]
        for each in (SERVICE, replace(SERVICE, client_id="cli_y"))
    }
    assert len(names) == 2


def test_an_example_cannot_ask_postman_for_a_variable() -> None:
    """Else a document's author could have a developer's secret sent in a body."""
    text = "{{client_secret}}"
    example = request_of(
        {
            "parameters": [
                parameter("path", "id", example=text),
                parameter("query", "q", example=text, required=True),
                parameter("header", "X-Id", example=text, required=True),
            ],
            "requestBody": {"content": {"application/json": {"example": {text: text}}}},
        },
        "/things/{id}",
        "post",
    )
    version = CollectionVersion(
        "things", "Things", "v1", "Sandbox", "", "/things/v1", [CollectionOperation("x", example)]
    )
    _, folder = postman_collection(version, SERVICE)["item"]
    request = folder["item"][0]["request"]
    assert text not in json.dumps(request)
    assert json.loads(request["body"]["raw"]) == {text: text}
