"""SQL of charts: whose lines, and what roll-ups hold of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.devices.models import Device, DeviceState
from solarhub.kit.db import Session
from solarhub.organizations.access import Look
from solarhub.organizations.walls import Question
from solarhub.sites.models import Site
from solarhub.telemetry.charts.lines import Line
from solarhub.telemetry.queries.history import PLACES, Block, Packed, picked_columns

_MICROSECONDS_1970_TO_2000 = 946_684_800_000_000
_TABLES = {"15m": ("rollup_quarters", "start"), "1h": ("rollup_hours", "start"), "1d": ("rollup_days", "starts_at")}


async def devices(session: Session, device_ids: Sequence[UUID]) -> Sequence[Device]:
    """Those that are there, removed ones too: their past can be asked for."""
    if not device_ids:
        return []
    found = await session.scalars(_DEVICES, {"device_ids": list(device_ids)})
    return found.all()


_DEVICES = (
    sa.select(Device)
    .where(Device.id == sa.any_(sa.bindparam("device_ids", type_=ARRAY(sa.Uuid))))
    .order_by(Device.name, Device.id)
)


class OfDevice(NamedTuple):
    """A device, and what there is of it in a window: as `history.packed` and `history.blocks` have it."""

    device_id: UUID
    device_key: int
    name: str
    device_metadata: Mapping[str, Any]
    raw: list[Packed]
    blocks: list[Block]


async def devices_with_rows(
    look: Look, device_ids: Sequence[UUID], start: datetime, end: datetime, wanted: Collection[str]
) -> list[OfDevice]:
    """`devices`, with their rows of the wanted series (up to `MOST_PLACES`), in one look at the database."""
    picked = sorted(set(wanted))
    days = {"first_day": start.astimezone(UTC).date(), "last_day": end.astimezone(UTC).date()}
    rows = await look.ask(
        _with_rows(len(picked)), device_ids=list(device_ids), start=start, end=end, wanted=picked, **days
    )
    found: dict[UUID, OfDevice] = {}
    for device_id, key, name, metadata, series, at, held in rows:
        device = found.setdefault(device_id, OfDevice(device_id, key, name, metadata, [], []))
        if at is not None:
            device.raw.append(Packed(key, picked, at, held))
        elif held is not None:
            device.blocks.append(Block(key, series, held))
    return list(found.values())


@cache
def _with_rows(count: int) -> Question:
    """A record for each block of a device and one for its raw rows; at least one, of nothing but the device."""
    held = (
        sa.text(f"""
            with {PLACES}
            select null::text[] as series, array_send(array_agg(s.at)) as at,
                array_send(array_agg({picked_columns(count)})) as held
            from telemetry_samples s join l on l.id = s.layout_id
            where s.device_key = devices.device_key and s.at >= :start and s.at < :end
            having count(*) > 0
            union all
            select l.series, null::bytea, b.block
            from telemetry_blocks b join telemetry_layouts l on l.id = b.layout_id
            where b.device_key = devices.device_key and b.day between :first_day and :last_day
                and b.first_at < :end and b.last_at >= :start and l.series && :wanted
        """)  # noqa: S608 - put together of nothing but what stands here
        .bindparams(
            sa.bindparam("wanted", type_=ARRAY(sa.Text)),
            *(sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("start", "end")),
            *(sa.bindparam(name, type_=sa.Date) for name in ("first_day", "last_day")),
        )
        .columns(
            sa.column("series", ARRAY(sa.Text)), sa.column("at", sa.LargeBinary), sa.column("held", sa.LargeBinary)
        )
        .lateral("held")
    )
    return Question(
        sa.select(Device.id, Device.device_key, Device.name, Device.device_metadata, *held.c)
        .select_from(Device)
        .outerjoin(held, sa.true())
        .where(Device.id == sa.any_(sa.bindparam("device_ids", type_=ARRAY(sa.Uuid))))
        .order_by(Device.name, Device.id)
    )


async def sites_with_devices(session: Session, site_ids: Sequence[UUID]) -> list[tuple[Site, list[Device]]]:
    """Those that are there, with everything that ever stood on them."""
    if not site_ids:
        return []
    sites = (await session.scalars(sa.select(Site).where(Site.id.in_(site_ids)).order_by(Site.name, Site.id))).all()
    found = await session.scalars(sa.select(Device).where(Device.site_id.in_(site_ids)).order_by(Device.name))
    everything = found.all()
    return [(site, [device for device in everything if device.site_id == site.id]) for site in sites]


async def series_of(session: Session, device_keys: Sequence[int]) -> list[str]:
    """All series that any of the devices reports, by their latest values."""
    key = sa.func.jsonb_object_keys(DeviceState.latest)
    found = await session.scalars(sa.select(key).where(DeviceState.device_key.in_(device_keys)).distinct())
    return sorted(found)


async def rolled(
    session: Session,
    resolution: str,
    device_keys: Sequence[int],
    series: Sequence[str],
    *,
    start: datetime,
    end: datetime,
) -> dict[tuple[int, str], Line]:
    """Means with their least and greatest by device and series; `resolution` is `15m`, `1h` or `1d`."""
    rows = await session.execute(
        _ROLLED[resolution], {"device_keys": list(device_keys), "start": start, "end": end, "wanted": list(series)}
    )
    return {
        (key, name): Line(_instants(at), _floats(mean), _floats(least), _floats(greatest))
        for key, name, at, mean, least, greatest in rows
    }


def _rolled(table: str, start: str) -> sa.TextClause:
    return sa.text(f"""
        select r.device_key, w.name, array_send(array_agg(r.{start} order by r.{start})),
            array_send(array_agg(r.mean[p.place] order by r.{start})),
            array_send(array_agg(r.least[p.place] order by r.{start})),
            array_send(array_agg(r.greatest[p.place] order by r.{start}))
        from {table} r
        join telemetry_layouts l on l.id = r.layout_id
        cross join unnest(cast(:wanted as text[])) as w (name)
        cross join lateral (select array_position(l.series, w.name) as place) p
        where r.device_key = any(:device_keys) and r.{start} >= :start and r.{start} < :end
            and r.mean[p.place] <> 'NaN'
        group by r.device_key, w.name
    """).bindparams(  # noqa: S608 - put together of nothing but what stands here
        sa.bindparam("device_keys", type_=ARRAY(sa.Integer)),
        sa.bindparam("wanted", type_=ARRAY(sa.Text)),
        sa.bindparam("start", type_=sa.DateTime(timezone=True)),
        sa.bindparam("end", type_=sa.DateTime(timezone=True)),
    )


_ROLLED = {name: _rolled(*table) for name, table in _TABLES.items()}

# what array_send() writes of an array of one dimension without NULLs: 20 bytes, then length and value of each element
_HEAD_BYTES = 20


def _instants(packed: bytes) -> "np.typing.NDArray[np.int64]":
    element = np.dtype([("length", ">i4"), ("value", ">i8")])
    found: np.typing.NDArray[np.int64] = np.frombuffer(packed, element, offset=_HEAD_BYTES)["value"].astype(np.int64)
    return found + _MICROSECONDS_1970_TO_2000


def _floats(packed: bytes) -> "np.typing.NDArray[np.float64]":
    element = np.dtype([("length", ">i4"), ("value", ">f8")])
    found: np.typing.NDArray[np.float64] = np.frombuffer(packed, element, offset=_HEAD_BYTES)["value"].astype(
        np.float64
    )
    return found
