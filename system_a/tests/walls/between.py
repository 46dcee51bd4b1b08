"""What lies between two tenants, and what belongs to none."""

import json
from typing import Any
from uuid import UUID

import asyncpg

from solarhub.organizations.vocabulary import OrgMemberRole
from tests.walls.world import Tenancy


async def offers(connection: "asyncpg.Connection[Any]", giver: Tenancy, receiver: Tenancy) -> None:
    """The giver lends its first plant to the receiver, and offers to hand it over; neither is accepted yet."""
    lent = await connection.fetchval(
        "insert into site_grants (organization_id, site_id, grantee_organization_id, role, granted_by)"
        " values ($1, $2, $3, 'viewer', $4) returning id",
        UUID(giver.names["organization_id"]),
        UUID(giver.names["site_id"]),
        UUID(receiver.names["organization_id"]),
        giver.member_ids[OrgMemberRole.OWNER],
    )
    await connection.execute(
        "update site_handovers set to_organization_id = $1 where id = $2",
        UUID(receiver.names["organization_id"]),
        UUID(giver.names["handover_id"]),
    )
    for names in (receiver.names, receiver.neighbour):
        names |= {"lent_to_us": str(lent), "offered_to_us": giver.names["handover_id"]}


async def letter(connection: "asyncpg.Connection[Any]") -> str:
    """One that lies in the preview mailbox."""
    made = await connection.fetchval(
        "insert into notifications (channel, recipient, event, content, state, settled_at, provider_id)"
        " values ('email', 'x@example.org', 'account.verify', $1::text::jsonb, 'sent', now(), 'preview') returning id",
        json.dumps({"subject": "Verify", "text": "Hello"}),
    )
    return str(made)
