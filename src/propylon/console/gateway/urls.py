"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.console.gateway import call_views, kill_switch_views, mark_views, node_views

app_name = "console_gateway"
urlpatterns = [
    path("console/nodes", node_views.nodes, name="nodes"),
    path("console/nodes/<str:node>", node_views.node, name="node"),
    path("console/revisions", node_views.revision_list, name="revisions"),
    path("console/revisions/<str:revision>", node_views.revision, name="revision"),
    path("console/kill-switches", kill_switch_views.switches, name="kill_switches"),
    path("console/kill-switches/new/<str:kind>", kill_switch_views.throw, name="throw_kill_switch"),
    path("console/kill-switches/<str:kind>/<str:value>", kill_switch_views.lift, name="lift_kill_switch"),
    path("console/marks", mark_views.marks, name="marks"),
    path("console/marks/new", mark_views.place, name="place_mark"),
    path("console/marks/<str:kind>/<path:value>", mark_views.lift, name="lift_mark"),
    path("console/calls", call_views.calls, name="calls"),
    path("console/calls/<str:tracking_id>", call_views.call, name="call"),
]
