"""SQL of devices."""

from uuid import UUID

import sqlalchemy as sa

from solarhub.devices.models import Device, DeviceToken
from solarhub.kit.db import Session
from solarhub.organizations.models import Organization


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
            DeviceToken.revoked_at.is_(None),
            Device.removed_at.is_(None),
            Organization.removed_at.is_(None),
        )
    )
    return rows.one_or_none()
