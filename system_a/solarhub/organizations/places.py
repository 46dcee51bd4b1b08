"""Everywhere somebody stands."""

from collections.abc import Sequence
from uuid import UUID

from solarhub.kit.db import Database, outages
from solarhub.organizations.access import standings_of
from solarhub.organizations.actor import Actor
from solarhub.organizations.queries import places as queries
from solarhub.organizations.schemas.organizations import OrganizationPlace, PlacesAnswer, SitePlace


async def places_of(auth_database: Database, actor: Actor) -> PlacesAnswer:
    """The organizations in which the actor has a role, and the single plants of others that they see, by name."""
    standings = await standings_of(auth_database, actor)
    inside = [each for each in standings if each.role is not None]
    lent = {site_id for each in standings for site_id in each.by_site}
    async with outages(), auth_database.session() as auth:
        logos = await queries.logos(auth, [each.organization.id for each in inside])
        sites = await queries.lent_sites(auth, actor.user_id, lent)
    return PlacesAnswer(
        organizations=[
            OrganizationPlace(
                id=each.organization.id,
                name=each.organization.name,
                slug=each.organization.slug,
                status=each.organization.status,
                role=each.role,
                logo_url=logos.get(each.organization.id),
            )
            for each in inside
            if each.role is not None
        ],
        sites=[SitePlace.model_validate(row) for row in sites],
    )


async def names_around(auth_database: Database, user_id: UUID) -> Sequence[str]:
    """Names that others know of a person: of the organizations that they belong to or are invited to."""
    async with outages(), auth_database.session() as auth:
        return await queries.names_around(auth, user_id)
