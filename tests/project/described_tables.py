"""Prints the tables of an empty home, made at once or (with the argument `migrations`) by all migrations."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import django

django.setup()

from django.db import connections  # noqa: E402

from propylon.project import migrations_runner  # noqa: E402

_CHECK = re.compile(r"CHECK \((?:[^()]|\([^()]*\)|\((?:[^()]|\([^()]*\))*\))*\)")  # parentheses two deep


def described(alias: str) -> dict[str, Any]:
    """By table: columns, foreign keys, indexes with their names, conditions; in no order."""
    with connections[alias].cursor() as cursor:

        def rows(query: str, *parameters: str) -> list[tuple[Any, ...]]:
            return list(cursor.execute(query, parameters).fetchall())

        tables = dict(rows("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%%'"))
        found: dict[str, Any] = {}
        for name, sql in tables.items():
            found[name] = {
                "columns": sorted(str(column[1:]) for column in rows(f"PRAGMA table_info('{name}')")),
                "foreign keys": sorted(str(key[2:]) for key in rows(f"PRAGMA foreign_key_list('{name}')")),
                "indexes": sorted(
                    made_by
                    for (made_by,) in rows("SELECT sql FROM sqlite_master WHERE tbl_name = %s AND type = 'index'", name)
                    if made_by
                ),
                "unique": sorted(
                    str([column for _, _, column in rows(f"PRAGMA index_info('{index[1]}')")])
                    for index in rows(f"PRAGMA index_list('{name}')")
                    if index[2]
                ),
                "conditions": sorted(_CHECK.findall(sql)),
                "has no row ids": sql.endswith("WITHOUT ROWID"),
            }
        found["applied"] = sorted(rows("SELECT app, name FROM django_migrations"))
    return found


if "migrations" in sys.argv:
    migrations_runner.is_fresh = lambda _alias: False
migrations_runner.bring_databases_up_to_date()
print(json.dumps({alias: described(alias) for alias in ("default", "usage")}))
