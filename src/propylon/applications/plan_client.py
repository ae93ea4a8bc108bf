"""Deciding what a client becomes: the wish, checked against the policy of its type and profile. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from propylon.applications.check_reason import check_reason
from propylon.applications.check_redirect_uris import check_redirect_uris
from propylon.applications.check_source_ranges import check_source_ranges
from propylon.kernel.errors import FieldError, PropylonError
from propylon.oauth.policy import TYPES, Certificate, ProfilePolicy, policy_for


@dataclass(frozen=True, slots=True)
class ClientWish:
    """What was asked for; "" and None mean the default of type and profile."""

    type: str
    security_profile: str = ""
    token_endpoint_auth_method: str = ""
    binds_tokens_to_certificate: bool = False
    redirect_uris: Sequence[str] = ()
    source_ranges: Sequence[str] = ()
    products: Sequence[str] = ()
    note: str = ""  # for who decides
    orders_certificate: bool = False  # at its approval


@dataclass(frozen=True, slots=True)
class ClientPlan:
    """What will be stored."""

    security_profile: str
    token_endpoint_auth_method: str
    binds_tokens_to_certificate: bool
    has_service_account: bool
    redirect_uris: tuple[str, ...]
    source_ranges: tuple[str, ...]
    note: str = ""
    orders_certificate: bool = False


def plan_client(wish: ClientWish, *, known_products: Collection[str]) -> tuple[ClientPlan | None, list[FieldError]]:
    """The plan, or every mistake in the wish."""
    try:
        policy = policy_for(wish.type, wish.security_profile).by(wish.token_endpoint_auth_method)
    except PropylonError as error:
        return None, list(error.errors)
    ranges, errors = check_source_ranges(wish.source_ranges)
    errors += check_redirect_uris(wish.redirect_uris, policy)
    errors += _check_credentials(wish, policy)
    errors += check_reason(wish.note, "note")
    errors += [
        FieldError(f"products.{place}", "body", "there is no such product")
        for place, name in enumerate(wish.products)
        if name not in known_products
    ]
    if errors:
        return None, errors
    is_bound = policy.certificate is Certificate.REQUIRED or wish.binds_tokens_to_certificate
    return ClientPlan(
        security_profile=wish.security_profile or TYPES[wish.type].default_profile,
        token_endpoint_auth_method=wish.token_endpoint_auth_method or policy.default_auth_method,
        binds_tokens_to_certificate=is_bound,
        has_service_account=policy.needs_service_account or is_bound,
        redirect_uris=tuple(wish.redirect_uris),
        source_ranges=ranges,
        note=wish.note.strip(),
        orders_certificate=wish.orders_certificate,
    ), []


def _check_credentials(wish: ClientWish, policy: ProfilePolicy) -> list[FieldError]:
    errors = []
    if wish.token_endpoint_auth_method and wish.token_endpoint_auth_method not in policy.auth_methods:
        allowed = ", ".join(policy.auth_methods)
        errors.append(FieldError("token_endpoint_auth_method", "body", f"must be one of {allowed}"))
    if wish.binds_tokens_to_certificate and policy.certificate is Certificate.NONE:
        errors.append(FieldError("binds_tokens_to_certificate", "body", "this application type has no certificate"))
    holds_one = policy.needs_service_account or policy.certificate is Certificate.REQUIRED
    if wish.orders_certificate and not (holds_one or wish.binds_tokens_to_certificate):
        errors.append(FieldError("orders_certificate", "body", "this client has no service account to make one for"))
    if wish.source_ranges and not policy.takes_source_ranges:
        errors.append(FieldError("source_ranges", "body", "this application type takes none: users call from anywhere"))
    return errors
