"""SQL of claims on serial numbers: as people see them, and as the hub settles them."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from solarhub.accounts.models import User
from solarhub.accounts.preferences import Preferences
from solarhub.devices.models import Device, DeviceClaim, DeviceClaimRequest
from solarhub.devices.schemas import ClaimFilter, ClaimSelection, RequestFilter, RequestSelection
from solarhub.devices.vocabulary import ClaimState, RequestState
from solarhub.kit.db import Session
from solarhub.kit.listing import each_of, page_of
from solarhub.organizations.models import Organization, OrganizationMember
from solarhub.organizations.vocabulary import OrgMemberRole

_LOOK_AGAIN = timedelta(minutes=1)

T = TypeVar("T", DeviceClaim, DeviceClaimRequest)
Owner = sa.Row[UUID, str, Preferences]


async def claim_to_change(session: Session, claim_id: UUID) -> DeviceClaim | None:
    """Locked."""
    return await session.scalar(_locked(sa.select(DeviceClaim).where(DeviceClaim.id == claim_id)))


async def request_to_change(session: Session, request_id: UUID) -> DeviceClaimRequest | None:
    """Locked."""
    return await session.scalar(_locked(sa.select(DeviceClaimRequest).where(DeviceClaimRequest.id == request_id)))


async def open_claim_of(session: Session, device_id: UUID) -> DeviceClaim | None:
    """Locked; there is one at most."""
    return await session.scalar(
        _locked(sa.select(DeviceClaim).where(DeviceClaim.device_id == device_id, _is_pending()))
    )


async def claims(session: Session, organization_id: UUID, wanted: ClaimFilter) -> tuple[Sequence[DeviceClaim], int]:
    """A page of an organization's claims, the newest first, and how many there are."""
    return await page_of(session, _claims(organization_id, wanted), wanted)


def every_claim(session: Session, organization_id: UUID, wanted: ClaimSelection) -> AsyncIterator[DeviceClaim]:
    """All of them, read while they are used."""
    return each_of(session, _claims(organization_id, wanted))


def _claims(organization_id: UUID, wanted: ClaimSelection) -> sa.Select[DeviceClaim]:
    found = sa.select(DeviceClaim).where(DeviceClaim.organization_id == organization_id)
    if wanted.state is not None:
        found = found.where(DeviceClaim.state == wanted.state.value)
    if wanted.device_id is not None:
        found = found.where(DeviceClaim.device_id == wanted.device_id)
    return found.order_by(DeviceClaim.id.desc())


async def requests(
    session: Session, organization_id: UUID, wanted: RequestFilter
) -> tuple[Sequence[DeviceClaimRequest], int]:
    """A page of what an organization is asked to give up, the newest first, and how much that is."""
    return await page_of(session, _requests(organization_id, wanted), wanted)


def every_request(
    session: Session, organization_id: UUID, wanted: RequestSelection
) -> AsyncIterator[DeviceClaimRequest]:
    """All of it, read while it is used."""
    return each_of(session, _requests(organization_id, wanted))


def _requests(organization_id: UUID, wanted: RequestSelection) -> sa.Select[DeviceClaimRequest]:
    found = sa.select(DeviceClaimRequest).where(DeviceClaimRequest.organization_id == organization_id)
    if wanted.state is RequestState.OPEN:
        found = found.where(DeviceClaimRequest.answer.is_(None))
    elif wanted.state is not None:
        found = found.where(DeviceClaimRequest.answer == wanted.state.value)
    return found.order_by(DeviceClaimRequest.id.desc())


# ------------------------------------------------------------------------------------------------ what the hub settles


async def claims_to_look_at(worker: Session, *, limit: int) -> Sequence[DeviceClaim]:
    """Locked: those that are new, were answered or proven, and now and then the others: their number may be free."""
    answered = sa.exists().where(
        DeviceClaimRequest.claim_id == DeviceClaim.id,
        Device.id == DeviceClaimRequest.device_id,
        Device.serial_number == DeviceClaim.serial_number,
        DeviceClaimRequest.answer.in_([RequestState.GRANTED.value, RequestState.REFUSED.value]),
    )
    due = sa.or_(DeviceClaim.looked_at.is_(None), DeviceClaim.looked_at < sa.func.now() - _LOOK_AGAIN, answered)
    rows = await worker.scalars(
        sa.select(DeviceClaim)
        .where(_is_pending(), due)
        .order_by(DeviceClaim.looked_at.asc().nulls_first(), DeviceClaim.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def mark_as_looked_at(worker: Session, claim_ids: Sequence[UUID]) -> None:
    """Bookkeeping of the hub, which is nobody's act."""
    await worker.execute(
        sa.update(DeviceClaim)
        .values(looked_at=sa.func.now())
        .where(DeviceClaim.id.in_(claim_ids))
        .execution_options(synchronize_session=False)
    )


async def forget_proof(worker: Session, claim_id: UUID) -> None:
    """The same, for a token that proves nothing."""
    await worker.execute(
        sa.update(DeviceClaim)
        .values(proof_sha256=None)
        .where(DeviceClaim.id == claim_id)
        .execution_options(synchronize_session=False)
    )


async def devices_of_claim(worker: Session, claim: DeviceClaim) -> Sequence[Device]:
    """The claimant's device and the one that has the number, as far as nobody is changing them right now: locked."""
    rows = await worker.scalars(
        sa.select(Device)
        .where(sa.or_(Device.id == claim.device_id, Device.serial_number == claim.serial_number))
        .order_by(Device.id)
        .with_for_update(key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def request_of(worker: Session, claim_id: UUID, device_id: UUID) -> DeviceClaimRequest | None:
    """What the device's holder was asked because of a claim; locked."""
    return await worker.scalar(
        _locked(
            sa.select(DeviceClaimRequest).where(
                DeviceClaimRequest.claim_id == claim_id, DeviceClaimRequest.device_id == device_id
            )
        )
    )


async def organization_name(worker: Session, organization_id: UUID) -> str:
    found = await worker.scalar(sa.select(Organization.name).where(Organization.id == organization_id))
    return found or ""


async def owners(worker: Session, organization_id: UUID) -> Sequence[Owner]:
    """Who is written to when an organization is asked something: id, address and preferences."""
    rows = await worker.execute(
        sa.select(User.id, User.email, User.preferences)
        .join(OrganizationMember, OrganizationMember.user_id == User.id)
        .where(
            OrganizationMember.organization_id == organization_id,
            OrganizationMember.role == OrgMemberRole.OWNER,
            OrganizationMember.joined_at.is_not(None),
            OrganizationMember.removed_at.is_(None),
            User.is_active,
            User.removed_at.is_(None),
        )
        .order_by(User.id)
    )
    return rows.all()


async def let_requests_lapse(worker: Session) -> int:
    """Ends requests that nothing hangs on any more: the claim is settled, or the device has lost the number."""
    matters = sa.exists().where(
        DeviceClaim.id == DeviceClaimRequest.claim_id,
        _is_pending(),
        Device.id == DeviceClaimRequest.device_id,
        Device.serial_number == DeviceClaim.serial_number,
    )
    lapsed = await worker.execute(
        sa.update(DeviceClaimRequest)
        .values(answer=RequestState.LAPSED.value, answered_at=sa.func.now())
        .where(DeviceClaimRequest.answer.is_(None), sa.not_(matters))
        .returning(DeviceClaimRequest.id)
        .execution_options(synchronize_session=False)
    )
    return len(lapsed.all())


def _is_pending() -> sa.ColumnElement[bool]:
    return DeviceClaim.state == ClaimState.PENDING.value


def _locked(statement: sa.Select[T]) -> sa.Select[T]:
    return statement.with_for_update().execution_options(populate_existing=True)
