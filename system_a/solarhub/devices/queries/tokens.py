"""SQL of devices' tokens."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from solarhub.devices.models import Device, DeviceToken
from solarhub.kit.db import Session
from solarhub.organizations.models import Organization


def _in_force() -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return (
        DeviceToken.revoked_at.is_(None),
        sa.or_(DeviceToken.expires_at.is_(None), DeviceToken.expires_at > sa.func.now()),
    )


async def token_owner(auth: Session, token_sha256: bytes) -> sa.Row[UUID, UUID, int, int, str] | None:
    """Device, organization, both their keys and the organization's status, for a token that is in force (auth role)."""
    rows = await auth.execute(
        sa.select(
            Device.id.label("device_id"),
            Device.organization_id,
            Organization.organization_key,
            Device.device_key,
            Organization.status,
        )
        .select_from(DeviceToken)
        .join(Device, Device.id == DeviceToken.device_id)
        .join(Organization, Organization.id == Device.organization_id)
        .where(
            DeviceToken.token_sha256 == token_sha256,
            *_in_force(),
            Device.removed_at.is_(None),
            Organization.removed_at.is_(None),
        )
    )
    return rows.one_or_none()


async def tokens_in_force(session: Session, device_id: UUID) -> Sequence[DeviceToken]:
    """A device's, the present one first: the one that does not end, and the newest of them."""
    rows = await session.scalars(
        sa.select(DeviceToken)
        .where(DeviceToken.device_id == device_id, *_in_force())
        .order_by(DeviceToken.expires_at.is_(None).desc(), DeviceToken.created_at.desc(), DeviceToken.id.desc())
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def is_proven(worker: Session, device_id: UUID, token_sha256: bytes) -> bool:
    """Whether it is the hash of a token that the device reports with now."""
    found = await worker.scalar(
        sa.select(sa.literal(1)).where(
            DeviceToken.device_id == device_id, DeviceToken.token_sha256 == token_sha256, *_in_force()
        )
    )
    return found is not None


async def revoke_tokens(worker: Session, device_id: UUID) -> None:
    """Ends all that a device has."""
    await worker.execute(
        sa.update(DeviceToken)
        .values(revoked_at=sa.func.now())
        .where(DeviceToken.device_id == device_id, DeviceToken.revoked_at.is_(None))
    )
