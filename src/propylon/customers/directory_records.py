"""Which directory an environment's customers log in with: an operator's record; none means the built-in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.customers.directory_settings import KINDS, DirectorySettings, check_settings
from propylon.customers.models import CustomerDirectory
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import new_secret
from propylon.sealing.installation import sealer

SECRET_PURPOSE = "customer-directory"  # noqa: S105  (what is sealed, not the secret)
KEY_PURPOSE = "customer-subjects"


def directory_of(environment: str) -> CustomerDirectory | None:
    """None: the built-in one."""
    return CustomerDirectory.objects.filter(environment=environment).exclude(kind="").first()


def settings_of(row: CustomerDirectory) -> DirectorySettings:
    return KINDS[row.kind].read(row.settings)


def secret_of(row: CustomerDirectory) -> Secret:
    return sealer().unseal(row.secret_sealed, purpose=SECRET_PURPOSE)


def subject_key_of(row: CustomerDirectory) -> Secret:
    return sealer().unseal(row.subject_key_sealed, purpose=KEY_PURPOSE)


def draft(environment: str, kind: str, told: Mapping[str, Any], secret: Secret | None) -> CustomerDirectory:
    """A record that is not stored: what an operator wants, with the stored secret where they gave none.

    A stored secret stays only while it goes to the same place. Raises `customer.directory.invalid`.
    """
    if kind not in KINDS:
        mistake = FieldError("kind", "body", f"one of {', '.join(KINDS)}")
        raise PropylonError(
            "customer.directory.invalid",
            "Correct the fields listed and try again.",
            kind=Kind.MALFORMED,
            errors=[mistake],
        )
    settings = KINDS[kind].read(told)
    present = CustomerDirectory.objects.filter(environment=environment).first()
    row = CustomerDirectory(environment=environment, kind=kind, settings=settings.as_dict())
    if secret is not None and secret.reveal():
        row.secret_sealed = sealer().seal(secret, purpose=SECRET_PURPOSE)
    elif present is not None and present.kind == kind and _same_place(settings_of(present), settings):
        row.secret_sealed = present.secret_sealed
    check_settings(settings, has_secret=bool(row.secret_sealed))
    row.subject_key_sealed = present.subject_key_sealed if present else sealer().seal(new_secret(), purpose=KEY_PURPOSE)
    return row


def _same_place(present: DirectorySettings, wanted: DirectorySettings) -> bool:
    """A secret is never sent to another host than the one it was given for."""
    names = ("address", "bind_dn", "ca_pem", "issuer", "client_id")
    return all(getattr(present, name, "") == getattr(wanted, name, "") for name in names)


@transaction.atomic
def use_directory(
    *, acting_user: Actor, environment: str, kind: str, told: Mapping[str, Any], secret: Secret | None
) -> CustomerDirectory:
    """From now on the environment's customers log in there. Raises `customer.directory.invalid`."""
    row = draft(environment, kind, told, secret)
    row.changed_at = timezone.now()
    present = CustomerDirectory.objects.select_for_update().filter(environment=environment).first()
    row.pk = present.pk if present else None
    row.save()
    shown = {name: value for name, value in row.settings.items() if name != "ca_pem"}
    record_event(
        acting_user=acting_user,
        action="customer_directory.set",
        object_kind="customer_directory",
        object_id=environment,
        data={"kind": kind, "has_new_secret": bool(secret and secret.reveal()), **shown},
    )
    return row


@transaction.atomic
def use_built_in(*, acting_user: Actor, environment: str) -> None:
    """Back to the built-in directory. The secret goes; the key of the subjects stays, should that one come back."""
    rows = CustomerDirectory.objects.filter(environment=environment).exclude(kind="")
    if rows.update(kind="", settings={}, secret_sealed="", changed_at=timezone.now()):
        record_event(
            acting_user=acting_user,
            action="customer_directory.removed",
            object_kind="customer_directory",
            object_id=environment,
        )
