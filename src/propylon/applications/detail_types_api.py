"""A client's types of `authorization_details` in the management API (RFC 9396, section 10)."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Router, Schema

from propylon.accounts.access import actor_of
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_client

router = Router(tags=["Clients"])


class DetailTypesBody(Schema):
    types: list[str] = Field(
        max_length=50, description="Types that the client may use; none: all types of the products it is subscribed to."
    )


@router.put("/{client_id}/authorization-details-types", response=DetailTypesBody, summary="Types that it may use")
def set_types(request: HttpRequest, client_id: str, payload: DetailTypesBody) -> DetailTypesBody:
    """In force with the next request. New tokens of old consents come without details of other types."""
    user = current_user(request)
    client = access_client(user, client_id, Permission.MANAGE_APPLICATIONS)
    actions.set_authorization_details_types(acting_user=actor_of(user), client=client, types=payload.types)
    return DetailTypesBody(types=client.authorization_details_types)
