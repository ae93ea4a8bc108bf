"""What the database holds of one client, in prepared queries: every grant of a client that is not in memory asks."""

from __future__ import annotations

from typing import Any

from propylon.applications.models import Client, FetchedKeys, SourceRange
from propylon.authserver.prepared import Prepared, PreparedRow
from propylon.catalog.models import DetailType, Scope
from propylon.certificates.models import Certificate

_NO_CLIENT_ID, _NO_KEY = "\N{SYMBOL FOR NULL}", -1

_clients = PreparedRow(
    Client,
    "client_id",
    ("application", "application__organization", "environment", "plan"),
    values=("service_account__name",),
)
_keys = Prepared(lambda client_id: Client.objects.filter(client_id=client_id).values_list("pk"), _NO_CLIENT_ID)
_ranges = Prepared(lambda key: SourceRange.objects.filter(client=key).values_list("cidr"), _NO_KEY)
_scopes = Prepared(lambda key: Scope.objects.filter(product__subscriptions__client=key).values_list("name"), _NO_KEY)
_certificates = Prepared(
    lambda key: Certificate.objects.filter(client=key, revoked_at=None).values_list(
        "fingerprint", "not_after", "psd2_roles"
    ),
    _NO_KEY,
)
_fetched_keys = Prepared(lambda key: FetchedKeys.objects.filter(client=key).values_list("keys", "fetched_at"), _NO_KEY)
_detail_types = Prepared(
    lambda key: DetailType.objects.filter(product__subscriptions__client=key).values_list("name"), _NO_KEY
)


def client_row(client_id: str) -> tuple[Client, str] | None:
    """The client with its application, organization, environment and plan, and the name of its service account."""
    found = _clients.get(client_id)
    if found is None:
        return None
    client, (service_account,) = found
    return client, service_account or ""


def client_key(client_id: str) -> int:
    """Of a client that there is: its primary key."""
    key: int = _keys.values(client_id)[0]
    return key


def source_ranges_of(client: Client) -> list[str]:
    return _ranges.values(client.pk)


def scopes_of_subscriptions(client: Client) -> frozenset[str]:
    return frozenset(_scopes.values(client.pk))


def certificates_of(client: Client) -> tuple[dict[str, int], dict[str, tuple[str, ...]]]:
    """Those that were not revoked: fingerprint to the second when it ends, and to the roles that it gives, if any."""
    rows = _certificates.rows(client.pk)
    ends = {fingerprint: int(not_after.timestamp()) for fingerprint, not_after, _ in rows}
    return ends, {fingerprint: tuple(roles) for fingerprint, _, roles in rows if roles}


def may_have_detail_types(client: Client) -> bool:
    """Whether a product that it is subscribed to has any."""
    return bool(_detail_types.rows(client.pk))


def keys_of(client: Client) -> list[Any]:
    """Its public keys: registered by value, or those that were fetched from its address."""
    if not client.jwks_uri:
        registered: list[Any] = client.public_keys
        return registered
    return [key for keys, at in _fetched_keys.rows(client.pk) for key in FetchedKeys(keys=keys, fetched_at=at).usable]
