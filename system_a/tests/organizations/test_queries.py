"""Behind the first wall alone: as a role that row-level security does not hold, each list is still one tenant's."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from solarhub.audit import reading as audit
from solarhub.audit.schemas import AuditFilter
from solarhub.kit.db import Database
from solarhub.kit.paging import Page
from solarhub.notifications import listing
from solarhub.notifications.schemas import MessageFilter
from solarhub.organizations import queries
from solarhub.organizations.access import enter_as_operator
from solarhub.organizations.queries import invitations, keys, logos, members
from solarhub.organizations.schemas.members import MemberFilter
from solarhub.organizations.schemas.organizations import OrganizationFilter
from tests.conftest import MakeTenant, Tenant, TestDatabase


@pytest.fixture
async def unwalled(database: TestDatabase) -> AsyncIterator[Database]:
    """Logged in as the superuser, who sees everything that a statement asks for."""
    pool = Database(database.admin_url, "app")
    yield pool
    await pool.close()


def furnished(database: TestDatabase, tenant: Tenant) -> None:
    """One of each thing that this room lists."""
    organization, owner = tenant.organization_id, tenant.owner_id
    database.fetch(
        "insert into organization_members (organization_id, user_id, role, joined_at)"
        f" values ('{organization}', '{owner}', 'owner', now())",
        f"insert into users (id, email, password_hash, first_name, last_name)"
        f" values (gen_random_uuid(), '{organization.hex}@example.org', '!', '', '')",
        "insert into organization_members (organization_id, user_id, role, invitation_token, invited_email)"
        f" select '{organization}', id, 'viewer', '{organization}', email from users"
        f" where email = '{organization.hex}@example.org'",
        "insert into site_grants (organization_id, site_id, role, granted_by, invitation_token)"
        f" values ('{organization}', '{tenant.site_id}', 'viewer', '{owner}', '{organization}')",
        "insert into api_keys (organization_id, created_by, name, token_sha256, permissions, expires_at)"
        f" values ('{organization}', '{owner}', 'k', sha256('{organization}'::text::bytea), '{{}}', now())",
        "insert into webhooks (organization_id, url, secret_sealed, created_by)"
        f" values ('{organization}', 'https://example.org', 'x', '{owner}')",
        f"insert into organization_logos (organization_id, png) values ('{organization}', '\\x00')",
        "insert into audit_entries (organization_id, actor_kind, action, target_type)"
        f" values ('{organization}', 'hub', 'a', 'b')",
        "insert into notifications (organization_id, channel, recipient, event, content)"
        f" values ('{organization}', 'email', 'a@example.org', 'x', '{{}}')",
    )


async def counts(pool: Database, here: UUID) -> dict[str, int]:
    async with pool.session() as session:
        await enter_as_operator(session, here)
        found = {
            "organizations": (await queries.organizations(session, OrganizationFilter()))[1],
            "members": (await members.members(session, MemberFilter()))[1],
            "waiting": (await invitations.waiting(session, Page()))[1],
            "keys": (await keys.api_keys(session, Page()))[1],
            "webhooks": (await keys.webhooks(session, Page()))[1],
            "webhooks counted": await keys.count_webhooks(session),
            "sites": await members.sites_left(session, here),
            "audit": (await audit.entries(session, here, AuditFilter())).total,
            "messages": (await listing.messages(session, here, MessageFilter())).total,
        }
        found["members streamed"] = len([row async for row in members.every_member(session, MemberFilter())])
        return found


async def test_each_list_is_one_organizations(
    database: TestDatabase, unwalled: Database, make_tenant: MakeTenant
) -> None:
    ours, theirs = await make_tenant("Ours"), await make_tenant("Theirs")
    for tenant in (ours, theirs):
        furnished(database, tenant)
    assert await counts(unwalled, ours.organization_id) == {
        "organizations": 1,
        "members": 2,
        "waiting": 2,
        "keys": 1,
        "webhooks": 1,
        "webhooks counted": 1,
        "sites": 1,
        "audit": 1,
        "messages": 1,
        "members streamed": 2,
    }


async def test_one_thing_of_another_organization_is_not_found(
    database: TestDatabase, unwalled: Database, make_tenant: MakeTenant
) -> None:
    ours, theirs = await make_tenant("Ours"), await make_tenant("Theirs")
    furnished(database, theirs)
    [member] = database.fetch("select id from organization_members where joined_at is not null")
    [waiting] = database.fetch("select id from organization_members where joined_at is null")
    [key] = database.fetch("select id from api_keys")
    [webhook] = database.fetch("select id from webhooks")
    async with unwalled.session() as session:
        await enter_as_operator(session, ours.organization_id)
        assert await queries.organization(session, theirs.organization_id) is None
        assert await members.lock_organization(session, theirs.organization_id) is None
        assert await members.member(session, member["id"]) is None
        assert await members.member_row(session, member["id"]) is None
        assert await members.membership(session, theirs.organization_id, theirs.owner_id) is None
        assert await members.owners(session, theirs.organization_id) == []
        assert await members.keys_in_force(session, theirs.organization_id, theirs.owner_id) == []
        assert await invitations.waiting_member(session, waiting["id"]) is None
        assert await keys.api_key_to_change(session, key["id"]) is None
        assert await keys.webhook(session, webhook["id"]) is None
        assert await keys.webhook_to_change(session, webhook["id"]) is None
        assert await logos.png(session, theirs.organization_id) is None
        assert not await logos.delete(session, theirs.organization_id)
