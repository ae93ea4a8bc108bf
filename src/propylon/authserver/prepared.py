"""Queries whose SQL is made once: for the token path, where making it costs ten times what the database needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    parameters: Sequence[Any]
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]  # of a column: functions, and its expression


class Prepared:
    """`query` makes a `values_list` of one parameter; `placeholder` is a value of its type that nothing else has.

    The filters must not look at the parameter themselves: no empty list, no None, no slice by it.
    """

    def __init__(self, query: Callable[[Any], QuerySet[Any, Any]], placeholder: str | int) -> None:
        self._query = query
        self._placeholder = placeholder

    @cached_property
    def _statement(self) -> _Statement:
        compiler = self._query(self._placeholder).query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        columns = [selected[0] for selected in compiler.select[: compiler.col_count]]
        converters = compiler.get_converters(columns)
        return _Statement(sql, parameters, [(place, *each) for place, each in converters.items()])

    def rows(self, parameter: str | int) -> list[Row]:
        """In the values that the models' fields give."""
        statement, connection = self._statement, connections[DEFAULT_DB_ALIAS]
        values = [parameter if each == self._placeholder else each for each in statement.parameters]
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, values)
            found: list[Row] = cursor.fetchall()
        if not statement.converters:
            return found
        return [_converted(row, statement, connection) for row in found]

    def values(self, parameter: str | int) -> list[Any]:
        """Of the one column."""
        return [row[0] for row in self.rows(parameter)]


def _converted(row: Row, statement: _Statement, connection: Any) -> Row:
    values = list(row)
    for place, functions, expression in statement.converters:
        for function in functions:
            values[place] = function(values[place], expression, connection)
    return tuple(values)
