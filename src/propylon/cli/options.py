"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path

import click


def _use_home(_ctx: click.Context, _parameter: click.Parameter, home: Path | None) -> None:
    if home is not None:
        os.environ["PROPYLON_HOME"] = str(home.resolve())


home_option = click.option(
    "--home",
    type=click.Path(path_type=Path),
    callback=_use_home,
    expose_value=False,
    help="The folder of the installation. Default: PROPYLON_HOME.",
)
