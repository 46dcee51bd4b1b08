"""SQL of instants that were reported with two values, as an organization's people see it."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from solarhub.devices.models import Device
from solarhub.kit.db import Session
from solarhub.kit.listing import equal, page_of_rows
from solarhub.telemetry.models import TelemetryConflict
from solarhub.telemetry.schemas import ConflictFilter

Row = sa.Row[UUID, str, date, int, datetime]


async def conflicts(session: Session, organization_id: UUID, wanted: ConflictFilter) -> tuple[Sequence[Row], int]:
    """A page of devices and days, the newest days first."""
    counted = TelemetryConflict
    found = (
        sa.select(counted.device_id, Device.name.label("device"), counted.day, counted.conflicts, counted.last_at)
        .join(Device, Device.id == counted.device_id)
        .where(counted.organization_id == organization_id, *equal((counted.device_id, wanted.device_id)))
        .order_by(counted.day.desc(), Device.name, counted.device_id)
    )
    return await page_of_rows(session, found, wanted)
