"""SQL of telling that alerts opened and closed: written by whoever does it, read by whoever makes messages of it."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from solarhub.alerts.models import AlertAnnouncement, AlertEpisode
from solarhub.alerts.queries.arrays import one_of
from solarhub.alerts.vocabulary import AlertEvent
from solarhub.kit.db import Session


async def announce(session: Session, event: AlertEvent, alert_ids: Collection[UUID]) -> None:
    """Once for each alert and event, whoever comes first; an alert that was never judged has no episode and no news."""
    episodes = sa.select(AlertEpisode.alert_id, sa.literal(event.value), AlertEpisode.organization_id).where(
        one_of(AlertEpisode.alert_id, alert_ids)
    )
    await session.execute(
        insert(AlertAnnouncement)
        .from_select(["alert_id", "event", "organization_id"], episodes)
        .on_conflict_do_nothing()
    )
