"""The four processes, each by itself: `propylon web`, `worker`, `gateway`, `sandbox`."""

from __future__ import annotations

import os
from importlib import import_module

import click

from propylon.cli.child_process import die_with_supervisor, wait_for_gate
from propylon.cli.configuration import configuration
from propylon.cli.options import home_option
from propylon.cli.preflight import envoy_binary


@click.command()
@home_option
def web() -> None:
    """Run the web process: the token endpoint, the management API, login and consent."""
    die_with_supervisor()
    from granian.constants import Interfaces

    from propylon.cli.unix_server import serve
    from propylon.project.rsgi import application

    import_module("propylon.project.urls")  # now, not at the first request
    wait_for_gate()
    serve(application, configuration().home.web_socket, Interfaces.RSGI)


@click.command()
@home_option
def worker() -> None:
    """Run the worker: the control plane and what repeats."""
    die_with_supervisor()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")
    from propylon.project.worker import run_worker

    wait_for_gate()
    run_worker()


@click.command()
@home_option
def gateway() -> None:
    """Run a gateway node: the agent, its Envoy and its call check.

    In a home that has joined an installation (`propylon node join`) it is a node of that: it needs no database, and
    asks the control plane on the other machine.
    """
    die_with_supervisor()
    from propylon.dataplane.agent import run_agent
    from propylon.dataplane.enrolment import read_enrolment
    from propylon.dataplane.settings import NodeSettings
    from propylon.gateway.fitting import Fit

    found = configuration()
    wait_for_gate()
    enrolment = read_enrolment(found.home)
    if enrolment is None:
        run_agent(NodeSettings(found.home, node=found.node, envoy=envoy_binary()))
    else:
        fit = Fit(os.environ.get("PROPYLON_LISTEN_ADDRESS", ""), has_sites=False)
        run_agent(NodeSettings(found.home, node=enrolment.node, envoy=envoy_binary(), fit=fit))


@click.command()
@home_option
def sandbox() -> None:
    """Run the sandbox bank."""
    die_with_supervisor()
    home = configuration().home
    os.environ["PROPYLON_HOME"] = str(home.root)
    from granian.constants import Interfaces

    from propylon.cli.unix_server import serve
    from propylon.sandbox.app import application

    wait_for_gate()
    serve(application, home.sandbox_socket, Interfaces.ASGI)
