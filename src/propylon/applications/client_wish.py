"""From the API's words to what the actions take."""

from __future__ import annotations

from propylon.applications.plan_client import ClientWish
from propylon.applications.schemas import ClientIn
from propylon.applications.selectors import environment_by_name
from propylon.catalog.models import Environment
from propylon.kernel.errors import FieldError, Kind, PropylonError


def wish_of(payload: ClientIn, application_type: str) -> ClientWish:
    return ClientWish(
        type=application_type,
        security_profile=payload.security_profile,
        token_endpoint_auth_method=payload.token_endpoint_auth_method,
        binds_tokens_to_certificate=payload.binds_tokens_to_certificate,
        redirect_uris=payload.redirect_uris,
        source_ranges=payload.source_ranges,
        products=payload.products,
        note=payload.note,
        orders_certificate=payload.orders_certificate,
    )


def environment_of(name: str) -> Environment:
    """Raises `application.environment.unknown`."""
    environment = environment_by_name(name)
    if environment is None:
        known = ", ".join(Environment.objects.order_by("position").values_list("name", flat=True))
        raise PropylonError(
            "application.environment.unknown",
            "There is no such environment.",
            kind=Kind.MALFORMED,
            errors=[FieldError("environment", "body", f"must be one of {known}")],
        )
    return environment
