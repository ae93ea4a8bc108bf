"""`propylon node`: gateway nodes on other machines."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TextIO

import click

from propylon.cli.configuration import Configuration, configuration
from propylon.cli.installation import set_up_django
from propylon.cli.options import home_option
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError

_ACTOR = Actor("system", "command-line", "propylon node")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  (an address to listen on, not to call)
_HERE = ("localhost", "127.0.0.1", "::1")


@click.group()
@home_option
def node() -> None:
    """Gateway nodes on other machines: `add`, `list` and `remove` beside the control plane, `join` on the node's."""


@node.command(short_help="Enrol a node, and write the bundle that it joins with.")
@click.argument("name")
@home_option
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="The bundle. Default: NAME.bundle.")
@click.option("--address", metavar="HOST:PORT", help="Where the node finds the control plane, if not by the setting.")
@click.option(
    "--server-certificate",
    is_flag=True,
    help="Also issue a certificate for the node's listeners, for the addresses of the environments. Without, the node "
    "needs tls/server.crt and tls/server.key in its home.",
)
def add(name: str, out: Path | None, address: str | None, *, server_certificate: bool) -> None:
    """Enrol a node on another machine, or enrol it again: its certificate before is refused from then on.

    The bundle holds a private key: carry it to the node's machine by a way that nobody else reads, and delete it when
    the node has joined.
    """
    set_up_django()
    from propylon.controlplane.node_enrolment import enrol_node

    target, reachable = out or Path(f"{name}.bundle"), _address(address, configuration())
    with _new_private_file(target) as file:
        try:
            pair = _server_certificate() if server_certificate else ("", "")
            bundle = enrol_node(
                acting_user=_ACTOR,
                name=name,
                address=reachable,
                server_certificate_pem=pair[0],
                server_key_pem=pair[1],
            )
        except BaseException:
            target.unlink()
            raise
        file.write(bundle.as_text())
    click.echo(f"{name} is enrolled; it finds the control plane at {reachable}. Its bundle: {target}")
    click.echo("On the node's machine: propylon node join BUNDLE --home DIR, then propylon gateway --home DIR")
    _tell_what_stays_here()


@node.command(short_help="On the node's machine: keep what the bundle holds.")
@click.argument("bundle", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@home_option
def join(bundle: Path) -> None:
    """Make the home that of a node, by the bundle of `propylon node add`; `propylon gateway` runs it then.

    A node that has joined already goes on with the new bundle by itself.
    """
    from propylon.dataplane.enrolment import join as keep

    home = configuration().home
    enrolment = keep(home, bundle.read_text())
    click.echo(f"{home.root} is the home of node {enrolment.node}, of the control plane at {enrolment.control_plane}.")
    if not home.server_certificate.exists():
        click.echo(f"Put the certificate of its listeners into {home.server_certificate} and {home.server_key.name}.")
    click.echo(f"The bundle is of no use any more: delete {bundle}")


@node.command("list", short_help="Show every node, and when its certificate ends.")
@home_option
def list_nodes() -> None:
    """Show every node: when it reported itself last, and when its certificate ends."""
    set_up_django()
    from propylon.controlplane.node_enrolment import enrolments
    from propylon.controlplane.selectors import is_node_current, nodes

    enrolled, seen = {row.name: row for row in enrolments()}, {row.name: row for row in nodes()}
    click.echo(f"{'NODE':<24} {'CERTIFICATE ENDS':<18} {'REPORTED ITSELF':<18} RUNS")
    for name in sorted({*enrolled, *seen}):
        row, known = enrolled.get(name), seen.get(name)
        ends = f"{row.not_after:%Y-%m-%d %H:%M}" if row else "this machine"
        runs = "-" if known is None else "what is offered" if is_node_current(name) else "something older"
        click.echo(f"{name:<24} {ends:<18} {_moment(known.last_seen_at if known else None):<18} {runs}")


@node.command(short_help="Refuse the node from now on, and forget it.")
@click.argument("name")
@home_option
def remove(name: str) -> None:
    """Refuse the node from its next request on, and forget it. What it shipped stays; its Envoy serves on until
    somebody stops it there."""
    set_up_django()
    from propylon.controlplane.node_enrolment import remove_node

    remove_node(acting_user=_ACTOR, name=name)
    click.echo(f"{name} is removed. Stop it on its machine: until then it serves what it had.")


def _address(given: str | None, found: Configuration) -> str:
    from propylon.gateway.node_bundle import host_and_port

    if given:
        try:
            host_and_port(given)
        except ValueError:
            raise click.BadParameter("give host:port", param_hint="--address") from None
        return given
    if found.nodes_address is None:
        raise PropylonError(
            "node.address.missing",
            "The control plane lets no nodes in from other machines. Start it with PROPYLON_NODES_ADDRESS=host:port, "
            "and name that here too, or give --address.",
            kind=Kind.CONFLICT,
        )
    host, port = found.nodes_address
    if host in _EVERYWHERE:
        host = found.host
        if host in _HERE:
            raise PropylonError(
                "node.address.unknown",
                f"Say where the node finds the control plane: --address HOST:{port}. It listens on all addresses of "
                "this machine, and its public URL has no name that others could call.",
                kind=Kind.CONFLICT,
            )
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _new_private_file(path: Path) -> TextIO:
    """Made here, for this user alone."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        reason = f"{path} cannot be made ({error.strerror}); name another file"
        raise click.BadParameter(reason, param_hint="--out") from None
    return os.fdopen(handle, "w")


def _server_certificate() -> tuple[str, str]:
    """For the addresses under which APIs are called: not for those that only portal and authorization server have."""
    from urllib.parse import urlsplit

    from django.conf import settings

    from propylon.catalog.selectors import gateway_environments
    from propylon.certificates.actions import issue_server_certificate

    names = [host for environment in gateway_environments() for host in environment.hosts]
    if any(not environment.hosts for environment in gateway_environments()):
        own = (settings.PROPYLON_PUBLIC_URL, settings.PROPYLON_MUTUAL_URL)
        names += [urlsplit(url).hostname or "localhost" for url in own]
    return issue_server_certificate(names=list(dict.fromkeys(names)))


def _tell_what_stays_here() -> None:
    from propylon.catalog.selectors import gateway_upstreams

    local = sorted(each.name for each in gateway_upstreams() if each.address.startswith("unix:"))
    if local:
        click.echo(f"On this machine alone, and out of the node's reach: the upstreams {', '.join(local)}.", err=True)


def _moment(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M}" if when else "never"
