"""SQL of stored samples, as judging reads them back: after a restart, and where rows passed it by.

The server packs rows by layout, so that nobody here touches them one by one. Times are microseconds since 1970 UTC.
Rows that came late or were imported are never judged.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.alerts.queries.arrays import one_of
from solarhub.devices.models import DeviceState
from solarhub.kit.db import Session
from solarhub.telemetry.models import TelemetryLayout


class Packed(NamedTuple):
    """Rows under one layout, in any order: what array_send() makes of their columns; what is not reported is NaN."""

    layout_id: int
    device_keys: bytes
    at: bytes
    received_at: bytes
    readings: bytes


_PACKED = """
select s.layout_id, array_send(array_agg(s.device_key)), array_send(array_agg(s.at)),
    array_send(array_agg(s.received_at)), array_send(array_agg(array_replace(s.readings, null, 'NaN')))
from unnest(:keys, :after, :until) as w (device_key, after, until)
cross join lateral (
    select * from telemetry_samples t
    where t.device_key = w.device_key and not t.late and not t.imported and t.readings <> '{{}}'
        and t.at > timestamptz 'epoch' + w.after * interval '1 microsecond'
        and t.at <= timestamptz 'epoch' + w.until * interval '1 microsecond'
    order by t.at {direction} limit :most
) s
group by s.layout_id
"""
_WINDOWS = (
    sa.bindparam("keys", type_=ARRAY(sa.Integer)),
    sa.bindparam("after", type_=ARRAY(sa.BigInteger)),
    sa.bindparam("until", type_=ARRAY(sa.BigInteger)),
)
_OLDEST = sa.text(_PACKED.format(direction="asc")).bindparams(*_WINDOWS)
_NEWEST = sa.text(_PACKED.format(direction="desc")).bindparams(*_WINDOWS)

_END_OF_TIME = 4_102_444_800_000_000  # the year 2100: nothing is taken from the future


async def rows_after(session: Session, device_keys: Sequence[int], after: Sequence[int], *, most: int) -> list[Packed]:
    """Of each device its oldest rows after the instant, at most so many."""
    until = [_END_OF_TIME] * len(device_keys)
    rows = await session.execute(_OLDEST, {"keys": device_keys, "after": after, "until": until, "most": most})
    return [Packed(*row) for row in rows]


async def rows_before(
    session: Session, device_keys: Sequence[int], after: Sequence[int], until: Sequence[int], *, most: int
) -> list[Packed]:
    """Of each device its newest rows in a window (start excluded, end included), at most so many."""
    rows = await session.execute(_NEWEST, {"keys": device_keys, "after": after, "until": until, "most": most})
    return [Packed(*row) for row in rows]


async def newest_samples(session: Session, *, of: int, shards: Collection[int]) -> tuple[bytes, bytes]:
    """Keys of devices in these of so many shards, and the time of the newest sample of each: two packed arrays."""
    mine = sa.and_(
        DeviceState.last_sample_at.is_not(None), sa.cast(DeviceState.device_key % of, sa.Integer).in_(shards)
    )
    found = await session.execute(
        sa.select(
            sa.func.array_send(sa.func.coalesce(sa.func.array_agg(DeviceState.device_key), sa.text("'{}'::integer[]"))),
            sa.func.array_send(
                sa.func.coalesce(sa.func.array_agg(DeviceState.last_sample_at), sa.text("'{}'::timestamptz[]"))
            ),
        ).where(mine)
    )
    keys, newest = found.one()
    return keys, newest


async def layouts(session: Session, layout_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The series of each layout, in the order of its readings."""
    found = await session.execute(
        sa.select(TelemetryLayout.id, TelemetryLayout.series).where(one_of(TelemetryLayout.id, layout_ids))
    )
    return {layout_id: tuple(series) for layout_id, series in found}
