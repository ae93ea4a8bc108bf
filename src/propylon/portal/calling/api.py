"""Calling in the management API: what the pages of this area do, for programs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from propylon.accounts.access import actor_of
from propylon.accounts.api_auth import current_user
from propylon.applications.models import Client
from propylon.catalog.access import access_operation, access_version
from propylon.catalog.models import ProductVersion
from propylon.portal.calling import downloads, schemas
from propylon.portal.calling.choices import callable_client, calling_facts
from propylon.portal.calling.trying import try_operation

router = Router(tags=["Calling"])


@router.get("/{name}/versions/{version}/postman-collection", summary="The version as a Postman collection")
def postman_collection(request: HttpRequest, name: str, version: str, client_id: str = "") -> dict[str, Any]:
    """Format v2.1.0. With `client_id` for that application; it holds no secret."""
    found, client = _version(request, name, version, client_id)
    return downloads.postman_collection(found, client)


@router.get("/{name}/versions/{version}/postman-environment", summary="The variables of that collection")
def postman_environment(request: HttpRequest, name: str, version: str, client_id: str = "") -> dict[str, Any]:
    """Secrets are places to fill in."""
    found, client = _version(request, name, version, client_id)
    return downloads.postman_environment(found, client)


@router.get(
    "/{name}/versions/{version}/operations/{operation_id}/samples",
    response=schemas.SampleList,
    summary="Code samples that call an operation",
)
def list_samples(
    request: HttpRequest, name: str, version: str, operation_id: str, client_id: str = ""
) -> schemas.SampleList:
    user = current_user(request)
    operation = access_operation(user, name, version, operation_id)
    client = callable_client(user, operation.product_version, client_id) if client_id else None
    return schemas.sample_list(downloads.samples(operation, client))


@router.post(
    "/{name}/versions/{version}/operations/{operation_id}/try",
    response=schemas.TriedOut,
    summary="Call an operation as one of your applications",
)
def try_(request: HttpRequest, name: str, version: str, operation_id: str, payload: schemas.TryIn) -> schemas.TriedOut:
    """Through the gateway, with a token for five minutes that never leaves this installation; test environments only.

    The answer is 200 whatever the gateway said: `status` is the call's own.
    """
    user = current_user(request)
    operation = access_operation(user, name, version, operation_id)
    client = callable_client(user, operation.product_version, payload.client_id)
    wish = schemas.wish_of(payload, calling_facts(client).listeners_for(operation))
    tried = try_operation(acting_user=actor_of(user), operation=operation, client=client, wish=wish)
    return schemas.tried_out(tried)


def _version(request: HttpRequest, name: str, version: str, client_id: str) -> tuple[ProductVersion, Client | None]:
    user = current_user(request)
    found = access_version(user, name, version)
    return found, callable_client(user, found, client_id) if client_id else None
