"""Many values in one statement: arrays as bound parameters, so that their number does not matter."""

from collections.abc import Collection
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

V = TypeVar("V")

INSTANT = sa.DateTime(timezone=True)
KEY = sa.Integer()
UUID = sa.Uuid()
TEXT = sa.Text()


def one_of(column: InstrumentedAttribute[V], values: Collection[V]) -> sa.ColumnElement[bool]:
    """`column = ANY (array)`."""
    return column == sa.any_(sa.cast(list(values), ARRAY(column.type)))


def table(name: str, **columns: tuple[sa.types.TypeEngine[Any], Collection[Any]]) -> sa.TableValuedAlias:
    """Parallel arrays as a table, one row for each place."""
    arrays = [sa.cast(list(values), ARRAY(type_)) for type_, values in columns.values()]
    named = [sa.column(column, type_) for column, (type_, _) in columns.items()]
    return sa.func.unnest(*arrays).table_valued(*named, name=name).render_derived()
