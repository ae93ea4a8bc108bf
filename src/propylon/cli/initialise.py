"""`propylon initialise`: makes the home ready. `propylon up` runs it as a child, so that the supervisor stays small."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

import click

from propylon.cli.child_process import die_with_supervisor
from propylon.cli.configuration import configuration
from propylon.cli.options import home_option
from propylon.kernel.errors import PropylonError
from propylon.project.home import make_django_key


@click.command()
@home_option
@click.option("--empty", is_flag=True, help="No demonstration on an empty home.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def initialise(*, empty: bool, as_json: bool) -> None:
    """Make the home ready: database, keys, certificate authority, demonstration. Changes nothing that is there."""
    die_with_supervisor()
    try:
        _make_ready(_reporter(as_json=as_json), empty=empty)
    except PropylonError as error:
        if not as_json:
            raise
        click.echo(json.dumps({"error": error.code, "message": error.message, "detail": error.detail}))
        sys.exit(1)


def _make_ready(report: Callable[[str], None], *, empty: bool) -> None:
    make_django_key(configuration().home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")
    from django.conf import settings

    from propylon.project.installation import initialise as make_home

    report("preparing database, keys and certificates")
    make_home()
    if not empty and not settings.PROPYLON_HOME.demo_file.exists():
        from propylon.project.demonstration import seed_demonstration

        report("setting up the demonstration")
        seed_demonstration()


def _reporter(*, as_json: bool) -> Callable[[str], None]:
    def report(step: str) -> None:
        click.echo(json.dumps({"step": step}) if as_json else step)
        sys.stdout.flush()

    return report
