"""SQL of invitations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from solarhub.accounts.models import User
from solarhub.kit.db import Session
from solarhub.kit.listing import page_of_rows
from solarhub.kit.paging import Page
from solarhub.organizations.models import Organization, OrganizationMember, SiteGrant
from solarhub.organizations.vocabulary import InvitationSort

_WAITS = sa.and_(
    OrganizationMember.removed_at.is_(None),
    OrganizationMember.joined_at.is_(None),
    OrganizationMember.invitation_token.is_not(None),
)
_IN_FORCE = sa.and_(_WAITS, OrganizationMember.invitation_expires > sa.func.now())


async def membership_invited(auth: Session, token_sha256: str) -> sa.Row[*tuple[Any, ...]] | None:
    """The place among the members that a token in force leads to, and who invites (auth role)."""
    inviter = aliased(User)
    rows = await auth.execute(
        sa.select(
            OrganizationMember.id,
            OrganizationMember.organization_id,
            OrganizationMember.user_id,
            OrganizationMember.role,
            OrganizationMember.invited_email,
            OrganizationMember.invited_name,
            OrganizationMember.invited_phone,
            OrganizationMember.invitation_expires,
            Organization.name.label("organization_name"),
            (inviter.first_name + " " + inviter.last_name).label("inviter"),
        )
        .join(Organization, Organization.id == OrganizationMember.organization_id)
        .outerjoin(inviter, inviter.id == OrganizationMember.invited_by)
        .where(OrganizationMember.invitation_token == token_sha256, _IN_FORCE, Organization.removed_at.is_(None))
    )
    return rows.one_or_none()


async def take_up(session: Session, token_sha256: str) -> OrganizationMember | None:
    """The row of a token in force, locked: whoever waited for the lock finds the token gone."""
    return await session.scalar(
        sa.select(OrganizationMember)
        .where(OrganizationMember.invitation_token == token_sha256, _IN_FORCE)
        .with_for_update(key_share=True)
    )


async def waiting_member(session: Session, member_id: UUID) -> OrganizationMember | None:
    """One who is invited and has not joined, in force or run out, locked."""
    return await session.scalar(
        sa.select(OrganizationMember).where(OrganizationMember.id == member_id, _WAITS).with_for_update(key_share=True)
    )


async def holds_anything(auth: Session, user_id: UUID) -> bool:
    """Whether somebody has joined an organization, or taken up a grant, that did not end (auth role)."""
    joined = sa.exists().where(
        OrganizationMember.user_id == user_id,
        OrganizationMember.joined_at.is_not(None),
        OrganizationMember.removed_at.is_(None),
    )
    granted = sa.exists().where(
        SiteGrant.user_id == user_id, SiteGrant.accepted_at.is_not(None), SiteGrant.removed_at.is_(None)
    )
    return bool(await auth.scalar(sa.select(sa.or_(joined, granted))))


def _waiting() -> sa.CompoundSelect[Any]:
    members = sa.select(
        OrganizationMember.id,
        sa.literal(InvitationSort.MEMBERSHIP.value).label("kind"),
        OrganizationMember.role,
        sa.cast(sa.null(), sa.Uuid).label("site_id"),
        OrganizationMember.invited_email.label("email"),
        OrganizationMember.invited_name.label("name"),
        OrganizationMember.invited_phone.label("phone"),
        OrganizationMember.invited_by,
        # when a removed row is invited again it is the invitation that is new
        OrganizationMember.updated_at.label("created_at"),
        OrganizationMember.invitation_expires.label("expires_at"),
    ).where(_WAITS)
    grants = sa.select(
        SiteGrant.id,
        sa.literal(InvitationSort.SITE_GRANT.value),
        SiteGrant.role,
        SiteGrant.site_id,
        SiteGrant.invited_email,
        SiteGrant.invited_name,
        SiteGrant.invited_phone,
        SiteGrant.granted_by,
        SiteGrant.created_at,
        SiteGrant.invitation_expires,
    ).where(SiteGrant.removed_at.is_(None), SiteGrant.accepted_at.is_(None), SiteGrant.invitation_token.is_not(None))
    return sa.union_all(members, grants)


async def waiting(session: Session, page: Page) -> tuple[Sequence[sa.Row[*tuple[Any, ...]]], int]:
    """A page of invitations to membership and to single plants that nobody has answered, newest first."""
    every = _waiting().subquery()
    return await page_of_rows(session, sa.select(every).order_by(every.c.created_at.desc(), every.c.id), page)


async def person(session: Session, user_id: UUID) -> User | None:
    return await session.scalar(sa.select(User).where(User.id == user_id))


async def person_at(session: Session, email: str) -> User | None:
    """Whoever has that e-mail address, in use or not."""
    return await session.scalar(sa.select(User).where(User.email == email))
