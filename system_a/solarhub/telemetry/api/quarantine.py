"""What was not stored: listed, explained, and read anew."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from solarhub.devices.identity import KnownDevice
from solarhub.devices.metadata import rated_kw
from solarhub.kit.db import Databases, transaction
from solarhub.kit.errors import Conflict, Invalid, NotFound
from solarhub.kit.http import databases, describe
from solarhub.kit.paging import Listing
from solarhub.organizations.deps import Here, TenantReading, TenantWriting, needs
from solarhub.organizations.roles import Permission
from solarhub.telemetry.deps import MetricsHere
from solarhub.telemetry.quarantine import replaying
from solarhub.telemetry.quarantine.explaining import REREADABLE
from solarhub.telemetry.quarantine.schemas import CauseAnswer, EntryAnswer, QuarantineFilter, Replay, ReplayAnswer
from solarhub.telemetry.queries import charts as devices_queries
from solarhub.telemetry.queries import quarantine as queries

_AT_ONCE = 5_000
_MOST_CAUSES = 200
_EXAMPLES = 5

router = APIRouter(prefix="/organizations/{organization_id}/quarantine", tags=["telemetry"])


@router.get("", openapi_extra=needs(Permission.TELEMETRY_READ), responses=describe(NotFound, Invalid))
async def list_quarantine(
    wanted: Annotated[QuarantineFilter, Query()], here: Here, session: TenantReading
) -> Listing[EntryAnswer]:
    """What was not stored as a reading, newest first, with what that means and what to do about it."""
    rows, counted = await queries.entries(session, here.organization.id, wanted)
    return Listing.of([EntryAnswer.of(row) for row in rows], counted, wanted)


@router.get("/causes", openapi_extra=needs(Permission.TELEMETRY_READ), responses=describe(NotFound))
async def list_causes(here: Here, session: TenantReading) -> list[CauseAnswer]:
    """What is refused again and again, by device, metric and reason: up to 200 causes, the most frequent first."""
    rows = await queries.causes(session, here.organization.id, most=_MOST_CAUSES)
    return [CauseAnswer.of(row) for row in rows]


@router.post("/replay", openapi_extra=needs(Permission.DEVICES_CHANGE), responses=describe(NotFound, Invalid, Conflict))
async def replay_quarantine(
    wanted: Replay,
    here: Here,
    session: TenantWriting,
    known: MetricsHere,
    pools: Annotated[Databases, Depends(databases)],
) -> ReplayAnswer:
    """Read entries anew by the metrics and ratings of today; what is a reading now is stored, and judged by nobody."""
    entries = await queries.to_replay(session, here.organization.id, wanted, REREADABLE, limit=_AT_ONCE + 1)
    remaining, entries = len(entries) > _AT_ONCE, entries[:_AT_ONCE]
    of_device = replaying.by_device(entries)
    stored, refused = 0, list[str]()
    for device in await devices_queries.devices(session, list(of_device)):
        rated = rated_kw(device.device_metadata)
        found = replaying.reread(of_device[device.id], known, rated)
        stored += len(found.stored)
        refused += found.refused
        if wanted.dry_run or not found.stored:
            continue
        async with transaction(pools.worker) as worker:
            await replaying.make_room(worker, found)
        sender = KnownDevice(device.id, device.organization_id, here.organization.key, device.device_key, rated)
        async with transaction(pools.worker) as worker:
            await replaying.write(worker, sender, found)
    return ReplayAnswer(
        entries=len(entries),
        stored=stored,
        refused=len(entries) - stored,
        remaining=remaining,
        examples=refused[:_EXAMPLES],
    )
