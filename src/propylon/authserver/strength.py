"""How strongly a customer must have signed in for one authorization: what the client asks, and the scopes' risk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from propylon.authserver.models import AuthorizationRequest
from propylon.catalog.models import Scope
from propylon.customers.second_step import has_second_step
from propylon.oauth.acr import HIGH, TWO_STEPS, is_enough, wanted_acr
from propylon.oauth.authorization_details import read_details
from propylon.oauth.errors import OAuthError, invalid_scope
from propylon.oauth.granted_details import scopes_of
from propylon.oauth.records import ClientRecord
from propylon.oauth.sign_in_wish import SignInWish, read_sign_in_wish


def wish_of(row: AuthorizationRequest) -> SignInWish:
    return read_sign_in_wish({name: value for name, value in row.parameters.items() if value})


def needs_second_step(row: AuthorizationRequest, client: ClientRecord) -> bool:
    """Whether the customer who has logged in shall sign in more strongly before the consent page."""
    wanted = wanted_acr(wish_of(row).acr_values, risks_of(row.parameters, client))
    return not is_enough(row.acr, TWO_STEPS if row.is_unusual else wanted)


def must_have_second_step(row: AuthorizationRequest, client: ClientRecord) -> bool:
    """Whether nothing goes on without it: a customer without a second step goes on where it was only wished, or the
    login unusual."""
    if not needs_second_step(row, client):
        return False
    is_asked = wish_of(row).is_essential or HIGH in risks_of(row.parameters, client)
    return is_asked or (row.is_unusual and has_second_step(client.environment, row.subject))


def require_strong_enough(row: AuthorizationRequest, client: ClientRecord) -> None:
    """Before a grant is made. The pages lead there; this is for who goes around them."""
    if must_have_second_step(row, client):
        raise OAuthError("unmet_authentication_requirements", "The customer has not signed in strongly enough.")


def refuse_high_risk(scopes: Iterable[str]) -> None:
    """Where a customer answers without our pages, and so without a second step. Raises `invalid_scope`."""
    if high := sorted(Scope.objects.filter(name__in=list(scopes), risk=HIGH).values_list("name", flat=True)):
        raise invalid_scope(
            f"{' '.join(high)}: such a scope needs a customer's second step. Send them to the authorization endpoint."
        )


def risks_of(parameters: Mapping[str, str], client: ClientRecord) -> frozenset[str]:
    """Of what is asked for; `parameters`: `CheckedRequest.as_dict`."""
    details = parameters.get("authorization_details", "")
    implied = scopes_of(read_details(details), client.detail_types) if details else ()
    names = {*parameters["scope"].split(), *implied}
    return frozenset(Scope.objects.filter(name__in=names).values_list("risk", flat=True))
