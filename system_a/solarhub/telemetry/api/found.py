"""Those who report at the brokers without being known, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, status

from solarhub.devices.deps import DeviceToChange, ShownOne
from solarhub.devices.schemas import DeviceAnswer
from solarhub.devices.serials import asking
from solarhub.kit.db import Databases
from solarhub.kit.errors import Conflict, Invalid, NotFound, TooManyRequests, Unreadable
from solarhub.kit.http import Keys, Router, databases, describe
from solarhub.kit.paging import Listing
from solarhub.organizations.deps import TenantReading, TenantWriting, needs
from solarhub.organizations.roles import Permission
from solarhub.telemetry.deps import Mappings, MetricsHere, tell_door
from solarhub.telemetry.found import adopting, listing
from solarhub.telemetry.found.schemas import (
    Adoption,
    FoundFilter,
    FoundSenderAnswer,
    FoundSenderDetail,
    ReadAnewAnswer,
    ReplayWish,
)
from solarhub.telemetry.models import FoundSender

Pools = Annotated[Databases, Depends(databases)]

router = Router(prefix="/organizations/{organization_id}", tags=["found senders"])

_READING = needs(Permission.FOUND_READ)
_CHANGING = needs(Permission.FOUND_CHANGE)


async def _sender(sender_id: UUID, session: TenantReading) -> FoundSender:
    return await adopting.find(session, sender_id)


async def _sender_to_change(organization_id: UUID, sender_id: UUID, session: TenantWriting) -> FoundSender:
    return await adopting.find_to_change(session, organization_id, sender_id)


async def _sender_to_adopt(organization_id: UUID, sender_id: UUID, session: TenantWriting) -> FoundSender:
    return await adopting.find_to_adopt(session, organization_id, sender_id)


_Sender = Annotated[FoundSender, Depends(_sender, scope="function")]
_SenderToChange = Annotated[FoundSender, Depends(_sender_to_change, scope="function")]
_SenderToAdopt = Annotated[FoundSender, Depends(_sender_to_adopt, scope="function")]
_DECIDES = [Depends(tell_door, scope="function")]


@router.get("/found-senders", openapi_extra=_READING, responses=describe(NotFound, Invalid))
async def list_found_senders(
    organization_id: UUID, wanted: Annotated[FoundFilter, Query()], session: TenantReading
) -> Listing[FoundSenderAnswer]:
    """Who reports at the organization's brokers without being a device, or was found so; heard last, listed first."""
    return await listing.senders(session, organization_id, wanted)


@router.get("/found-senders/{sender_id}", openapi_extra=_READING, responses=describe(NotFound))
async def get_found_sender(
    row: _Sender, session: TenantReading, mappings: Mappings, metrics: MetricsHere
) -> FoundSenderDetail:
    """One of them, with its newest messages and what the present mapping reads of them."""
    return FoundSenderDetail.shown(row, await adopting.preview(session, row, mappings, metrics))


@router.post(
    "/found-senders/{sender_id}/adopt",
    openapi_extra=_CHANGING,
    responses=describe(Unreadable, NotFound, Conflict, Invalid, TooManyRequests),
    dependencies=_DECIDES,
)
async def adopt_found_sender(
    *,
    row: _SenderToAdopt,
    wanted: Adoption,
    session: TenantWriting,
    keyring: Keys,
    pools: Pools,
    show: ShownOne,
) -> DeviceAnswer:
    """Make it a device of a plant, or bind it to one that is there; answered with the device.

    What it sent while it waited is stored as samples within seconds, and judged by nobody. A serial number that is
    taken, wherever on the hub that may be, is 409: adopt it with `serial_number: null` and claim the number.
    """
    async with asking(pools.auth, row.organization_id, adopting.serial_number(row, wanted)):
        device = await adopting.adopt(session, keyring, row, wanted)
    return await show(session, device.id)


@router.post(
    "/found-senders/{sender_id}/ignore",
    openapi_extra=_CHANGING,
    responses=describe(NotFound, Conflict),
    dependencies=_DECIDES,
)
async def ignore_found_sender(row: _SenderToChange, session: TenantWriting) -> FoundSenderAnswer:
    """Keep nothing more of what it sends. 409 for one that is adopted or ignored."""
    await adopting.ignore(session, row)
    return FoundSenderAnswer.of(row)


@router.post(
    "/found-senders/{sender_id}/release",
    openapi_extra=_CHANGING,
    responses=describe(NotFound, Conflict),
    dependencies=_DECIDES,
)
async def release_found_sender(row: _SenderToChange, session: TenantWriting) -> FoundSenderAnswer:
    """Let one that is adopted or ignored wait again. Its device stays, with everything that was stored."""
    await adopting.release(session, row)
    return FoundSenderAnswer.of(row)


@router.post(
    "/devices/{device_id}/replay-messages",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=_CHANGING,
    responses=describe(Unreadable, NotFound, Conflict, Invalid),
)
async def replay_messages(device: DeviceToChange, wish: ReplayWish, session: TenantWriting) -> ReadAnewAnswer:
    """Read a device's kept messages anew, with the mapping of today.

    Samples that earlier readings of these messages made are replaced, and roll-ups follow. No alert comes of it.
    """
    return ReadAnewAnswer(senders=await adopting.replay(session, device, wish.since))
