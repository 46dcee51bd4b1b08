"""SQL of those who report without being known, as people look at them and decide."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from solarhub.devices.models import Device
from solarhub.kit.db import Session
from solarhub.kit.listing import page_of
from solarhub.sites.models import Site
from solarhub.telemetry.found.schemas import FoundFilter
from solarhub.telemetry.models import FoundAnnouncement, FoundSender
from solarhub.telemetry.vocabulary import FoundState


async def senders(session: Session, organization_id: UUID, wanted: FoundFilter) -> tuple[Sequence[FoundSender], int]:
    """A page of them, whoever was heard last first."""
    found = sa.select(FoundSender).where(FoundSender.organization_id == organization_id)
    if wanted.state is FoundState.NEW:
        found = found.where(FoundSender.device_id.is_(None), FoundSender.ignored_at.is_(None))
    elif wanted.state is FoundState.ADOPTED:
        found = found.where(FoundSender.device_id.is_not(None))
    elif wanted.state is FoundState.IGNORED:
        found = found.where(FoundSender.ignored_at.is_not(None))
    if wanted.understood is not None:
        found = found.where((FoundSender.dialect != "") == wanted.understood)
    return await page_of(session, found.order_by(FoundSender.last_seen_at.desc(), FoundSender.id), wanted)


async def sender(session: Session, sender_id: UUID) -> FoundSender | None:
    return await session.scalar(sa.select(FoundSender).where(FoundSender.id == sender_id))


async def sender_to_change(session: Session, sender_id: UUID) -> FoundSender | None:
    """Locked, and read anew."""
    return await session.scalar(
        sa.select(FoundSender)
        .where(FoundSender.id == sender_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def senders_of(session: Session, device_id: UUID) -> Sequence[FoundSender]:
    """What is the device today, locked."""
    wanted = sa.select(FoundSender).where(FoundSender.device_id == device_id).order_by(FoundSender.id)
    return (await session.scalars(wanted.with_for_update())).all()


async def announcements(session: Session, organization_id: UUID, broker_key: str) -> list[tuple[str, bytes]]:
    """Topic and payload of what was announced at a broker."""
    rows = await session.execute(
        sa.select(FoundAnnouncement.topic, FoundAnnouncement.payload)
        .where(FoundAnnouncement.organization_id == organization_id, FoundAnnouncement.broker_key == broker_key)
        .order_by(FoundAnnouncement.topic)
    )
    return [(topic, payload) for topic, payload in rows]


async def time_zone_of(session: Session, device_id: UUID) -> str | None:
    """That of the plant at which a device stands."""
    return await session.scalar(
        sa.select(Site.timezone).join(Device, Device.site_id == Site.id).where(Device.id == device_id)
    )
