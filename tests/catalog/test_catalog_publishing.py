"""Publishing: what the gateway is told, and what the sandbox finds in its folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from propylon.audit.models import Event
from propylon.catalog import actions, selectors
from propylon.catalog.models import Environment, ProductVersion, Publication, Upstream
from propylon.gateway import model as gateway
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError

pytestmark = pytest.mark.django_db
OK = {"200": {"description": "x"}}
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Things", "version": "1"},
    "paths": {"/a": {"get": {"responses": OK}}},
}


@pytest.fixture
def sandbox() -> Environment:
    return actions.create_environment(acting_user=SYSTEM, name="sandbox", title="Sandbox", approves_by_itself=True)


@pytest.fixture
def bank() -> Upstream:
    return actions.create_upstream(acting_user=SYSTEM, name="sandbox", address="unix:/run/sandbox.sock")


@pytest.fixture
def version() -> ProductVersion:
    return actions.import_product(acting_user=SYSTEM, text=json.dumps(DOCUMENT))


@pytest.fixture
def mocks() -> Iterator[Path]:
    folder: Path = settings.PROPYLON_HOME.sandbox / "mocks"
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix)


def published(version: ProductVersion, environment: Environment, upstream: Upstream, prefix: str = "") -> Publication:
    return actions.publish(
        acting_user=SYSTEM,
        product_version=version,
        environment=environment,
        upstream=upstream,
        upstream_prefix=prefix,
    )


def test_the_gateway_is_told_of_everything(
    sandbox: Environment, bank: Upstream, version: ProductVersion, mocks: Path
) -> None:
    actions.create_environment(acting_user=SYSTEM, name="production", title="Production", path_prefix="/api")
    actions.create_plan(
        acting_user=SYSTEM, name="standard", title="S", requests_per_second=5, burst=10, is_default=True
    )
    published(version, sandbox, bank, "/things/v1")
    assert selectors.gateway_environments() == (
        gateway.Environment("production", "/api", f"{settings.PROPYLON_PUBLIC_URL}/api"),
        gateway.Environment("sandbox", "/sandbox", f"{settings.PROPYLON_PUBLIC_URL}/sandbox"),
    )
    assert selectors.gateway_upstreams() == (gateway.Upstream("sandbox", "unix:/run/sandbox.sock"),)
    assert selectors.gateway_plans() == (gateway.Plan("standard", 5, 10),)
    assert selectors.publications_for_gateway() == (
        gateway.Publication(
            environment="sandbox",
            product="things",
            version="v1",
            base_path="/sandbox/things/v1",
            upstream="sandbox",
            upstream_prefix="/things/v1",
            error_format="standard",
            operations=(gateway.Operation("getA", "GET", "/a", ("things",)),),
        ),
    )


def test_loading_for_the_gateway_does_not_read_documents(
    sandbox: Environment,
    bank: Upstream,
    version: ProductVersion,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    published(version, sandbox, bank)
    with django_assert_num_queries(2) as queries:
        selectors.publications_for_gateway()
    assert not any('"document"' in query["sql"] for query in queries.captured_queries)


def test_a_version_that_the_bank_does_not_serve_is_mocked(
    sandbox: Environment,
    bank: Upstream,
    version: ProductVersion,
    mocks: Path,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        publication = published(version, sandbox, bank)
        assert files(mocks) == []  # not before the commit
    assert publication.upstream_prefix == "/mocks/things/v1"
    assert files(mocks) == ["things/v1.json"]
    assert json.loads((mocks / "things/v1.json").read_text()) == DOCUMENT
    changed = {**DOCUMENT, "paths": {"/b": {"get": {"responses": OK}}}}
    with django_capture_on_commit_callbacks(execute=True):
        actions.import_product(acting_user=SYSTEM, text=json.dumps(changed))
    assert json.loads((mocks / "things/v1.json").read_text()) == changed
    with django_capture_on_commit_callbacks(execute=True):
        actions.unpublish(acting_user=SYSTEM, publication=publication)
    assert files(mocks) == []


def test_a_version_that_the_bank_serves_itself_is_not_mocked(
    sandbox: Environment,
    bank: Upstream,
    version: ProductVersion,
    mocks: Path,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        published(version, sandbox, bank, "/things/v1")
    assert files(mocks) == []


def test_write_mocks_repairs_the_folder(
    sandbox: Environment, bank: Upstream, version: ProductVersion, mocks: Path
) -> None:
    published(version, sandbox, bank)
    (mocks / "old").mkdir(parents=True)
    (mocks / "old" / "v1.json").write_text("{}")
    (mocks / "things").mkdir()
    (mocks / "things" / "v1.json").write_text("{half")
    actions.write_mocks()
    assert files(mocks) == ["things/v1.json"]
    assert json.loads((mocks / "things/v1.json").read_text()) == DOCUMENT
    before = (mocks / "things/v1.json").stat().st_ino
    actions.write_mocks()
    assert (mocks / "things/v1.json").stat().st_ino == before  # right already: left alone


def test_publishing_again_changes_nothing_and_elsewhere_changes_it(
    sandbox: Environment, bank: Upstream, version: ProductVersion
) -> None:
    first = published(version, sandbox, bank)
    events = Event.objects.count()
    assert published(version, sandbox, bank) == first
    assert Event.objects.count() == events
    real = actions.create_upstream(acting_user=SYSTEM, name="core", address="https://core.example:443")
    moved = published(version, sandbox, real, "/core")
    assert moved.pk == first.pk
    assert (moved.upstream, moved.upstream_prefix) == (real, "/core")
    assert Publication.objects.count() == 1


@pytest.mark.parametrize("prefix", ["x", "/x/", "/{x}", "/a b", "//x", "/" + "x" * 200])
def test_an_upstream_prefix_is_a_literal_path(
    sandbox: Environment, bank: Upstream, version: ProductVersion, prefix: str
) -> None:
    with pytest.raises(PropylonError, match=r"catalog\.publication\.invalid"):
        published(version, sandbox, bank, prefix)
    assert not Publication.objects.exists()


@pytest.mark.parametrize("prefix", ["/oauth", "/manage", "/", "/a/b", "/A", "api", "/.well-known", "/sandbox"])
def test_an_environment_needs_a_prefix_of_its_own(sandbox: Environment, prefix: str) -> None:
    with pytest.raises(PropylonError, match=r"catalog\.environment\."):
        actions.create_environment(acting_user=SYSTEM, name="other", title="Other", path_prefix=prefix)
    assert Environment.objects.count() == 1


@pytest.mark.parametrize(
    "address", ["ftp://x:1", "http://x", "unix:relative", "https://x:443/path", "http://a b:1", "http://x:1\n"]
)
def test_an_upstream_needs_an_address_that_the_gateway_knows(address: str) -> None:
    with pytest.raises(PropylonError, match=r"catalog\.upstream\.invalid"):
        actions.create_upstream(acting_user=SYSTEM, name="x", address=address)
    assert not Upstream.objects.exists()


def test_there_is_one_default_plan() -> None:
    for name in ("one", "two"):
        actions.create_plan(acting_user=SYSTEM, name=name, title=name, requests_per_second=1, burst=1, is_default=True)
    default = selectors.default_plan()
    assert default is not None
    assert default.name == "two"
    with pytest.raises(PropylonError) as refused:
        actions.create_plan(acting_user=SYSTEM, name="Bad!", title="x", requests_per_second=0, burst=-1)
    assert [error.field for error in refused.value.errors] == ["name", "requests_per_second", "burst"]


def test_an_operation_is_public_or_asks_for_a_certificate(version: ProductVersion) -> None:
    operation = version.operations.get()
    with pytest.raises(PropylonError, match="contradiction"):
        actions.set_operation_access(acting_user=SYSTEM, operation=operation, is_public=True, requires_certificate=True)
    operation.refresh_from_db()
    assert not operation.is_public


def test_documents_are_read_only_where_a_file_is_another_one(
    sandbox: Environment,
    bank: Upstream,
    version: ProductVersion,
    mocks: Path,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    published(version, sandbox, bank)
    with django_assert_num_queries(2):
        actions.write_mocks()
    with django_assert_num_queries(1) as queries:
        actions.write_mocks()
    assert '"document"' not in queries.captured_queries[0]["sql"]
    (mocks / "things/v1.json").write_text("{}")
    actions.write_mocks()
    assert json.loads((mocks / "things/v1.json").read_text()) == DOCUMENT
    (mocks / "things/v1.json").unlink()
    actions.write_mocks()
    assert json.loads((mocks / "things/v1.json").read_text()) == DOCUMENT
