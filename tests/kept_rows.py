"""Rows that many tests begin with: made once by the actions themselves, then put back as they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.models.signals import post_migrate

# Every test that commits ends with these, for rows that nothing of ours asks for and no installation has.
post_migrate.disconnect(create_permissions, dispatch_uid="django.contrib.auth.management.create_permissions")
post_migrate.disconnect(create_contenttypes)


@dataclass(frozen=True)
class KeptRows:
    """By table, the names of its columns and its rows."""

    tables: dict[str, tuple[list[str], list[tuple[Any, ...]]]]

    @classmethod
    def of_now(cls) -> KeptRows:
        """Everything that is stored in tables of ours."""
        found = {}
        with connection.cursor() as cursor:
            for table in own_tables():
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                if rows := cursor.fetchall():
                    found[table] = ([column[0] for column in cursor.description], rows)
        return cls(found)

    def put_back(self) -> None:
        """Foreign keys are looked at when the transaction ends."""
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            for table, (columns, rows) in self.tables.items():
                places = ", ".join(["%s"] * len(columns))
                names = ", ".join(map(quote, columns))
                cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({places})", rows)


def own_tables() -> list[str]:
    """Of our models and their many-to-many relations, in the default database."""
    ours = [config for config in apps.get_app_configs() if config.name.startswith("propylon.")]
    models = [
        model for config in ours if config.label != "usage" for model in config.get_models(include_auto_created=True)
    ]
    return sorted({model._meta.db_table for model in models})


def is_empty() -> bool:
    with connection.cursor() as cursor:
        for table in own_tables():
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")
            if cursor.fetchone():
                return False
    return True
