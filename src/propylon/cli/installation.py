"""Commands that work in an installation's database: Django set up, and a sentence when there is no installation."""

from __future__ import annotations

import os

from propylon.cli.configuration import configuration
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.home import Home


def set_up_django() -> None:
    """Raises PropylonError when the settings make no sense or the home was never made."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")
    found = configuration()
    import django

    django.setup()
    from django.db import DatabaseError, connection

    try:
        is_installed = "catalog_environment" in connection.introspection.table_names()
    except DatabaseError:
        is_installed = False
    if not is_installed:
        raise no_installation(found.home)


def no_installation(home: Home) -> PropylonError:
    return PropylonError(
        "home.installation.missing",
        f"There is no installation in {home.root}. Start one there with `propylon up`, "
        "or name the folder of yours with --home or PROPYLON_HOME.",
        kind=Kind.NOT_FOUND,
    )
