"""Revisions, gateway nodes and kill switches in the management API."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router, Status

from propylon.accounts.access import actor_of, require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.audit.paging import PageQuery, page_of
from propylon.controlplane.kill_switches import kill_switches, lift_kill_switch, throw_kill_switch
from propylon.controlplane.node_enrolment import certificate_ends
from propylon.controlplane.schemas import (
    KillSwitchIn,
    KillSwitchList,
    NodeList,
    RevisionPage,
    kill_switch_out,
    node_out,
    revision_page,
)
from propylon.controlplane.selectors import live_revision, nodes, offers, revisions

router = Router(tags=["Gateways"])


@router.get("/revisions", response=RevisionPage, summary="Compiled configurations, newest first")
def list_revisions(request: HttpRequest, query: Query[PageQuery]) -> RevisionPage:
    require(current_user(request), Permission.VIEW_PROGRAM)
    return revision_page(page_of(revisions(), query, name="revisions"), live_revision())


@router.get("/nodes", response=NodeList, summary="What each gateway node runs, and since when")
def list_nodes(request: HttpRequest) -> NodeList:
    require(current_user(request), Permission.VIEW_PROGRAM)
    offered, ends = offers(), certificate_ends()
    return NodeList(data=[node_out(node, offered, ends) for node in nodes().order_by("name")])


@router.get("/kill-switches", response=KillSwitchList, summary="What is stopped at present, newest first")
def list_kill_switches(request: HttpRequest) -> KillSwitchList:
    require(current_user(request), Permission.VIEW_PROGRAM)
    return KillSwitchList(data=[kill_switch_out(thrown) for thrown in kill_switches()])


@router.post("/kill-switches", response={204: None}, summary="Stop a product, an environment or an organization")
def throw(request: HttpRequest, body: KillSwitchIn) -> Status[None]:
    """Every gateway refuses its calls within a second."""
    user = current_user(request)
    require(user, Permission.SECURE)
    throw_kill_switch(acting_user=actor_of(user), switch=body.switch(), reason=body.reason)
    return Status(204, None)


@router.post("/kill-switches/lift", response={204: None}, summary="Let its calls pass again")
def lift(request: HttpRequest, body: KillSwitchIn) -> Status[None]:
    user = current_user(request)
    require(user, Permission.SECURE)
    lift_kill_switch(acting_user=actor_of(user), switch=body.switch(), reason=body.reason)
    return Status(204, None)
