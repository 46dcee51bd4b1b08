"""The roll-forward: what was heard of devices, kept in `device_state`, moves on to `devices` where it matters there."""

from datetime import datetime, timedelta

from solarhub.devices.liveness import judge, sleeps_at_night
from solarhub.devices.queries import heartbeat as queries
from solarhub.kit.db import Session, as_machine
from solarhub.sites.daylight import is_daylight

_ROWS_AT_ONCE = 5000


async def roll_forward(session: Session, *, listening_since: datetime, now: datetime) -> int:
    """Writes status and `last_seen_at` of every device that needs it, as the worker; returns how many.

    Only rows whose status changes or whose `last_seen_at` is over 5 minutes behind, never one in maintenance, and never
    with a new version: nobody's edit becomes stale because a device reported. Rows that a person is editing right now
    wait for the next time.
    """
    await as_machine(session)
    daylight: dict[tuple[float, float], bool] = {}  # at each place, asked once for all of its devices
    written = 0
    async for rows in queries.heard_devices(session, now, at_once=_ROWS_AT_ONCE):
        beats = []
        for row in rows:
            place = (row.latitude, row.longitude)
            if place not in daylight:
                daylight[place] = is_daylight(now, *place)
            status = judge(
                row.status,
                last_received_at=row.last_received_at,
                interval=timedelta(seconds=row.interval_seconds),
                asleep=not daylight[place] and sleeps_at_night(row.device_type, row.plant_kind),
                listening_since=listening_since,
                now=now,
            )
            if status is not row.status or row.is_behind:
                beats.append(queries.Beat(row.id, row.status, status, row.last_received_at))
        if beats:
            written += await queries.write_heartbeats(session, beats)
    return written
