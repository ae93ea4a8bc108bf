"""One snapshot suits every node; where two things differ from node to node, the node fits them in.

Where it listens, and whether the web application (portal, authorization server, management API) is on its machine. The
version stays: it names what was offered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from propylon.gateway.clusters import WEB
from propylon.gateway.envoy_types import HEALTH_CHECK, Json, extension
from propylon.gateway.snapshot import Resource

FITTED_KINDS = ("cds", "lds")
# Where the web application does not tell the machine's health, Envoy tells its own: 200 at this path, whatever the host
# name. It comes after the filter that names answers, and before any that could refuse.
_HEALTH = extension(
    "health",
    HEALTH_CHECK,
    pass_through_mode=False,
    headers=[{"name": ":path", "string_match": {"exact": "/health"}}],
)


@dataclass(frozen=True, slots=True)
class Fit:
    """`listen_address`: "" is the one in the snapshot. Without sites their routes lead nowhere, which the refusal
    `gateway.site.elsewhere` says."""

    listen_address: str = ""
    has_sites: bool = True

    def __call__(self, resource: Resource) -> Resource:
        """Fitting twice changes nothing more."""
        if self == Fit() or resource.kind not in FITTED_KINDS:
            return resource
        messages = json.loads(resource.text)["resources"]
        messages = self._clusters(messages) if resource.kind == "cds" else self._listeners(messages)
        body = json.dumps(messages, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        text = f'{{"version_info":"{resource.version}","resources":{body}}}'
        return Resource(resource.kind, resource.version, text)

    def _clusters(self, clusters: list[Json]) -> list[Json]:
        return [each for each in clusters if self.has_sites or each["name"] != WEB]

    def _listeners(self, listeners: list[Json]) -> list[Json]:
        if self.listen_address:
            for each in listeners:
                each["address"]["socket_address"]["address"] = self.listen_address
        for manager in _connection_managers(listeners) if not self.has_sites else ():
            tracking, *others = manager["http_filters"]
            if _HEALTH not in others:
                manager["http_filters"] = [tracking, _HEALTH, *others]
        return listeners


def _connection_managers(listeners: list[Json]) -> Iterator[Json]:
    for listener in listeners:
        for chain in listener["filter_chains"]:
            for each in chain["filters"]:
                if "http_filters" in each["typed_config"]:
                    yield each["typed_config"]
