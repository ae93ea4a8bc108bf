"""The catalogue in the management API. Every signed-in user sees the visible products; operators change them."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from ninja import Query, Router, Status

from propylon.accounts.access import actor_of, require
from propylon.accounts.api_auth import current_user
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.audit.paging import PageQuery, page_of
from propylon.catalog import access, actions, schemas, selectors
from propylon.catalog.actions.rules import CallRules

router = Router(tags=["Products"])
_MANAGE = Permission.MANAGE_PROGRAM


@router.get("", response=schemas.ProductPage, summary="The products that you may see")
def list_products(request: HttpRequest, query: Query[PageQuery]) -> schemas.ProductPage:
    page = page_of(access.visible_products(current_user(request)), query, name="products", newest_first=False)
    return schemas.ProductPage(data=[schemas.product_out(row) for row in page.rows], paging=page.paging)


@router.post("", response={201: schemas.ProductOut}, summary="Import an OpenAPI document")
def import_document(request: HttpRequest, payload: schemas.ImportIn) -> Status[schemas.ProductOut]:
    """A product, a version of one, or a change of a version that is there. Every mistake of the document is listed."""
    user = _operator(request)
    version = actions.import_product(
        acting_user=actor_of(user),
        text=payload.document,
        name=payload.name or None,
        title=payload.title or None,
        version=payload.version or None,
        scope=payload.scope or None,
    )
    return Status(201, schemas.product_out(access.access_product(user, version.product.name)))


@router.get("/{name}", response=schemas.ProductOut, summary="One product with scopes, versions and addresses")
def show_product(request: HttpRequest, name: str) -> schemas.ProductOut:
    return schemas.product_out(access.access_product(current_user(request), name))


@router.patch("/{name}", response=schemas.ProductOut, summary="Change how a product is shown, and its bounds")
def change_product(request: HttpRequest, name: str, payload: schemas.ProductChange) -> schemas.ProductOut:
    user = current_user(request)
    product = access.access_product(user, name, _MANAGE)
    with transaction.atomic():
        if payload.is_visible is not None:
            actions.set_visibility(acting_user=actor_of(user), product=product, is_visible=payload.is_visible)
        told = payload.model_dump(exclude={"is_visible"})
        rules = {name: told.pop(name) for name in CallRules.__annotations__}
        actions.set_listing(acting_user=actor_of(user), product=product, **told)
        actions.set_call_rules(acting_user=actor_of(user), product=product, **rules)
    return schemas.product_out(access.access_product(user, name))


@router.get(
    "/{name}/versions/{version}/operations", response=schemas.OperationPage, summary="The operations of a version"
)
def list_operations(request: HttpRequest, name: str, version: str, query: Query[PageQuery]) -> schemas.OperationPage:
    found = access.access_version(current_user(request), name, version)
    page = page_of(selectors.operations(found), query, name=f"operations of {name} {version}", newest_first=False)
    return schemas.OperationPage(data=[schemas.operation_out(row) for row in page.rows], paging=page.paging)


@router.patch(
    "/{name}/versions/{version}/operations/{operation_id}",
    response=schemas.OperationOut,
    summary="Who may call an operation, and with what",
)
def change_operation(
    request: HttpRequest, name: str, version: str, operation_id: str, payload: schemas.OperationChange
) -> schemas.OperationOut:
    user = current_user(request)
    operation = access.access_operation(user, name, version, operation_id, _MANAGE)
    actions.set_operation_access(acting_user=actor_of(user), operation=operation, **payload.model_dump())
    return schemas.operation_out(operation)


@router.put(
    "/{name}/versions/{version}/lifecycle",
    response=schemas.LifecycleOut,
    summary="Deprecate a version, or say when it ends",
)
def set_lifecycle(request: HttpRequest, name: str, version: str, payload: schemas.LifecycleIn) -> schemas.LifecycleOut:
    user = current_user(request)
    found = access.access_version(user, name, version, _MANAGE)
    told = payload.model_dump(exclude={"successor"})
    successor = access.access_version(user, name, payload.successor) if payload.successor else None
    wish = actions.LifecycleWish(**told, successor=successor)
    return schemas.lifecycle_out(actions.set_lifecycle(acting_user=actor_of(user), product_version=found, wish=wish))


@router.get("/{name}/versions/{version}/openapi", summary="The OpenAPI document, with this installation's addresses")
def download_document(request: HttpRequest, name: str, version: str) -> JsonResponse:
    found = access.access_version(current_user(request), name, version)
    response = JsonResponse(selectors.document_with_addresses(found), json_dumps_params={"ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="{name}-{version}.json"'
    return response


@router.post(
    "/{name}/versions/{version}/publications",
    response={201: schemas.PublicationOut},
    summary="Let a version answer in an environment",
)
def publish(
    request: HttpRequest, name: str, version: str, payload: schemas.PublishIn
) -> Status[schemas.PublicationOut]:
    user = current_user(request)
    publication = actions.publish(
        acting_user=actor_of(user),
        product_version=access.access_version(user, name, version, _MANAGE),
        environment=access.environment_named(payload.environment),
        upstream=access.upstream_named(payload.upstream),
        upstream_prefix=payload.upstream_prefix,
    )
    return Status(201, schemas.publication_out(publication))


@router.delete(
    "/{name}/versions/{version}/publications/{environment}",
    response={204: None},
    summary="Let a version no longer answer there",
)
def unpublish(request: HttpRequest, name: str, version: str, environment: str) -> Status[None]:
    user = current_user(request)
    publication = access.access_publication(user, name, version, environment, _MANAGE)
    actions.unpublish(acting_user=actor_of(user), publication=publication)
    return Status(204, None)


def _operator(request: HttpRequest) -> User:
    user = current_user(request)
    require(user, _MANAGE)
    return user
