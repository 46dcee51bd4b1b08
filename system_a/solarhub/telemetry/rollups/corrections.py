"""The ledger of corrections: what a device gave in a period, by a person's word where its counter is wrong.

Nothing that was measured is changed or lost: a correction lies on top of it, and can be taken off again.
"""

from datetime import date
from uuid import UUID

from solarhub.audit.recording import acting
from solarhub.devices.models import Device
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, FieldError, Invalid, NotFound
from solarhub.telemetry.queries import energy as queries
from solarhub.telemetry.rollups.models import EnergyCorrection

LONGEST_DAYS = 366


async def correct(
    session: Session, device: Device, *, first: date, last: date, kwh: float, reason: str, by: UUID | None
) -> EnergyCorrection:
    """Sets what a device, which is locked, gave from `first` to `last` (both included) in kWh.

    Invalid for days that are none or not over anywhere; Conflict with another correction of one of them.
    """
    if last < first:
        raise Invalid([FieldError("last_day", last.isoformat(), "is before first_day", "first_day, or a day after it")])
    if (last - first).days >= LONGEST_DAYS:
        allowed = f"at most {LONGEST_DAYS} days from first_day"
        raise Invalid([FieldError("last_day", last.isoformat(), "is too far from first_day", allowed)])
    if last > now().date():
        raise Invalid([FieldError("last_day", last.isoformat(), "lies ahead", "a day that has begun")])
    other = await queries.correction_within(session, device.id, first, last)
    if other is not None:
        raise Conflict(
            f"{other.first_day} to {other.last_day} of this device are corrected already: undo that first.",
            correction_id=str(other.id),
        )
    made = EnergyCorrection(
        organization_id=device.organization_id,
        device_id=device.id,
        device_key=device.device_key,
        first_day=first,
        last_day=last,
        kwh_before=await queries.energy_between(session, device.device_key, first, last),
        kwh=kwh,
        reason=reason,
        corrected_by=by,
    )
    acting(session, "energy.correct")
    session.add(made)
    await session.flush()
    await queries.list_day(session, device.device_key, device.site_id, first)
    return made


async def undo(session: Session, device: Device, correction_id: UUID, *, by: UUID | None) -> EnergyCorrection:
    """Takes a correction off a device that is locked. NotFound; Conflict for one that was undone before."""
    found = await queries.correction(session, device.id, correction_id)
    if found is None:
        raise NotFound
    if found.undone_at is not None:
        raise Conflict("This correction was undone before.", undone_at=found.undone_at.isoformat())
    acting(session, "energy.undo")
    found.undone_at = now()
    found.undone_by = by
    await session.flush()
    await queries.list_day(session, device.device_key, device.site_id, found.first_day)
    return found
