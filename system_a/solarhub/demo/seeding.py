"""Somebody to watch the demo: a person who runs its hub, their organization, a key for what enters the plant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from solarhub.accounts.registration import enter_admin
from solarhub.accounts.schemas import Person
from solarhub.accounts.setup import sign_in_link
from solarhub.audit.recording import Trail, follow
from solarhub.demo.commissioning import RIGHTS
from solarhub.demo.plant import Plant
from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import NotFound
from solarhub.kit.postgres import attach
from solarhub.organizations import api_keys, registration
from solarhub.organizations.schemas.organizations import OrganizationProfile

_SOMEBODY = {
    "email": "demo@solarhub.example",
    "first_name": "Demo",
    "last_name": "Owner",
    # the demo's whole day passes in two minutes
    "preferences": {"dashboard": {"refresh_interval": 5}},
}
_KEY_LASTS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seeded:
    """`link` signs a browser in, once; `api_key` may do what entering and watching a plant takes."""

    organization_id: UUID
    link: str
    api_key: str


async def seed(data_dir: Path, public_url: str, plant: Plant) -> Seeded:
    """Enters them into the running hub of that directory, as its operator."""
    server = attach(data_dir)
    async with (
        _logged_in(server.url("solarhub_app"), "app") as app,
        _logged_in(server.url("solarhub_auth"), "auth") as auth,
    ):
        async with transaction(app) as session:
            person = await enter_admin(session, Person.parse(_SOMEBODY))
            follow(session, Trail("operator"))
            profile = OrganizationProfile.parse({"name": f"{plant.name}: demo"})
            organization = await registration.found(session, person, profile)
            _, token = await api_keys.issue(
                session,
                organization_id=organization.id,
                maker_id=person.id,
                name="Enters the plant and watches its alerts",
                permissions=RIGHTS,
                expires_at=now() + _KEY_LASTS,
            )
        link = await sign_in_link(auth, public_url, person.email)
    if link is None:
        raise NotFound("Whoever was to watch the demo was removed at this moment.")
    return Seeded(organization.id, link, token)


@asynccontextmanager
async def _logged_in(url: str, role: str) -> AsyncIterator[Database]:
    database = Database(url, role, pool_size=1)
    try:
        yield database
    finally:
        await database.close()
