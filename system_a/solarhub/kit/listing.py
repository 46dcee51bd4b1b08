"""What a statement selects, as a page with the number of all, or whole and read from the server while it is used; and
the conditions that most lists take.

Of a statement that selects one entity come its objects; of one that selects several columns, its rows.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar, TypeVarTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from solarhub.kit.db import Session
from solarhub.kit.paging import Page

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_ROWS_AT_ONCE = 500


async def page_of(
    session: Session, wanted: sa.Select[T], page: Page, *, counted: sa.Select[*tuple[Any, ...]] | None = None
) -> tuple[Sequence[T], int]:
    """A page of the objects, in the statement's order, and how many there are as far as the page has them counted.

    `counted` selects the same and is cheaper to count, or is `wanted` before its cursor was put into it.
    """
    found = (await session.scalars(_cut(wanted, page))).all()
    known = told_by_itself(page, len(found)) if counted is None else None
    return found, known if known is not None else await _count(session, wanted if counted is None else counted, page)


async def page_of_rows(
    session: Session,
    wanted: sa.Select[*Ts],
    page: Page,
    *,
    counted: sa.Select[*tuple[Any, ...]] | None = None,
    values: Mapping[str, Any] | None = None,
) -> tuple[Sequence[sa.Row[*Ts]], int]:
    """`page_of` for rows; `values`: of a statement that stands in a module, by the names of its `sa.bindparam`s."""
    if values is None:
        found = (await session.execute(_cut(wanted, page))).all()
    else:
        found = (
            await session.execute(
                cut_by_names(wanted), {**values, "page_rows": page.row_limit, "page_offset": page.offset}
            )
        ).all()
    known = told_by_itself(page, len(found)) if counted is None else None
    if known is None:
        known = await _count(session, wanted if counted is None else counted, page, values)
    return found, known


async def each_of(session: Session, wanted: sa.Select[T]) -> AsyncIterator[T]:
    """All of the objects, some hundred at a time."""
    async for found in await session.stream_scalars(wanted.execution_options(yield_per=_ROWS_AT_ONCE)):
        yield found


async def each_row_of(session: Session, wanted: sa.Select[*Ts]) -> AsyncIterator[sa.Row[*Ts]]:
    """`each_of` for rows."""
    async for found in await session.stream(wanted.execution_options(yield_per=_ROWS_AT_ONCE)):
        yield found


def equal(*wanted: tuple[sa.ColumnElement[Any] | InstrumentedAttribute[Any], object]) -> list[sa.ColumnElement[bool]]:
    """A condition for each column of which a value is wanted: None is no wish."""
    return [column == value for column, value in wanted if value is not None]


def between(
    column: InstrumentedAttribute[datetime], since: datetime | None, until: datetime | None
) -> list[sa.ColumnElement[bool]]:
    """Conditions for a stretch of time: its start belongs to it, its end does not, and either may be open."""
    return [
        *([column >= since] if since is not None else []),
        *([column < until] if until is not None else []),
    ]


def _cut(wanted: sa.Select[*Ts], page: Page) -> sa.Select[*Ts]:
    return wanted.limit(page.row_limit).offset(page.offset)


@lru_cache(maxsize=64)
def cut_by_names(wanted: sa.Select[*Ts]) -> sa.Select[*Ts]:
    """The page of a statement that stands in a module, for the values of `place`."""
    return wanted.limit(sa.bindparam("page_rows", type_=sa.Integer)).offset(
        sa.bindparam("page_offset", type_=sa.Integer)
    )


def count_by_names(wanted: sa.Select[*tuple[Any, ...]]) -> sa.Select[int]:
    """How many rows a statement has that stands in a module, as far as `place` has them counted."""
    return _counting(wanted, sa.bindparam("count_rows", type_=sa.Integer))


def place(page: Page) -> dict[str, int | None]:
    """The values of a page in statements that were cut or counted by names."""
    return {"page_rows": page.row_limit, "page_offset": page.offset, "count_rows": page.count_limit}


def told_by_itself(page: Page, found: int) -> int | None:
    """How many there are, where a page that is not full tells it."""
    is_last = found < page.row_limit and (found > 0 or page.offset == 0)
    return page.offset + found if is_last else None


async def _count(
    session: Session, wanted: sa.Select[*tuple[Any, ...]], page: Page, values: Mapping[str, Any] | None = None
) -> int:
    return await session.scalar(_counting(wanted, page.count_limit), values) or 0


def _counting(wanted: sa.Select[*tuple[Any, ...]], most: "int | sa.BindParameter[int] | None") -> sa.Select[int]:
    # neither the order nor the columns matter, and a statement without conditions has its tables from its columns
    each = wanted.order_by(None).with_only_columns(sa.literal(1), maintain_column_froms=True)
    return sa.select(sa.func.count()).select_from(each.limit(most).subquery())
