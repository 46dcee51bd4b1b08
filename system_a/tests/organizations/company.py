"""One organization with its owner and one plant, made as rows."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest

from solarhub.kit.ids import uuid7
from tests.clients import People


@dataclass
class Company:
    """`owner` calls as the one it belongs to; `path` is where everything of it lives."""

    people: People
    id: UUID
    site_id: UUID
    owner: httpx.AsyncClient
    hired: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/api/v1/organizations/{self.id}"

    async def member(self, role: str) -> httpx.AsyncClient:
        """Another member in that role."""
        return await self.people.member(self.id, role)

    async def member_row(self, client: httpx.AsyncClient) -> dict[str, Any]:
        """A member as the list shows them to the owner."""
        user_id = str(self.people.ids[client])
        listed = (await self.owner.get(f"{self.path}/members", params={"limit": 500})).json()["items"]
        return next(row for row in listed if row["user_id"] == user_id)

    async def fetch(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """Rows as they really are."""
        return [dict(row) for row in await self.people.connection.fetch(statement, *values)]

    async def audit(self) -> list[str]:
        """What was done in it, oldest first."""
        rows = await self.fetch("select action from audit_entries where organization_id = $1 order by id", self.id)
        return [row["action"] for row in rows]


async def founded(people: People, name: str = "Acme Solar") -> Company:
    user_id, organization_id, site_id = await people.user(), uuid7(), uuid7()
    await people.connection.execute(
        "insert into organizations (id, owner_id, name, slug) values ($1, $2, $3, $4)",
        organization_id,
        user_id,
        name,
        f"{name.lower().replace(' ', '-')}-{organization_id.hex[-6:]}",
    )
    await people.connection.execute(
        "insert into organization_members (organization_id, user_id, role, invitation_accepted, joined_at)"
        " values ($1, $2, 'owner', true, now())",
        organization_id,
        user_id,
    )
    await people.connection.execute(
        "insert into sites (id, organization_id, name, latitude, longitude, timezone)"
        " values ($1, $2, $3, 31.52, 74.36, 'Asia/Karachi')",
        site_id,
        organization_id,
        f"{name} plant",
    )
    return Company(people, organization_id, site_id, await people.signed_in(user_id))


@pytest.fixture
async def company(people: People) -> Company:
    return await founded(people)
