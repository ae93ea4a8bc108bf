"""A home of the test run's own, before Django reads its settings."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
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
from django.core.signals import setting_changed  # noqa: E402
from django.test.client import ClientHandler  # noqa: E402

from propylon.kernel.home import Home  # noqa: E402

settings.PROPYLON_HOME = Home(Path(_home.name).resolve())
settings.PASSWORD_HASHERS = ["quick_hasher.QuickArgon2id"]

# How long an example takes says nothing on a busy machine.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")

pytest_plugins = ["management", "running_system"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tables made from the models at once, as those of an installation are: propylon.project.fresh_database."""
    from django.db import connections

    from propylon.usage.tables import lay_in_order

    usage = connections["usage"]
    # Else none of the chosen tests asks for this database, and the connection leads to the checkout's own.
    if usage.vendor != "sqlite" or "mode=memory" in str(usage.settings_dict["NAME"]):
        with django_db_blocker.unblock():
            lay_in_order(usage)


_CHAIN = ("_middleware_chain", "_view_middleware", "_template_response_middleware", "_exception_middleware")


@pytest.fixture(scope="session", autouse=True)
def _middleware_loaded_once() -> Iterator[None]:
    """By all test clients of a process, until a setting changes: each would load it, and WhiteNoise all its files."""
    loaded: dict[str, Any] = {}
    load = ClientHandler.load_middleware

    def load_once(self: ClientHandler, is_async: bool = False) -> None:
        if not loaded:
            load(self, is_async)
            loaded.update({name: getattr(self, name) for name in _CHAIN})
        for name, value in loaded.items():
            setattr(self, name, value)

    def forget(**_told: Any) -> None:
        loaded.clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", load_once)
        setting_changed.connect(forget)
        yield
        setting_changed.disconnect(forget)
