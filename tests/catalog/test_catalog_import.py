"""Importing OpenAPI documents: all of it in one transaction, or nothing; unchanged means nothing happens."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from propylon.audit.models import Event
from propylon.catalog import actions
from propylon.catalog.models import Operation, Product, ProductVersion, Scope
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError

CHECKOUT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db

FLOWS = {"clientCredentials": {"tokenUrl": "/t", "scopes": {"read": "Read your things", "write": "Change your things"}}}


def document(**changes: Any) -> dict[str, Any]:
    ok = {"200": {"description": "x"}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1.0", "description": "All things."},
        "paths": {
            "/things": {
                "get": {"operationId": "listThings", "responses": ok, "security": [{"oauth": ["read"]}]},
                "post": {"operationId": "addThing", "responses": ok, "security": [{"oauth": ["write"]}]},
            },
            "/health": {"get": {"responses": ok}},
        },
        "components": {"securitySchemes": {"oauth": {"type": "oauth2", "flows": FLOWS}}},
        **changes,
    }


def imported(value: dict[str, Any], **options: Any) -> ProductVersion:
    return actions.import_product(acting_user=SYSTEM, text=json.dumps(value), **options)


def everything() -> tuple[Any, ...]:
    """All that an import could change, for comparing before and after."""
    return tuple(
        list(model.objects.order_by("pk").values()) for model in (Product, ProductVersion, Operation, Scope, Event)
    )


def refused(value: dict[str, Any] | str, **options: Any) -> PropylonError:
    before = everything()
    text = value if isinstance(value, str) else json.dumps(value)
    with pytest.raises(PropylonError) as error:
        actions.import_product(acting_user=SYSTEM, text=text, **options)
    assert everything() == before
    return error.value


def test_a_document_becomes_product_version_operations_and_scopes() -> None:
    version = imported(document())
    assert (version.product.name, version.product.title, version.version) == ("things", "Things", "v1")
    assert version.mount_path == "/things/v1"
    scopes = dict(version.product.scopes.values_list("name", "title"))
    assert scopes == {"read": "Read your things", "write": "Change your things", "things": "Use Things"}
    found = {str(operation): operation for operation in version.operations.all()}
    assert {name: operation.scopes for name, operation in found.items()} == {
        "GET /things": ["read"],
        "POST /things": ["write"],
        "GET /health": ["things"],  # without security: the product's default scope, never open
    }
    assert not any(operation.is_public for operation in found.values())
    assert found["GET /health"].operation_id == "getHealth"
    event = Event.objects.get()
    assert (event.action, event.object_id) == ("product.imported", "things")
    assert sorted(event.data["added"]) == sorted(found)


def test_options_name_product_title_version_and_scope() -> None:
    version = imported(document(), name="stuff", title="Our stuff", version="v7", scope="stuff.use")
    assert (version.product.name, version.product.title, version.version) == ("stuff", "Our stuff", "v7")
    assert version.mount_path == "/stuff/v7"
    assert version.operations.get(path_template="/health").scopes == ["stuff.use"]


def test_every_mistake_is_in_one_error_and_nothing_is_stored() -> None:
    error = refused("openapi: 3.0.0\npaths:\n  bad: {get: {}}\n  /a/{id}: {get: {responses: {200: {$ref: '#/x'}}}}\n")
    assert error.code == "catalog.document.invalid"
    places = [field.field for field in error.errors]
    assert places == [
        "#/paths/~1a~1{id}/get/responses/200/$ref",
        "#/info",
        "#/paths/bad",
        "#/paths/bad/get/responses",
    ]


def test_broken_yaml_names_its_line() -> None:
    error = refused("openapi: 3.0.0\npaths: [1\nx: y\n")
    assert [field.field.split(",")[0] for field in error.errors] == ["line 3"]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"name": "No Name"}, "name"),
        ({"name": "-x"}, "name"),
        ({"version": "1"}, "version"),
        ({"scope": "two words"}, "scope"),
    ],
)
def test_an_option_that_cannot_be_is_refused(options: dict[str, str], field: str) -> None:
    error = refused(document(), **options)
    assert [mistake.field for mistake in error.errors] == [field]


def test_paths_that_begin_with_their_version_fix_it() -> None:
    value = document(paths={"/v1/a": {"get": {"responses": {"200": {"description": "x"}}}}})
    assert refused(value, version="v2").errors[0].field == "version"
    version = imported(value)
    assert (version.version, version.mount_path) == ("v1", "/things")


def test_an_identical_document_changes_nothing_however_it_is_written() -> None:
    version = imported(document())
    before = everything()
    reordered = dict(reversed(document().items()))
    assert imported(reordered) == version
    assert everything() == before


def test_a_changed_document_updates_its_version_in_one_step() -> None:
    version = imported(document())
    kept = version.operations.get(operation_id="listThings")
    actions.set_operation_access(acting_user=SYSTEM, operation=kept, is_public=True, requires_certificate=False)
    value = document()
    del value["paths"]["/health"], value["paths"]["/things"]["post"]
    value["paths"]["/things"]["get"] |= {"operationId": "addThing", "summary": "All of them"}
    value["paths"]["/more"] = {"get": {"operationId": "listThings", "responses": {"200": {"description": "x"}}}}
    value["info"]["description"] = "Fewer things."
    again = imported(value)
    assert again.pk == version.pk
    rows = {str(row): (row.operation_id, row.is_public) for row in again.operations.all()}
    assert rows == {"GET /things": ("addThing", True), "GET /more": ("listThings", False)}
    event = Event.objects.filter(action="product.imported").latest("pk")
    assert event.data["added"] == ["GET /more"]
    assert event.data["changed"] == ["GET /things"]
    assert sorted(event.data["removed"]) == ["GET /health", "POST /things"]
    assert Product.objects.get().description == "Fewer things."


def test_a_scope_that_nothing_needs_any_more_goes() -> None:
    imported(document())
    value = document(components={})
    for operation in value["paths"]["/things"].values():
        del operation["security"]
    version = imported(value)
    assert list(version.product.scopes.values_list("name", flat=True)) == ["things"]


def test_a_second_version_stands_beside_the_first_and_keeps_its_scopes() -> None:
    first = imported(document())
    value = document(components={}, info={"title": "Things", "version": "2.0"})
    for operation in value["paths"]["/things"].values():
        del operation["security"]
    second = imported(value)
    assert {version.version for version in first.product.versions.all()} == {"v1", "v2"}
    assert first.operations.count() == second.operations.count() == 3
    assert set(first.product.scopes.values_list("name", flat=True)) == {"read", "write", "things"}


def test_a_scope_of_another_product_is_prefixed_and_never_shared() -> None:
    imported(document())
    other = imported(document(), name="read")
    assert set(other.product.scopes.values_list("name", flat=True)) == {"read:read", "read:write"}
    assert other.product.default_scope == "read:read"
    assert other.operations.get(operation_id="addThing").scopes == ["read:write"]
    error = refused(document(), name="third", scope="write")
    assert error.errors[0].field == "scope"
    assert imported(document(), name="read") == other


def test_the_berlin_group_document_is_imported_within_5_seconds() -> None:
    folder = Path(os.environ.get("PROPYLON_REALITY") or CHECKOUT.parent / "shared" / "reality")
    path = folder / "openapi" / "nextgenpsd2-1.3.11.yaml"
    if not path.exists():
        pytest.skip(f"{path.name} is not here; set PROPYLON_REALITY to the folder of real documents")
    started = time.monotonic()
    with CaptureQueriesContext(connection) as queries:
        version = actions.import_product(acting_user=SYSTEM, text=path.read_text(), name="psd2")
    assert time.monotonic() - started < 5
    assert len(queries) < 40
    assert version.operations.count() == 38
    assert version.mount_path == "/psd2"
    assert {tuple(row.scopes) for row in version.operations.all()} == {("psd2",)}
