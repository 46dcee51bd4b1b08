"""SQL of the door between tenants: what lets a person in, and the first wall that an entered session stands behind.

The first wall is made of conditions on every statement of the session (`with_loader_criteria`); the second, row-level
security, of settings of its transaction. Either holds alone.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, aliased, with_loader_criteria
from sqlalchemy.sql.base import ExecutableOption

from solarhub.kit.compiled import Compiled
from solarhub.kit.db import Base, Driver
from solarhub.organizations.models import Organization, OrganizationMember, SiteGrant

_USER_ID = sa.bindparam("user_id", type_=sa.Uuid)
_ORGANIZATION_ID = sa.bindparam("organization_id", type_=sa.Uuid)


class Told(NamedTuple):
    """What may be known of an organization before a session stands in it."""

    id: UUID
    organization_key: int
    slug: str
    name: str
    status: str
    settings: Mapping[str, Any]


class Foothold(NamedTuple):
    """The `role` that somebody holds in an organization: at one site, or (None) in all of it.

    `own_role` is the role in the organization to which the site was lent, if it was.
    """

    organization: Told
    site_id: UUID | None
    role: str
    own_role: str | None


_TOLD = (
    Organization.id,
    Organization.organization_key,
    Organization.slug,
    Organization.name,
    Organization.status,
    Organization.settings,
)


def _footholds() -> sa.Subquery:
    none = sa.null()
    in_force = sa.and_(
        SiteGrant.removed_at.is_(None),
        SiteGrant.accepted_at.is_not(None),
        sa.or_(SiteGrant.expires_at.is_(None), SiteGrant.expires_at > sa.func.now()),
    )
    belongs = (
        OrganizationMember.user_id == _USER_ID,
        OrganizationMember.removed_at.is_(None),
        OrganizationMember.joined_at.is_not(None),
    )
    borrower = aliased(Organization)
    role = sa.cast(OrganizationMember.role, sa.Text).label("role")
    lent = sa.cast(SiteGrant.role, sa.Text).label("role")
    membership = (
        sa.select(*_TOLD, sa.cast(none, sa.Uuid).label("site_id"), role, sa.cast(none, sa.Text).label("own_role"))
        .join(OrganizationMember, OrganizationMember.organization_id == Organization.id)
        .where(*belongs, Organization.removed_at.is_(None))
    )
    personal = (
        sa.select(*_TOLD, SiteGrant.site_id, lent, sa.cast(none, sa.Text).label("own_role"))
        .join(SiteGrant, SiteGrant.organization_id == Organization.id)
        .where(SiteGrant.user_id == _USER_ID, in_force, Organization.removed_at.is_(None))
    )
    borrowed = (
        sa.select(*_TOLD, SiteGrant.site_id, lent, sa.cast(OrganizationMember.role, sa.Text).label("own_role"))
        .join(SiteGrant, SiteGrant.organization_id == Organization.id)
        .join(borrower, borrower.id == SiteGrant.grantee_organization_id)
        .join(OrganizationMember, OrganizationMember.organization_id == borrower.id)
        .where(
            *belongs,
            in_force,
            Organization.removed_at.is_(None),
            borrower.removed_at.is_(None),
            borrower.status == "active",
        )
    )
    return sa.union_all(membership, personal, borrowed).subquery()


_EVERY = _footholds()
_FOOTHOLDS = sa.select(_EVERY).order_by(_EVERY.c.name, _EVERY.c.id)
_ORGANIZATIONS = sa.select(*_TOLD).where(Organization.removed_at.is_(None)).order_by(Organization.name, Organization.id)

_footholds_anywhere = Compiled(_FOOTHOLDS)
_footholds_in_one = Compiled(_FOOTHOLDS.where(_EVERY.c.id == _ORGANIZATION_ID))
_organizations = Compiled(_ORGANIZATIONS)
_organization = Compiled(_ORGANIZATIONS.where(Organization.id == _ORGANIZATION_ID))


async def footholds(auth: Driver, user_id: UUID, organization_id: UUID | None = None) -> list[Foothold]:
    """What lets the person in, into that organization or into any, by the organization's name (auth role)."""
    if organization_id is None:
        rows = await _footholds_anywhere.rows(auth, user_id=user_id)
    else:
        rows = await _footholds_in_one.rows(auth, user_id=user_id, organization_id=organization_id)
    return [Foothold(Told(*row[:6]), *row[6:]) for row in rows]


async def organizations(auth: Driver, organization_id: UUID | None = None) -> list[Told]:
    """Every organization of the hub that is not removed, or that one: for whoever stands in all of them (auth role)."""
    if organization_id is None:
        rows = await _organizations.rows(auth)
    else:
        rows = await _organization.rows(auth, organization_id=organization_id)
    return [Told(*row) for row in rows]


@lru_cache(maxsize=2048)
def first_wall(organization_ids: frozenset[UUID], site_ids: frozenset[UUID] | None) -> tuple[ExecutableOption, ...]:
    """The conditions for a session in these organizations; `site_ids`: single sites of theirs, and nothing else."""
    options = []
    for mapper in sorted(Base.registry.mappers, key=lambda each: each.class_.__name__):
        condition = _condition(mapper, organization_ids, site_ids)
        if condition is not None:
            options.append(with_loader_criteria(mapper.class_, condition, include_aliases=True))
    return tuple(options)


def _condition(
    mapper: Mapper[Any], organization_ids: frozenset[UUID], site_ids: frozenset[UUID] | None
) -> sa.ColumnElement[bool] | None:
    """What a row of this class must fulfil; None for a class that belongs to no tenant."""
    owned, column = mapper.class_, mapper.columns
    table = mapper.class_.__tablename__
    if table == "organizations":
        return sa.false() if site_ids is not None else _among(owned.id, organization_ids)
    if "organization_id" not in column:
        return None
    inside = _among(owned.organization_id, organization_ids)
    if site_ids is not None:
        return sa.and_(inside, _at_sites(owned, table, site_ids))
    # both sides of a handover see it
    return sa.or_(inside, _among(owned.to_organization_id, organization_ids)) if table == "site_handovers" else inside


def _at_sites(owned: Any, table: str, site_ids: frozenset[UUID]) -> sa.ColumnElement[bool]:
    """A row of these sites; nothing of what is the organization's alone."""
    found: sa.ColumnElement[bool] = sa.false()
    if table == "sites":
        found = owned.id.in_(site_ids)
    elif table in ("devices", "alert_rules", "alerts", "site_energy_days"):
        found = owned.site_id.in_(site_ids)
    elif table in ("device_tokens", "device_state", "telemetry_quarantine", "energy_corrections"):
        devices = Base.metadata.tables["devices"]
        found = owned.device_id.in_(sa.select(devices.c.id).where(devices.c.site_id.in_(site_ids)))
    elif table == "custom_metrics":
        found = sa.true()  # what the devices of these sites report has a meaning that only the organization knows
    elif table in ("alert_episodes", "alert_notes", "alert_announcements"):
        alerts = Base.metadata.tables["alerts"]
        found = owned.alert_id.in_(sa.select(alerts.c.id).where(alerts.c.site_id.in_(site_ids)))
    return found


def _among(column: Any, ids: frozenset[UUID]) -> sa.ColumnElement[bool]:
    """An equality where it is one: only that lets an index give the order."""
    found: sa.ColumnElement[bool] = column == next(iter(ids)) if len(ids) == 1 else column.in_(ids)
    return found
