"""SQL of devices' tokens."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from solarhub.devices.models import DeviceToken
from solarhub.kit.db import Session
from solarhub.kit.drivers import Driver


def in_force() -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """What a token must be to open a door now."""
    return (
        DeviceToken.revoked_at.is_(None),
        sa.or_(DeviceToken.expires_at.is_(None), DeviceToken.expires_at > sa.func.now()),
    )


# Asked for every device every few seconds, hence by the driver itself, many at once.
_OWNERS = """
select t.token_sha256, d.id, d.organization_id, o.organization_key, d.device_key, o.status,
    d.metadata -> 'rated_power_kw' as rated_power_kw
from device_tokens t join devices d on d.id = t.device_id join organizations o on o.id = d.organization_id
where t.token_sha256 = any($1::bytea[]) and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())
    and d.removed_at is null and o.removed_at is null
"""

# A number that is another one as soon as any of them comes, goes or is edited.
_STANDS = """
select g.id, coalesce(bit_xor(hashtextextended(d.id || ':' || d.version, 0)), 0)
from unnest($1::uuid[]) as g (id) left join devices d on d.gateway_id = g.id and d.removed_at is null
group by g.id
"""

_CHILDREN = """
select gateway_id, id, device_key, name, serial_number, metadata -> 'rated_power_kw' as rated_power_kw
from devices where gateway_id = any($1::uuid[]) and removed_at is null
"""


class Owner(NamedTuple):
    """Whose token it is; `rating` is what is noted as its rated power."""

    device_id: UUID
    organization_id: UUID
    organization_key: int
    device_key: int
    status: str
    rating: object


class Child(NamedTuple):
    """A device that a gateway speaks for; `rating` as of an owner."""

    device_id: UUID
    device_key: int
    name: str
    serial_number: str | None
    rating: object


async def token_owners(auth: Driver, hashes: Sequence[bytes]) -> dict[bytes, Owner]:
    """Whose these tokens are, of those that are in force."""
    return {row[0]: Owner(*row[1:]) for row in await auth.fetch(_OWNERS, hashes)}


async def household_stands(auth: Driver, gateway_ids: Sequence[UUID]) -> dict[UUID, int]:
    """For each gateway a number that changes with the devices it speaks for."""
    return {row[0]: row[1] for row in await auth.fetch(_STANDS, gateway_ids)}


async def children(auth: Driver, gateway_ids: Sequence[UUID]) -> dict[UUID, list[Child]]:
    """The devices that each gateway speaks for."""
    found: dict[UUID, list[Child]] = {gateway_id: [] for gateway_id in gateway_ids}
    for gateway_id, *child in await auth.fetch(_CHILDREN, gateway_ids):
        found[gateway_id].append(Child(*child))
    return found


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
