"""SQL of people who take care of alerts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from solarhub.alerts.models import Alert, AlertEpisode, AlertNote, AlertRule
from solarhub.alerts.queries.arrays import one_of
from solarhub.alerts.vocabulary import OPEN, Act, AlertStatus
from solarhub.devices.models import Device
from solarhub.kit.db import Session


async def alert(session: Session, alert_id: UUID) -> Alert | None:
    return await session.scalar(sa.select(Alert).where(Alert.id == alert_id))


async def alert_to_move(session: Session, alert_id: UUID) -> Alert | None:
    """Locked until the transaction ends: the state that is looked at is the state that is left."""
    return await session.scalar(sa.select(Alert).where(Alert.id == alert_id).with_for_update(key_share=True))


async def open_alerts(
    session: Session, *, rule_id: UUID | None = None, site_id: UUID | None = None, device_id: UUID | None = None
) -> Sequence[Alert]:
    """What is open of a rule, a site or a device; locked in the order of ids, as whoever notes deliveries on them."""
    found = sa.select(Alert).where(Alert.status.in_(OPEN))
    for column, wanted in ((Alert.rule_id, rule_id), (Alert.site_id, site_id), (Alert.device_id, device_id)):
        if wanted is not None:
            found = found.where(column == wanted)
    alerts = await session.scalars(found.order_by(Alert.id).with_for_update(key_share=True))
    return alerts.all()


async def hold_what_moves(session: Session, site_id: UUID) -> None:
    """Locks the devices and rules of a plant that is locked, and all alerts that a handover of it writes to."""
    devices = sa.select(Device.id).where(Device.site_id == site_id)
    rules = sa.select(AlertRule.id).where(AlertRule.site_id == site_id)
    theirs = sa.or_(Alert.site_id == site_id, Alert.device_id.in_(devices), Alert.rule_id.in_(rules))
    await session.execute(devices.order_by(Device.id).with_for_update())
    await session.execute(rules.order_by(AlertRule.id).with_for_update())
    await session.execute(sa.select(Alert.id).where(theirs).order_by(Alert.id).with_for_update(key_share=True))


async def resolve(session: Session, alert_ids: Collection[UUID], by: UUID | None, at: datetime) -> None:
    """Closes alerts that are locked, and their episodes, so that the next breach is free to raise one."""
    await session.execute(
        sa.update(Alert)
        .where(one_of(Alert.id, alert_ids))
        .values(status=AlertStatus.RESOLVED, resolved_by=by, resolved_at=at),
        execution_options={"synchronize_session": False},
    )
    await close_episodes(session, alert_ids, at)


async def close_episodes(session: Session, alert_ids: Collection[UUID], at: datetime) -> None:
    await session.execute(
        sa.update(AlertEpisode)
        .where(one_of(AlertEpisode.alert_id, alert_ids), AlertEpisode.closed_at.is_(None))
        .values(closed_at=at),
        execution_options={"synchronize_session": False},
    )


async def note(session: Session, alerts: Sequence[Alert], by: UUID, act: Act, words: str | None) -> None:
    session.add_all(
        AlertNote(organization_id=each.organization_id, alert_id=each.id, author_id=by, act=act, note=words)
        for each in alerts
    )
    await session.flush()
