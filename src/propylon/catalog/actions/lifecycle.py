"""When a version is deprecated, when its service ends, and what answers then (RFC 9745, RFC 8594).

A version that has passed its sunset is served on unless the operator chose that it ends: then the gateways refuse its
calls with 410 `gateway.version.sunset` from that moment on, until a later date is set or the dates are taken back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.catalog.models import ProductVersion
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError

LONGEST_LINK = 300
_LINK = re.compile(r"^https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+$")  # RFC 3986's characters: it stands in a header
_YEARS = range(1970, 10_000)  # of RFC 9745's seconds and RFC 8594's four digits


@dataclass(frozen=True, slots=True)
class LifecycleWish:
    """All of a version's lifecycle: what is None or empty is taken back."""

    deprecated_at: datetime | None = None
    sunset_at: datetime | None = None
    successor: ProductVersion | None = None
    link: str = ""
    ends_at_sunset: bool = False


@transaction.atomic
def set_lifecycle(*, acting_user: Actor, product_version: ProductVersion, wish: LifecycleWish) -> ProductVersion:
    """What its answers say from now on, and what they are once its sunset has passed; repeating it changes nothing.

    Raises `catalog.lifecycle.invalid` with every mistake.
    """
    mistakes = list(_mistakes(product_version, wish))
    if mistakes:
        raise PropylonError(
            "catalog.lifecycle.invalid",
            "Correct the fields named in errors. Nothing was changed.",
            kind=Kind.MALFORMED,
            errors=mistakes,
        )
    rows = ProductVersion.objects.select_related("product", "successor").select_for_update(of=("self",))
    row = rows.defer("document", "successor__document").get(pk=product_version.pk)
    if wish_of(row) == wish:
        return row
    row.deprecated_at, row.sunset_at = wish.deprecated_at, wish.sunset_at
    row.successor, row.lifecycle_link = wish.successor, wish.link
    row.ends_at_sunset = wish.ends_at_sunset
    is_over = wish.ends_at_sunset and wish.sunset_at is not None and wish.sunset_at <= timezone.now()
    row.ended_at = (row.ended_at or timezone.now()) if is_over else None
    row.save()
    record_event(
        acting_user=acting_user,
        action="product.lifecycle_changed",
        object_kind="product",
        object_id=row.product.name,
        data={
            "version": row.version,
            "deprecated_at": _time(row.deprecated_at),
            "sunset_at": _time(row.sunset_at),
            "successor": row.successor.version if row.successor else "",
            "link": row.lifecycle_link,
            "ends_at_sunset": row.ends_at_sunset,
        },
    )
    return row


def wish_of(row: ProductVersion) -> LifecycleWish:
    """What was chosen for it last."""
    return LifecycleWish(row.deprecated_at, row.sunset_at, row.successor, row.lifecycle_link, row.ends_at_sunset)


def end_versions() -> None:
    """For the worker: those whose sunset has come, and that were to end then."""
    due = ProductVersion.objects.filter(ends_at_sunset=True, ended_at=None, sunset_at__lte=timezone.now())
    for key in due.values_list("pk", flat=True):
        _end(key)


@transaction.atomic
def _end(key: int) -> None:
    rows = ProductVersion.objects.defer("document").select_for_update().select_related("product")
    row = rows.get(pk=key)
    now = timezone.now()
    if row.ended_at is not None or not row.ends_at_sunset or row.sunset_at is None or row.sunset_at > now:
        return  # somebody has thought better of it meanwhile
    row.ended_at = now
    row.save()
    data = {"version": row.version, "sunset_at": _time(row.sunset_at)}
    record_event(
        acting_user=SYSTEM,
        action="product.version_ended",
        object_kind="product",
        object_id=row.product.name,
        data=data,
    )


def _mistakes(version: ProductVersion, wish: LifecycleWish) -> list[FieldError]:
    found = []
    for name, moment in (("deprecated_at", wish.deprecated_at), ("sunset_at", wish.sunset_at)):
        if moment is not None and moment.year not in _YEARS:
            found.append(FieldError(name, "body", "a year between 1970 and 9999"))
    if wish.sunset_at is not None and wish.deprecated_at is None:
        found.append(
            FieldError("deprecated_at", "body", "needed beside a sunset: since when should nobody begin with it?")
        )
    elif wish.sunset_at is not None and wish.deprecated_at is not None and wish.sunset_at < wish.deprecated_at:
        found.append(FieldError("sunset_at", "body", "not before it is deprecated"))
    if wish.ends_at_sunset and wish.sunset_at is None:
        found.append(FieldError("sunset_at", "body", "needed: when does it end?"))
    if wish.successor is not None and wish.successor.product_id != version.product_id:
        found.append(FieldError("successor", "body", "another version of the same product"))
    elif wish.successor is not None and wish.successor.pk == version.pk:
        found.append(FieldError("successor", "body", "another version than this one"))
    if wish.link and (len(wish.link) > LONGEST_LINK or not _LINK.fullmatch(wish.link)):
        found.append(FieldError("link", "body", f"an https address of at most {LONGEST_LINK} characters"))
    return found


def _time(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
