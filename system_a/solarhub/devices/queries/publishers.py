"""SQL of devices that publish at a broker, in a worker's hands."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from solarhub.devices.models import Device, DeviceToken
from solarhub.devices.queries.tokens import in_force
from solarhub.devices.vocabulary import ProtocolType
from solarhub.kit.db import Session
from solarhub.organizations.models import Organization
from solarhub.organizations.vocabulary import OrganizationStatus
from solarhub.sites.models import Site

Row = sa.Row[UUID, UUID, int, int, int, dict[str, Any], dict[str, Any], str]
"""Device, organization, both their keys, its version, its connection, what is noted of it, its plant's time zone."""

_BY_MQTT = (Device.protocol == ProtocolType.MQTT, Device.removed_at.is_(None))
_SERVED = (Organization.status == OrganizationStatus.ACTIVE, Organization.removed_at.is_(None))


async def standing(worker: Session) -> str:
    """Another text as soon as a device that publishes was entered, changed or removed, or an organization suspended."""
    rows = await worker.execute(
        sa.select(
            sa.func.count(),
            sa.func.sum(sa.func.hashint8(sa.cast(Device.device_key, sa.BigInteger) * 65_536 + Device.version)),
            sa.select(sa.func.sum(Organization.organization_key)).where(sa.not_(sa.and_(*_SERVED))).scalar_subquery(),
        ).where(*_BY_MQTT)
    )
    return str(rows.one())


async def versions(worker: Session) -> dict[UUID, int]:
    """Of all devices that publish and are served."""
    rows = await worker.execute(
        sa.select(Device.id, Device.version)
        .join(Organization, Organization.id == Device.organization_id)
        .where(*_BY_MQTT, *_SERVED)
    )
    return {row.id: row.version for row in rows}


def _rows(device_ids: Collection[UUID]) -> sa.Select[UUID, UUID, int, int, int, dict[str, Any], dict[str, Any], str]:
    """Those of them that are there and are served."""
    return (
        sa.select(
            Device.id.label("device_id"),
            Device.organization_id,
            Organization.organization_key,
            Device.device_key,
            Device.version,
            Device.connection_config,
            Device.device_metadata.label("notes"),
            Site.timezone.label("time_zone"),
        )
        .join(Organization, Organization.id == Device.organization_id)
        .join(Site, Site.id == Device.site_id)
        .where(Device.id.in_(device_ids), Device.removed_at.is_(None), *_SERVED)
    )


async def publishers(worker: Session, device_ids: Collection[UUID]) -> Sequence[Row]:
    """Those of them whose connection names a broker."""
    return list((await worker.execute(_rows(device_ids).where(*_BY_MQTT))).all())


async def holders(worker: Session, device_ids: Collection[UUID]) -> Sequence[Row]:
    """Those of them whose token the hub's own broker takes."""
    token = sa.exists().where(DeviceToken.device_id == Device.id, DeviceToken.broker_hash.is_not(None), *in_force())
    return list((await worker.execute(_rows(device_ids).where(token))).all())


def _accepted() -> sa.Select[UUID, str | None]:
    """The newest token of each device that the hub's own broker takes: it knows one password for a user."""
    return (
        sa.select(DeviceToken.device_id, DeviceToken.broker_hash.label("broker_hash"))
        .distinct(DeviceToken.device_id)
        .join(Device, Device.id == DeviceToken.device_id)
        .join(Organization, Organization.id == Device.organization_id)
        .where(DeviceToken.broker_hash.is_not(None), *in_force(), Device.removed_at.is_(None), *_SERVED)
        .order_by(
            DeviceToken.device_id,
            DeviceToken.expires_at.is_(None).desc(),
            DeviceToken.created_at.desc(),
            DeviceToken.id.desc(),
        )
    )


async def standing_of_passwords(worker: Session) -> str:
    """Another text as soon as the broker must know other passwords."""
    accepted = _accepted().subquery()
    rows = await worker.execute(sa.select(sa.func.count(), sa.func.sum(sa.func.hashtext(accepted.c.broker_hash))))
    return str(rows.one())


async def passwords(worker: Session) -> dict[UUID, str]:
    """The hash that each device's password is compared with at the hub's own broker."""
    return {row.device_id: row.broker_hash for row in await worker.execute(_accepted())}


async def errors_that_begin(worker: Session, beginning: str) -> dict[UUID, str]:
    """The last errors that begin with it, of devices that are not removed."""
    rows = await worker.execute(
        sa.select(Device.id, Device.last_error).where(
            Device.last_error.startswith(beginning, autoescape=True), Device.removed_at.is_(None)
        )
    )
    return {device_id: error for device_id, error in rows if error is not None}


async def write_errors(worker: Session, errors: Mapping[UUID, str | None], beginning: str) -> None:
    """`None` takes away what begins with `beginning`, and leaves what others wrote. Rows in use wait for next time."""
    by_sentence: dict[str | None, list[UUID]] = {}
    for device_id, sentence in errors.items():
        by_sentence.setdefault(sentence, []).append(device_id)
    for sentence, device_ids in by_sentence.items():
        wanted = (
            Device.last_error.is_distinct_from(sentence)
            if sentence is not None
            else Device.last_error.startswith(beginning, autoescape=True)
        )
        free = (
            sa.select(Device.id)
            .where(Device.id.in_(device_ids), wanted)
            .order_by(Device.id)
            .with_for_update(key_share=True, skip_locked=True)
            .cte("free")
        )
        await worker.execute(
            sa.update(Device)
            .values(last_error=sentence)
            .where(Device.id.in_(sa.select(free.c.id)))
            .execution_options(synchronize_session=False)
        )
