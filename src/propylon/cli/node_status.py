"""`propylon status` in the home of a node whose control plane is on another machine."""

from __future__ import annotations

import fcntl

import click

from propylon.kernel.home import Home


def show_node(home: Home) -> bool:
    """True when its agent and Envoy run and the control plane answers."""
    from propylon.dataplane.enrolment import read_enrolment
    from propylon.dataplane.health import read_state

    enrolment, state = read_enrolment(home), read_state(home)
    if enrolment is None:
        return False
    is_running = _has_agent(home)
    envoy, away = state.get("envoy_pid") or 0, state.get("control_plane_away") or ""
    click.echo(f"home           {home.root}")
    click.echo(f"node           {enrolment.node}")
    click.echo(f"control plane  {enrolment.control_plane}{f', away: {away}' if away else ''}")
    click.echo(f"confirmed      {state.get('last_confirm_at') or 'never'}")
    click.echo(f"certificate    until {enrolment.ends_at}")
    click.echo(f"envoy          {f'process {envoy}' if envoy else 'does not run'}")
    if not is_running:
        click.echo("No agent runs in this home. Start it with: propylon gateway")
    return is_running and bool(envoy) and not away


def _has_agent(home: Home) -> bool:
    try:
        with (home.run / "agent.lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
