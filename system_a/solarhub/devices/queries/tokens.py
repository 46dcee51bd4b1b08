"""SQL of devices' tokens."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from solarhub.devices.models import Device, DeviceToken
from solarhub.kit.db import Session
from solarhub.organizations.models import Organization


def in_force() -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """What a token must be to open a door now."""
    return (
        DeviceToken.revoked_at.is_(None),
        sa.or_(DeviceToken.expires_at.is_(None), DeviceToken.expires_at > sa.func.now()),
    )


Owner = sa.Row[UUID, UUID, int, int, str, dict[str, Any]]
"""Device, organization, both their keys, the organization's status, and what is noted of the device."""

Child = sa.Row[UUID, int, str, str | None, dict[str, Any]]
"""Device, its key, its name, its serial number, and what is noted of it."""


async def token_owner(auth: Session, token_sha256: bytes) -> Owner | None:
    """Whose token this is, for one that is in force (auth role)."""
    rows = await auth.execute(
        sa.select(
            Device.id.label("device_id"),
            Device.organization_id,
            Organization.organization_key,
            Device.device_key,
            Organization.status,
            Device.device_metadata.label("notes"),
        )
        .select_from(DeviceToken)
        .join(Device, Device.id == DeviceToken.device_id)
        .join(Organization, Organization.id == Device.organization_id)
        .where(
            DeviceToken.token_sha256 == token_sha256,
            *in_force(),
            Device.removed_at.is_(None),
            Organization.removed_at.is_(None),
        )
    )
    return rows.one_or_none()


async def children(auth: Session, gateway_id: UUID) -> Sequence[Child]:
    """The devices that a gateway speaks for (auth role)."""
    rows = await auth.execute(
        sa.select(
            Device.id.label("device_id"),
            Device.device_key,
            Device.name,
            Device.serial_number,
            Device.device_metadata.label("notes"),
        ).where(Device.gateway_id == gateway_id, Device.removed_at.is_(None))
    )
    return rows.all()


async def tokens_in_force(session: Session, device_id: UUID) -> Sequence[DeviceToken]:
    """A device's, the present one first: the one that does not end, and the newest of them."""
    rows = await session.scalars(
        sa.select(DeviceToken)
        .where(DeviceToken.device_id == device_id, *in_force())
        .order_by(DeviceToken.expires_at.is_(None).desc(), DeviceToken.created_at.desc(), DeviceToken.id.desc())
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def is_proven(worker: Session, device_id: UUID, token_sha256: bytes) -> bool:
    """Whether it is the hash of a token that the device reports with now."""
    found = await worker.scalar(
        sa.select(sa.literal(1)).where(
            DeviceToken.device_id == device_id, DeviceToken.token_sha256 == token_sha256, *in_force()
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
