"""Types of `authorization_details` (RFC 9396) in the management API, and scopes whose consent names accounts."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from propylon.accounts.access import actor_of
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.catalog import actions
from propylon.catalog.access import access_detail_type, access_product, access_scope
from propylon.catalog.detail_type_wish import DetailTypeWish
from propylon.catalog.models import DetailType

router = Router(tags=["Products"])
_MANAGE = Permission.MANAGE_PROGRAM


class DetailTypeChange(Schema):
    title: str = Field(max_length=200, description="What the bank's customers read when they consent.")
    object_schema: dict[str, Any] = Field(
        description="JSON Schema of an object, without `type`. Titles of members are their labels on the page.",
    )
    versions: list[str] = Field(description="Versions of the product, such as v1: the type exists where one answers.")
    account_member: str = Field(
        "", max_length=60, description="The member in which the accounts stand that the customer chooses, or empty."
    )
    scope: str = Field("", max_length=80, description="A scope that tokens with such details carry, or empty.")


class DetailTypeIn(DetailTypeChange):
    name: str = Field(max_length=80, description="The value of `type`.")


class DetailTypeOut(DetailTypeIn):
    pass


class DetailTypeList(Schema):
    data: list[DetailTypeOut]


class ScopeIn(Schema):
    """What is left out, or null, stays as it is."""

    asks_accounts: bool | None = Field(None, description="The customer chooses which accounts a consent to it covers.")
    risk: str | None = Field(
        None, description="low, normal or high: customers need a second step at their login to consent."
    )


class ScopeState(Schema):
    name: str
    title: str
    asks_accounts: bool
    risk: str


@router.get("/{name}/detail-types", response=DetailTypeList, summary="Types of authorization_details (RFC 9396)")
def list_detail_types(request: HttpRequest, name: str) -> DetailTypeList:
    rows = access_product(current_user(request), name).detail_types.select_related("scope").order_by("name")
    return DetailTypeList(data=[_out(row) for row in rows.prefetch_related("versions")])


@router.post("/{name}/detail-types", response={201: DetailTypeOut}, summary="Add a type of authorization_details")
def add_detail_type(request: HttpRequest, name: str, payload: DetailTypeIn) -> Status[DetailTypeOut]:
    user = current_user(request)
    product = access_product(user, name, _MANAGE)
    return Status(
        201,
        _out(actions.add_detail_type(acting_user=actor_of(user), product=product, wish=_wish(payload, payload.name))),
    )


@router.put("/{name}/detail-types/{type_name}", response=DetailTypeOut, summary="Change a type")
def change_detail_type(request: HttpRequest, name: str, type_name: str, payload: DetailTypeChange) -> DetailTypeOut:
    """All of it but its name."""
    user = current_user(request)
    row = access_detail_type(user, name, type_name, _MANAGE)
    actions.change_detail_type(acting_user=actor_of(user), row=row, wish=_wish(payload, type_name))
    return _out(row)


@router.delete("/{name}/detail-types/{type_name}", response={204: None}, summary="Remove a type")
def remove_detail_type(request: HttpRequest, name: str, type_name: str) -> Status[None]:
    user = current_user(request)
    row = access_detail_type(user, name, type_name, _MANAGE)
    actions.remove_detail_type(acting_user=actor_of(user), row=row)
    return Status(204, None)


@router.patch("/{name}/scopes/{scope}", response=ScopeState, summary="What a consent to a scope needs")
def change_scope(request: HttpRequest, name: str, scope: str, payload: ScopeIn) -> ScopeState:
    user = current_user(request)
    row = access_scope(user, name, scope, _MANAGE)
    with transaction.atomic():
        if payload.asks_accounts is not None:
            actions.set_asks_accounts(acting_user=actor_of(user), scope=row, asks_accounts=payload.asks_accounts)
        if payload.risk is not None:
            risks = {scope: payload.risk}
            actions.set_scope_risks(acting_user=actor_of(user), product=row.product, risks=risks)
    row.refresh_from_db()
    return ScopeState(name=row.name, title=row.title, asks_accounts=row.asks_accounts, risk=row.risk)


def _wish(payload: DetailTypeChange, name: str) -> DetailTypeWish:
    return DetailTypeWish(
        name=name,
        title=payload.title,
        schema=payload.object_schema,
        versions=payload.versions,
        account_member=payload.account_member,
        scope=payload.scope,
    )


def _out(row: DetailType) -> DetailTypeOut:
    return DetailTypeOut(
        name=row.name,
        title=row.title,
        object_schema=row.schema,
        versions=sorted(each.version for each in row.versions.all()),
        account_member=row.account_member,
        scope=row.scope.name if row.scope else "",
    )
