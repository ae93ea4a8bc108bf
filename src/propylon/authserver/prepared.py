"""Queries whose SQL is made once: for the token path, where making it costs ten times what the database needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet

Row = tuple[Any, ...]
_Row = TypeVar("_Row", bound=Model)
_NO_VALUE = "\N{SYMBOL FOR NULL}"


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    parameters: Sequence[Any]
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]  # of a column: functions, and its expression


class Prepared:
    """`query` makes a `values_list` of one parameter; `placeholder` is a value of its type that nothing else has.

    The filters must not look at the parameter themselves: no empty list, no None, no slice by it.
    """

    def __init__(
        self, query: Callable[[Any], QuerySet[Any, Any]], placeholder: str | int, *, locks: type[Model] | None = None
    ) -> None:
        self._query = query
        self._placeholder = placeholder
        self._locks = locks  # whose rows nobody else may lock until the transaction ends

    @cached_property
    def _statement(self) -> _Statement:
        compiler = self._query(self._placeholder).query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        connection = connections[DEFAULT_DB_ALIAS]
        if self._locks is not None and connection.features.has_select_for_update:  # SQLite locks by itself
            table = connection.ops.quote_name(self._locks._meta.db_table)  # noqa: SLF001
            sql = f"{sql} {connection.ops.for_update_sql(of=(table,))}"
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


class PreparedRow(Generic[_Row]):
    """The row of `model` with this value of the unique field `by`, as an instance, with the rows that it leads to.

    `beside` names foreign keys that are never null, each after the one that it begins with: "grant", "grant__client".
    `values` names what is wanted besides, in the order that it is given back.
    """

    def __init__(
        self,
        model: type[_Row],
        by: str,
        beside: Sequence[str] = (),
        *,
        values: Sequence[str] = (),
        is_locked: bool = False,
    ) -> None:
        self._parts = [(path, *_fields(model, path)) for path in ("", *beside)]
        columns = [f"{path}__{name}" if path else name for path, _, names in self._parts for name in names]
        self._query = Prepared(
            lambda value: model._default_manager.filter(**{by: value}).values_list(*columns, *values),  # noqa: SLF001
            _NO_VALUE,
            locks=model if is_locked else None,
        )

    def get(self, value: str) -> tuple[_Row, Row] | None:
        """The instance and the values beside it; None if there is no such row."""
        found = self._query.rows(value)
        if not found:
            return None
        row, begins = found[0], 0
        made: dict[str, Any] = {}
        for path, model, names in self._parts:
            made[path] = model.from_db(DEFAULT_DB_ALIAS, names, row[begins : begins + len(names)])
            begins += len(names)
            if path:
                parent, _, name = path.rpartition("__")
                setattr(made[parent], name, made[path])
        return made[""], row[begins:]


def _fields(model: type[Model], path: str) -> tuple[type[Model], list[str]]:
    for name in filter(None, path.split("__")):
        related: Any = model._meta.get_field(name).related_model  # noqa: SLF001
        model = related
    return model, [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001


def _converted(row: Row, statement: _Statement, connection: Any) -> Row:
    values = list(row)
    for place, functions, expression in statement.converters:
        for function in functions:
            values[place] = function(values[place], expression, connection)
    return tuple(values)
