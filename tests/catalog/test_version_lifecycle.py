"""Versions are deprecated, pass their sunset, end, and come back; the gateway is told each time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from propylon.audit.models import Event
from propylon.catalog import actions, selectors
from propylon.catalog.actions import LifecycleWish
from propylon.catalog.models import ProductVersion
from propylon.gateway.model import Lifecycle
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError

pytestmark = pytest.mark.django_db
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
Pair = tuple[ProductVersion, ProductVersion]


def imported(name: str, version: str) -> ProductVersion:
    document = {
        "openapi": "3.0.3",
        "info": {"title": name, "version": version},
        "paths": {"/a": {"get": {"responses": {"200": {"description": "x"}}}}},
    }
    return actions.import_product(acting_user=SYSTEM, text=json.dumps(document), name=name)


@pytest.fixture
def versions() -> tuple[ProductVersion, ProductVersion]:
    """v1 answers in two environments, v2 in the first of them only."""
    first, second = imported("things", "1.0"), imported("things", "2.0")
    bank = actions.create_upstream(acting_user=SYSTEM, name="bank", address="unix:/run/bank.sock")
    for place, rows in (("sandbox", (first, second)), ("production", (first,))):
        environment = actions.create_environment(acting_user=SYSTEM, name=place, title=place)
        for row in rows:
            actions.publish(
                acting_user=SYSTEM, product_version=row, environment=environment, upstream=bank, upstream_prefix="/x"
            )
    return first, second


def lifecycles() -> dict[str, Lifecycle]:
    return {f"{row.environment} {row.version}": row.lifecycle for row in selectors.publications_for_gateway()}


def set_to(version: ProductVersion, **wish: object) -> ProductVersion:
    return actions.set_lifecycle(acting_user=SYSTEM, product_version=version, wish=LifecycleWish(**wish))  # type: ignore[arg-type]


def test_the_gateway_is_told_of_dates_documentation_and_the_successor_of_the_environment(versions: Pair) -> None:
    first, second = versions
    sunset = NEW_YEAR + timedelta(days=400)
    set_to(first, deprecated_at=NEW_YEAR, sunset_at=sunset, successor=second)
    told = lifecycles()
    page = "https://localhost:8443/products/things/v1/versions"
    seconds = int(NEW_YEAR.timestamp()), int(sunset.timestamp())
    assert told["sandbox v1"] == Lifecycle(*seconds, page, "/sandbox/things/v2")
    assert told["production v1"] == Lifecycle(*seconds, page, "")  # the successor does not answer there
    assert told["sandbox v2"] == Lifecycle()
    set_to(first, deprecated_at=NEW_YEAR, link="https://bank.example/move")
    assert lifecycles()["sandbox v1"] == Lifecycle(seconds[0], documentation="https://bank.example/move")


def test_a_passed_sunset_is_served_on_unless_it_was_chosen_otherwise(versions: Pair) -> None:
    first, _ = versions
    row = set_to(first, deprecated_at=NEW_YEAR, sunset_at=timezone.now() - timedelta(hours=1))
    assert (row.state, lifecycles()["sandbox v1"].is_ended) == ("past_sunset", False)
    actions.end_versions()
    assert not lifecycles()["sandbox v1"].is_ended
    row = set_to(first, deprecated_at=NEW_YEAR, sunset_at=row.sunset_at, ends_at_sunset=True)
    assert (row.state, lifecycles()["sandbox v1"].is_ended) == ("ended", True)


def test_the_worker_ends_a_version_at_its_sunset_and_a_later_date_brings_it_back(versions: Pair) -> None:
    first, _ = versions
    row = set_to(first, deprecated_at=NEW_YEAR, sunset_at=timezone.now() + timedelta(hours=1), ends_at_sunset=True)
    actions.end_versions()
    assert row.state == "deprecated"
    ProductVersion.objects.filter(pk=first.pk).update(sunset_at=timezone.now())
    actions.end_versions()
    actions.end_versions()
    assert lifecycles()["production v1"].is_ended
    event = Event.objects.get(action="product.version_ended")
    assert (event.object_id, event.data["version"]) == ("things", "v1")
    later = timezone.now() + timedelta(days=30)
    assert set_to(first, deprecated_at=NEW_YEAR, sunset_at=later, ends_at_sunset=True).ended_at is None
    assert not lifecycles()["production v1"].is_ended


def test_an_event_is_written_once_and_dates_can_be_taken_back(versions: Pair) -> None:
    first, second = versions
    for _ in range(2):
        set_to(first, deprecated_at=NEW_YEAR, successor=second)
    assert Event.objects.filter(action="product.lifecycle_changed").count() == 1
    row = set_to(first)
    assert (row.state, lifecycles()["sandbox v1"]) == ("current", Lifecycle())


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"sunset_at": NEW_YEAR}, "deprecated_at"),
        ({"deprecated_at": NEW_YEAR, "sunset_at": NEW_YEAR - timedelta(seconds=1)}, "sunset_at"),
        ({"deprecated_at": NEW_YEAR, "ends_at_sunset": True}, "sunset_at"),
        ({"deprecated_at": datetime(1969, 12, 31, tzinfo=UTC)}, "deprecated_at"),
        ({"deprecated_at": NEW_YEAR, "link": 'https://bank.example/">\r\nX: y'}, "link"),
        ({"deprecated_at": NEW_YEAR, "link": "javascript:alert(1)"}, "link"),
        ({"deprecated_at": NEW_YEAR, "link": "https://bank.example/" + "x" * 300}, "link"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_changes(
    versions: Pair, wish: dict[str, object], field: str
) -> None:
    with pytest.raises(PropylonError) as caught:
        set_to(versions[0], **wish)
    assert (caught.value.code, [error.field for error in caught.value.errors]) == ("catalog.lifecycle.invalid", [field])
    assert lifecycles()["sandbox v1"] == Lifecycle()


def test_a_version_is_not_its_own_successor_nor_followed_by_another_product(versions: Pair) -> None:
    for other in (versions[0], imported("others", "1.0")):
        with pytest.raises(PropylonError) as caught:
            set_to(versions[0], deprecated_at=NEW_YEAR, successor=other)
        assert [error.field for error in caught.value.errors] == ["successor"]
