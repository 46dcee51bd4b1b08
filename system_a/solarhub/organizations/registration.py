"""How an organization comes to be on this hub."""

from solarhub.accounts.registration import find_or_enter
from solarhub.kit.clock import now
from solarhub.kit.db import Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict
from solarhub.kit.ids import uuid7
from solarhub.organizations.access import enter, enter_one
from solarhub.organizations.models import Organization, OrganizationMember
from solarhub.organizations.schemas import OrganizationRegistration
from solarhub.organizations.slug import candidates
from solarhub.organizations.vocabulary import OrgMemberRole


async def register(session: Session, registration: OrganizationRegistration) -> Organization:
    """A new organization with its owner as first member; the session stands in it afterwards.

    The owner is found by e-mail address or entered without a password. Conflict when the wished slug is taken; one
    that is made of the name is made free.
    """
    owner = await find_or_enter(session, registration.owner)
    organization_id = uuid7()
    await enter(session, [organization_id])
    wished = [registration.slug] if registration.slug else candidates(registration.name, organization_id.hex[-12:])
    for slug in wished:
        organization = Organization(
            id=organization_id,
            owner_id=owner.id,
            name=registration.name,
            slug=slug,
            description=registration.description,
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
