"""What the database holds of one client, in prepared queries: every grant of a client that is not in memory asks."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Model

from propylon.accounts.models import Organization
from propylon.applications.models import Application, Client, FetchedKeys, SourceRange
from propylon.authserver.prepared import Prepared
from propylon.catalog.models import DetailType, Environment, Plan, Scope
from propylon.certificates.models import Certificate

_NO_CLIENT_ID, _NO_KEY = "\N{SYMBOL FOR NULL}", -1

# Models whose rows come with the client's, by the path that leads to them.
_WITH: Final[tuple[tuple[str, type[Model]], ...]] = (
    ("", Client),
    ("application__", Application),
    ("application__organization__", Organization),
    ("environment__", Environment),
    ("plan__", Plan),
)
_FIELDS = [(path, model, [field.attname for field in model._meta.concrete_fields]) for path, model in _WITH]  # noqa: SLF001
_COLUMNS = [path + name for path, _, names in _FIELDS for name in names]

_clients = Prepared(
    lambda client_id: Client.objects.filter(client_id=client_id).values_list(*_COLUMNS, "service_account__name"),
    _NO_CLIENT_ID,
)
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
    found = _clients.rows(client_id)
    if not found:
        return None
    values, begins, made = found[0], 0, {}
    for path, model, names in _FIELDS:
        made[path] = model.from_db(None, names, values[begins : begins + len(names)])
        begins += len(names)
    client: Any = made[""]
    client.application, client.environment, client.plan = made["application__"], made["environment__"], made["plan__"]
    client.application.organization = made["application__organization__"]
    return client, values[begins] or ""


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
        return client.public_keys
    return [key for keys, at in _fetched_keys.rows(client.pk) for key in FetchedKeys(keys=keys, fetched_at=at).usable]
