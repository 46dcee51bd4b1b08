"""SQL of plants that change hands."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from solarhub.accounts.models import User, name_of
from solarhub.kit.db import Session
from solarhub.kit.listing import page_of_rows
from solarhub.organizations.models import Organization
from solarhub.sites.models import Site, SiteHandover
from solarhub.sites.schemas import HandoverFilter, HandoverSide, HandoverState

Told = sa.Row[*tuple[Any, ...]]

_WAITS = sa.and_(SiteHandover.accepted_at.is_(None), SiteHandover.withdrawn_at.is_(None))
_CAN_BE_ACCEPTED = sa.and_(_WAITS, SiteHandover.invitation_expires > sa.func.now())
_STATE = sa.case(
    (SiteHandover.withdrawn_at.is_not(None), HandoverState.WITHDRAWN.value),
    (SiteHandover.telemetry_moved_at.is_not(None), HandoverState.DONE.value),
    (SiteHandover.accepted_at.is_not(None), HandoverState.MOVING.value),
    (SiteHandover.invitation_expires > sa.func.now(), HandoverState.OFFERED.value),
    else_=HandoverState.LAPSED.value,
)


def _told(side: sa.ColumnElement[str]) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        SiteHandover.id,
        side.label("side"),
        _STATE.label("state"),
        SiteHandover.site_id,
        SiteHandover.site_name,
        SiteHandover.organization_id,
        SiteHandover.to_organization_id,
        SiteHandover.invited_organization.label("organization"),
        SiteHandover.invited_name.label("name"),
        SiteHandover.invited_email.label("email"),
        SiteHandover.invited_phone.label("phone"),
        SiteHandover.keep_role,
        SiteHandover.keep_until,
        SiteHandover.offered_by,
        SiteHandover.created_at,
        SiteHandover.invitation_expires,
        SiteHandover.accepted_at,
        SiteHandover.withdrawn_at,
        sa.func.cardinality(SiteHandover.device_keys).label("devices"),
        SiteHandover.telemetry_moved_to,
        SiteHandover.telemetry_moved_at,
    )


def _of(organization_id: UUID, slug: str) -> sa.Select[*tuple[Any, ...]]:
    """Given by the organization, received by it, or offered to its name and still to be had."""
    side = sa.case(
        (SiteHandover.organization_id == organization_id, HandoverSide.GIVEN.value),
        else_=HandoverSide.RECEIVED.value,
    )
    offered = sa.and_(SiteHandover.invited_organization.in_([slug, str(organization_id)]), _CAN_BE_ACCEPTED)
    return _told(side).where(
        sa.or_(
            SiteHandover.organization_id == organization_id,
            SiteHandover.to_organization_id == organization_id,
            offered,
        )
    )


async def handovers(
    auth: Session, organization_id: UUID, slug: str, wanted: HandoverFilter
) -> tuple[Sequence[Told], int]:
    """A page of what the organization gave, received or is offered, newest first; how many there are (auth role)."""
    found = _of(organization_id, slug)
    if wanted.state is not None:
        found = found.where(_STATE.in_([wanted.state.value]))
    if wanted.side is HandoverSide.GIVEN:
        found = found.where(SiteHandover.organization_id == organization_id)
    elif wanted.side is HandoverSide.RECEIVED:
        found = found.where(SiteHandover.organization_id != organization_id)
    return await page_of_rows(auth, found.order_by(SiteHandover.id.desc()), wanted)


async def handover(auth: Session, organization_id: UUID, slug: str, handover_id: UUID) -> Told | None:
    """One of them (auth role)."""
    return (await auth.execute(_of(organization_id, slug).where(SiteHandover.id == handover_id))).one_or_none()


async def told_to_giver(session: Session, handover_id: UUID) -> Told:
    """One that the session has just written."""
    given = sa.literal(HandoverSide.GIVEN.value)
    return (await session.execute(_told(given).where(SiteHandover.id == handover_id))).one()


async def told_to_receiver(session: Session, handover_id: UUID) -> Told:
    """One that the session has just written."""
    received = sa.literal(HandoverSide.RECEIVED.value)
    return (await session.execute(_told(received).where(SiteHandover.id == handover_id))).one()


async def organization_names(auth: Session, organization_ids: Collection[UUID]) -> dict[UUID, str]:
    """What the parties to a handover are called (auth role)."""
    rows = await auth.execute(
        sa.select(Organization.id, Organization.name).where(Organization.id.in_(organization_ids))
    )
    return {row.id: row.name for row in rows}


async def open_handover(session: Session, site_id: UUID) -> SiteHandover | None:
    """The offer of a plant that nobody has answered, in force or run out, locked."""
    return await session.scalar(
        sa.select(SiteHandover).where(SiteHandover.site_id == site_id, _WAITS).with_for_update()
    )


async def offer_to_withdraw(session: Session, organization_id: UUID, handover_id: UUID) -> SiteHandover | None:
    """One that the organization made, in whatever state, locked."""
    return await session.scalar(
        sa.select(SiteHandover)
        .where(SiteHandover.id == handover_id, SiteHandover.organization_id == organization_id)
        .with_for_update()
    )


async def offer_to_take_up(
    session: Session, *, token_sha256: str | None = None, handover_id: UUID | None = None
) -> SiteHandover | None:
    """An offer in force, locked: whoever waited for the lock finds it taken. Its plant is locked before it."""
    named = SiteHandover.id == handover_id if token_sha256 is None else SiteHandover.invitation_token == token_sha256
    # in the order of whoever offers a plant anew: each would wait for the other otherwise
    await session.execute(
        sa.select(Site.id).join(SiteHandover, SiteHandover.site_id == Site.id).where(named).with_for_update(of=Site)
    )
    return await session.scalar(sa.select(SiteHandover).where(named, _CAN_BE_ACCEPTED).with_for_update())


async def offered(auth: Session, token_sha256: str) -> Told | None:
    """The offer that a token in force leads to, with its giver and who offers (auth role)."""
    offerer = aliased(User)
    rows = await auth.execute(
        sa.select(
            SiteHandover.id,
            SiteHandover.organization_id,
            Organization.name.label("organization_name"),
            SiteHandover.site_id,
            Site.name.label("site_name"),
            SiteHandover.invited_email,
            SiteHandover.invited_name,
            SiteHandover.invited_phone,
            SiteHandover.invited_organization,
            SiteHandover.invitation_expires,
            name_of(offerer).label("offerer"),
        )
        .join(Organization, Organization.id == SiteHandover.organization_id)
        .join(Site, sa.and_(Site.id == SiteHandover.site_id, Site.organization_id == SiteHandover.organization_id))
        .join(offerer, offerer.id == SiteHandover.offered_by)
        .where(
            SiteHandover.invitation_token == token_sha256,
            _CAN_BE_ACCEPTED,
            Organization.removed_at.is_(None),
            Site.removed_at.is_(None),
        )
    )
    return rows.one_or_none()


async def move(session: Session, site_id: UUID, receiver: UUID) -> list[int]:
    """Moves the plant with all that hangs on it; the keys of its devices, whose raw samples are to follow."""
    moved = sa.func.hand_over_site(site_id, receiver, type_=ARRAY(sa.Integer))
    return list(await session.scalar(sa.select(moved)) or ())


async def site_to_move(session: Session, organization_id: UUID, site_id: UUID) -> Site | None:
    """The plant, if it is still there and still its giver's, locked."""
    return await session.scalar(
        sa.select(Site)
        .where(Site.id == site_id, Site.organization_id == organization_id, Site.removed_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
