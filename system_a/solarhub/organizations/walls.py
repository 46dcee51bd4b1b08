"""SQL of the door between tenants: what lets a person in, and the first wall that an entered session stands behind.

The first wall is made of conditions on every statement of the session (`with_loader_criteria`); the second, row-level
security, of settings of its transaction. Either holds alone.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapper, aliased, with_loader_criteria
from sqlalchemy.sql.base import ExecutableOption

from solarhub.accounts.sessions import OPENING, Opening
from solarhub.accounts.vocabulary import UserRole
from solarhub.kit.compiled import Compiled
from solarhub.kit.db import Base
from solarhub.kit.drivers import Driver
from solarhub.kit.listing import count_by_names, cut_by_names
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


_FOOTHOLD = (("site_id", sa.Uuid), ("role", sa.Text), ("own_role", sa.Text))


def _footholds(user_id: sa.ColumnElement[UUID]) -> Sequence[sa.Select[*tuple[Any, ...]]]:
    none = sa.null()
    in_force = sa.and_(
        SiteGrant.removed_at.is_(None),
        SiteGrant.accepted_at.is_not(None),
        sa.or_(SiteGrant.expires_at.is_(None), SiteGrant.expires_at > sa.func.now()),
    )
    belongs = (
        OrganizationMember.user_id == user_id,
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
        .where(SiteGrant.user_id == user_id, in_force, Organization.removed_at.is_(None))
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
    return membership, personal, borrowed


_EVERY = sa.union_all(*_footholds(_USER_ID)).subquery()
_FOOTHOLDS = sa.select(_EVERY).order_by(_EVERY.c.name, _EVERY.c.id)
_ORGANIZATIONS = sa.select(*_TOLD).where(Organization.removed_at.is_(None)).order_by(Organization.name, Organization.id)

_footholds_anywhere = Compiled(_FOOTHOLDS)
_footholds_in_one = Compiled(_FOOTHOLDS.where(_EVERY.c.id == _ORGANIZATION_ID))
_organizations = Compiled(_ORGANIZATIONS)


def _entrance() -> sa.Select[*tuple[Any, ...]]:
    """Whom a session opens, beside everything that lets the person into one organization."""
    person = OPENING.cte("person")
    everywhere = sa.select(*_TOLD, *(sa.cast(sa.null(), kind).label(name) for name, kind in _FOOTHOLD)).where(
        Organization.removed_at.is_(None),
        sa.exists(sa.select(person.c.user_id).where(person.c.role == UserRole.SUPER_ADMIN)),
    )
    known = sa.union_all(*_footholds(sa.select(person.c.user_id).scalar_subquery()), everywhere).subquery()
    here = sa.select(known).where(known.c.id == _ORGANIZATION_ID).subquery()
    return sa.select(*person.c, *here.c).select_from(person.outerjoin(here, sa.true()))


_entering = Compiled(_entrance())
_organization = Compiled(_ORGANIZATIONS.where(Organization.id == _ORGANIZATION_ID))


async def footholds(auth: Driver, user_id: UUID, organization_id: UUID | None = None) -> list[Foothold]:
    """What lets the person in, into that organization or into any, by the organization's name (auth role)."""
    if organization_id is None:
        rows = await _footholds_anywhere.rows(auth, user_id=user_id)
    else:
        rows = await _footholds_in_one.rows(auth, user_id=user_id, organization_id=organization_id)
    return [Foothold(Told(*row[:6]), *row[6:]) for row in rows]


class Entered(NamedTuple):
    """Whom a session opens; what lets the person in; and the organization, where they need nothing to be let in."""

    person: Opening
    footholds: list[Foothold]
    open_to_them: list[Told]


async def entering(auth: Driver, token_sha256: bytes, organization_id: UUID) -> Entered | None:
    """All of it in one look; None for a token that opens nothing (auth role)."""
    rows = await _entering.rows(auth, token_sha256=token_sha256, organization_id=organization_id)
    if not rows:
        return None
    told = [row[_OF_PERSON:] for row in rows if row[_OF_PERSON] is not None]
    footholds = [Foothold(Told(*row[:6]), *row[6:]) for row in told if row[7] is not None]
    return Entered(Opening(*rows[0][:_OF_PERSON]), footholds, [Told(*row[:6]) for row in told if row[7] is None])


_OF_PERSON = len(Opening._fields)


async def organizations(auth: Driver, organization_id: UUID | None = None) -> list[Told]:
    """Every organization of the hub that is not removed, or that one: for whoever stands in all of them (auth role)."""
    if organization_id is None:
        rows = await _organizations.rows(auth)
    else:
        rows = await _organization.rows(auth, organization_id=organization_id)
    return [Told(*row) for row in rows]


# ------------------------------------------------------------------------------------------------------ the first wall

Among = Callable[[Any], sa.ColumnElement[bool]]
"""Whether a column is one of some ids."""


@lru_cache(maxsize=2048)
def first_wall(organization_ids: frozenset[UUID], site_ids: frozenset[UUID] | None) -> tuple[ExecutableOption, ...]:
    """The conditions for a session in these organizations; `site_ids`: single sites of theirs, and nothing else."""
    at_sites: Among | None = None if site_ids is None else lambda column: _in(column, site_ids)
    return _wall(lambda column: _among(column, organization_ids), at_sites)


class Question:
    """A statement that stands in a module, behind the first wall: compiled once for those who see a whole organization,
    and once for those who see single sites of it."""

    def __init__(self, statement: sa.Select[*tuple[Any, ...]]) -> None:
        """What differs from call to call is an `sa.bindparam` of that name."""
        self.statement = statement

    async def rows(
        self, driver: Driver, organization_id: UUID, site_ids: Collection[UUID] | None, **values: Any
    ) -> list[tuple[Any, ...]]:
        """Of one organization, or of these sites of it alone, as the driver reads them."""
        if site_ids is None:
            return await self._of_organization.rows(driver, organization_here=organization_id, **values)
        sites = list(site_ids)
        return await self._of_sites.rows(driver, organization_here=organization_id, sites_here=sites, **values)

    @cached_property
    def _of_organization(self) -> Compiled:
        return self._behind(_wall(_is_here, None), "organization_here")

    @cached_property
    def _of_sites(self) -> Compiled:
        return self._behind(_wall(_is_here, _is_at_sites_here), "sites_here")

    def _behind(self, wall: tuple[ExecutableOption, ...], condition: str) -> Compiled:
        compiled = Compiled(self.statement.options(*wall))
        if condition not in compiled.names:
            raise TypeError("this statement asks of no tenant's mapped class: the first wall has no hold on it")
        return compiled


class Listed:
    """The pages of a statement that stands in a module, and how many rows it has in all."""

    def __init__(self, statement: sa.Select[*tuple[Any, ...]]) -> None:
        self.page = Question(cut_by_names(statement))
        self.count = Question(count_by_names(statement))


def _is_here(column: Any) -> sa.ColumnElement[bool]:
    found: sa.ColumnElement[bool] = column == sa.bindparam("organization_here", type_=sa.Uuid)
    return found


def _is_at_sites_here(column: Any) -> sa.ColumnElement[bool]:
    found: sa.ColumnElement[bool] = column == sa.any_(sa.bindparam("sites_here", type_=ARRAY(sa.Uuid)))
    return found


def _wall(in_organizations: Among, at_sites: Among | None) -> tuple[ExecutableOption, ...]:
    options = []
    for mapper in sorted(Base.registry.mappers, key=lambda each: each.class_.__name__):
        condition = _condition(mapper, in_organizations, at_sites)
        if condition is not None:
            options.append(with_loader_criteria(mapper.class_, condition, include_aliases=True))
    return tuple(options)


def _condition(mapper: Mapper[Any], in_organizations: Among, at_sites: Among | None) -> sa.ColumnElement[bool] | None:
    """What a row of this class must fulfil; None for a class that belongs to no tenant."""
    owned, column = mapper.class_, mapper.columns
    table = mapper.class_.__tablename__
    if table == "organizations":
        return sa.false() if at_sites is not None else in_organizations(owned.id)
    if "organization_id" not in column:
        return None
    inside = in_organizations(owned.organization_id)
    if at_sites is not None:
        return sa.and_(inside, _at_sites(owned, table, at_sites))
    # both sides of a handover see it
    return sa.or_(inside, in_organizations(owned.to_organization_id)) if table == "site_handovers" else inside


def _at_sites(owned: Any, table: str, at_sites: Among) -> sa.ColumnElement[bool]:
    """A row of these sites; nothing of what is the organization's alone."""
    found: sa.ColumnElement[bool] = sa.false()
    if table == "sites":
        found = at_sites(owned.id)
    elif table in ("devices", "alert_rules", "alerts", "site_energy_days"):
        found = at_sites(owned.site_id)
    elif table in ("device_tokens", "device_state", "telemetry_quarantine", "energy_corrections"):
        devices = Base.metadata.tables["devices"]
        found = owned.device_id.in_(sa.select(devices.c.id).where(at_sites(devices.c.site_id)))
    elif table == "custom_metrics":
        found = sa.true()  # what the devices of these sites report has a meaning that only the organization knows
    elif table in ("alert_episodes", "alert_notes", "alert_announcements"):
        alerts = Base.metadata.tables["alerts"]
        found = owned.alert_id.in_(sa.select(alerts.c.id).where(at_sites(alerts.c.site_id)))
    return found


def _among(column: Any, ids: frozenset[UUID]) -> sa.ColumnElement[bool]:
    """An equality where it is one: only that lets an index give the order."""
    found: sa.ColumnElement[bool] = column == next(iter(ids)) if len(ids) == 1 else column.in_(ids)
    return found


def _in(column: Any, ids: frozenset[UUID]) -> sa.ColumnElement[bool]:
    found: sa.ColumnElement[bool] = column.in_(ids)
    return found
