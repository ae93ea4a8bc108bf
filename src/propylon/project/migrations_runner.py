"""Tables or migrations on both databases, and the refusal of a database that a newer version has been at."""

from __future__ import annotations

from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from propylon.kernel.errors import Kind, PropylonError
from propylon.project.fresh_database import is_fresh, make_tables


def bring_databases_up_to_date() -> None:
    """Apply what is missing. Raises `installation.database.newer`, before anything is changed."""
    executors = {alias: MigrationExecutor(connections[alias]) for alias in ("default", "usage")}
    for executor in executors.values():
        _refuse_newer(executor)
    for alias, executor in executors.items():
        # Each its own apps only: on PostgreSQL both aliases are one database, which keeps one list of what was applied.
        leaves = executor.loader.graph.leaf_nodes()
        targets = [node for node in leaves if (node[0] == "usage") == (alias == "usage")]
        plan = executor.migration_plan(targets)
        if plan and is_fresh(alias):
            make_tables(alias, ((migration.app_label, migration.name) for migration, _ in plan))
        elif plan:
            executor.migrate(targets)


def _refuse_newer(executor: MigrationExecutor) -> None:
    # `disk_migrations` is None only before the graph is built, which the constructor has done.
    known = executor.loader.disk_migrations or {}
    ours = {app for app, _ in known}
    applied = executor.loader.applied_migrations or {}
    unknown = sorted(f"{app}.{name}" for app, name in applied if app in ours and (app, name) not in known)
    if unknown:
        raise PropylonError(
            "installation.database.newer",
            "The database was used by a newer version of Propylon. Start that version, or restore a backup of before.",
            kind=Kind.UNAVAILABLE,
            detail=", ".join(unknown),
        )
