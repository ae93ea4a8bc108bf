"""Making a home ready: database, keys, authorities, server certificate. Every step leaves alone what is there."""

from __future__ import annotations

from pathlib import Path

import django
from django.conf import settings

from propylon.kernel.home import Home
from propylon.project.home import make_django_key
from propylon.sealing.seal import make_sealing_key


def initialise(home: Home | None = None) -> None:
    """Bring the installation of the settings to this version; `home` is the settings' own if nobody says.

    Raises `installation.database.newer`, `installation.sealing_key.lost`.
    """
    home = home or settings.PROPYLON_HOME
    for folder in (home.root, home.run, home.logs, home.outbox):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_django_key(home)
    django.setup()
    from propylon.project.migrations_runner import bring_databases_up_to_date

    _refuse_lost_key(home)
    make_sealing_key(home.sealing_key)
    bring_databases_up_to_date()
    _ensure_credentials(home)


def _ensure_credentials(home: Home) -> None:
    from propylon.authserver.actions import ensure_signing_key
    from propylon.certificates.actions import ensure_authorities
    from propylon.kernel.actor import SYSTEM
    from propylon.project.server_certificate import ensure_server_certificate, every_url

    ensure_authorities(acting_user=SYSTEM)
    ensure_server_certificate(home, *every_url())
    ensure_signing_key(acting_user=SYSTEM)


def _refuse_lost_key(home: Home) -> None:
    """A database whose key is gone must not get a new one: nothing in it would open."""
    if not home.sealing_key.exists() and _has_authority():
        from propylon.kernel.errors import Kind, PropylonError

        raise PropylonError(
            "installation.sealing_key.lost",
            f"The database is there but its key {home.sealing_key} is not. Restore the key from your backup.",
            kind=Kind.UNAVAILABLE,
        )


def _has_authority() -> bool:
    from django.db import connection

    name = settings.DATABASES["default"]["NAME"]
    if isinstance(name, Path) and not name.exists():
        return False
    from propylon.certificates.models import Authority

    return "certificates_authority" in connection.introspection.table_names() and Authority.objects.exists()
