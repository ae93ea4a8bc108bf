"""Versions in the management API: dates, changes, callers, and what a document would become."""

from __future__ import annotations

import pytest

from management import Program
from propylon.catalog.actions import import_product
from propylon.kernel.actor import SYSTEM

NEWER = """
openapi: 3.0
info: {title: Accounts, version: 2}
paths:
  /accounts: {get: {operationId: listAccounts, responses: {200: {description: all}}}}
"""


def test_dates_are_set_shown_and_taken_back(program: Program) -> None:
    import_product(acting_user=SYSTEM, text=NEWER, name="accounts")
    path, operator = "/products/accounts/versions/v1/lifecycle", program.callers["operator"]
    wish = {"deprecated_at": "2026-01-01T00:00:00Z", "sunset_at": "2200-01-01T00:00:00Z", "successor": "v2"}
    answer = operator("PUT", path, wish)
    assert answer.status == 200
    assert (answer.body["state"], answer.body["successor"]) == ("deprecated", "v2")
    versions = program.callers["outsider"].get("/products/accounts").body["versions"]
    shown = {row["version"]: row["lifecycle"]["state"] for row in versions}
    assert shown == {"v1": "deprecated", "v2": "current"}
    refused = operator("PUT", path, {"sunset_at": "2200-01-01T00:00:00Z"})
    assert (refused.status, refused.code, refused.fields) == (400, "catalog.lifecycle.invalid", {"deprecated_at"})
    assert operator("PUT", path, {**wish, "successor": "v9"}).status == 404
    assert operator("PUT", path, {}).body["state"] == "current"


def test_changes_since_a_version_are_listed_with_what_breaks(program: Program) -> None:
    import_product(acting_user=SYSTEM, text=NEWER, name="accounts")
    answer = program.callers["analyst"].get("/products/accounts/versions/v2/changes")
    assert (answer.body["before"], answer.body["after"], answer.body["is_breaking"]) == ("v1", "v2", True)
    removed = [row for row in answer.body["changes"] if row["code"] == "operation.removed"]
    assert {row["name"] for row in removed} == {"GET /accounts/{id}", "GET /accounts/{id}/transactions"}
    assert all(row["is_breaking"] and row["why"] and row["place"].startswith("#/paths/") for row in removed)
    first = program.callers["analyst"].get("/products/accounts/versions/v1/changes")
    assert (first.status, first.code) == (404, "catalog.version.first")


def test_a_preview_tells_what_is_unusual_and_what_would_break(program: Program) -> None:
    payload = {"document": NEWER, "name": "accounts"}
    body = program.callers["operator"].post("/products/previews", payload).body
    assert {note["place"] for note in body["notes"]} == {"#/openapi", "#/info/version"}
    assert (body["compared_with"], body["version"]) == ("v1", "v2")
    assert any(change["is_breaking"] for change in body["changes"])


@pytest.mark.django_db(databases=["default", "usage"])
def test_nobody_called_it_yet(program: Program) -> None:
    answer = program.callers["auditor"].get("/products/accounts/versions/v1/callers")
    assert (answer.status, answer.body) == (200, {"data": []})
