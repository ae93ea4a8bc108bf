"""What a client's tokens call a customer (OpenID Connect Core 8): the bank's own subject, or the name of a sector.

Inside, a customer is always known by the bank's own subject: consents, logins, approvals, accounts. The name is in
`Grant.told_subject` and what comes of it: access token, ID token, introspection, UserInfo.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from propylon.applications.client_policy import policy_of
from propylon.applications.events import record_client
from propylon.applications.models import Client
from propylon.authserver.models import Grant, PairwiseClient
from propylon.customers.pairwise_subjects import deliver_key, make_key, pairwise_subject, subject_behind
from propylon.gateway.marks import GatewayMark
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.oauth.sectors import is_host, sector_of

_MARK = "subject"


def sector_of_client(client_id: str) -> str:
    """ "" if its subjects are public."""
    row = PairwiseClient.objects.select_related("client").filter(client__client_id=client_id).first()
    if row is None:
        return ""
    # Whoever leaves the host leaves its sector: nobody borrows a host, and then takes its names elsewhere.
    return row.sector if row.is_named or sector_of(row.client.redirect_uris) == row.sector else client_id


def told_subject(client_id: str, environment: str, subject: str) -> str:
    """What this client knows the customer by; "" if by the bank's own subject."""
    sector = sector_of_client(client_id)
    return pairwise_subject(environment, sector, subject) if sector else ""


def own_subject(client_id: str, environment: str, told: str) -> str:
    """The bank's own subject of whom this client calls so; "" if it calls nobody so."""
    sector = sector_of_client(client_id)
    return subject_behind(environment, told, sector) if sector else told


def marks_with_names(marks: Iterable[GatewayMark]) -> tuple[GatewayMark, ...]:
    """Who is refused by the bank's own subject is refused by every name that tokens call them."""
    found = tuple(marks)
    blocked = [each.value for each in found if each.kind == _MARK]
    if not blocked:
        return found
    names = Grant.objects.filter(subject__in=blocked).exclude(told_subject="").values_list("told_subject", flat=True)
    also = {GatewayMark(_MARK, name) for name in names.distinct()} - set(found)
    return tuple(sorted({*found, *also}, key=lambda each: (each.kind, each.value)))


@transaction.atomic
def set_pairwise(*, acting_user: Actor, client: Client, is_pairwise: bool, sector: str = "") -> str:
    """From the next consent on; consents that stand keep the names they were given with.

    Without a sector it is the host of the redirect URIs. The sector, "" for public. Raises `client.sector.unfit`.
    """
    before = sector_of_client(client.client_id)
    wanted = (sector.strip().lower() or sector_of(client.redirect_uris)) if is_pairwise else ""
    if is_pairwise:
        _check(client, wanted, is_named=bool(sector.strip()))
    PairwiseClient.objects.filter(client=client).delete()
    if wanted:
        PairwiseClient.objects.create(client=client, sector=wanted, is_named=bool(sector.strip()))
        make_key()
        transaction.on_commit(deliver_key)
    if wanted != before:
        record_client(acting_user, "subject_type_set", client, before=before, after=wanted)
    return wanted


def _check(client: Client, wanted: str, *, is_named: bool) -> None:
    reason = ""
    if not policy_of(client).response_types:
        reason = "applications of this type act for no customer"
    elif not is_host(wanted):
        reason = "a host name" if is_named else "name one: the redirect URIs are not all https on one host"
    if reason:
        raise PropylonError(
            "client.sector.unfit",
            "Pairwise subjects need a sector. Nothing was changed.",
            kind=Kind.MALFORMED,
            errors=[FieldError("sector", "body", reason)],
        )
