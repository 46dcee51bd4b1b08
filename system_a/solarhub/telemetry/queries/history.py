"""SQL of raw rows as arrays: the server packs each device's rows, so that nobody here touches them one by one."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.kit.db import Session
from solarhub.telemetry.models import TelemetryBlock, TelemetryLayout

MOST_PLACES = 16
"""Series that are picked on the server; whoever wants more is sent whole rows."""


class Packed(NamedTuple):
    """Rows of one device under one layout, in any order: what array_send() makes of instants and of readings.

    The first column of readings is that of the first of `series`; what was not reported is NaN.
    """

    device_key: int
    series: Sequence[str]
    at: bytes
    readings: bytes


class Block(NamedTuple):
    """A block of one device and day, and what its columns are."""

    device_key: int
    series: Sequence[str]
    block: bytes


async def packed(
    session: Session, device_keys: Sequence[int], start: datetime, end: datetime, wanted: Collection[str] | None = None
) -> list[Packed]:
    """Raw rows from `start` to before `end`, a record for each device and layout; app and worker alike."""
    stretch: dict[str, object] = {"device_keys": list(device_keys), "start": start, "end": end}
    if wanted is None or len(wanted) > MOST_PLACES:
        rows = await session.execute(_WHOLE, stretch)
        return [Packed(*row) for row in rows]
    picked = sorted(set(wanted))
    rows = await session.execute(_picking(len(picked)), stretch | {"wanted": picked})
    return [Packed(key, picked, at, readings) for key, at, readings in rows]


async def blocks(
    session: Session, device_keys: Sequence[int], start: datetime, end: datetime, wanted: Collection[str] | None = None
) -> list[Block]:
    """Blocks with rows from `start` to before `end`, in the order of time; those alone that have a wanted series."""
    days = {"first_day": start.astimezone(UTC).date(), "last_day": end.astimezone(UTC).date()}
    stretch: dict[str, object] = {"device_keys": list(device_keys), "start": start, "end": end} | days
    if wanted is None:
        rows = await session.execute(_BLOCKS, stretch)
    else:
        rows = await session.execute(_BLOCKS_OF_SERIES, stretch | {"wanted": sorted(wanted)})
    return [Block(*row) for row in rows]


def _instant(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=sa.DateTime(timezone=True))


_STRETCH = (sa.bindparam("device_keys", type_=ARRAY(sa.Integer)), _instant("start"), _instant("end"))

_BLOCKS = (
    sa.select(TelemetryBlock.device_key, TelemetryLayout.series, TelemetryBlock.block)
    .join(TelemetryLayout, TelemetryLayout.id == TelemetryBlock.layout_id)
    .where(
        TelemetryBlock.device_key == sa.any_(_STRETCH[0]),
        TelemetryBlock.day >= sa.bindparam("first_day", type_=sa.Date),
        TelemetryBlock.day <= sa.bindparam("last_day", type_=sa.Date),
        TelemetryBlock.first_at < _instant("end"),
        TelemetryBlock.last_at >= _instant("start"),
    )
    .order_by(TelemetryBlock.device_key, TelemetryBlock.day, TelemetryBlock.part)
)
_BLOCKS_OF_SERIES = _BLOCKS.where(TelemetryLayout.series.op("&&")(sa.bindparam("wanted", type_=ARRAY(sa.Text))))

# A binary array is rectangular and of one width when no element is NULL: numpy reads it where it lies.
_WHOLE = sa.text("""
select g.device_key, l.series, g.at, g.readings
from (
    select s.device_key, s.layout_id, array_send(array_agg(s.at)) as at,
        array_send(array_agg(array_replace(s.readings, null, 'NaN'))) as readings
    from telemetry_samples s
    where s.device_key = any(:device_keys) and s.at >= :start and s.at < :end and s.readings <> '{}'
    group by s.device_key, s.layout_id
) g
join telemetry_layouts l on l.id = g.layout_id
""").bindparams(*_STRETCH)


PLACES = """
    l as materialized (
        select id, array(
            select array_position(series, name)
            from unnest(:wanted) with ordinality as w (name, place) order by place
        ) as places
        from telemetry_layouts where series && :wanted
    )
"""
"""Of layouts that have any of the `wanted` series: where each of these stands in them."""


def picked_columns(count: int) -> str:
    """So many of a sample `s`, as an array, under the layout `l` of PLACES."""
    each = ", ".join(f"coalesce(s.readings[l.places[{place}]], 'NaN')" for place in range(1, count + 1))
    return f"array[{each}]"


@cache
def _picking(count: int) -> sa.TextClause:
    """So many columns by name; a row under a layout that has none of them is left out."""
    return sa.text(f"""
        with {PLACES}
        select s.device_key, array_send(array_agg(s.at)), array_send(array_agg({picked_columns(count)}))
        from telemetry_samples s join l on l.id = s.layout_id
        where s.device_key = any(:device_keys) and s.at >= :start and s.at < :end
        group by s.device_key
    """).bindparams(  # noqa: S608 - put together of nothing but what stands here
        *_STRETCH, sa.bindparam("wanted", type_=ARRAY(sa.Text))
    )
