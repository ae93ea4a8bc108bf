"""How the tables of counts lie in SQLite's file, which models cannot say."""

from __future__ import annotations

from typing import Any, Final

IN_ORDER: Final = (
    "usage_minutecounts",
    "usage_hourcounts",
    "usage_daycounts",
    "usage_weekcounts",
    "usage_versioncalls",
)
_MADE_BY: Final = "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND sql NOT NULL ORDER BY type DESC"


def lay_in_order(connection: Any) -> None:
    """Makes these tables, still empty, anew without row ids: a series' counts are then neighbours in the file.

    A page that reads 90 days reads a piece of it. Installations of before have it by usage 0007 and 0010; a migration
    that makes Django build one of these tables anew has to do it again.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for name in IN_ORDER:
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND sql NOT NULL ORDER BY type DESC", [name]
            )
            table, *indexes = (sql for (sql,) in cursor.fetchall())
            cursor.execute(f'DROP TABLE "{name}"')
            for sql in (f"{table} WITHOUT ROWID", *indexes):
                cursor.execute(sql)
