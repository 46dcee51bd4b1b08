"""Statements that every request asks: written with SQLAlchemy as all others, compiled once, asked of the driver.

What SQLAlchemy does for each execution (finding the compiled form, adapting rows) costs several times what the server
takes for one of these.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg

from solarhub.kit.drivers import Driver

_DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives its dialects no types


class Compiled:
    """A statement and the order of its values. What differs from call to call is an `sa.bindparam` of that name."""

    def __init__(self, statement: sa.Select[*tuple[Any, ...]]) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        if not isinstance(compiled, sa.sql.compiler.SQLCompiler):
            raise TypeError("only a statement with values can be compiled")
        self._text = str(compiled)
        self._constants: dict[str, Any] = {}
        self.names: Sequence[str] = compiled.positiontup or ()
        for bound, name in compiled.bind_names.items():
            if not bound.required:
                convert = bound.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
                self._constants[name] = convert(bound.value) if convert is not None else bound.value

    async def rows(self, driver: Driver, **values: Any) -> list[tuple[Any, ...]]:
        """As the driver reads them: words of an enum are text."""
        known = self._constants | values
        found: list[tuple[Any, ...]] = await driver.fetch(self._text, *(known[name] for name in self.names))
        return found
