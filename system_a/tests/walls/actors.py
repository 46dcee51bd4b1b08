"""Who calls, and how they come into being: rows of people, sessions and grants."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from solarhub.kit.ids import uuid7
from solarhub.kit.tokens import API_KEY, SESSION, new_token, sha256_of
from solarhub.organizations.vocabulary import OrgMemberRole

GRANTED_ROLES = (OrgMemberRole.MANAGER, OrgMemberRole.VIEWER, OrgMemberRole.INSTALLER)
CONDITION = {"metric": "power_output", "operator": "lt", "threshold": 10.0, "duration_seconds": 300}


@dataclass(frozen=True)
class Actor:
    """Somebody who calls: by a session's cookie, or with a bearer token."""

    name: str
    cookie: str | None = None
    bearer: str | None = None
    session_id: str = "00000000-0000-7000-8000-000000000000"


class Builder:
    """Writes rows as the superuser."""

    def __init__(self, connection: "asyncpg.Connection[Any]", letter: str) -> None:
        self.connection = connection
        self.letter = letter
        self.canary = f"CANARY{letter}"

    async def row(self, table: str, **columns: Any) -> UUID:
        """Inserts one and returns its id, where it has one."""
        marks = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        names = ", ".join(columns)
        returning = "returning id" if "id" in columns else ""
        await self.connection.execute(f"insert into {table} ({names}) values ({marks}) {returning}", *columns.values())
        found: UUID = columns.get("id", uuid7())
        return found

    async def person(self, name: str, **more: Any) -> UUID:
        return await self.row(
            "users",
            id=uuid7(),
            email=f"{name}-{self.letter}@{self.canary}.example.org".lower(),
            password_hash="!",
            first_name=name,
            last_name=self.canary,
            is_verified=True,
            **more,
        )

    async def session(self, name: str, user_id: UUID, expires: str = "1 day") -> Actor:
        token, session_id = new_token(SESSION), uuid7()
        await self.connection.execute(
            "insert into user_sessions (id, user_id, token_sha256, second_factor_at, expires_at)"
            " values ($1, $2, $3, now(), now() + $4::text::interval)",
            session_id,
            user_id,
            sha256_of(token),
            expires,
        )
        return Actor(f"{name} {self.letter}", cookie=token, session_id=str(session_id))

    async def key(self, name: str, organization_id: UUID, maker_id: UUID, permissions: list[str]) -> Actor:
        token = new_token(API_KEY)
        await self.connection.execute(
            "insert into api_keys (id, organization_id, created_by, name, token_sha256, permissions, expires_at)"
            " values ($1, $2, $3, $4, $5, $6, now() + interval '1 day')",
            uuid7(),
            organization_id,
            maker_id,
            self.canary,
            sha256_of(token),
            permissions,
        )
        return Actor(f"{name} {self.letter}", bearer=token)


async def guest(
    build: Builder, organization_id: UUID, site_id: str, role: OrgMemberRole, expires: str | None = None
) -> Actor:
    """Somebody with a grant for that plant."""
    name = f"guest-{role.value}" if expires is None else "guest-expired"
    user_id = await build.person(name)
    await build.connection.execute(
        "insert into site_grants (id, organization_id, site_id, user_id, role, granted_by, accepted_at, expires_at)"
        " values ($1, $2, $3, $4, $5::text::org_member_role, $4, now(), now() + $6::text::interval)",
        uuid7(),
        organization_id,
        UUID(site_id),
        user_id,
        role.value,
        expires,
    )
    return await build.session(name, user_id)
