"""A home of the test run's own, before Django reads its settings."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

_home = tempfile.TemporaryDirectory(prefix="propylon-test-")
os.environ["PROPYLON_HOME"] = _home.name
os.environ.pop("DATABASE_URL", None)
os.environ.pop("PROPYLON_PUBLIC_URL", None)
os.environ.pop("PROPYLON_MUTUAL_URL", None)
for _own in ("ISSUER_URL", "ISSUER_MUTUAL_URL", "ENVIRONMENT_URLS", "HTTP3"):
    os.environ.pop(f"PROPYLON_{_own}", None)

from propylon.sealing.seal import make_sealing_key  # noqa: E402

make_sealing_key(Path(_home.name) / "keys" / "sealing.key")

# pytest-django reads the settings before this file runs.
import hypothesis  # noqa: E402
import pytest  # noqa: E402
from django.conf import settings  # noqa: E402

from propylon.kernel.home import Home  # noqa: E402

settings.PROPYLON_HOME = Home(Path(_home.name).resolve())

# How long an example takes says nothing on a busy machine.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")

pytest_plugins = ["management", "running_system"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tables made from the models at once, as those of an installation are: propylon.project.fresh_database."""
    from django.db import connections

    from propylon.usage.tables import IN_ORDER, lay_in_order

    with django_db_blocker.unblock():
        usage = connections["usage"]
        if IN_ORDER[0] in usage.introspection.table_names():  # else none of the chosen tests asks for this database
            lay_in_order(usage)
