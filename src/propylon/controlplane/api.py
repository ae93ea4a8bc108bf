"""Revisions and gateway nodes in the management API."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router

from propylon.accounts.access import require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.audit.paging import PageQuery, page_of
from propylon.controlplane.schemas import NodeList, RevisionPage, node_out, revision_page
from propylon.controlplane.selectors import live_revision, nodes, offers, revisions

router = Router(tags=["Gateways"])


@router.get("/revisions", response=RevisionPage, summary="Compiled configurations, newest first")
def list_revisions(request: HttpRequest, query: Query[PageQuery]) -> RevisionPage:
    require(current_user(request), Permission.VIEW_PROGRAM)
    return revision_page(page_of(revisions(), query, name="revisions"), live_revision())


@router.get("/nodes", response=NodeList, summary="What each gateway node runs, and since when")
def list_nodes(request: HttpRequest) -> NodeList:
    require(current_user(request), Permission.VIEW_PROGRAM)
    offered = offers()
    return NodeList(data=[node_out(node, offered) for node in nodes().order_by("name")])
