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
