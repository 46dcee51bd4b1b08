"""SQL of looking at alerts."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from solarhub.accounts.models import User, name_of
from solarhub.alerts.models import Alert, AlertNote
from solarhub.alerts.schemas import AlertFilter, AlertSelection
from solarhub.alerts.vocabulary import Order
from solarhub.kit.db import Session
from solarhub.kit.listing import between, each_of, equal, page_of, page_of_rows
from solarhub.kit.paging import Page
from solarhub.notifications.models import Notification
from solarhub.notifications.vocabulary import State


async def alerts(
    session: Session, organization_id: UUID, wanted: AlertFilter, *, site_id: UUID | None = None
) -> tuple[Sequence[Alert], int]:
    """A page of the organization's alerts, or of one site's, with a row more if there is one; how many there are."""
    found = _selected(organization_id, wanted, site_id)
    ahead = found
    if wanted.cursor is not None:
        place = sa.tuple_(Alert.triggered_at, Alert.id)
        reached = sa.tuple_(
            sa.literal(wanted.cursor.at, Alert.triggered_at.type), sa.literal(wanted.cursor.id, Alert.id.type)
        )
        ahead = found.where(place < reached if wanted.sort is Order.NEWEST else place > reached)
    return await page_of(session, ahead, wanted, counted=found)


def every_alert(session: Session, organization_id: UUID, wanted: AlertSelection) -> AsyncIterator[Alert]:
    """All of the selected ones, read while they are used."""
    return each_of(session, _selected(organization_id, wanted, None))


def _selected(organization_id: UUID, wanted: AlertSelection, site_id: UUID | None) -> sa.Select[Alert]:
    # the organization is named although the session stands in it: its index begins with it
    found = sa.select(Alert).where(
        Alert.organization_id == organization_id,
        *equal(
            (Alert.site_id, site_id),
            (Alert.site_id, wanted.site_id),
            (Alert.device_id, wanted.device_id),
            (Alert.rule_id, wanted.rule_id),
        ),
        *between(Alert.triggered_at, wanted.since, wanted.until),
    )
    if wanted.status:
        # written into the statement: a plan that the server keeps for any status could not use the index of open alerts
        status = sa.bindparam("status", wanted.status, Alert.status.type, expanding=True, literal_execute=True)
        found = found.where(Alert.status.in_(status))
    if wanted.severity:
        found = found.where(Alert.severity.in_(wanted.severity))
    if wanted.sort is Order.OLDEST:
        return found.order_by(Alert.triggered_at, Alert.id)
    return found.order_by(Alert.triggered_at.desc(), Alert.id.desc())


async def notes(session: Session, alert_id: UUID) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """What people wrote about an alert, oldest first: the columns of a note, and `author_name`."""
    found = await session.execute(
        sa.select(
            AlertNote.id,
            AlertNote.act,
            AlertNote.note,
            AlertNote.author_id,
            name_of(User).label("author_name"),
            AlertNote.created_at,
        )
        .join(User, User.id == AlertNote.author_id)
        .where(AlertNote.alert_id == alert_id)
        .order_by(AlertNote.id)
    )
    return found.all()


async def deliveries(session: Session, alert_id: UUID) -> dict[State, int]:
    """How many messages about an alert are in each state."""
    found = await session.execute(
        sa.select(Notification.state, sa.func.count())
        .where(Notification.subject_id == alert_id)
        .group_by(Notification.state)
    )
    return {State(state): count for state, count in found}


async def notifications(session: Session, alert_id: UUID, page: Page) -> tuple[Sequence[sa.Row[*tuple[Any, ...]]], int]:
    """A page of the messages about an alert, oldest first, with `user_name`; how many there are."""
    told = (
        Notification.id,
        Notification.event,
        Notification.channel,
        Notification.user_id,
        sa.case((User.id.is_not(None), name_of(User))).label("user_name"),
        Notification.recipient,
        Notification.state,
        Notification.attempts,
        Notification.created_at,
        Notification.settled_at,
    )
    found = sa.select(*told).outerjoin(User, User.id == Notification.user_id)
    found = found.where(Notification.subject_id == alert_id).order_by(Notification.id)
    return await page_of_rows(session, found, page)
