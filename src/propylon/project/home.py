"""Where the home is when nobody says, and the keys that Django itself needs."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from propylon.kernel.home import Home


def default_home() -> Path:
    """`./var` of the checkout that the package runs from, else the user's data folder."""
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").exists():
        return checkout / "var"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "propylon"


def django_secret_key(home: Home) -> str:
    """The key that signs sessions and mail links; a throw-away one until `propylon up` has made the home."""
    try:
        return home.django_key.read_text().strip()
    except OSError:
        return secrets.token_urlsafe(50)


def make_django_key(home: Home) -> None:
    """Write a new key unless there is one. Before any process reads its settings, since they keep what they read."""
    if home.django_key.exists():
        return
    home.django_key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = home.django_key.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(50) + "\n")
    try:
        os.link(fresh, home.django_key)  # whoever comes first wins, and nobody reads half a key
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
