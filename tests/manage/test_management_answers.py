"""The form of every answer of the management API: errors, pages, and the document that describes them."""

from __future__ import annotations

import json

import pytest
from django.test import Client as Browser
from openapi_spec_validator import validate

from management import Answer, Caller, Program
from propylon.kernel.tracking import is_tracking_id


def assert_standard(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.body.get("code")) == (status, code)
    assert set(answer.body) == {"code", "message", "trackingId", "transient", "errors"}
    assert is_tracking_id(answer.body["trackingId"])
    assert answer.headers["requesttrackingid"] == answer.body["trackingId"]
    assert answer.body["transient"] in {"true", "false"}
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_refusals_have_the_standard_form(program: Program) -> None:
    caller = program.callers["developer"]
    assert_standard(Caller().get("/me"), 401, "request.token.missing")
    assert_standard(Caller("wrong").get("/me"), 401, "request.token.invalid")
    assert_standard(caller.get("/users"), 403, "access.permission.missing")
    assert_standard(caller.get("/nothing-here"), 404, "request.path.unknown")
    assert_standard(caller("PUT", "/me"), 405, "request.method.not_allowed")
    assert_standard(caller.get("/applications?limit=many"), 400, "request.body.invalid")
    assert_standard(caller.get("/applications?after=tampered"), 400, "paging.cursor.invalid")
    assert caller("PUT", "/me").headers["allow"] == "GET, PATCH"
    assert Caller().get("/me").headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("body", [b"{", b"\xff", b"", b"[]", b"null", b'"text"'])
def test_a_body_that_is_no_json_object_is_refused(program: Program, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {program.callers['developer'].token}"}
    answer = Browser().post("/manage/v1/applications", body, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["code"] in {"request.body.unreadable", "request.body.invalid"}


def test_a_body_beyond_the_bound_is_refused(program: Program) -> None:
    answer = program.callers["operator"].post("/products", {"document": "x" * 7_000_000})
    assert_standard(answer, 400, "request.body.too_large")


def test_every_wrong_type_in_a_body_is_listed_with_its_place(program: Program) -> None:
    answer = program.callers["developer"].post(
        "/applications", {"name": 7, "type": None, "redirect_uris": ["https://a.example/", 3]}
    )
    assert_standard(answer, 400, "request.body.invalid")
    assert answer.fields == {"name", "type", "contact_email", "redirect_uris.1"}
    assert {each["location"] for each in answer.body["errors"]} == {"body"}


def test_a_failure_of_ours_tells_nothing_but_the_tracking_id(program: Program) -> None:
    with api_that_fails():
        answer = program.callers["developer"].get("/organizations")
    assert_standard(answer, 500, "server.error")
    assert "secret detail" not in json.dumps(answer.body)


class api_that_fails:  # noqa: N801  (reads as what it is)
    """A broken table makes a real failure: the list's table is away while this lasts."""

    def __enter__(self) -> None:
        self._rename("accounts_organization", "accounts_organization_away")

    def __exit__(self, *_: object) -> None:
        self._rename("accounts_organization_away", "accounts_organization")

    @staticmethod
    def _rename(old: str, new: str) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("PRAGMA legacy_alter_table=ON")
            cursor.execute(f'ALTER TABLE "{old}" RENAME TO "{new}"')
            cursor.execute("PRAGMA legacy_alter_table=OFF")


def test_a_list_is_walked_page_by_page(program: Program) -> None:
    for number in range(5):
        program.register(f"Application {number}")
    caller = program.callers["developer"]
    seen, path = [], "/applications?limit=2"
    while path:
        page = caller.get(path).body
        seen += [each["name"] for each in page["data"]]
        path = f"/applications?{page['paging']['next']}" if page["paging"]["next"] else ""
    assert seen == [f"Application {number}" for number in reversed(range(5))]


def test_a_cursor_belongs_to_its_list_and_filters(program: Program) -> None:
    for number in range(3):
        program.register(f"Application {number}")
    caller = program.callers["developer"]
    following = caller.get("/applications?limit=1").body["paging"]["next"]
    assert caller.get(f"/applications?{following}").status == 200
    assert caller.get(f"/clients?{following}").code == "paging.cursor.invalid"
    own = f"&organization={program.partner.public_id}"
    assert caller.get(f"/applications?{following}{own}").code == "paging.cursor.invalid"


@pytest.mark.django_db
def test_the_document_is_valid_openapi_and_describes_every_error() -> None:
    answer = Browser().get("/manage/v1/openapi.json")
    document = answer.json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert Browser().get("/manage/v1/docs").status_code == 404
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert operation["responses"]["default"]["content"]


def test_schemas_of_different_rooms_do_not_share_a_name() -> None:
    """The document knows them by their names alone."""
    from propylon.project import manage

    owners: dict[str, set[str]] = {}
    for _, router in manage.api._routers:
        for view in router.path_operations.values():
            for operation in view.operations:
                for model in operation.response_models.values():
                    _collect(getattr(model, "model_fields", {}).get("response"), owners)
    assert {name: found for name, found in owners.items() if len(found) > 1} == {}


def _collect(field: object, owners: dict[str, set[str]]) -> None:
    annotation = getattr(field, "annotation", None)
    if isinstance(annotation, type):
        owners.setdefault(annotation.__name__, set()).add(annotation.__module__)


def test_the_process_says_that_it_lives() -> None:
    assert Browser().get("/health/live").json() == {"status": "live"}
