"""The roll-forward: what was heard of devices, kept in `device_state`, moves on to `devices` where it matters there."""

from datetime import datetime, timedelta
from uuid import UUID

from solarhub.devices import queries
from solarhub.devices.liveness import is_asleep, judge
from solarhub.kit.db import Session, as_machine

_ROWS_AT_ONCE = 5000


async def roll_forward(session: Session, *, listening_since: datetime, now: datetime) -> int:
    """Writes status and `last_seen_at` of every device that needs it, as the worker; returns how many.

    Only rows whose status changes or whose `last_seen_at` is over 5 minutes behind, never one in maintenance, and never
    with a new version: nobody's edit becomes stale because a device reported. Rows that a person is editing right now
    wait for the next time.
    """
    await as_machine(session)
    written = 0
    after = UUID(int=0)
    while rows := await queries.heard_devices(session, now, after=after, limit=_ROWS_AT_ONCE):
        after = rows[-1].id
        changes = []
        for row in rows:
            status = judge(
                row.status,
                last_received_at=row.last_received_at,
                interval=timedelta(seconds=row.interval_seconds),
                asleep=is_asleep(row.device_type, row.plant_kind, row.latitude, row.longitude, now),
                listening_since=listening_since,
                now=now,
            )
            if status is not row.status or row.is_behind:
                changes.append((row.id, status, row.last_received_at))
        if changes:
            await queries.write_heartbeats(session, changes)
            written += len(changes)
    return written
