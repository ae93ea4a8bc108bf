"""Where customers go after RP-initiated logout, in the management API."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Router, Schema

from propylon.accounts.access import actor_of
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.applications.access import access_client
from propylon.authserver.logout_addresses import logout_addresses, set_logout_addresses

router = Router(tags=["Clients"])


class LogoutUris(Schema):
    post_logout_redirect_uris: list[str] = Field(max_length=50)


@router.get("/{client_id}/logout-uris", response=LogoutUris, summary="Where customers go after logging out")
def show_logout_uris(request: HttpRequest, client_id: str) -> LogoutUris:
    client = access_client(current_user(request), client_id, Permission.VIEW_APPLICATIONS)
    return LogoutUris(post_logout_redirect_uris=logout_addresses(client.client_id))


@router.put("/{client_id}/logout-uris", response=LogoutUris, summary="Set where customers go after logging out")
def change_logout_uris(request: HttpRequest, client_id: str, payload: LogoutUris) -> LogoutUris:
    """For `post_logout_redirect_uri` of the end-session endpoint, character by character."""
    user = current_user(request)
    client = access_client(user, client_id, Permission.MANAGE_APPLICATIONS)
    uris = payload.post_logout_redirect_uris
    set_logout_addresses(acting_user=actor_of(user), client=client, uris=uris)
    return LogoutUris(post_logout_redirect_uris=logout_addresses(client.client_id))
