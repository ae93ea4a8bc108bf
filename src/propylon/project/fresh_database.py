"""The tables of an empty database, made from the models at once: migrations would make and change each several times.

They are recorded as applied, so that the next version goes on from there. That both ways lead to the same tables is
held by tests/project/test_fresh_database.py.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.db import connections, router
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from propylon.usage.tables import lay_in_order


def is_fresh(alias: str) -> bool:
    """Whether nothing of this alias's models is stored there yet."""
    connection = connections[alias]
    there = set(connection.introspection.table_names())
    return there.isdisjoint(model._meta.db_table for model in _models(alias))  # noqa: SLF001


def make_tables(alias: str, migrations: Iterable[tuple[str, str]]) -> None:
    """Of every model of this alias; `migrations` (app, name) count as applied. All of it, or nothing."""
    connection = connections[alias]
    recorder = MigrationRecorder(connection)
    with connection.schema_editor() as editor:
        for model in _models(alias):
            editor.create_model(model)
        if alias == "usage":
            lay_in_order(connection)
        recorder.ensure_schema()
        for app, name in migrations:
            recorder.record_applied(app, name)


def _models(alias: str) -> list[type[Model]]:
    """Those whose tables are ours to make, without the ones that come with another."""
    return [
        model
        for config in apps.get_app_configs()
        for model in router.get_migratable_models(config, alias)
        if model._meta.managed and not model._meta.proxy  # noqa: SLF001
    ]
