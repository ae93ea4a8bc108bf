"""Marks that somebody of the bank places by hand, so that they do what is expected of them.

A mark of kind client or grant names one *generation* of tokens. A mark alone would refuse the tokens that are asked for
next as well, until it ends, because they are of the same generation. So the generation moves on with the mark: what is
out there is refused from now on, and what is issued from now on works.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from propylon.applications.events import record_client
from propylon.applications.generation import end_tokens
from propylon.applications.generation import locked as locked_client
from propylon.applications.models import Client
from propylon.authserver.grant_tokens import end_tokens_of_grant
from propylon.authserver.models import Grant
from propylon.gateway.marks import LIFTED_KINDS
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.marks.actions import LONGEST_TOKEN_LIFETIME, UNTIL_LIFTED, place_mark

_OF_THE_CALENDAR = ("quota_day", "quota_month")


@transaction.atomic
def place_by_hand(*, acting_user: Actor, kind: str, value: str, reason: str, hours: int) -> str:
    """Refuse it from now on, for so many hours (a customer, a kill switch: until it is lifted). The value of the mark.

    For a client or grant `value` may leave out the generation: the present one is meant.
    Raises `marks.mark.invalid`, `marks.mark.target_unknown`, `marks.mark.generation_unknown`.
    """
    stays = kind in LIFTED_KINDS and kind not in _OF_THE_CALENDAR
    lifetime = UNTIL_LIFTED if stays else max(timedelta(hours=hours), LONGEST_TOKEN_LIFETIME)
    if kind == "client":
        value = _end_generation_of_client(acting_user, value, reason)
    elif kind == "grant":
        value = _end_generation_of_grant(acting_user, value, reason)
    place_mark(acting_user=acting_user, kind=kind, value=value, reason=reason, lifetime=lifetime)
    return value


def _end_generation_of_client(acting_user: Actor, value: str, reason: str) -> str:
    found = Client.objects.filter(client_id__in=_names(value)).first()
    if found is None:
        raise _unknown("client", "is a client id, or <client id>.<generation>, of this installation")
    client = locked_client(found)
    generation = _generation(value, client.client_id, client.generation)
    if generation == client.generation:
        end_tokens(acting_user=acting_user, client=client, reason=reason)
        record_client(acting_user, "tokens_refused", client, reason=reason)
    return f"{client.client_id}.{generation}"


def _end_generation_of_grant(acting_user: Actor, value: str, reason: str) -> str:
    found = Grant.objects.filter(public_id__in=_names(value)).first()
    if found is None:
        raise _unknown("grant", "is the id of a grant, or <grant id>.<generation>, of this installation")
    grant = Grant.objects.select_for_update().get(pk=found.pk)
    generation = _generation(value, grant.public_id, grant.generation)
    if generation == grant.generation:
        end_tokens_of_grant(acting_user=acting_user, grant=grant, reason=reason)
    return f"{grant.public_id}.{generation}"


def _names(value: str) -> tuple[str, str]:
    """The value whole, and without what may be a generation."""
    return value, value.rpartition(".")[0]


def _generation(value: str, name: str, present: int) -> int:
    """The one that the value names, else the present one. No token has one that is still to come."""
    if value == name:
        return present
    text = value.removeprefix(f"{name}.")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= present:
        raise PropylonError(
            "marks.mark.generation_unknown",
            "No token has this generation, so nothing was placed. Leave it out to refuse all tokens that are out "
            "there.",
            kind=Kind.MALFORMED,
            errors=[FieldError("value", "body", f"names a generation from 1 to {present}, which is the present one")],
        )
    return int(text)


def _unknown(kind: str, form: str) -> PropylonError:
    return PropylonError(
        "marks.mark.target_unknown",
        f"There is no such {kind}, so nothing was placed. Take the value from the page of a call.",
        kind=Kind.NOT_FOUND,
        errors=[FieldError("value", "body", form)],
    )
