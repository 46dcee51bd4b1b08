"""SQL of looking at alerts."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from solarhub.alerts.models import Alert
from solarhub.alerts.schemas import AlertFilter
from solarhub.kit.db import Session


async def alerts(
    session: Session, organization_id: UUID, wanted: AlertFilter, *, site_id: UUID | None = None
) -> tuple[Sequence[Alert], int]:
    """A page of the organization's alerts, or of one site's, newest first, and how many there are."""
    # the organization is named although the session stands in it: its index begins with it
    found = sa.select(Alert).where(Alert.organization_id == organization_id)
    if site_id is not None:
        found = found.where(Alert.site_id == site_id)
    if wanted.status:
        # written into the statement: a plan that the server keeps for any status could not use the index of open alerts
        status = sa.bindparam("status", wanted.status, Alert.status.type, expanding=True, literal_execute=True)
        found = found.where(Alert.status.in_(status))
    if wanted.severity:
        found = found.where(Alert.severity.in_(wanted.severity))
    rows = await session.scalars(
        found.order_by(Alert.triggered_at.desc(), Alert.id.desc()).limit(wanted.limit).offset(wanted.offset)
    )
    counted = found.with_only_columns(sa.literal(1)).limit(wanted.count_limit).subquery()
    return rows.all(), await session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0
