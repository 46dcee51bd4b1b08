"""SQL of what follows a handover: whose samples lie under whose key, and how they come to lie under another."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.devices.models import Device
from solarhub.kit.db import Session
from solarhub.organizations.models import Organization
from solarhub.sites.models import SiteHandover
from solarhub.telemetry.queries.cold import lock_devices


def _instant(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=sa.DateTime(timezone=True))


async def moving_handovers(session: Session) -> list[tuple[UUID, datetime, list[int], date | None]]:
    """Id, `accepted_at`, `device_keys` and `telemetry_moved_to` of plants whose samples are on their way (worker).

    They are locked; those that another worker holds are left out.
    """
    rows = await session.execute(
        sa.select(SiteHandover.id, SiteHandover.accepted_at, SiteHandover.device_keys, SiteHandover.telemetry_moved_to)
        .where(SiteHandover.accepted_at.is_not(None), SiteHandover.telemetry_moved_at.is_(None))
        .order_by(SiteHandover.accepted_at)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    return [(each, at, keys, moved_to) for each, at, keys, moved_to in rows if at is not None]


async def keepers(session: Session, device_keys: Sequence[int]) -> dict[int, list[int]]:
    """Which devices belong to which organization at present, by `organization_key` (worker)."""
    rows = await session.execute(
        sa.select(Organization.organization_key, sa.func.array_agg(Device.device_key))
        .join(Device, Device.organization_id == Organization.id)
        .where(Device.device_key.in_(device_keys))
        .group_by(Organization.organization_key)
    )
    return {organization_key: list(keys) for organization_key, keys in rows}


async def newest_day_before(session: Session, device_keys: Sequence[int], day: date) -> date | None:
    """The newest day before that one on which any of the devices has samples: a look at three indexes for each."""
    newest = await session.scalar(
        _NEWEST_BEFORE, {"device_keys": list(device_keys), "before": _midnight(day), "day": day}
    )
    return None if newest is None else newest.astimezone(UTC).date()


async def move_day(session: Session, device_keys: Sequence[int], day: date, organization_key: int) -> None:
    """Puts a day's samples of these devices under the organization's key, and under its layouts (worker)."""
    stretch = {
        "device_keys": list(device_keys),
        "start": _midnight(day),
        "end": _midnight(day + timedelta(days=1)),
        "organization_key": organization_key,
        "day": day,
    }
    # nobody writes blocks of what is being moved
    await lock_devices(session, device_keys)
    for statement in (_SAME_LAYOUTS, _MOVE, _SAME_LAYOUTS_OF_BLOCKS, _MOVE_BLOCKS, *_MOVE_ROLLUPS):
        await session.execute(statement, stretch)


async def move_summaries(session: Session, device_keys: Sequence[int], organization_key: int) -> None:
    """Puts days and months of these devices, and energy of their gaps, under the organization's key (worker)."""
    for statement in _MOVE_SUMMARIES:
        await session.execute(statement, {"device_keys": list(device_keys), "organization_key": organization_key})


async def note_samples_moved(session: Session, handover_id: UUID, moved_to: date, *, is_last: bool) -> None:
    """How far back the samples of a plant have followed; `is_last`: there are no older ones."""
    await session.execute(
        sa.update(SiteHandover)
        .where(SiteHandover.id == handover_id)
        .values(telemetry_moved_to=moved_to, **({"telemetry_moved_at": sa.func.now()} if is_last else {}))
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


_NEWEST_BEFORE = sa.text("""
select max(newest.at) from unnest(:device_keys) as wanted (device_key)
cross join lateral (
    select max(s.at) as at from telemetry_samples s where s.device_key = wanted.device_key and s.at < :before
    union all
    select max(b.day)::timestamp at time zone 'UTC' from telemetry_blocks b
    where b.device_key = wanted.device_key and b.day < :day
    union all
    select max(q.start) from rollup_quarters q where q.device_key = wanted.device_key and q.start < :before
) newest
""").bindparams(
    sa.bindparam("device_keys", type_=ARRAY(sa.Integer)), _instant("before"), sa.bindparam("day", type_=sa.Date)
)

_STRETCH = (sa.bindparam("device_keys", type_=ARRAY(sa.Integer)), _instant("start"), _instant("end"))

_BLOCKS = (sa.bindparam("device_keys", type_=ARRAY(sa.Integer)), sa.bindparam("day", type_=sa.Date))


def _same_layouts(moved: str) -> str:
    """The receiver gets layouts like those of what is moved."""
    return f"""
        insert into telemetry_layouts (organization_key, series_sha256, series)
        select cast(:organization_key as integer), old.series_sha256, old.series from telemetry_layouts old
        where old.organization_key <> :organization_key
            and old.id in (select s.layout_id from {moved} and s.organization_key <> :organization_key)
            -- looked up first: a refused INSERT would use up a number of the 32-bit identity
            and not exists (
                select from telemetry_layouts same
                where same.organization_key = :organization_key and same.series_sha256 = old.series_sha256
            )
        order by old.series_sha256
        on conflict (organization_key, series_sha256) do nothing
    """  # noqa: S608 - put together of nothing but what stands here


def _move(table: str, which: str) -> str:
    return f"""
        update {table} s set organization_key = :organization_key, layout_id = own.id
        from telemetry_layouts old
        join telemetry_layouts own
            on own.series_sha256 = old.series_sha256 and own.organization_key = :organization_key
        where old.id = s.layout_id and {which} and s.organization_key <> :organization_key
    """  # noqa: S608 - put together of nothing but what stands here


_RAW = "s.device_key = any(:device_keys) and s.at >= :start and s.at < :end"
_IN_BLOCKS = "s.device_key = any(:device_keys) and s.day = :day"

_SAME_LAYOUTS = sa.text(_same_layouts(f"telemetry_samples s where {_RAW}")).bindparams(*_STRETCH)
_SAME_LAYOUTS_OF_BLOCKS = sa.text(_same_layouts(f"telemetry_blocks s where {_IN_BLOCKS}")).bindparams(*_BLOCKS)
_MOVE = sa.text(_move("telemetry_samples", _RAW)).bindparams(*_STRETCH)
_MOVE_BLOCKS = sa.text(_move("telemetry_blocks", _IN_BLOCKS)).bindparams(*_BLOCKS)

_IN_BUCKETS = "s.device_key = any(:device_keys) and s.start >= :start and s.start < :end"
_MOVE_ROLLUPS = [
    sa.text(statement).bindparams(*_STRETCH)
    for table in ("rollup_quarters", "rollup_hours")
    for statement in (_same_layouts(f"{table} s where {_IN_BUCKETS}"), _move(table, _IN_BUCKETS))
]
_OF_DEVICES = "s.device_key = any(:device_keys)"
_MOVE_SUMMARIES = [
    sa.text(statement).bindparams(_STRETCH[0])
    for statement in (
        *(
            statement
            for table in ("rollup_days", "rollup_months")
            for statement in (_same_layouts(f"{table} s where {_OF_DEVICES}"), _move(table, _OF_DEVICES))
        ),
        """
        update rollup_gaps s set organization_key = :organization_key
        where s.device_key = any(:device_keys) and s.organization_key <> :organization_key
        """,
    )
]
