"""Which host names serve what: one host for everything, or portal, authorization server and environments each on hosts
of their own. On the host of an environment its path prefix is no part of an address."""

from __future__ import annotations

from dataclasses import dataclass

from propylon.gateway.hosts import authorization_hosts, main_hosts
from propylon.gateway.model import Environment, GatewayModel
from propylon.gateway.routing import Mount, Routing


@dataclass(frozen=True, slots=True)
class Site:
    """Host names that serve the same. `name` is the virtual host's."""

    name: str
    hosts: tuple[str, ...]
    environments: tuple[Environment, ...] = ()
    mounts: tuple[Mount, ...] = ()
    serves_portal: bool = False
    serves_authorization: bool = False


def sites(model: GatewayModel, routing: Routing) -> tuple[Site, ...]:
    """The main one first; no host name is in two of them."""
    authorization = authorization_hosts(model.listeners)
    main = Site(
        "gateway",
        tuple(sorted(main_hosts(model.listeners))),
        tuple(each for each in routing.environments if not each.hosts),
        tuple(mount for mount in routing.mounts if not mount.hosts),
        serves_portal=True,
        serves_authorization=not authorization,
    )
    own = [
        Site(f"environment.{each.name}", each.hosts, (each,), tuple(m for m in routing.mounts if m.hosts == each.hosts))
        for each in routing.environments
        if each.hosts
    ]
    if not authorization:
        return (main, *own)
    return (main, Site("authorization", tuple(sorted(authorization)), serves_authorization=True), *own)
