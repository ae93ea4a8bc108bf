"""The call console's certificates: an hour, recorded, their keys stored nowhere (record 0010)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from django.apps import apps
from django.db import connection
from django.utils import timezone

from propylon.applications.models import Client
from propylon.audit.models import Event
from propylon.certificates.actions import issue_console_identity, revoke_certificate
from propylon.certificates.selectors import active_certificate, certificates_of
from propylon.kernel.actor import Actor
from propylon.kernel.errors import PropylonError
from propylon.portal.calling.console_identities import ConsoleIdentities

pytestmark = pytest.mark.django_db(transaction=True)
DANA = Actor("user", "usr_dana", "dana@partner.example")


def test_it_carries_the_service_account_for_an_hour_at_most(client: Client) -> None:
    row = issue_console_identity(acting_user=DANA, client=client).certificate
    assert row.not_after - row.not_before <= timedelta(hours=1)
    assert row.not_after > timezone.now() + timedelta(minutes=50)
    assert row.common_name == client.service_account.name
    assert active_certificate(row.fingerprint) is not None


def test_the_partners_own_certificates_are_another_list(client: Client) -> None:
    row = issue_console_identity(acting_user=DANA, client=client).certificate
    assert list(certificates_of(client)) == []
    assert list(certificates_of(client, made_for="console")) == [row]


def test_the_serial_number_is_in_the_event_log_before_the_signature(client: Client) -> None:
    row = issue_console_identity(acting_user=DANA, client=client).certificate
    intent, issued = Event.objects.filter(actor_id="usr_dana").order_by("pk")
    assert (intent.action, intent.data["serial"]) == ("client.console_certificate_intended", row.serial)
    assert (issued.action, issued.object_id) == ("certificate.issued", row.public_id)
    assert issued.data["made_for"] == "console"


def test_the_key_is_in_no_table(client: Client) -> None:
    identity = issue_console_identity(acting_user=DANA, client=client)
    key = identity.key_pem.reveal().split("\n")[1]
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.db_table.startswith("usage_"):
                continue
            cursor.execute(f"select * from {connection.ops.quote_name(model._meta.db_table)}")
            assert key not in str(cursor.fetchall())
    assert key not in repr(identity)
    x509.load_pem_x509_certificates(identity.chain_pem.encode())


def test_a_client_without_a_service_account_gets_none(make_client: Callable[..., Client]) -> None:
    with pytest.raises(PropylonError, match="no_service_account"):
        issue_console_identity(acting_user=DANA, client=make_client("Plain", account=False))
    with pytest.raises(PropylonError, match="environment_refused"):
        issue_console_identity(acting_user=DANA, client=make_client("Far", approves=False))
    assert not Event.objects.filter(actor_id="usr_dana").exists()


def test_a_process_keeps_one_until_it_is_revoked(client: Client) -> None:
    kept = ConsoleIdentities()
    first = kept.identity_of(acting_user=DANA, client=client)
    assert kept.identity_of(acting_user=DANA, client=client) is first
    revoke_certificate(acting_user=DANA, certificate=first.certificate)
    second = kept.identity_of(acting_user=DANA, client=client)
    assert second.certificate.fingerprint != first.certificate.fingerprint
