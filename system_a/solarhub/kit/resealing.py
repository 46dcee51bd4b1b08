"""Columns of sealed texts, which are sealed anew when the hub's present key is another one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from solarhub.kit.db import Session
from solarhub.kit.sealing import Keyring, Unsealable


@dataclass(frozen=True)
class SealedColumn:
    """`place` is what its texts are bound to, in order: columns of the same row, and words."""

    column: InstrumentedAttribute[Any]
    place: tuple[InstrumentedAttribute[Any] | str, ...]


class Resealed(NamedTuple):
    """What one batch did. `last` is where the next one begins, None after the last; `unopened` are opened by no key."""

    last: tuple[Any, ...] | None
    sealed: int
    unopened: int


async def reseal(
    session: Session, keyring: Keyring, wanted: SealedColumn, *, after: tuple[Any, ...] | None = None, limit: int = 500
) -> Resealed:
    """One batch of the rows that the session sees; what is written anew meanwhile is sealed by that."""
    table = sa.inspect(wanted.column.class_).local_table
    column, keys = table.c[wanted.column.key], list(table.primary_key)
    bound = [part for part in wanted.place if not isinstance(part, str)]
    found = sa.select(column, *keys, *bound).where(column.is_not(None)).order_by(*keys).limit(limit)
    if after is not None:
        found = found.where(sa.tuple_(*keys) > sa.tuple_(*(sa.literal(each) for each in after)))
    rows = (await session.execute(found)).all()
    sealed = unopened = 0
    for stored, *rest in rows:
        key, values = tuple(rest[: len(keys)]), iter(rest[len(keys) :])
        place = [part if isinstance(part, str) else next(values) for part in wanted.place]
        text = stored.decode("ascii") if isinstance(stored, bytes) else stored
        if keyring.is_current(text):
            continue
        try:
            anew = keyring.seal(keyring.open(text, *place), *place)
        except Unsealable:
            unopened += 1
            continue
        written = await session.execute(
            sa.update(table)
            .where(sa.tuple_(*keys) == sa.tuple_(*(sa.literal(each) for each in key)), column == stored)
            .values({column: anew.encode("ascii") if isinstance(stored, bytes) else anew})
            .returning(*keys)
        )
        sealed += len(written.all())
    return Resealed(tuple(rows[-1][1 : 1 + len(keys)]) if len(rows) == limit else None, sealed, unopened)


async def owners(session: Session, column: InstrumentedAttribute[UUID]) -> Sequence[UUID]:
    """Whoever has a row there: organizations, or people, in whose name alone it can be written."""
    return (await session.scalars(sa.select(column).distinct())).all()
