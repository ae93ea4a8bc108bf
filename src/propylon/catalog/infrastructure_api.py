"""Environments, upstreams and plans in the management API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from propylon.accounts.access import actor_of, require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.audit.paging import PageQuery, page_of
from propylon.catalog import access, actions, schemas, selectors
from propylon.kernel.actor import Actor

environments_router = Router(tags=["Environments"])


@environments_router.get("/environments", response=schemas.EnvironmentPage, summary="The environments")
def list_environments(request: HttpRequest, query: Query[PageQuery]) -> schemas.EnvironmentPage:
    page = page_of(selectors.environments(), query, name="environments", newest_first=False)
    return schemas.EnvironmentPage(data=[schemas.environment_out(row) for row in page.rows], paging=page.paging)


@environments_router.post("/environments", response={201: schemas.EnvironmentOut}, summary="Add an environment")
def add_environment(request: HttpRequest, payload: schemas.EnvironmentIn) -> Status[schemas.EnvironmentOut]:
    actor = _operator(request)
    made = actions.create_environment(acting_user=actor, **payload.model_dump())
    return Status(201, schemas.environment_out(made))


@environments_router.patch("/environments/{name}", response=schemas.EnvironmentOut, summary="Change an environment")
def change_environment(request: HttpRequest, name: str, payload: schemas.EnvironmentChange) -> schemas.EnvironmentOut:
    actor, found = _operator(request), access.environment_named(name)
    actions.change_environment(acting_user=actor, environment=found, **payload.model_dump())
    return schemas.environment_out(found)


@environments_router.get("/upstreams", response=schemas.UpstreamPage, summary="Where calls are sent")
def list_upstreams(request: HttpRequest, query: Query[PageQuery]) -> schemas.UpstreamPage:
    require(current_user(request), Permission.VIEW_PROGRAM)
    page = page_of(selectors.upstreams(), query, name="upstreams", newest_first=False)
    return schemas.UpstreamPage(data=[schemas.upstream_out(row) for row in page.rows], paging=page.paging)


@environments_router.post("/upstreams", response={201: schemas.UpstreamOut}, summary="Add an upstream")
def add_upstream(request: HttpRequest, payload: schemas.UpstreamIn) -> Status[schemas.UpstreamOut]:
    actor = _operator(request)
    made = actions.create_upstream(acting_user=actor, **payload.model_dump())
    return Status(201, schemas.upstream_out(made))


@environments_router.patch("/upstreams/{name}", response=schemas.UpstreamOut, summary="Change an upstream")
def change_upstream(request: HttpRequest, name: str, payload: schemas.UpstreamChange) -> schemas.UpstreamOut:
    """Calls go to a new address as soon as the gateways run it."""
    actor, found = _operator(request), access.upstream_named(name)
    actions.change_upstream(acting_user=actor, upstream=found, **payload.model_dump())
    return schemas.upstream_out(found)


@environments_router.get("/plans", response=schemas.PlanPage, summary="How fast applications may call")
def list_plans(request: HttpRequest, query: Query[PageQuery]) -> schemas.PlanPage:
    page = page_of(selectors.plans(), query, name="plans", newest_first=False)
    return schemas.PlanPage(data=[schemas.plan_out(row) for row in page.rows], paging=page.paging)


@environments_router.post("/plans", response={201: schemas.PlanOut}, summary="Add a plan")
def add_plan(request: HttpRequest, payload: schemas.PlanIn) -> Status[schemas.PlanOut]:
    actor = _operator(request)
    made = actions.create_plan(acting_user=actor, **_with_quota(payload))
    return Status(201, schemas.plan_out(made))


@environments_router.patch("/plans/{name}", response=schemas.PlanOut, summary="Change a plan")
def change_plan(request: HttpRequest, name: str, payload: schemas.PlanChange) -> schemas.PlanOut:
    """New limits are in force for all its applications as soon as the gateways run them."""
    actor, found = _operator(request), access.plan_named(name)
    actions.change_plan(acting_user=actor, plan=found, **_with_quota(payload))
    return schemas.plan_out(found)


@environments_router.delete("/plans/{name}", response={204: None}, summary="Remove a plan that no application has")
def remove_plan(request: HttpRequest, name: str) -> Status[None]:
    actor = _operator(request)
    actions.remove_plan(acting_user=actor, plan=access.plan_named(name))
    return Status(204, None)


def _with_quota(payload: schemas.PlanIn | schemas.PlanChange) -> dict[str, Any]:
    return payload.model_dump() | {"quota": payload.quota.quota() if payload.quota else None}


def _operator(request: HttpRequest) -> Actor:
    user = current_user(request)
    require(user, Permission.MANAGE_PROGRAM)
    return actor_of(user)
