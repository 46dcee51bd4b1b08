"""SQL of rows that are written behind the corridor: later than the others, and never judged (worker)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from solarhub.devices.models import DeviceState
from solarhub.kit.db import Session
from solarhub.telemetry.batch import moment
from solarhub.telemetry.models import QuarantinedReading

_KEY = sa.bindparam("device_key", type_=sa.Integer)
_INSTANTS = sa.bindparam("instants", type_=ARRAY(sa.DateTime(timezone=True)))


async def remove(worker: Session, device_key: int, instants: Collection[int]) -> int:
    """Raw rows of a device at these instants, unless they came from a file; how many."""
    gone = 0
    for some in _in_portions(sorted(instants)):
        at = [moment(each) for each in some]
        stretch = {"device_key": device_key, "instants": at, "first": at[0], "last": at[-1]}
        gone += len((await worker.execute(_REMOVE, stretch)).all())
    return gone


_REMOVE = sa.text("""
delete from telemetry_samples
where device_key = :device_key and at = any(:instants) and at between :first and :last and not imported
returning 1
""").bindparams(_KEY, _INSTANTS, *(sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("first", "last")))


async def add(
    worker: Session,
    organization_key: int,
    device_key: int,
    layout_id: int,
    rows: Sequence[tuple[datetime, Sequence[float | None]]],
) -> int:
    """Raw rows of one layout, late ones, where there is none at their instants; how many were not there."""
    if not rows:
        return 0
    made = await worker.scalars(
        _ADD,
        {
            "organization_key": organization_key,
            "device_key": device_key,
            "layout_id": layout_id,
            "rows": [[at.isoformat(), list(readings)] for at, readings in rows],
        },
    )
    return len(made.all())


# a double that JSON carries in its shortest form is the same double again
_ADD = sa.text("""
insert into telemetry_samples (organization_key, device_key, at, received_at, layout_id, late, readings)
select :organization_key, :device_key, cast(told ->> 0 as timestamptz), now(), :layout_id, true,
    array(
        select cast(value as double precision)
        from jsonb_array_elements_text(told -> 1) with ordinality as v (value, place) order by place
    )
from jsonb_array_elements(:rows) as told
on conflict (device_key, at) do nothing
returning 1
""").bindparams(
    _KEY,
    *(sa.bindparam(name, type_=sa.Integer) for name in ("organization_key", "layout_id")),
    sa.bindparam("rows", type_=JSONB),
)


async def state(worker: Session, device_key: int) -> DeviceState | None:
    """What was last heard of a device, locked."""
    return await worker.scalar(
        sa.select(DeviceState)
        .where(DeviceState.device_key == device_key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def newest(worker: Session, device_key: int) -> datetime | None:
    """The newest raw row of a device."""
    wanted = sa.text("select at from telemetry_samples where device_key = :device_key order by at desc limit 1")
    found: datetime | None = await worker.scalar(wanted.bindparams(_KEY), {"device_key": device_key})
    return found


async def quarantine(worker: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await worker.execute(sa.insert(QuarantinedReading), rows)


def _in_portions(instants: list[int], size: int = 5_000) -> list[list[int]]:
    return [instants[start : start + size] for start in range(0, len(instants), size)]
