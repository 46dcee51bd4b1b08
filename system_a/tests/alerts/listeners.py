"""People and webhooks that may hear of a plant's alerts, as rows."""

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

from solarhub.kit.ids import uuid7
from tests.conftest import TestDatabase

OPENED, CLOSED = "alert.opened", "alert.closed"

_numbers = count(1)


@dataclass
class Listeners:
    """Whoever belongs to an organization, or was lent one of its plants. `names`: who is who."""

    database: TestDatabase
    organization_id: UUID
    site_id: UUID
    names: dict[UUID, str] = field(default_factory=dict)

    def person(
        self,
        name: str,
        *,
        verified: bool = True,
        active: bool = True,
        removed: bool = False,
        preferences: dict[str, Any] | None = None,
    ) -> UUID:
        user_id = uuid7()
        self.names[user_id] = name
        self.database.fetch(
            "insert into users (id, email, password_hash, first_name, last_name, is_verified, is_active, preferences,"
            f" removed_at) values ('{user_id}', '{name}{next(_numbers)}@example.org', '!', '{name.title()}', 'Khan',"
            f" {verified}, {active}, '{json.dumps(preferences or {})}', case when {removed} then now() end)"
        )
        return user_id

    def member(
        self,
        name: str,
        role: str = "viewer",
        *,
        of: UUID | None = None,
        invited: bool = False,
        joined: bool = True,
        left: bool = False,
        **person: Any,
    ) -> UUID:
        user_id = self.person(name, **person)
        self.database.fetch(
            "insert into organization_members (organization_id, user_id, role, invitation_accepted, joined_at,"
            f" removed_at) values ('{of or self.organization_id}', '{user_id}', '{role}', {invited},"
            f" case when {joined} then now() end, case when {left} then now() end)"
        )
        return user_id

    def lend(
        self,
        *,
        to: UUID | None = None,
        to_organization: UUID | None = None,
        accepted: bool = True,
        expires: str = "1 day",
    ) -> None:
        person, organization = (f"'{each}'" if each else "null" for each in (to, to_organization))
        self.database.fetch(
            "insert into site_grants (organization_id, site_id, user_id, grantee_organization_id, role, granted_by,"
            f" accepted_at, expires_at) select '{self.organization_id}', '{self.site_id}', {person}, {organization},"
            f" 'viewer', owner_id, case when {accepted} then now() end, now() + interval '{expires}'"
            f" from organizations where id = '{self.organization_id}'"
        )

    def webhook(self, *, active: bool = True, removed: bool = False) -> UUID:
        webhook_id = uuid7()
        self.database.fetch(
            "insert into webhooks (id, organization_id, url, secret_sealed, is_active, created_by, removed_at)"
            f" select '{webhook_id}', '{self.organization_id}', 'https://example.com/hook', 'sealed', {active},"
            f" owner_id, case when {removed} then now() end from organizations where id = '{self.organization_id}'"
        )
        return webhook_id

    def messages(self, event: str | None = None) -> list[Any]:
        """Every message that is not cancelled, in the order in which they were posted."""
        about = f" and event = '{event}'" if event else ""
        return self.database.fetch(f"select * from notifications where state <> 'cancelled'{about} order by id")

    def told(self, event: str) -> list[str]:
        """The names of those who are written to, each as often as that happens."""
        return sorted(self.names[row["user_id"]] for row in self.messages(event) if row["channel"] == "email")

    def called(self, event: str) -> list[str]:
        """The webhooks that are called."""
        return sorted(row["recipient"] for row in self.messages(event) if row["channel"] == "webhook")
