"""SQLite on one machine, PostgreSQL from DATABASE_URL; call records apart from everything else."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from propylon.kernel.home import Home

_SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",  # a writer waits for its turn at BEGIN instead of failing in the middle
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
        "PRAGMA cache_size=-8000;PRAGMA mmap_size=134217728;"
    ),
}
_SQLITE = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": _SQLITE_OPTIONS}


def databases(home: Home, url: str) -> dict[str, dict[str, Any]]:
    """Two aliases, `default` and `usage`. On PostgreSQL both lead to the same database."""
    if not url:
        return {
            "default": {**_SQLITE, "NAME": home.database},
            "usage": {**_SQLITE, "NAME": home.usage_database},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        message = f"DATABASE_URL begins with {parts.scheme}://; it takes postgresql://user:password@host:port/name."
        raise ValueError(message)
    postgres = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
    return {"default": postgres, "usage": dict(postgres)}


class UsageRouter:
    """Sends the call records to `usage`, all else to `default`."""

    def db_for_read(self, model: Any, **_hints: Any) -> str:
        return "usage" if model._meta.app_label == "usage" else "default"  # noqa: SLF001

    db_for_write = db_for_read

    def allow_relation(self, first: Any, second: Any, **_hints: Any) -> bool:
        return self.db_for_read(first) == self.db_for_read(second)

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        return db == ("usage" if app_label == "usage" else "default")
