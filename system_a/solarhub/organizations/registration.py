"""How an organization comes to be on this hub."""

from solarhub.accounts.models import User
from solarhub.accounts.registration import find_or_enter
from solarhub.kit.clock import now
from solarhub.kit.db import Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict
from solarhub.kit.ids import uuid7
from solarhub.organizations.access import enter_as_operator, enter_one
from solarhub.organizations.models import Organization, OrganizationMember
from solarhub.organizations.schemas.organizations import OrganizationProfile, OrganizationRegistration
from solarhub.organizations.slug import candidates
from solarhub.organizations.vocabulary import OrgMemberRole


async def register(session: Session, registration: OrganizationRegistration) -> Organization:
    """A new organization with its owner as first member; the session stands in it afterwards.

    The owner is found by e-mail address or entered without a password. Conflict when that account is not in use any
    more, and when the wished slug is taken; one that is made of the name is made free.
    """
    return await found(session, await find_or_enter(session, registration.owner), registration)


async def found(session: Session, owner: User, profile: OrganizationProfile) -> Organization:
    """A new organization of a person, who is its first member; the session stands in it afterwards.

    Conflict when the wished slug is taken.
    """
    organization_id = uuid7()
    await enter_as_operator(session, organization_id, actor_id=owner.id)
    wished = [profile.slug] if profile.slug else candidates(profile.name, organization_id.hex[-12:])
    for slug in wished:
        organization = Organization(
            id=organization_id,
            owner_id=owner.id,
            name=profile.name,
            slug=slug,
            description=profile.description,
            website=profile.website,
            settings=profile.settings.to_stored(),
        )
        try:
            with violations():
                async with session.begin_nested():
                    session.add(organization)
            break
        except UniqueViolated:
            continue
    else:
        raise Conflict("Another organization has that slug.")
    session.add(
        OrganizationMember(
            organization_id=organization_id,
            user_id=owner.id,
            role=OrgMemberRole.OWNER,
            invitation_accepted=True,
            joined_at=now(),
        )
    )
    await session.flush()
    return await enter_one(session, organization_id)
