"""SQL of membership."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from solarhub.accounts.models import User, name_of
from solarhub.kit.db import Session
from solarhub.kit.listing import each_row_of, page_of_rows
from solarhub.organizations.models import ApiKey, Organization, OrganizationMember
from solarhub.organizations.schemas.members import MemberFilter
from solarhub.organizations.vocabulary import MemberState, OrgMemberRole

MemberRow = sa.Row[*tuple[Any, ...]]
"""The fields of a `MemberAnswer`."""

_HAS_JOINED = OrganizationMember.joined_at.is_not(None)
# of somebody who has not joined yet, only what the inviter typed: a row, a sort and a search tell nothing else
_NAME = sa.case((_HAS_JOINED, name_of(User)), else_=OrganizationMember.invited_name)
_EMAIL = sa.case((_HAS_JOINED, User.email), else_=OrganizationMember.invited_email)
_PHONE = sa.case((_HAS_JOINED, User.phone), else_=OrganizationMember.invited_phone)


def _members() -> sa.Select[Any]:
    return (
        sa.select(
            OrganizationMember.id,
            OrganizationMember.created_at,
            OrganizationMember.updated_at,
            OrganizationMember.version,
            sa.case((_HAS_JOINED, OrganizationMember.user_id)).label("user_id"),
            sa.case((_HAS_JOINED, MemberState.JOINED.value), else_=MemberState.INVITED.value).label("state"),
            OrganizationMember.role,
            _NAME.label("name"),
            _EMAIL.label("email"),
            _PHONE.label("phone"),
            OrganizationMember.invited_by,
            OrganizationMember.joined_at,
            OrganizationMember.invitation_expires,
        )
        .join(User, User.id == OrganizationMember.user_id)
        .where(OrganizationMember.removed_at.is_(None))
    )


def _wanted(asked: MemberFilter) -> sa.Select[Any]:
    wanted = _members()
    if asked.state is not None:
        wanted = wanted.where(_HAS_JOINED if asked.state is MemberState.JOINED else ~_HAS_JOINED)
    if asked.role is not None:
        wanted = wanted.where(OrganizationMember.role == asked.role)
    if asked.search is not None:
        wanted = wanted.where(
            sa.or_(_NAME.icontains(asked.search, autoescape=True), _EMAIL.icontains(asked.search, autoescape=True))
        )
    column = OrganizationMember.joined_at if asked.sort.endswith("joined_at") else sa.func.lower(_NAME)
    order = column.desc() if asked.sort.startswith("-") else column.asc()
    return wanted.order_by(order.nulls_last(), OrganizationMember.id)


async def members(session: Session, asked: MemberFilter) -> tuple[Sequence[MemberRow], int]:
    """A page of them, and how many there are."""
    return await page_of_rows(session, _wanted(asked), asked)


def every_member(session: Session, asked: MemberFilter) -> AsyncIterator[MemberRow]:
    """All of them, read while they are used."""
    return each_row_of(session, _wanted(asked))


async def member_row(session: Session, member_id: UUID) -> MemberRow | None:
    found: MemberRow | None = (
        await session.execute(_members().where(OrganizationMember.id == member_id))
    ).one_or_none()
    return found


async def lock_organization(session: Session, organization_id: UUID) -> Organization | None:
    """Whoever changes who owns it does so one after the other."""
    return await session.scalar(
        sa.select(Organization)
        .where(Organization.id == organization_id, Organization.removed_at.is_(None))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


async def lock_whole_organization(session: Session, organization_id: UUID) -> None:
    """Keeps others from adding plants to it, too, and waits for those who are."""
    await session.execute(sa.select(Organization.id).where(Organization.id == organization_id).with_for_update())


async def member(session: Session, member_id: UUID) -> OrganizationMember | None:
    """One who is not removed, locked."""
    return await session.scalar(
        sa.select(OrganizationMember)
        .where(OrganizationMember.id == member_id, OrganizationMember.removed_at.is_(None))
        .with_for_update(key_share=True)
    )


async def membership(session: Session, organization_id: UUID, user_id: UUID) -> OrganizationMember | None:
    """A person's row there, whatever became of it, locked."""
    return await session.scalar(
        sa.select(OrganizationMember)
        .where(OrganizationMember.organization_id == organization_id, OrganizationMember.user_id == user_id)
        .with_for_update(key_share=True)
    )


async def owners(session: Session, organization_id: UUID) -> Sequence[UUID]:
    """User ids of the owners who joined and whose accounts are in use, longest there first."""
    rows = await session.scalars(
        sa.select(OrganizationMember.user_id)
        .join(User, User.id == OrganizationMember.user_id)
        .where(
            OrganizationMember.organization_id == organization_id,
            OrganizationMember.role == OrgMemberRole.OWNER,
            OrganizationMember.removed_at.is_(None),
            _HAS_JOINED,
            User.is_active,
            User.removed_at.is_(None),
        )
        .order_by(OrganizationMember.joined_at, OrganizationMember.id)
    )
    return rows.all()


async def keys_in_force(session: Session, organization_id: UUID, user_id: UUID) -> Sequence[ApiKey]:
    """API keys that a person has made there and nobody has revoked."""
    rows = await session.scalars(
        sa.select(ApiKey).where(
            ApiKey.organization_id == organization_id, ApiKey.created_by == user_id, ApiKey.revoked_at.is_(None)
        )
    )
    return rows.all()


async def sites_left(session: Session, organization_id: UUID) -> int:
    """How many plants of it are neither decommissioned nor removed."""
    # by name: the table is upstairs. The statement names the organization, for the first wall knows mapped classes only
    sites = sa.table("sites", sa.column("organization_id"), sa.column("status"), sa.column("removed_at"))
    return (
        await session.scalar(
            sa.select(sa.func.count())
            .select_from(sites)
            .where(
                sites.c.organization_id == organization_id,
                sites.c.removed_at.is_(None),
                sa.cast(sites.c.status, sa.Text) != "decommissioned",
            )
        )
        or 0
    )
