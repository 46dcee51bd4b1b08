"""SQL of grants for one plant: as its organization sees them, and as whoever was granted it does."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from solarhub.accounts.models import User, name_of
from solarhub.kit.db import Session
from solarhub.kit.listing import each_row_of, page_of_rows
from solarhub.kit.paging import Page
from solarhub.organizations.models import Organization, SiteGrant
from solarhub.sites.models import Site
from solarhub.sites.schemas import GrantFilter, GrantSelection, GrantState, LoanState

Told = sa.Row[*tuple[Any, ...]]
"""What an answer shows of a grant, by the names of its fields."""

_granter = aliased(User)
_now = sa.func.now()
_IS_OPEN = SiteGrant.removed_at.is_(None)
_WAITS = sa.and_(_IS_OPEN, SiteGrant.accepted_at.is_(None))
_IN_TIME = sa.or_(SiteGrant.expires_at.is_(None), SiteGrant.expires_at > _now)
_CAN_BE_ACCEPTED = sa.and_(_WAITS, _IN_TIME, SiteGrant.invitation_expires > _now)

# the database's clock decides: it is the one that lets people in
_STATE = sa.case(
    (sa.not_(_IN_TIME), GrantState.EXPIRED.value),
    (SiteGrant.accepted_at.is_not(None), GrantState.ACTIVE.value),
    (SiteGrant.invitation_expires > _now, GrantState.INVITED.value),
    else_=GrantState.LAPSED.value,
)


def _told() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            SiteGrant.id,
            SiteGrant.created_at,
            SiteGrant.updated_at,
            SiteGrant.version,
            SiteGrant.site_id,
            Site.name.label("site_name"),
            _STATE.label("state"),
            SiteGrant.role,
            SiteGrant.expires_at,
            SiteGrant.user_id,
            sa.case((User.id.is_not(None), name_of(User)), else_=SiteGrant.invited_name).label("name"),
            sa.func.coalesce(User.email, SiteGrant.invited_email).label("email"),
            sa.func.coalesce(User.phone, SiteGrant.invited_phone).label("phone"),
            SiteGrant.grantee_organization_id,
            SiteGrant.invited_organization.label("organization"),
            SiteGrant.granted_by,
            name_of(_granter).label("granted_by_name"),
            SiteGrant.accepted_at,
            SiteGrant.invitation_expires,
        )
        .join(Site, Site.id == SiteGrant.site_id)
        .outerjoin(User, User.id == SiteGrant.user_id)
        .join(_granter, _granter.id == SiteGrant.granted_by)
        .where(_IS_OPEN, Site.removed_at.is_(None))
    )


def _selected(organization_id: UUID, wanted: GrantSelection) -> sa.Select[*tuple[Any, ...]]:
    found = _told().where(SiteGrant.organization_id == organization_id)
    if wanted.site_id is not None:
        found = found.where(SiteGrant.site_id == wanted.site_id)
    if wanted.state is not None:
        found = found.where(_STATE.in_([wanted.state.value]))
    return found.order_by(Site.name, Site.id, SiteGrant.id)


async def told(session: Session, grant_id: UUID) -> Told:
    """One that is there."""
    return (await session.execute(_told().where(SiteGrant.id == grant_id))).one()


async def grants(session: Session, organization_id: UUID, wanted: GrantFilter) -> tuple[Sequence[Told], int]:
    """A page of everybody who sees a plant of the organization by a grant, by plant; how many there are."""
    return await page_of_rows(session, _selected(organization_id, wanted), wanted)


def every_grant(session: Session, organization_id: UUID, wanted: GrantSelection) -> AsyncIterator[Told]:
    """All of them, read while they are used."""
    return each_row_of(session, _selected(organization_id, wanted))


async def grant_to_change(session: Session, site_id: UUID, grant_id: UUID) -> SiteGrant | None:
    """One of the site that did not end, locked."""
    return await session.scalar(
        sa.select(SiteGrant)
        .where(SiteGrant.id == grant_id, SiteGrant.site_id == site_id, _IS_OPEN)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


async def grant_of(
    session: Session,
    site_id: UUID,
    *,
    email: str | None = None,
    phone: str | None = None,
    name: str | None = None,
    organization: str | None = None,
) -> SiteGrant | None:
    """The open grant of whoever is called so: by organization, else by e-mail address, else by telephone, else by name.

    Somebody who has accepted is known by the account's e-mail address too.
    """
    found = sa.select(SiteGrant).outerjoin(User, User.id == SiteGrant.user_id).where(SiteGrant.site_id == site_id)
    if organization is not None:
        same: sa.ColumnElement[bool] = SiteGrant.invited_organization == organization
    elif email is not None:
        same = sa.or_(SiteGrant.invited_email == email, User.email == email)
    elif phone is not None:
        same = SiteGrant.invited_phone == phone
    else:
        same = sa.and_(SiteGrant.invited_name == name, SiteGrant.invited_phone.is_(None))
    return await session.scalar(found.where(_IS_OPEN, same).order_by(SiteGrant.id).limit(1))


async def person_named(session: Session, user_id: UUID) -> str:
    """First and last name."""
    return await session.scalar(sa.select(name_of(User)).where(User.id == user_id)) or ""


# ------------------------------------------------------------------------------------------------- taking one up


async def invited(auth: Session, token_sha256: str) -> Told | None:
    """The grant that a token in force leads to, with plant, organization and inviter (auth role)."""
    rows = await auth.execute(
        sa.select(
            SiteGrant.id,
            SiteGrant.organization_id,
            Organization.name.label("organization_name"),
            SiteGrant.site_id,
            Site.name.label("site_name"),
            SiteGrant.role,
            SiteGrant.expires_at,
            SiteGrant.invited_email,
            SiteGrant.invited_name,
            SiteGrant.invited_phone,
            SiteGrant.invited_organization,
            SiteGrant.invitation_expires,
            name_of(_granter).label("inviter"),
        )
        .join(Organization, Organization.id == SiteGrant.organization_id)
        .join(Site, Site.id == SiteGrant.site_id)
        .join(_granter, _granter.id == SiteGrant.granted_by)
        .where(
            SiteGrant.invitation_token == token_sha256,
            _CAN_BE_ACCEPTED,
            Organization.removed_at.is_(None),
            Site.removed_at.is_(None),
        )
    )
    return rows.one_or_none()


async def grant_to_take_up(
    session: Session, *, token_sha256: str | None = None, grant_id: UUID | None = None
) -> SiteGrant | None:
    """An invitation in force, locked: whoever waited for the lock finds it taken."""
    named = SiteGrant.id == grant_id if token_sha256 is None else SiteGrant.invitation_token == token_sha256
    return await session.scalar(sa.select(SiteGrant).where(named, _CAN_BE_ACCEPTED).with_for_update(key_share=True))


# ------------------------------------------------------------------------------------------------ what is borrowed


def _loans(organization_id: UUID, slug: str) -> sa.Select[*tuple[Any, ...]]:
    state = sa.case(
        (SiteGrant.accepted_at.is_(None), LoanState.OFFERED.value),
        (_IN_TIME, LoanState.ACTIVE.value),
        else_=LoanState.EXPIRED.value,
    )
    offered = sa.and_(SiteGrant.invited_organization.in_([slug, str(organization_id)]), _CAN_BE_ACCEPTED)
    return (
        sa.select(
            SiteGrant.id,
            SiteGrant.organization_id,
            Organization.name.label("organization_name"),
            SiteGrant.site_id,
            Site.name.label("site_name"),
            SiteGrant.role,
            state.label("state"),
            SiteGrant.expires_at,
            SiteGrant.created_at,
        )
        .join(Organization, Organization.id == SiteGrant.organization_id)
        .join(Site, Site.id == SiteGrant.site_id)
        .where(
            sa.or_(SiteGrant.grantee_organization_id == organization_id, offered),
            SiteGrant.organization_id != organization_id,
            _IS_OPEN,
            Organization.removed_at.is_(None),
            Site.removed_at.is_(None),
        )
    )


async def loans(auth: Session, organization_id: UUID, slug: str, page: Page) -> tuple[Sequence[Told], int]:
    """A page of plants lent or offered to the organization, by their organizations and names (auth role)."""
    found = _loans(organization_id, slug).order_by(Organization.name, Site.name, SiteGrant.id)
    return await page_of_rows(auth, found, page)


async def loan(auth: Session, organization_id: UUID, slug: str, grant_id: UUID) -> Told | None:
    """One of them (auth role)."""
    return (await auth.execute(_loans(organization_id, slug).where(SiteGrant.id == grant_id))).one_or_none()


async def loan_to_end(session: Session, grant_id: UUID) -> SiteGrant | None:
    """One that did not end, locked; the session stands in its organization."""
    return await session.scalar(
        sa.select(SiteGrant).where(SiteGrant.id == grant_id, _IS_OPEN).with_for_update(key_share=True)
    )
