"""The one door between tenants: who stands where with which rights, and whose rows a session sees."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from solarhub.accounts.sessions import in_use
from solarhub.accounts.vocabulary import UserRole
from solarhub.kit.db import Database, Session, Tenancy, outages, set_tenants
from solarhub.kit.drivers import Driver
from solarhub.kit.errors import Forbidden, NotFound
from solarhub.kit.listing import place, told_by_itself
from solarhub.kit.paging import Page
from solarhub.kit.tokens import SESSION, looks_like, sha256_of
from solarhub.organizations import queries, walls
from solarhub.organizations.actor import Actor
from solarhub.organizations.models import Organization
from solarhub.organizations.roles import PERMISSIONS, Permission, of_guest
from solarhub.organizations.vocabulary import OrganizationStatus, OrgMemberRole


@dataclass(frozen=True, slots=True)
class KnownOrganization:
    """What may be known of an organization before a session stands in it."""

    id: UUID
    key: int
    slug: str
    name: str
    status: OrganizationStatus
    settings: Mapping[str, Any]

    @property
    def requires_second_factor(self) -> bool:
        """Of its owners and admins."""
        return self.settings.get("require_second_factor") is True


@dataclass(frozen=True, slots=True)
class Standing:
    """What one actor may do in one organization: in all of it by `role`, and at single sites by grants.

    `site_ids`: after a right was asked for, the sites on which it is held; None stands for the whole organization.
    """

    actor: Actor
    organization: KnownOrganization
    role: OrgMemberRole | None
    permissions: frozenset[Permission]
    by_site: Mapping[UUID, frozenset[Permission]]
    site_ids: frozenset[UUID] | None = None

    def can(self, permission: Permission, site_id: UUID | None = None) -> bool:
        """In the whole organization, or at that site."""
        if permission in self.permissions:
            return True
        return site_id is not None and permission in self.by_site.get(site_id, ())

    def sites_with(self, permission: Permission) -> frozenset[UUID] | None:
        """Where the right is held: None for everywhere. Raises Forbidden where that is nowhere."""
        if permission in self.permissions:
            return None
        sites = frozenset(site_id for site_id, held in self.by_site.items() if permission in held)
        if not sites:
            raise Forbidden(f"This needs the right {permission.value}, which you do not have here.")
        return sites

    def for_right(self, permission: Permission) -> "Standing":
        """The same standing, with `site_ids` of that right. Raises Forbidden."""
        return Standing(
            self.actor, self.organization, self.role, self.permissions, self.by_site, self.sites_with(permission)
        )

    def check_writable(self) -> None:
        """Raises Forbidden while the organization may be read only."""
        if self.organization.status is not OrganizationStatus.ACTIVE:
            raise Forbidden(f"This organization is {self.organization.status.value}: it can be read and not changed.")

    def check_second_factor(self) -> None:
        """Raises Forbidden for an owner or admin who has not proven a second factor where that is required.

        A script cannot; its key was made by somebody who had.
        """
        if (
            self.organization.requires_second_factor
            and self.role in (OrgMemberRole.OWNER, OrgMemberRole.ADMIN)
            and not self.actor.second_factor
            and self.actor.key is None
        ):
            raise Forbidden(
                "This organization asks its owners and admins for a second factor: set one up and sign in with it.",
                code="second_factor_required",
            )


async def standing_of(auth_database: Database, actor: Actor, organization_id: UUID) -> Standing:
    """How the actor stands there. NotFound for one that is not there, was removed, or does not know the actor."""
    found = await _standings(auth_database, actor, organization_id)
    if not found:
        raise NotFound
    return found[0]


async def standings_of(auth_database: Database, actor: Actor) -> list[Standing]:
    """Everywhere the actor stands, by the organization's name; everywhere at all for a super admin."""
    return await _standings(auth_database, actor, None)


async def standing_by_session(
    auth_database: Database, token: str, organization_id: UUID
) -> tuple[Actor, Standing | None] | None:
    """Whom the token of a session opens, and how they stand there, as `standing_of` has it, in one look at the
    database. None: the token opens nothing; no standing: that organization is not there, or does not know them."""
    if not looks_like(token, SESSION):
        return None
    async with outages(), auth_database.driver() as auth:
        entered = await walls.entering(auth, sha256_of(token), organization_id)
    if entered is None:
        return None
    person = entered.person
    await in_use(auth_database, person)
    is_super_admin = person.role == UserRole.SUPER_ADMIN.value
    actor = Actor(person.user_id, is_super_admin=is_super_admin, second_factor=person.second_factor)
    known = [*entered.open_to_them, *(each.organization for each in entered.footholds)]
    return actor, _standing(actor, known[0], entered.footholds) if known else None


async def _standings(auth_database: Database, actor: Actor, organization_id: UUID | None) -> list[Standing]:
    if actor.key is not None and organization_id not in (None, actor.key.organization_id):
        return []
    wanted = actor.key.organization_id if actor.key is not None else organization_id
    async with outages(), auth_database.driver() as auth:
        rows = await walls.footholds(auth, actor.user_id, wanted)
        everywhere = await walls.organizations(auth, wanted) if actor.is_super_admin else ()
    held: dict[UUID, list[walls.Foothold]] = defaultdict(list)
    for row in rows:
        held[row.organization.id].append(row)
    organizations = {each.id: each for each in everywhere or [row.organization for row in rows]}
    return [_standing(actor, each, held[each.id]) for each in organizations.values()]


def _standing(actor: Actor, organization: walls.Told, held: Sequence[walls.Foothold]) -> Standing:
    role = next((OrgMemberRole(each.role) for each in held if each.site_id is None), None)
    if actor.is_super_admin:
        role = OrgMemberRole.OWNER
    by_site: dict[UUID, frozenset[Permission]] = {}
    for each in held:
        if each.site_id is not None:
            lent = of_guest(OrgMemberRole(each.role))
            if each.own_role is not None:
                lent &= PERMISSIONS[OrgMemberRole(each.own_role)]
            by_site[each.site_id] = by_site.get(each.site_id, frozenset()) | lent
    permissions = PERMISSIONS[role] if role is not None else frozenset[Permission]()
    if actor.key is not None:
        permissions &= actor.key.permissions
        by_site = {site_id: rights & actor.key.permissions for site_id, rights in by_site.items()}
    return Standing(actor, _known(organization), role, permissions, MappingProxyType(by_site))


async def enter(session: Session, standing: Standing, permission: Permission) -> Standing:
    """Lets the session see, in this transaction and those after it, what the right reaches there, and nothing else.

    Returns the standing with its `site_ids`. Raises Forbidden when the right is held nowhere in the organization.
    """
    here = standing.for_right(permission)
    await set_tenants(session, tenancy(here), walls.first_wall(frozenset([here.organization.id]), here.site_ids))
    return here


def tenancy(here: Standing) -> Tenancy:
    """What the second wall lets through for a standing that was asked for its right."""
    organization = here.organization
    if here.site_ids is None:
        return Tenancy(
            organization_ids=frozenset([organization.id]),
            organization_keys=frozenset([organization.key]),
            actor_id=here.actor.id,
        )
    return Tenancy(
        organization_keys=frozenset([organization.key]),
        site_ids=here.site_ids,
        host_organization_ids=frozenset([organization.id]),
        actor_id=here.actor.id,
    )


@dataclass(frozen=True, slots=True)
class Look:
    """A read-only transaction of the driver's that stands in one place, for questions that dashboards ask all the time.

    `here` is a standing that was asked for its right. What needs more than the driver opens a session like it.
    """

    driver: Driver
    here: Standing
    open_session: Callable[[], AbstractAsyncContextManager[Session]]

    async def ask(self, question: walls.Question, **values: Any) -> list[tuple[Any, ...]]:
        """The rows that may be seen from here."""
        return await question.rows(self.driver, self.here.organization.id, self.here.site_ids, **values)

    async def ask_page(self, listed: walls.Listed, page: Page, **values: Any) -> tuple[list[tuple[Any, ...]], int]:
        """A page of the rows, and how many there are as far as the page has them counted."""
        rows = await self.ask(listed.page, **place(page), **values)
        known = told_by_itself(page, len(rows))
        if known is None:
            [(known,)] = await self.ask(listed.count, **place(page), **values)
        return rows, known


async def enter_both(session: Session, *standings: tuple[Standing, Permission]) -> None:
    """Stands in several organizations at once, for what moves from one into another.

    Each right must be held in the whole organization. Raises Forbidden.
    """
    for standing, permission in standings:
        if standing.sites_with(permission) is not None:
            raise Forbidden(f"This needs the right {permission.value} in the whole organization.")
    await _stand(session, [standing.organization for standing, _ in standings], standings[0][0].actor.id)


async def enter_as_operator(session: Session, *organization_ids: UUID, actor_id: UUID | None = None) -> None:
    """Stands in these organizations on nobody's behalf, without raw telemetry: for whoever operates the machine, for an
    organization that is only now being made, and where a token leads that the caller has matched."""
    ids = frozenset(organization_ids)
    await set_tenants(session, Tenancy(organization_ids=ids, actor_id=actor_id), walls.first_wall(ids, None))


async def enter_one(session: Session, organization_id: UUID) -> Organization:
    """As `enter_as_operator`, with raw telemetry. NotFound for one that is not there or was removed."""
    await enter_as_operator(session, organization_id)
    found = await queries.organization(session, organization_id)
    if found is None:
        raise NotFound
    await _stand(session, [found], None)
    return found


async def known_organizations(auth_database: Database) -> list[KnownOrganization]:
    """Every organization of this hub, by name, asked of the auth role: for the operator of the machine."""
    async with outages(), auth_database.driver() as auth:
        return [_known(row) for row in await walls.organizations(auth)]


async def _stand(
    session: Session, organizations: Iterable[KnownOrganization | Organization], actor_id: UUID | None
) -> None:
    every = list(organizations)
    ids = frozenset(each.id for each in every)
    keys = frozenset(each.key if isinstance(each, KnownOrganization) else each.organization_key for each in every)
    reaches = Tenancy(organization_ids=ids, organization_keys=keys, actor_id=actor_id)
    await set_tenants(session, reaches, walls.first_wall(ids, None))


def _known(row: walls.Told) -> KnownOrganization:
    return KnownOrganization(
        row.id, row.organization_key, row.slug, row.name, OrganizationStatus(row.status), row.settings
    )
