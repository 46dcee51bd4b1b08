"""SQL of the metrics that organizations add for themselves."""

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa

from solarhub.devices.models import Device, DeviceState
from solarhub.kit.db import Session
from solarhub.metrics import Metric
from solarhub.organizations.models import Organization
from solarhub.telemetry.models import CustomMetric

Stand = tuple[int, int]


async def stand(worker: Session) -> Stand:
    """Moves with every change of any of them: how many there are, and how often all of them were changed."""
    row = (
        await worker.execute(sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(CustomMetric.version), 0)))
    ).one()
    return row[0], row[1]


async def every_one(worker: Session) -> Sequence[sa.Row[int, CustomMetric]]:
    """All of the hub's, removed ones among them, each with the key of its organization."""
    wanted = (
        sa.select(Organization.organization_key, CustomMetric)
        .join(Organization, Organization.id == CustomMetric.organization_id)
        .order_by(Organization.organization_key, CustomMetric.name)
    )
    return (await worker.execute(wanted.execution_options(populate_existing=True))).all()


async def named(worker: Session, organization_keys: Collection[int]) -> dict[int, dict[str, Metric]]:
    """All of these organizations' own by name, removed ones among them: what they reported keeps its meaning."""
    rows = await worker.execute(
        sa.select(Organization.organization_key, CustomMetric)
        .join(Organization, Organization.id == CustomMetric.organization_id)
        .where(Organization.organization_key.in_(organization_keys))
    )
    found: dict[int, dict[str, Metric]] = {}
    for organization_key, row in rows:
        found.setdefault(organization_key, {})[row.name] = row.metric
    return found


async def of_organization(session: Session, organization_id: UUID) -> Sequence[CustomMetric]:
    """All of its own by name, removed ones among them."""
    wanted = sa.select(CustomMetric).where(CustomMetric.organization_id == organization_id).order_by(CustomMetric.name)
    return (await session.scalars(wanted)).all()


async def one(session: Session, metric_id: UUID) -> CustomMetric | None:
    """Removed or not."""
    return await session.scalar(sa.select(CustomMetric).where(CustomMetric.id == metric_id))


async def one_to_change(session: Session, metric_id: UUID) -> CustomMetric | None:
    """Locked until the transaction ends, so that the version that is checked is the version that is changed."""
    return await session.scalar(
        sa.select(CustomMetric).where(CustomMetric.id == metric_id).with_for_update(key_share=True)
    )


async def how_many(session: Session, organization_id: UUID) -> int:
    """Removed ones count too: their names are taken."""
    wanted = sa.select(sa.func.count(CustomMetric.id)).where(CustomMetric.organization_id == organization_id)
    return await session.scalar(wanted) or 0


async def series_reported_at(session: Session, site_id: UUID) -> set[str]:
    """Every series of which a device of that site has a latest value."""
    wanted = (
        sa.select(sa.func.jsonb_object_keys(DeviceState.latest))
        .join(Device, Device.id == DeviceState.device_id)
        .where(Device.site_id == site_id)
        .distinct()
    )
    return set((await session.scalars(wanted)).all())
